"""Domains: sets of values with a size; constraints, uniqueness and boundary values speak it.

A domain restricts one column. Whole-number representation as in :mod:`understudy.model.expression`
(decimals scaled, dates in days, times and timestamps in microseconds).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec


class Domain(msgspec.Struct, frozen=True, omit_defaults=True):
    """``low``..``high`` inclusive bounds (None: open); ``values``: a finite set (None: not restricted to
    one), texts or numbers; ``refused``: values excluded; ``shortest``..``longest``: characters of
    text; ``patterns``: regular expressions (search semantics, as in ``~``) that must match, each with
    flags (``i``); ``multiple``: whole-number step; ``required``: null is excluded; ``forbidden``: only null;
    ``content``: what a text is read as (``json``, ``json:object``, ``json:array``, ``date``, ``timestamp`` …, empty:
    nothing in particular)."""

    low: int | float | None = None
    high: int | float | None = None
    values: tuple[int | float | str | bool, ...] | None = None
    refused: tuple[int | float | str | bool, ...] = ()
    shortest: int | None = None
    longest: int | None = None
    patterns: tuple[tuple[str, str], ...] = ()
    multiple: int | None = None
    required: bool = False
    forbidden: bool = False
    content: str = ""

    def intersect(self, other: Domain) -> Domain:
        """What both permit (it may be empty: see :attr:`empty`)."""
        values = self.values
        if other.values is not None:
            values = other.values if values is None else tuple(v for v in values if v in other.values)
        return Domain(
            low=_pick(max, self.low, other.low),
            high=_pick(min, self.high, other.high),
            values=values,
            refused=tuple(dict.fromkeys(self.refused + other.refused)),
            shortest=_pick(max, self.shortest, other.shortest),
            longest=_pick(min, self.longest, other.longest),
            patterns=tuple(dict.fromkeys(self.patterns + other.patterns)),
            multiple=_pick(max, self.multiple, other.multiple),
            required=self.required or other.required,
            forbidden=self.forbidden or other.forbidden,
            content=stricter(self.content, other.content),
        ).settled()

    def settled(self) -> Domain:
        """The same set with the finite values thinned to those that the other bounds permit."""
        if self.values is None:
            return self
        kept = tuple(v for v in self.values if self.permits(v))
        return msgspec.structs.replace(self, values=kept)

    def permits(self, value: int | float | str | bool) -> bool:
        """Whether bounds and refusals permit a value (patterns are not judged here)."""
        if value in self.refused:
            return False
        if isinstance(value, str):
            short = self.shortest is not None and len(value) < self.shortest
            return not short and not (self.longest is not None and len(value) > self.longest)
        low = self.low is not None and value < self.low
        return not low and not (self.high is not None and value > self.high)

    @property
    def empty(self) -> bool:
        """No value, and null neither: nothing can stand here."""
        return self.required and (self.forbidden or self.hollow)

    @property
    def hollow(self) -> bool:
        """No value but null can stand here."""
        crossed = self.low is not None and self.high is not None and self.low > self.high
        squeezed = self.shortest is not None and self.longest is not None and self.shortest > self.longest
        return self.forbidden or crossed or squeezed or self.values == ()

    @property
    def size(self) -> int | None:
        """How many values (null not counted); None where it is not known to be finite."""
        if self.hollow:
            return 0
        if self.values is not None:
            return len(self.values)
        if isinstance(self.low, int) and isinstance(self.high, int):
            step = self.multiple or 1
            return self.high // step - -(-self.low // step) + 1
        return None


LOOSE = ("", "json", "json:object", "timestamp", "number")
MEMBERS = "json:object:"
"""Contents that others make more precise: a timestamp may be a date, a number an integer, JSON an object."""


def stricter(a: str, b: str) -> str:
    """The more precise of two contents (the first where neither is); members asked of a document add up."""
    if a.startswith(MEMBERS) and b.startswith(MEMBERS):
        return MEMBERS + ",".join(dict.fromkeys((a[len(MEMBERS) :] + "," + b[len(MEMBERS) :]).split(",")))
    return b if a in LOOSE and (b not in LOOSE or LOOSE.index(b) > LOOSE.index(a)) else a


def _pick(choose: Callable[[Any, Any], Any], a: Any, b: Any) -> Any:
    """The stricter of two optional bounds."""
    if a is None or b is None:
        return a if b is None else b
    return choose(a, b)
