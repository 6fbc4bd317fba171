"""What refused rows have in common that the taken ones have not: a value, a null, a bound, an order, a parent's kind.

A candidate separates the two without exception; the simplest over columns that the database's words name comes first.
Whether it is the reason shows in the next round, when rows that follow it are tried.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import msgspec

from understudy.types import Kind, Type

FEW = 24
"""Distinct values of a column that is a choice among kinds rather than a measure."""

LEAST = 3
"""Refused rows below which only a column that the words name is believed: with few, anything separates."""

ORDERED = (Kind.INTEGER, Kind.DECIMAL, Kind.FLOAT, Kind.MONEY, Kind.DATE, Kind.TIMESTAMP, Kind.TIME)
CHOICES = (Kind.TEXT, Kind.ENUM, Kind.INTEGER, Kind.BOOLEAN)

FORMS = ("^[0-9]+$", "^[a-z]+$", "^[A-Z]+$", "^[a-z0-9_-]+$", "^[A-Z0-9_-]+$", "^[A-Za-z0-9_-]+$", "@")
"""Shapes of text, from strict to loose."""

LITERAL_KINDS = (Kind.DATE, Kind.TIMESTAMP, Kind.TIME)


class Feature(msgspec.Struct, frozen=True):
    """A column of the tried rows, or of their parents by ``key``, as Python values."""

    column: str
    type: Type
    values: tuple[Any, ...]
    key: str = ""


class Reason(msgspec.Struct, frozen=True):
    """A rule that the taken rows fulfil and the refused ones do not; ``rank``: smaller is more likely."""

    text: str
    columns: tuple[str, ...]
    key: str
    rank: tuple[int, int]


def separators(
    features: Sequence[Feature], taken: Sequence[int], refused: Sequence[int], words: str, dialect: str
) -> list[Reason]:
    """Reasons, most likely first. ``taken``, ``refused``: positions in the features; ``words``: what the database said,
    and what the triggers and checks involved say."""
    if len(taken) < LEAST or not refused:
        return []
    told = {w.lower() for w in re.findall(r"\w+", words)}
    found = [
        Reason(text, (f.column,), f.key, (0 if f.column.lower() in told else 1, place + (1 if f.key else 0)))
        for f in features
        for place, text in enumerate(_single(f, taken, refused, dialect))
    ]
    own = [f for f in features if not f.key]
    for a, b, text in _orders(own, taken, refused, dialect):
        named = sum(c.lower() in told for c in (a, b))
        found.append(Reason(text, (a, b), "", (0 if named == 2 else 1, 2)))
    return sorted((r for r in found if r.rank[0] == 0 or len(refused) >= LEAST), key=lambda r: r.rank)


def _single(f: Feature, taken: Sequence[int], refused: Sequence[int], dialect: str) -> Iterator[str]:
    a = [f.values[i] for i in taken]
    r = [f.values[i] for i in refused]
    name = quoted(f.column, dialect)
    if all(v is None for v in r) and not any(v is None for v in a):
        yield f"{name} IS NOT NULL"
    if all(v is None for v in a) and not any(v is None for v in r):
        yield f"{name} IS NULL"
        return
    yield from _among(f, a, r, name, dialect)
    if f.key:
        return
    known_a, known_r = [v for v in a if v is not None], [v for v in r if v is not None]
    if f.type.kind in ORDERED and len(known_a) >= LEAST and len(known_r) == len(r):
        yield from _bounds(f, known_a, known_r, name, dialect, null=len(known_a) < len(a))
    if f.type.kind is Kind.TEXT and all(isinstance(v, str) for v in (*known_a, *known_r)) and known_a:
        yield from shapes(known_a, known_r, name, dialect)


def _among(f: Feature, a: list[Any], r: list[Any], name: str, dialect: str) -> Iterator[str]:
    """One of the values that were taken."""
    if f.type.kind not in CHOICES or not all(isinstance(v, str | int | bool | None) for v in (*a, *r)):
        return
    values, others = {v for v in a if v is not None}, {v for v in r if v is not None}
    if not values or values & others or len(values) > FEW or (None in a and None in r):
        return
    if len(values) * 2 > len(a) and f.type.kind is not Kind.BOOLEAN:
        return  # hardly any value twice: no choice among kinds
    listed = ", ".join(literal(v, dialect) for v in sorted(values, key=str))
    text = f"{name} IN ({listed})"
    if None in a:
        yield f"({name} IS NULL OR {text})"
    else:
        yield f"({name} IS NOT NULL AND {text})" if None in r else text


def _bounds(f: Feature, a: list[Any], r: list[Any], name: str, dialect: str, *, null: bool) -> Iterator[str]:
    low, high = (min(a), max(a))
    for sign, bound, zero in (("<=", high, "<"), (">=", low, ">")):
        apart = high < min(r) if sign == "<=" else low > max(r)
        if not apart:
            continue
        text = f"{name} {sign} {literal(bound, dialect, f.type)}"
        if f.type.kind not in LITERAL_KINDS and (min(r) if sign == "<=" else max(r)) == 0:
            text = f"{name} {zero} 0"
        elif f.type.kind not in LITERAL_KINDS and (max(r) < 0 <= low if sign == ">=" else high <= 0 < min(r)):
            text = f"{name} {sign} 0"
        yield f"({name} IS NULL OR {text})" if null else text


def shapes(a: list[str], r: list[str], name: str, dialect: str) -> Iterator[str]:
    """Rules about the form of texts that all of ``a`` fulfil and none of ``r``."""
    for function, form in (("lower", str.lower), ("upper", str.upper)):
        if all(form(v) == v for v in a) and not any(form(v) == v for v in r):
            yield f"{name} = {function}({name})"
    for shape in FORMS:
        if all(re.search(shape, v) for v in a) and not any(re.search(shape, v) for v in r):
            if dialect == "postgresql":
                yield f"{name} ~ {literal(shape, dialect)}"
            elif dialect in ("mysql", "mariadb"):
                yield f"{name} REGEXP {literal(shape, dialect)}"
            return
    longest, shortest = max(map(len, a)), min(map(len, a))
    size = "char_length" if dialect != "sqlite" else "length"
    if r and longest < min(map(len, r)):
        yield f"{size}({name}) <= {longest}"
    if r and shortest > max(map(len, r)):
        yield f"{size}({name}) >= {shortest}"


def _orders(
    own: Sequence[Feature], taken: Sequence[int], refused: Sequence[int], dialect: str
) -> Iterator[tuple[str, str, str]]:
    """Two columns of one kind that stand in an order in every taken row, and in no refused one."""
    ordered = [f for f in own if f.type.kind in ORDERED]
    for i, f in enumerate(ordered):
        for g in ordered[i + 1 :]:
            if f.type.kind is not g.type.kind:
                continue
            for a, b in ((f, g), (g, f)):
                if _holds(a, b, taken, True) and _holds(a, b, refused, False):
                    yield a.column, b.column, f"{quoted(a.column, dialect)} <= {quoted(b.column, dialect)}"


def _holds(a: Feature, b: Feature, rows: Iterable[int], wanted: bool) -> bool:
    """Whether a <= b is ``wanted`` in all rows (null passes where it is wanted)."""
    pairs = [(a.values[i], b.values[i]) for i in rows]
    known = [(x, y) for x, y in pairs if x is not None and y is not None]
    if not known or (not wanted and len(known) < len(pairs)):
        return False
    return all((x <= y) is wanted for x, y in known)


def limit(parents: Sequence[int], verdicts: Sequence[bool]) -> int | None:
    """The most rows that a parent takes, where exactly the rows behind that many are refused; None where it is not so.

    ``parents``: of each tried row, in order (-1: none); ``verdicts``: whether it was taken."""
    count: dict[int, int] = {}
    most: int | None = None
    for parent, taken in zip(parents, verdicts, strict=True):
        if parent < 0:
            if not taken:
                return None
            continue
        have = count.get(parent, 0)
        if taken:
            count[parent] = have + 1
            if most is not None and have + 1 > most:
                return None
        else:
            if have == 0 or (most is not None and have != most):
                return None
            most = have
    if most is None or any(n > most for n in count.values()):
        return None
    return most


def quoted(name: str, dialect: str) -> str:
    """A name as the dialect quotes it."""
    if dialect in ("mysql", "mariadb"):
        return "`" + name.replace("`", "``") + "`"
    return '"' + name.replace('"', '""') + '"'


def literal(value: Any, dialect: str, t: Type | None = None) -> str:
    """A value as the dialect writes it."""
    if isinstance(value, bool):
        return ("1" if value else "0") if dialect in ("sqlite", "mysql", "mariadb") else str(value).lower()
    if isinstance(value, int | float):
        return repr(value)
    if t is not None and t.kind in (Kind.DECIMAL, Kind.MONEY):
        return str(value)
    text = str(value)
    if dialect in ("mysql", "mariadb"):
        text = text.replace("\\", "\\\\")
    return "'" + text.replace("'", "''") + "'"
