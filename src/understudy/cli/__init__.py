"""The command line: the only room that prints. It translates, and decides nothing."""
