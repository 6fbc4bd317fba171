"""Domain packs as sources: what a pack knows, as evidence."""

from understudy.sources.packs.reading import read

__all__ = ["read"]
