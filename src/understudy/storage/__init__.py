"""Artefacts and metadata on disk."""
