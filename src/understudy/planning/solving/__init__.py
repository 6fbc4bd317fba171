"""Constraints to domains, branches and repairs."""
