"""Word lists of alignment, read once from ``words.txt``."""

from __future__ import annotations

from functools import cache
from pathlib import Path


@cache
def _sections() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    lines: list[str] = []
    for line in (Path(__file__).parent / "words.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("[") and line.endswith("]"):
            lines = found.setdefault(line[1:-1], [])
        elif line and not line.startswith("#"):
            lines.append(line)
    return found


@cache
def listed(section: str) -> frozenset[str]:
    """The words of a section."""
    return frozenset(w.strip() for line in _sections()[section] for w in line.split(";") if w.strip())


@cache
def same() -> dict[tuple[str, ...], tuple[str, ...]]:
    """Variant (as words) → the words that stand for it."""
    found: dict[tuple[str, ...], tuple[str, ...]] = {}
    for line in _sections()["same"]:
        chief, _, others = line.partition("=")
        for variant in others.split(";"):
            found.setdefault(tuple(variant.split()), tuple(chief.split()))
    return found


@cache
def near() -> frozenset[frozenset[str]]:
    """Pairs of words that may stand for one another."""
    return frozenset(frozenset(w.strip() for w in line.split(";")) for line in _sections()["near"])
