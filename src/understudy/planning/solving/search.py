"""Values that keep rules which neither a domain nor an order nor a form expresses, found by guided search.

From rows as they would be drawn, single values are changed, and a change stays that brings the rules no further from
being kept (:mod:`understudy.rules.distance`): numbers by steps that double while they help (the alternating variable
method: B. Korel 1990; P. McMinn, "Search-based software test data generation", STVR 2004), texts by a character
written, put in, left out or copied from another place, or a text of the rules put before or behind. See
``docs/decisions/0013``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

import numpy as np

from understudy import rules
from understudy.model.domain import Domain
from understudy.model.expression import Const, Node
from understudy.rng import streams
from understudy.rules.distance import distance
from understudy.rules.trees import walk
from understudy.types import Kind, Type

Values = dict[str, Any]

NUMBERS = frozenset({Kind.INTEGER, Kind.DECIMAL, Kind.DATE, Kind.TIMESTAMP, Kind.YEAR})
SEARCHED = NUMBERS | {Kind.TEXT}
"""Kinds whose values are searched for; a rule over others is left to redraw, or told."""

BUDGET = 60_000
"""Rows judged at most for one search (and 400 more for each row wanted): seconds where nothing is there to be found."""

MOVES = 600
"""Changes tried on one start before the next is taken."""

BLIND = 15_000
"""Rows judged without one that is nearer than all before, after which the rules are held to give no direction."""

STUCK = 24
"""Changes that bring nothing nearer after which one value is thrown elsewhere: products and remainders have many
places from which no small step leads on."""

FRUITLESS = 12
"""Starts without a new find, one behind the other, after which what was found is all."""

LONGEST = 255
"""Characters of a text whose column and rules name no limit."""


class Search:
    """One search over the columns of rules that are to hold together."""

    def __init__(
        self,
        predicates: Sequence[Node],
        columns: Sequence[str],
        types: Mapping[str, Type],
        domains: Mapping[str, Domain],
        seed: streams.Key,
        wanted: int,
    ) -> None:
        self.predicates, self.columns, self.types, self.domains = predicates, columns, types, domains
        constants = [n.value for p in predicates for n in walk(p) if isinstance(n, Const)]
        self.texts = list(dict.fromkeys(c for c in constants if isinstance(c, str) and 0 < len(c) <= LONGEST))
        self.numbers = list(dict.fromkeys(c for c in constants if isinstance(c, int) and not isinstance(c, bool)))
        self.noise, self.wanted = _noise(seed), wanted
        self.left = BUDGET + 400 * min(wanted, 500)
        self.nearest, self.nearer = float("inf"), self.left

    def run(self, starts: Sequence[Values]) -> list[Values]:
        """At most as many different rows as are wanted that keep the rules, each reached from one of ``starts``."""
        found: dict[tuple[Any, ...], Values] = {}
        wanted = self.wanted
        vain = 0
        while starts and len(found) < wanted and self.left > 0 and (not found or vain < FRUITLESS):
            for start in starts:
                row = self._climb(dict(start))
                key = None if row is None else tuple(row[c] for c in self.columns)
                vain = vain + 1 if key in found else vain if key is None else 0
                if row is not None and key is not None and key not in found:
                    found[key] = row
                if len(found) >= wanted or self.left <= 0 or (found and vain >= FRUITLESS):
                    break
        return list(found.values())

    def _judge(self, row: Values) -> float:
        self.left -= 1
        told = sum(distance(p, row) for p in self.predicates) + sum(self._outside(c, row[c]) for c in self.columns)
        if told < self.nearest:
            self.nearest, self.nearer = told, self.left
        elif self.nearest > 0 and self.nearer - self.left > BLIND:
            self.left = 0
        return told

    def _outside(self, column: str, value: Any) -> float:
        """How far a value is from what its column's domain and type hold."""
        domain, kind = self.domains.get(column, Domain()), self.types[column]
        if value is None:
            return 1.0 if domain.required else 0.0
        if domain.values is not None and value not in domain.values:
            return 1.0
        if isinstance(value, str):
            longest = min(x for x in (domain.longest, kind.length, LONGEST) if x is not None)
            return float(max(0, len(value) - longest) + max(0, (domain.shortest or 0) - len(value)))
        scaled = int(value.scaleb(kind.scale or 0)) if isinstance(value, Decimal) else value
        low, high = _bounds(kind, domain)
        return float(max(0, low - scaled) + max(0, scaled - high))

    def _climb(self, row: Values) -> Values | None:
        """The row after changes that bring it to where the rules hold; None where they do not."""
        at = best = self._judge(row)
        since = 0
        for _ in range(MOVES):
            if at <= 0:
                return row
            if self.left <= 0:
                return None
            column = self.columns[self._below(len(self.columns))]
            since = since + 1 if at >= best else 0
            best = min(best, at)
            if since > STUCK and self.types[column].kind is not Kind.TEXT:
                row, since = {**row, column: self._thrown(column)}, 0
                at = best = self._judge(row)
            if self.types[column].kind is Kind.TEXT:
                row, at = self._better(row, at, column, self._written(row[column] or ""))
            else:
                row, at = self._stepped(row, at, column)
        return row if at <= 0 else None

    def _better(self, row: Values, at: float, column: str, value: Any) -> tuple[Values, float]:
        changed = {**row, column: value}
        reached = self._judge(changed)
        return (changed, reached) if reached <= at else (row, at)

    # ---- numbers -----------------------------------------------------------------------------
    def _stepped(self, row: Values, at: float, column: str) -> tuple[Values, float]:
        """A step that doubles as long as it helps; now and then a number of the rules, or any step."""
        kind = self.types[column]
        unit = Decimal(1).scaleb(-(kind.scale or 0)) if kind.kind is Kind.DECIMAL else 1
        value = row[column] if row[column] is not None else 0 * unit
        if self.numbers and self._below(8) == 0:
            near = self.numbers[self._below(len(self.numbers))] + self._below(3) - 1
            return self._better(row, at, column, near + 0 * unit)
        width = 1 << self._below(1 + 4 * self._below(6))
        if self.numbers and self._below(4) == 0:
            width = self.numbers[self._below(len(self.numbers))] or 1
        step = unit * width * (1 if self._below(2) else -1)
        while True:
            value += step
            changed, reached = self._better(row, at, column, value)
            if reached >= at:
                return changed, reached
            row, at, step = changed, reached, step * 2

    def _thrown(self, column: str) -> Any:
        """Any number that the column holds, small ones more often than large ones."""
        kind = self.types[column]
        low, high = _bounds(kind, self.domains.get(column, Domain()))
        drawn = self._below(1 << (1 + self._below(20)))
        value = min(max(low, 0) + drawn, high) if self._below(4) else max(min(high, 0) - drawn, low)
        return Decimal(value).scaleb(-(kind.scale or 0)) if kind.kind is Kind.DECIMAL else value

    # ---- texts -------------------------------------------------------------------------------
    def _written(self, text: str) -> str:
        """A text with one change."""
        size = len(text)
        place, letter = self._below(size + 1), self._letter(text)
        match self._below(7):
            case 0:
                return text[:place] + letter + text[place:]
            case 1:
                return text[:place] + text[place + 1 :]
            case 2 if size > 1:
                place %= size
                return text[:place] + text[self._below(size)] + text[place + 1 :]
            case 3 if size > 1:
                place %= size
                return text[:place] + text[size - 1 - place] + text[place + 1 :]
            case 4 if self.texts:
                word = self.texts[self._below(len(self.texts))]
                return (word + text, text + word, text[:place] + word + text[place + len(word) :])[self._below(3)]
            case 5:
                return text + letter
        return text[:place] + letter + text[place + 1 :]

    def _letter(self, text: str) -> str:
        pools = [p for p in (text, *self.texts) if p]
        if pools and self._below(3):
            pool = pools[self._below(len(pools))]
            return pool[self._below(len(pool))]
        return "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"[self._below(62)]

    def _below(self, limit: int) -> int:
        return next(self.noise) % limit


def _bounds(kind: Type, domain: Domain) -> tuple[int, int]:
    """Least and greatest value, in whole-number representation."""
    low, high = -(1 << 62), 1 << 62
    if kind.kind is Kind.INTEGER:
        low, high = kind.integer_bounds
    elif kind.kind is Kind.DECIMAL and kind.precision:
        low, high = 1 - 10**kind.precision, 10**kind.precision - 1
    return (
        max(low, int(domain.low)) if domain.low is not None else low,
        min(high, int(domain.high)) if domain.high is not None else high,
    )


def _noise(seed: streams.Key) -> Iterator[int]:
    position = 0
    while True:
        words = streams.bits(np.arange(position, position + 4096, dtype=np.uint64), seed)
        yield from (words >> np.uint64(11)).tolist()
        position += 4096


def searchable(columns: Sequence[str], types: Mapping[str, Type], predicates: Sequence[Node]) -> bool:
    """Whether a search can judge rows of these columns by these rules."""
    known = all(c in types and types[c].kind in SEARCHED for c in columns)
    return known and all(set(rules.columns_of(p)) <= set(columns) for p in predicates)
