"""Measures columns, pairs and keys of real data."""
