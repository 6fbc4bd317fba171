"""The state of one composition: wants of an entity, hidden columns made so far, pools in use.

Makers weave on it: they ask for pools (artefacts), for shared draws (hidden columns), and for how
long the texts of an expression can get.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pyarrow as pa

from understudy.model.checks import SCHEMES
from understudy.model.expression import (
    Call,
    Case,
    Cast,
    Choice,
    Column,
    Const,
    Digits,
    Hexadecimal,
    Join,
    Node,
    Nulls,
    Pool,
    Prose,
    Quantile,
    Uniform,
    Uuid,
    Zipf,
)
from understudy.model.plan import PlannedColumn
from understudy.model.schema import Entity, Field
from understudy.semantics import grammar
from understudy.semantics.nouns import Match, Up, Want
from understudy.semantics.pools import chosen, extent, fitted, localised, own_words, strings, whole_numbers, words
from understudy.semantics.words import own_tokens, spoken, subject
from understudy.types import Kind, Type

INTEGER = Type(Kind.INTEGER)
TEXT = Type(Kind.TEXT)
UNLIMITED = 1 << 30
"""Characters of a text without a limit."""
UNSPACED = frozenset({"ja", "zh"})
"""Languages that write no blanks between sentences."""


class Loom:
    """Collects hidden columns and artefacts while the recipes of one entity are made."""

    def __init__(self, entity: Entity, wants: Sequence[Want], locale: str, clock: int, rows: int) -> None:
        self.entity, self.locale, self.clock, self.rows = entity, locale, clock, max(rows, 1)
        self.wants = {w.field.name: w for w in wants}
        self.language = spoken(entity)
        self.subject = subject(entity.table, self.language)
        self.tokens = {n: own_tokens(entity.table, n, self.language) for n in self.wants}
        self.hidden: dict[str, PlannedColumn] = {}
        self.artefacts: dict[str, pa.Array] = {}
        self.meanings: dict[str, str] = {}
        self.borrowed = False
        self.words: dict[str, tuple[str, ...]] = {}
        self.shared: dict[str, Node] = {}
        self.ups: tuple[Up, ...] = ()
        self.given: dict[str, tuple[Field, str]] = {}
        self.unfit: list[str] = []

    def give(self, fields: Mapping[str, tuple[Field, Sequence[Match]]]) -> None:
        """Notes columns that others settle, with their meanings."""
        for name, (field, found) in fields.items():
            self.given[name] = (field, found[0].meaning if found else "")
            self.tokens[name] = own_tokens(self.entity.table, name, self.language)

    def field(self, name: str) -> Field:
        """A column of the row, wanted or given."""
        return self.wants[name].field if name in self.wants else self.given[name][0]

    def named(self, *meanings: str) -> list[str]:
        """Columns of the row (wanted or given) that mean one of these, in order of the meanings."""
        known = {**{n: m for n, (_, m) in self.given.items()}, **self.meanings}
        return [n for meaning in meanings for n, m in known.items() if m == meaning]

    # ---- hidden columns -------------------------------------------------------------------------
    def hide(self, name: str, expression: Node, type_: Type = INTEGER, reason: str = "") -> Column:
        """A hidden column of that name, defined once; the node that reads it."""
        key = f"${name}"
        if key not in self.hidden:
            self.hidden[key] = PlannedColumn(name=key, type=type_, expression=expression, reason=reason, hidden=True)
        return Column(key)

    # ---- artefacts ------------------------------------------------------------------------------
    def keep(self, name: str, members: tuple[str, ...]) -> str:
        """An artefact of texts under that name; the name."""
        if name not in self.artefacts:
            self.artefacts[name] = strings(members)
            self.words[name] = members
        return name

    def keep_numbers(self, name: str, values: Sequence[int]) -> str:
        """An artefact of whole numbers under that name; the name."""
        if name not in self.artefacts:
            self.artefacts[name] = whole_numbers(values)
        return name

    def members(self, pool: str) -> tuple[str, ...]:
        """The words of a pool (or the texts of a grammar, ``grammar:topic``) in the locale."""
        self.borrowed |= not self.speaks(pool.removeprefix("grammar:"), self.locale)
        if pool.startswith("grammar:"):
            return grammar.phrases(pool[8:], self.locale)
        found = words(pool, self.locale)
        told = localised(found, self.locale)
        self.borrowed &= told is found
        return told

    def speaks(self, topic: str, locale: str) -> bool:
        """Whether the locale has words of its own for a topic."""
        return locale.startswith("en") or own_words(topic, locale)

    def sentences(self, topic: str) -> tuple[str, ...]:
        """The sentences of a topic in the locale."""
        self.borrowed |= not self.speaks(topic, self.locale)
        return grammar.sentences(topic, self.locale)

    def pool(
        self, pool: str, shortest: int = 0, longest: int | None = None, *, unique: bool = False
    ) -> tuple[str, int]:
        """An artefact of a pool whose words fit the lengths, and its size (0: no word fits)."""
        members = self.members(pool)
        members = (chosen if unique else fitted)(members, shortest, longest)
        if not members:
            return "", 0
        whole = members is self.members(pool) or members == self.members(pool)
        tag = "" if whole else f":{shortest}-{longest if longest is not None else ''}{'u' if unique else ''}"
        return self.keep(f"pool:{self.locale}:{pool}{tag}", members), len(members)

    # ---- lengths --------------------------------------------------------------------------------
    def span(self, node: Node) -> tuple[int, int]:
        """Least and greatest number of characters of an expression's text."""
        match node:
            case Const(value):
                return len(str(value)), len(str(value))
            case Pool(pool):
                return self._pool_span(pool)
            case Digits(Call("+", (Call("%", (_, Const(size))), Const(1))), 0):
                return 1, len(str(size))
            case Digits(_, width):
                return (width, width) if width else (1, 20)
            case Join(parts, separator):
                spans = [self.span(p) for p in parts]
                glue = len(separator) * (len(parts) - 1)
                return sum(s[0] for s in spans) + glue, sum(s[1] for s in spans) + glue
            case Uuid():
                return 36, 36
            case Hexadecimal(_, length):
                return length, length
            case Prose(_, tape, minimum, maximum, length):
                low, high = self._pool_span(tape)
                most = (high + 1) * maximum
                return min(low * minimum, length or UNLIMITED), min(most, length or UNLIMITED)
            case Case(branches, otherwise):
                spans = [self.span(b.value) for b in branches] + [self.span(otherwise)]
                return min(s[0] for s in spans), max(s[1] for s in spans)
            case Nulls(value, _):
                return self.span(value)
            case Column(name):
                column = self.hidden.get(name)
                return self.span(column.expression) if column is not None else (1, 19)
            case Call(function, args):
                return self._call_span(function, args)
            case Uniform(_, low, high):
                least = low.value if isinstance(low, Const) and isinstance(low.value, int) else 0
                most = high.value if isinstance(high, Const) and isinstance(high.value, int) else 10**18
                return min(len(str(least)), len(str(most))), max(len(str(least)), len(str(most)))
            case Quantile(_, points):
                return min(len(str(points[0])), len(str(points[-1]))), max(len(str(points[0])), len(str(points[-1])))
            case Choice() | Zipf():
                return 1, 6
            case Cast(value, _):
                return self.span(value)
            case _:
                return 1, UNLIMITED

    def _call_span(self, function: str, args: tuple[Node, ...]) -> tuple[int, int]:
        match function:
            case "lower" | "upper" | "capitalize" | "reverse":
                return self.span(args[0])
            case "ascii" | "slug":
                return 0, self.span(args[0])[1]
            case "substring" if all(isinstance(a, Const) for a in args[1:]):
                start = args[1].value if isinstance(args[1], Const) and isinstance(args[1].value, int) else 1
                width = args[2].value if len(args) > 2 and isinstance(args[2], Const) else UNLIMITED
                low, high = self.span(args[0])
                most = width if isinstance(width, int) else UNLIMITED
                return min(max(low - start + 1, 0), most), min(max(high - start + 1, 0), most)
            case "check" if isinstance(args[1], Const):
                low, high = self.span(args[0])
                steps = SCHEMES.get(str(args[1].value), ())
                more = sum(len(step.symbols[0]) for step in steps) if steps else 1
                return low + more, high + more
            case "right" if isinstance(args[1], Const) and isinstance(args[1].value, int):
                low, high = self.span(args[0])
                return min(low, args[1].value), min(high, args[1].value)
            case "luhn" | "ean":
                low, high = self.span(args[0])
                return low + 1, high + 1
            case "md5":
                return 32, 32
            case "sha256":
                return 64, 64
            case "mod97":
                return 2, 2
            case "left" if isinstance(args[1], Const) and isinstance(args[1].value, int):
                low, high = self.span(args[0])
                return min(low, args[1].value), min(high, args[1].value)
            case "initials":
                return 1, 4
            case "format_time" if isinstance(args[1], Const):
                size = len(str(args[1].value)) + 2 * str(args[1].value).count("%Y")
                return size, size
            case _:
                return 1, 20

    def _pool_span(self, name: str) -> tuple[int, int]:
        return extent(self.words[name])

    def fits(self, want: Want, node: Node) -> bool:
        """Whether every text of the expression keeps to the want's lengths."""
        low, high = self.span(node)
        shortest, longest = limits(want)
        return shortest <= low and high <= longest


def limits(want: Want) -> tuple[int, int]:
    """Least and greatest number of characters that type and domain permit."""
    top = [x for x in (want.domain.longest, want.field.type.length) if x is not None]
    return want.domain.shortest or 0, min(top) if top else UNLIMITED
