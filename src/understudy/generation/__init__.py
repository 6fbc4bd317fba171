"""Plans to batches, in this process or many."""
