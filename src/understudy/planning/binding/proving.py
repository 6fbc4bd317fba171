"""Rules that hold whatever is drawn, as the expressions themselves show: they need no rows to be looked at.

Three things are seen: numbers by the least and greatest of what they are drawn from, texts and finite sets by their
members, and orders by construction (``greatest(…, start)`` is never before ``start``). Nulls pass, as they do in a
CHECK. What is not seen is no statement: such a rule is measured.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
import numpy as np
import pyarrow as pa

from understudy.model.expression import (
    Call,
    Case,
    Choice,
    Column,
    Const,
    Lookup,
    Node,
    Nulls,
    Pool,
    Quantile,
    Row,
    Take,
    Uniform,
    Zipf,
)
from understudy.model.plan import PlannedTable
from understudy.rules.trees import walk
from understudy.types import Kind

EXACT = frozenset({Kind.INTEGER, Kind.YEAR})
"""Kinds whose values are the very numbers that are drawn; of decimals, drawn in their own units, the sign is told."""
SIGNED = EXACT | {Kind.DECIMAL, Kind.MONEY}
ORDERED = EXACT | {Kind.DATE, Kind.TIMESTAMP}
"""Kinds among which an order of numbers is one of values."""
SETTLED = (Column, Const, Row, Lookup, Take, Call)
"""Nodes that say the same in every column of a row."""
DRAWS = (Const, Quantile, Uniform, Choice)
"""Never null."""
DEEP = 40
"""Columns behind columns that are followed."""
MOST = 1 << 62
MIRRORED = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}

Span = tuple[int, int]


class Proofs:
    """What can be seen of a table's planned columns; ``artefacts``: those that they draw from."""

    def __init__(self, table: PlannedTable, artefacts: Mapping[str, pa.Array | pa.Table]) -> None:
        self.columns = {c.name: c for c in table.columns}
        self.rows, self.artefacts = table.rows, artefacts
        self._spans: dict[str, Span | None] = {}

    def passes(self, rule: Node) -> bool:
        """Whether no row can make a rule false."""
        match rule:
            case Call("and", args):
                return all(map(self.passes, args))
            case Call("or", args):
                return any(map(self.passes, args))
            case Call("in", (Column(name), *members)):
                return all(isinstance(m, Const) for m in members) and self._among(name, members)
            case Call(("<" | "<=" | ">" | ">=") as sign, (Const(value), Column(name))):
                return self._bounded(name, MIRRORED[sign], value)
            case Call(("<" | "<=" | ">" | ">=") as sign, (Column(name), Const(value))):
                return self._bounded(name, sign, value)
            case Call(">=", (Column(left), Column(right))):
                return self._ordered(left, right)
            case Call("<=", (Column(left), Column(right))):
                return self._ordered(right, left)
        return False

    # ---- numbers --------------------------------------------------------------------------------
    def _bounded(self, name: str, sign: str, value: object) -> bool:
        column = self.columns.get(name)
        if column is None or column.type.kind not in SIGNED or not isinstance(value, int | float):
            return False
        if isinstance(value, bool) or (column.type.kind not in EXACT and value != 0):
            return False
        span = self.span(column.expression)
        if span is None:
            return False
        low, high = span
        return {"<": high < value, "<=": high <= value, ">": low > value, ">=": low >= value}[sign]

    def span(self, node: Node, depth: int = 0) -> Span | None:
        """The least and the greatest whole number that an expression can give, nulls aside; None where unknown."""
        found = self._span(node, depth)
        return found if found is not None and -MOST < found[0] <= found[1] < MOST else None

    def _span(self, node: Node, depth: int) -> Span | None:
        match node:
            case Const(int(value)) if not isinstance(value, bool):
                return value, value
            case Quantile(_, points):
                return points[0], points[-1]
            case Uniform(_, Const(int(low)), Const(int(high))):
                return low, high
            case Choice(_, weights):
                return 0, len(weights) - 1
            case Zipf(_, size):
                return 0, size - 1
            case Row():
                return 0, max(self.rows - 1, 0)
            case Take(artefact, _):
                return self._least_and_greatest(artefact)
            case Nulls(value, _):
                return self.span(value, depth)
            case Case():
                return self._widest([v for v in _ways(node) if v != Const(None)], depth)
            case Column(name) if depth < DEEP:
                column = self.columns.get(name)
                return self.span(column.expression, depth + 1) if column and column.type.kind in EXACT else None
            case Call("coalesce", args):
                return self._widest(args, depth)
            case Call(("+" | "*" | "greatest" | "least" | "/" | "%") as sign, args):
                return self._computed(sign, args, depth)
        return None

    def _computed(self, sign: str, args: tuple[Node, ...], depth: int) -> Span | None:
        spans = [self.span(a, depth) for a in args]
        known = [s for s in spans if s is not None]
        if len(known) < len(spans) or len(known) < 2:
            return None
        (a, b), (c, d) = known[0], known[1]
        firm = [x.value for x in args if isinstance(x, Const) and isinstance(x.value, int)]
        match sign:
            case "greatest":  # nulls among the arguments are passed over: only literals are sure to have their say
                return max(min(s[0] for s in known), *firm, min(s[0] for s in known)), max(s[1] for s in known)
            case "least":
                return min(s[0] for s in known), min(max(s[1] for s in known), *firm, max(s[1] for s in known))
            case "+" if len(known) == 2:
                return a + c, b + d
            case "*" if len(known) == 2 and min(a, c) >= 0:
                return a * c, b * d
            case "/" if len(known) == 2 and a >= 0 and c > 0:
                return a // d, b // c
            case "%" if len(known) == 2 and a >= 0 and c > 0:
                return 0, min(b, d - 1)
        return None

    def _widest(self, nodes: tuple[Node, ...] | list[Node], depth: int) -> Span | None:
        spans = [self.span(n, depth) for n in nodes]
        known = [s for s in spans if s is not None]
        if not known or len(known) < len(spans):
            return None
        return min(s[0] for s in known), max(s[1] for s in known)

    def _least_and_greatest(self, artefact: str) -> Span | None:
        if artefact not in self._spans:
            values = self.artefacts.get(artefact)
            self._spans[artefact] = _extremes(values) if isinstance(values, pa.Array) else None
        return self._spans[artefact]

    # ---- members --------------------------------------------------------------------------------
    def _among(self, name: str, members: list[Node]) -> bool:
        column = self.columns.get(name)
        known: set[object] = {m.value for m in members if isinstance(m, Const)}
        if column is None or column.type.kind not in (Kind.TEXT, Kind.ENUM):
            return False
        return self._texts_in(column.expression, known)

    def _texts_in(self, node: Node, known: set[object], depth: int = 0) -> bool:
        """Whether every text that an expression can give is one of those ``known``."""
        match node:
            case Const(value):
                return value is None or (isinstance(value, str) and value in known)
            case Nulls(value, _):
                return self._texts_in(value, known, depth)
            case Case():
                return all(self._texts_in(v, known, depth) for v in _ways(node))
            case Pool(pool, _):
                words = self.artefacts.get(pool)
                return isinstance(words, pa.Array) and len(words) <= len(known) and known.issuperset(words.to_pylist())
            case Column(name) if depth < DEEP and name in self.columns:
                return self._texts_in(self.columns[name].expression, known, depth + 1)
        return False

    # ---- orders ---------------------------------------------------------------------------------
    def _ordered(self, left: str, right: str) -> bool:
        a, b = self.columns.get(left), self.columns.get(right)
        if a is None or b is None or a.type != b.type or a.type.kind not in ORDERED:
            return False
        value = _sole(b.expression)
        drawn = any(not isinstance(n, SETTLED) for n in walk(value))
        return self._reaches(a.expression, _Least(None if drawn else value, Column(right)), 0, sure=False)

    def _reaches(self, node: Node, least: _Least, depth: int, *, sure: bool) -> bool:
        """Whether an expression is never less than ``least``, where neither is null; ``sure``: and null only where that
        is, for ``greatest`` passes over nulls."""
        if node in (least.value, least.column):
            return True
        match node:
            case Const(None):
                return not sure
            case Nulls(value, _):
                return not sure and self._reaches(value, least, depth, sure=False)
            case Case():
                return all(self._reaches(v, least, depth, sure=sure) for v in _ways(node))
            case Call("/", (value, Const(int(by)) as divisor)) if by > 0:  # an order outlives rounding
                match least.value:
                    case Call("/", (inner, other)) if other == divisor:
                        return self._reaches(value, _Least(inner, None), depth, sure=sure)
                return False
            case Call("greatest", args):
                return any(self._reaches(a, least, depth, sure=True) for a in args)
            case Call("least", args):
                return all(self._reaches(a, least, depth, sure=sure) for a in args)
            case Call("+", (value, more)):
                span = self.span(more) if not sure or isinstance(more, DRAWS) else None
                return span is not None and span[0] >= 0 and self._reaches(value, least, depth, sure=sure)
            case Column(name) if depth < DEEP and name in self.columns and self.columns[name].hidden:
                return self._reaches(self.columns[name].expression, least, depth + 1, sure=sure)
        return False


def _extremes(values: pa.Array) -> Span | None:
    """Of 64-bit numbers without nulls (from their buffer: ``pyarrow.compute`` takes long to load)."""
    if values.type != pa.int64() or values.null_count or not len(values):
        return None
    numbers = np.frombuffer(values.buffers()[1], np.int64)[values.offset : values.offset + len(values)]
    return int(numbers.min()), int(numbers.max())


class _Least(msgspec.Struct, frozen=True):
    """What is to be reached: an expression (None where it draws: written in another column it draws otherwise), and the
    column that holds it (as long as it is the column's own value)."""

    value: Node | None
    column: Column | None


def _ways(node: Case) -> list[Node]:
    return [*(b.value for b in node.branches), node.otherwise]


def _sole(node: Node) -> Node:
    """What an expression gives where it gives no null, if that is one thing."""
    match node:
        case Nulls(value, _):
            return _sole(value)
        case Case():
            given = [v for v in _ways(node) if v != Const(None)]
            return _sole(given[0]) if len(given) == 1 else node
    return node
