"""Folders and files: parts that appear whole or not at all."""
