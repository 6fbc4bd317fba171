"""One expression per column."""
