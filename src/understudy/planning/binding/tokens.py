"""Plain words for texts whose own kind of value a rule never accepts: the alphabet that the rules accept most."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from understudy.model.domain import Domain
from understudy.model.expression import Const, Digits, Node, Uniform

LETTERS = "abcdefghijklmnopqrstuvwxyz"
ALPHABETS = (LETTERS, LETTERS.upper(), "0123456789", LETTERS + "0123456789", LETTERS.upper() + "0123456789")
"""Tried in this order; the first of those that do best is taken."""

WIDTH = 8
"""Characters of a word where nothing bounds its length."""


def tokens(domain: Domain, length: int | None) -> Iterable[Node]:
    """A drawn word in each alphabet, within the lengths permitted."""
    longest = min((n for n in (domain.longest, length) if n is not None), default=WIDTH)
    width = max(1, min(WIDTH if (domain.shortest or 0) <= WIDTH else 11, longest))  # 11: 62**11 would leave 64 bits
    for alphabet in ALPHABETS:
        yield Digits(Uniform("token", Const(0), Const(len(alphabet) ** width - 1)), width, alphabet)


def best(candidates: Iterable[Node], accepted: Callable[[Node], float]) -> Node | None:
    """The candidate that ``accepted`` rates highest (a share); None where it accepts none at all."""
    rated = [(accepted(c), -at, c) for at, c in enumerate(candidates)]
    share, _, chosen = max(rated, key=lambda r: r[:2])
    return chosen if share > 0 else None
