"""The ways in which meanings are made: each is a maker that weaves a recipe on the loom, or says it does not fit.

A semantic type names its maker and gives options, so most types are data alone.
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from understudy.model.expression import (
    Node,
)
from understudy.semantics.catalogue import semantic_type
from understudy.semantics.loom import Loom
from understudy.semantics.nouns import Coded, Match, SemanticType, Want


class Made(msgspec.Struct, frozen=True):
    """A draw, what it is in words, the injective way, natural nulls, and when null is natural."""

    expression: Node
    what: str
    coded: Coded | None = None
    nulls: float | None = None
    null_when: Node | None = None


Maker = Callable[[Loom, Want, SemanticType, str], Made | None]

MAKERS: dict[str, Maker] = {}

PREPARERS: list[Callable[[Loom], None]] = []

SHARED = frozenset({"person", "place", "moment", "amount", "slug", "loan"})
"""Makers that need the other columns of the row: not for elements of lists."""


def maker(name: str) -> Callable[[Maker], Maker]:
    """Registers a maker under the name that semantic types call it by."""

    def register(function: Maker) -> Maker:
        MAKERS[name] = function
        return function

    return register


def prepare(loom: Loom) -> None:
    """Finds the groups of columns that must agree, before any recipe is made."""
    for step in PREPARERS:
        step(loom)


def standalone(meaning: str) -> bool:
    """Whether a value of the meaning can be made without the rest of the row."""
    described = semantic_type(meaning)
    return described is not None and described.maker not in SHARED


def make(loom: Loom, want: Want, match: Match, use: str = "v") -> Made | None:
    """What the matched type makes of the want; None where it cannot fit."""
    described = semantic_type(match.meaning)
    return MAKERS[described.maker](loom, want, described, use) if described is not None else None


def option(t: SemanticType, name: str, default: str = "") -> str:
    """A textual option."""
    return str(t.options.get(name, default))


def number(t: SemanticType, name: str, default: float) -> float:
    """A numeric option."""
    value = t.options.get(name, default)
    return float(value) if isinstance(value, int | float) else default


def listed(t: SemanticType, name: str) -> tuple[str, ...]:
    """An option that is a list of texts (or one text)."""
    value = t.options.get(name, ())
    return tuple(str(v) for v in value) if isinstance(value, tuple | list) else (str(value),)


def label(t: SemanticType) -> str:
    """The meaning in words, with its article."""
    text = t.name.replace("_", " ")
    return f"an {text}" if text[0] in "aeio" else f"a {text}"


from understudy.semantics import (  # noqa: E402, F401  (they register)
    amounts,
    callings,
    coding,
    counting,
    finance,
    goods,
    identity,
    naming,
    people,
    pictures,
    places,
    records,
    speech,
    templates,
    timeline,
    whereabouts,
    wording,
)
