"""Domain packs: the built-in ones as YAML data, and the reader of those and of a user's own."""

from understudy.packs.reading import builtin, load, names, parse

__all__ = ["builtin", "load", "names", "parse"]
