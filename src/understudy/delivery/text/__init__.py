"""Rows as text without a loop over rows, and the quoting that all SQL passes through."""
