"""Databases, live and from dump files."""
