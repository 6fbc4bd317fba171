"""Readers: material to evidence."""
