"""Evaluates expression nodes on arrays of row numbers."""
