"""Experiments: a refused row is tried again with one column changed. A column that mends it has a part in the reason.

    refused   (state: queued,  slots: {4}, …)        state := failed   taken      so: state IN ('failed', …)
                                                     slots := null     taken          OR slots IS NULL
                                                     …      := …       refused

Each mending column's values are tried one by one, so that what it wants is known by trial and not by resemblance;
where no rule tells the values taken from the others, those taken are kept as a pool. Where several columns mend, the
reason is that all of them are so at once, and the rule their disjunction. Every rule is a guess until the next round
takes it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import msgspec
import pyarrow as pa

from understudy.rehearsal.reasons import ORDERED, literal, quoted, shapes
from understudy.types import Kind, Type

CONTEXTS = 3
"""Refused rows in which a value must be taken."""

REFUSED = 64
"""Refused rows whose values count as refused."""

SWAPS = 4
"""Values of a column tried before it is believed to have no part."""

VALUES, POOL = 24, 400
"""Values tried of a column that mends; of one whose values no rule tells apart."""

RARE = 4
"""Values taken for each refused one, from which on the refused ones are left out rather than the others listed."""

COLUMNS = 40
"""Columns tried in one refused row."""

TOGETHER = 3
"""Mending columns that one rule names."""

POOLED = (Kind.TEXT, Kind.ENUM, Kind.INTEGER, Kind.DATE, Kind.UUID)
"""Kinds whose values can be listed in a rule."""

Taken = Callable[[pa.RecordBatch], bool | None]
"""Whether the database takes a row (which is taken back); None where it refuses it for another reason."""


class Candidate(msgspec.Struct, frozen=True):
    """A column that may have a part in a refusal: ``values`` to be tried, distinct, the likeliest first; ``told``: the
    database's words name it; ``made_up``: the values are no planned ones, and no pool is made of them."""

    column: str
    type: Type
    nullable: bool
    values: tuple[Any, ...]
    told: bool = False
    made_up: bool = False


class Mending(msgspec.Struct, frozen=True):
    """What a column must be for the refused row to be taken. ``share``: of the values tried, how many were."""

    column: str
    text: str
    share: float


def mending(
    refused: Sequence[pa.RecordBatch], candidates: Sequence[Candidate], taken: Taken, dialect: str
) -> list[Mending]:
    """The columns that mend a refused row, those that leave most choice first. ``refused``: rows, one a batch."""
    found = []
    for candidate in sorted(candidates, key=lambda c: not c.told)[:COLUMNS]:
        if (made := _mending(refused, candidate, taken, dialect)) is not None:
            found.append(made)
    return sorted(found, key=lambda m: -m.share)


def rules(found: Sequence[Mending]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Rules with their columns, the one that leaves most choice first."""
    several = found[:TOGETHER]
    if len(several) > 1:
        yield " OR ".join(f"({m.text})" for m in several), tuple(m.column for m in several)
    for one in found:
        yield one.text, (one.column,)


def _mending(every: Sequence[pa.RecordBatch], c: Candidate, taken: Taken, dialect: str) -> Mending | None:
    refused = every[:CONTEXTS]
    place = refused[0].schema.get_field_index(c.column)
    own = [b.column(place)[0].as_py() for b in refused]
    others = [b.column(place)[0].as_py() for b in every]
    values = [v for v in c.values if v is not None and v not in others]
    first = ([None] if c.nullable and None not in own else []) + _spread(values, SWAPS)
    verdicts = {_key(v): (v, taken(_changed(refused[0], place, v))) for v in first}
    if not any(ok for _, ok in verdicts.values()):
        return None
    for value in values[:VALUES]:
        if _key(value) not in verdicts:
            verdicts[_key(value)] = value, taken(_changed(refused[0], place, value))
    good = [v for v, ok in verdicts.values() if ok and all(taken(_changed(b, place, v)) for b in refused[1:])]
    bad = [v for v, ok in verdicts.values() if ok is False] + others
    text = told_apart(c.column, c.type, good, bad, dialect)
    if text is None and c.type.kind in POOLED and None not in bad and len(good) >= RARE * len(bad):
        listed = ", ".join(literal(v, dialect, c.type) for v in dict.fromkeys(bad) if v is not None)
        return Mending(c.column, f"{quoted(c.column, dialect)} NOT IN ({listed})", len(good) / len(verdicts))
    if text is None and c.type.kind in POOLED and not c.made_up:
        more = (v for v in values[VALUES:POOL] if _key(v) not in verdicts)
        good += [v for v in more if taken(_changed(refused[0], place, v))]
        text = _listed(c, [v for v in good if v is not None], dialect) if len(good) > 1 else None
        text = f"{quoted(c.column, dialect)} IS NULL OR {text}" if text and None in good else text
    if text is None and None in good:  # not all that is taken, but what can be said of it
        return Mending(c.column, f"{quoted(c.column, dialect)} IS NULL", 1 / len(verdicts))
    return Mending(c.column, text, len(good) / len(verdicts)) if text is not None else None


def _listed(c: Candidate, values: Sequence[Any], dialect: str) -> str | None:
    if not values:
        return None
    name = quoted(c.column, dialect)
    text = f"{name} IN ({', '.join(literal(v, dialect, c.type) for v in values)})"
    return f"{name} IS NOT NULL AND {text}" if c.nullable else text


def told_apart(column: str, t: Type, good: Sequence[Any], bad: Sequence[Any], dialect: str) -> str | None:
    """A rule over ``column`` that the good values fulfil and the bad ones do not: null or not, one of few, a bound, a
    shape. None where none is found; null fulfils a rule only where it is among the good."""
    name = quoted(column, dialect)
    g, b = [v for v in good if v is not None], [v for v in bad if v is not None]
    if not g:
        return f"{name} IS NULL" if None in good else None
    if not b:
        return f"{name} IS NOT NULL" if None in bad and None not in good else None
    text = None
    if t.kind in (Kind.ENUM, Kind.BOOLEAN) or _few(t, g, b):
        text = f"{name} IN ({', '.join(literal(v, dialect, t) for v in sorted(set(g), key=str))})"
    elif t.kind in ORDERED and max(g) < min(b):
        text = f"{name} <= {literal(max(g), dialect, t)}"
    elif t.kind in ORDERED and min(g) > max(b):
        text = f"{name} >= {literal(min(g), dialect, t)}"
    elif t.kind is Kind.TEXT and all(isinstance(v, str) for v in (*g, *b)):
        text = next(shapes(g, b, name, dialect), None)
    if text is None:
        return None
    if None in good:
        return f"{name} IS NULL OR {text}"
    return f"{name} IS NOT NULL AND {text}" if None in bad else text


def _few(t: Type, good: Sequence[Any], bad: Sequence[Any]) -> bool:
    """Whether a text is one of so few that all of them were tried."""
    return t.kind is Kind.TEXT and len(set(good)) + len(set(bad)) <= VALUES // 2 and len(set(good)) > 1


def _spread(values: Sequence[Any], count: int) -> list[Any]:
    step = max(1, len(values) // count)
    return list(values[::step][:count])


def _key(value: Any) -> str:
    return repr(value)


def _changed(row: pa.RecordBatch, place: int, value: Any) -> pa.RecordBatch:
    kind = row.column(place).type
    plain = kind.value_type if pa.types.is_dictionary(kind) else kind
    columns = [pa.array([value], plain) if i == place else c for i, c in enumerate(row.columns)]
    return pa.RecordBatch.from_arrays(columns, names=row.schema.names)
