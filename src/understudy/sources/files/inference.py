"""From texts to readings: what each column of a file of texts holds, found on the distinct values of a sample.

tokens that stand for nothing ─► true/false ─► dates and times ─► numbers ─► UUIDs, documents ─► text
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import pyarrow as pa
import pyarrow.compute as pc

from understudy.sources.files.moments import temporal
from understudy.sources.files.numbers import numeric
from understudy.sources.files.reading import NULLS, Reading
from understudy.types import Kind, Type

MOST_VALUES = 3000
"""Distinct values looked at per column, spread over the sample."""
MOST_LOOKED_AT = 300_000
"""Values looked at in all columns together: what bounds the time for thousands of columns."""

SURE_NULLS = (
    "",
    "NULL",
    "null",
    "Null",
    "\\N",
    "N/A",
    "n/a",
    "#N/A",
    "#NA",
    "<NA>",
    "(null)",
    "<null>",
    "NaN",
    "nan",
    "#NULL!",
)
"""Texts that stand for no value in any column."""
LOOSE_NULLS = (
    "NA", "na", "None", "none", "-", "--", "---", "?", ".", "..", "*", "nil", "NIL", "missing", "Missing", "MISSING",
    "unknown", "Unknown", "UNKNOWN", "not available", "n.a.", "N.A.", "k.A.", "#VALUE!", "#DIV/0!", "#REF!", "-nan",
)  # fmt: skip
"""Texts that stand for no value in a column of numbers or moments."""
WRITTEN_NULL = "NA"
TOLERATED = 0.02
"""Share of values that may be faulty without making the column one of texts."""
FEW = 50
"""Below so many values none may be."""

UUID = re.compile(r"\{?[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\}?")
TRUTH = frozenset({"true", "false"})


class Context:
    """What columns of one file tell each other: decimal commas, and whether days come before months."""

    def __init__(self, *, comma: bool | None = None, day_first: bool | None = None, loose: bool = True) -> None:
        """``loose``: numbers, truth values and words for nothing may stand among the texts as well."""
        self.comma, self.day_first, self.loose = comma, day_first, loose
        self.written = False
        """Whether this file's numbers and moments say NA for nothing: then a program wrote it, in every column."""


class Column:
    """The distinct values of one column's sample with their frequencies; what stands for nothing is set aside."""

    def __init__(self, texts: pa.ChunkedArray | pa.Array, most: int, *, loose: bool = True) -> None:
        trimmed = pc.utf8_trim_whitespace(texts)
        counted = pc.value_counts(trimmed)
        values, counts = counted.field(0), counted.field(1)
        self.distinct = len(values)
        if len(values) > most:
            step = len(values) / most
            chosen = pa.array([int(i * step) for i in range(most)], pa.int64())
            values, counts = values.take(chosen), counts.take(chosen)
        pairs = [(v, n) for v, n in zip(values.to_pylist(), counts.to_pylist(), strict=True) if v is not None]
        self.absent = {v: n for v, n in pairs if loose and v in SURE_NULLS}
        pairs = [(v, n) for v, n in pairs if v not in self.absent]
        self.loose = {v: n for v, n in pairs if loose and v in LOOSE_NULLS}
        self.values = [v for v, _ in pairs if v not in self.loose]
        self.weights = [n for v, n in pairs if v not in self.loose]
        self.blank = _edged(texts)

    @property
    def least(self) -> float:
        """The share of values that must be of a type."""
        return 1.0 - TOLERATED if sum(self.weights) >= FEW else 1.0


def _edged(texts: pa.ChunkedArray | pa.Array) -> bool:
    """Whether most values begin or end with a blank."""
    part = texts[:1000]
    edged = pc.sum(pc.match_substring_regex(part, r"^ | $").cast(pa.int64())).as_py() or 0
    return edged > 0.5 * max(len(part), 1)


def infer(sample: pa.Table, context: Context | None = None) -> tuple[list[Reading], Context]:
    """A reading per column of a table of texts, and what the file's columns agree on."""
    most = max(50, min(MOST_VALUES, MOST_LOOKED_AT // max(sample.num_columns, 1)))
    told = context or Context()
    columns = [Column(sample.column(i), most, loose=told.loose) for i in range(sample.num_columns)]
    if told.comma is None:
        told.comma = _commas(columns)
    first = [_read(c, told) for c in columns]
    if told.day_first is None:
        told.day_first = _days(first)
        if told.day_first is not None:
            first = [
                _read(c, told) if r.doubt and r.type.kind in TEMPORAL else r
                for c, r in zip(columns, first, strict=True)
            ]
    told.written = any(r.type.kind is not Kind.TEXT and WRITTEN_NULL in r.nulls for r in first)
    if told.written:
        first = [_read(c, told) if r.type.kind is Kind.TEXT else r for c, r in zip(columns, first, strict=True)]
    return first, told


TEMPORAL = (Kind.DATE, Kind.TIMESTAMP)


def _commas(columns: Sequence[Column]) -> bool:
    """Whether numbers of this file have decimal commas: values with a comma before other than three digits."""
    commas = points = 0
    for column in columns:
        inside = [v for v in column.values if re.fullmatch(r"[+-]?[\d.,]*\d", v)]
        if len(inside) < 0.9 * len(column.values) or not inside:
            continue
        commas += any(re.fullmatch(r"[+-]?(?:\d+|\d{1,3}(?:\.\d{3})+),(?:\d{1,2}|\d{4,})", v) for v in inside)
        points += any(re.fullmatch(r"[+-]?(?:\d+|\d{1,3}(?:,\d{3})+)\.(?:\d{1,2}|\d{4,})", v) for v in inside)
    return commas > points


def _days(readings: Sequence[Reading]) -> bool | None:
    """What the dates of which it can be told say: day first or not."""
    sure = [r.style for r in readings if r.type.kind in TEMPORAL and r.style and not r.doubt]
    day = sum(s.startswith("d") and not s.startswith(("d b", "d-b", "d B", "d-B")) for s in sure)
    month = sum(s.startswith("m") for s in sure)
    return None if day == month else day > month


def _read(column: Column, told: Context) -> Reading:
    """The reading of one column."""
    if not told.loose:
        typed = _meant(column) if column.values else None
        return typed or Reading(Type(Kind.TEXT), nulls=(), trim=False)
    if not column.values and not column.loose:
        return _with_nulls(Reading(Type(Kind.TEXT)), tuple(column.absent))
    typed = _typed(column, told) if column.values else None
    if typed is not None:
        return _with_nulls(typed, (*column.absent, *column.loose))
    return _text(column, told)


def _meant(column: Column) -> Reading | None:
    """A moment or a UUID that a format without types for them writes as text."""
    import msgspec

    found = temporal(column.values, column.weights, day_first=None, least=1.0)
    if found is not None and found.style != "YYYYMMDD" and not found.doubt:
        return msgspec.structs.replace(found, nulls=())
    if all(UUID.fullmatch(v) for v in column.values):
        return Reading(Type(Kind.UUID), cast="CAST(TRY_CAST({} AS UUID) AS VARCHAR)", nulls=())
    return None


def _with_nulls(reading: Reading, nulls: Sequence[str]) -> Reading:
    import msgspec

    return msgspec.structs.replace(reading, nulls=tuple(dict.fromkeys((*NULLS, *nulls))))


FAIR = 0.5
"""Share of values that must be written in some form where it is known what they should be."""


def read_as(column: Column, kind: Kind, told: Context) -> Reading | None:
    """The reading of a column that should be of a kind, however many faults it has; None where most are faults."""
    values, weights = column.values, column.weights
    found = None
    if values and kind in (Kind.DATE, Kind.TIMESTAMP, Kind.TIME):
        found = temporal(values, weights, day_first=told.day_first, least=FAIR)
    elif values and kind in (Kind.INTEGER, Kind.DECIMAL, Kind.FLOAT, Kind.MONEY):
        found = numeric(values, weights, comma=bool(told.comma), least=FAIR)
    elif values and kind is Kind.BOOLEAN:
        found = _truths(values)
    return None if found is None else _with_nulls(found, (*column.absent, *column.loose))


TRUTHS = (("true", "false"), ("yes", "no"), ("y", "n"), ("t", "f"), ("1", "0"), ("on", "off"), ("ja", "nein"))


def _truths(values: Sequence[str]) -> Reading | None:
    """Words for true and false, whichever most values are of."""
    lower = [v.lower() for v in values]
    yes, no = max(TRUTHS, key=lambda pair: sum(v in pair for v in lower))
    if sum(v in (yes, no) for v in lower) < FAIR * len(lower):
        return None
    return Reading(Type(Kind.BOOLEAN), f"{yes}/{no}", f"(?i:{yes}|{no})", (), f"(lower({{}}) = '{yes}')")


def _typed(column: Column, told: Context) -> Reading | None:
    values, weights, least = column.values, column.weights, column.least
    if {v.lower() for v in values} <= TRUTH:
        return Reading(Type(Kind.BOOLEAN), "", "(?i:true|false)", (), "(lower({}) = 'true')")
    found = temporal(values, weights, day_first=told.day_first, least=least)
    if found is not None:
        return found
    found = numeric(values, weights, comma=bool(told.comma), least=least)
    if found is not None:
        return found
    total = sum(weights)
    if sum(w for v, w in zip(values, weights, strict=True) if UUID.fullmatch(v)) >= least * total:
        return Reading(Type(Kind.UUID), "", "", (), "CAST(TRY_CAST({} AS UUID) AS VARCHAR)")
    if all(v[:1] in "{[" and v[-1:] in "}]" for v in values) and _documents(values):
        return Reading(Type(Kind.JSON), "", "", (), "CASE WHEN json_valid({}) THEN {} END")
    return None


def _documents(values: Sequence[str]) -> bool:
    import msgspec

    for value in values[:200]:
        try:
            msgspec.json.decode(value)
        except (msgspec.MsgspecError, RecursionError):
            return False
    return True


def _text(column: Column, told: Context) -> Reading:
    """Text: a sign or a word is a value like any other, but for what the file's writer puts into empty cells."""
    nulls = [*column.absent, *((WRITTEN_NULL,) if WRITTEN_NULL in column.loose and told.written else ())]
    longest = max((len(v) for v in column.values), default=0)
    return _with_nulls(Reading(Type(Kind.TEXT), trim=column.blank or longest == 0), nulls)


def widened(readings: Sequence[Reading], columns: Mapping[int, Column], told: Context) -> list[Reading]:
    """Readings anew for the columns given: what the sample promised did not hold for the whole file."""
    return [_read(columns[i], told) if i in columns else r for i, r in enumerate(readings)]
