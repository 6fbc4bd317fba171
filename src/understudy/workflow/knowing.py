"""The domain packs that there are, and what one of them knows."""

from __future__ import annotations

from pathlib import Path

from understudy.model.pack import Pack


def packs() -> tuple[Pack, ...]:
    """The built-in packs."""
    from understudy.packs import builtin, names

    return tuple(builtin(n) for n in names())


def pack(name: str) -> Pack:
    """A built-in pack by name (``pack:`` may stand before it), or one from a file; SourceError."""
    from understudy.packs import builtin, load

    plain = name.removeprefix("pack:")
    return load(Path(plain)) if plain.endswith((".yaml", ".yml")) else builtin(plain)
