"""Names of what planning adds to a table: hidden columns begin with ``$`` and cannot clash with a source's."""

from __future__ import annotations


def code(column: str) -> str:
    """The hidden whole number that a unique column is made from."""
    return f"$code:{column}"


def drawn(column: str) -> str:
    """The hidden value as it was drawn, before it is brought into the form that a rule wants."""
    return f"$drawn:{column}"


def branch(component: int) -> str:
    """The hidden choice among the branches of a component of rules."""
    return f"$branch:{component}"


def wish(column: str) -> str:
    """The hidden draw of what a column shall be, where shares are asked for."""
    return f"$wish:{column}"


def artefact(*parts: str) -> str:
    """An artefact's name."""
    return ":".join(parts)
