"""How the texts of a column are to be read: a logical type, and the words of DuckDB that make values of texts.

A reading is found on distinct values of a sample (:mod:`.inference`); it is applied to whole columns here, vectorised.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import msgspec
import pyarrow as pa

from understudy.sources.files.engine import cursor
from understudy.types import Kind, Type

NULLS = ("",)
AT_ONCE = 16
"""Columns of one query: their cost grows with the square of it."""


class Reading(msgspec.Struct, frozen=True, omit_defaults=True):
    """``type``: what the values are. ``style``: how they are written, in a person's words ("" for the plain form).
    ``guard``: a regular expression that texts of the style match; ``clean``: replacements (pattern, by) made before
    ``cast``, an SQL expression with ``{}`` for the cleaned text. ``nulls``: texts that stand for no value (blanks at
    the ends aside). ``trim``: blanks at the ends do not belong to the value. ``doubt``: what could not be told."""

    type: Type
    style: str = ""
    guard: str = ""
    clean: tuple[tuple[str, str], ...] = ()
    cast: str = "{}"
    nulls: tuple[str, ...] = NULLS
    trim: bool = True
    doubt: str = ""

    @property
    def bare(self) -> bool:
        """Whether the value is the text itself."""
        return self.type.kind is Kind.TEXT and self.cast == "{}" and not self.clean and not self.guard

    def absent(self, column: str) -> str:
        """A condition: the text stands for no value."""
        if not self.nulls:
            return "FALSE"
        tokens = ", ".join(literal(n) for n in self.nulls)
        return f"trim({column}, {BLANKS}) IN ({tokens})"

    def plain(self, column: str) -> str:
        """The value as text in its plain form (``1234.5``, ``2024-01-31``); a text that gives none as it is."""
        if self.type.kind in (Kind.TEXT, Kind.JSON):
            return self.value(column)
        made = f"CAST({self.value(column)} AS VARCHAR)"
        return f"CASE WHEN {self.absent(column)} THEN NULL ELSE coalesce({made}, trim({column}, {BLANKS})) END"

    def value(self, column: str) -> str:
        """An expression for the value of the text ``column`` (an expression); null where it stands for none, or where
        it is not of the type."""
        text = f"trim({column}, {BLANKS})" if self.trim else column
        inner = text
        for pattern, by in self.clean:
            inner = f"regexp_replace({inner}, {literal(pattern)}, {literal(by)}, 'g')"
        made = self.cast.replace("{}", inner)
        guarded = f"regexp_full_match({text}, {literal(self.guard)})" if self.guard else ""
        if guarded:
            return f"CASE WHEN {column} IS NOT NULL AND NOT {self.absent(column)} AND {guarded} THEN {made} END"
        return f"CASE WHEN {column} IS NOT NULL AND NOT {self.absent(column)} THEN {made} END"


BLANKS = "' ' || chr(9) || chr(10) || chr(13) || chr(160)"


def literal(text: str) -> str:
    """A text literal of SQL."""
    return "'" + text.replace("'", "''") + "'"


def identifier(name: str) -> str:
    """An identifier of SQL, always quoted."""
    return '"' + name.replace('"', '""') + '"'


def _bare(texts: pa.ChunkedArray, reading: Reading) -> pa.ChunkedArray:
    """Texts that stand for themselves: no query is needed for them."""
    import pyarrow.compute as pc

    trimmed = pc.utf8_trim(texts, characters=TRIMMED)
    absent = pc.is_in(trimmed, value_set=pa.array(reading.nulls, pa.string()))
    return pc.if_else(absent, pa.scalar(None, pa.string()), trimmed if reading.trim else texts)


TRIMMED = " \t\n\r\u00a0"


class Converter:
    """Reads text batches as values, by one prepared DuckDB of its own; use as a context."""

    def __init__(self, readings: Sequence[Reading], *, plain: bool = False) -> None:
        """``plain``: values come as texts in their plain form; a text that gives no value stays as it is."""
        self.readings = readings
        self.connection = cursor()
        self._queries: list[tuple[list[int], str]] = []
        made = [i for i, r in enumerate(readings) if not r.bare]
        for start in range(0, len(made), AT_ONCE):
            places = made[start : start + AT_ONCE]
            values = [readings[i].plain(f"c{i}") if plain else readings[i].value(f"c{i}") for i in places]
            said = ", ".join(f"{v} AS c{i}" for v, i in zip(values, places, strict=True))
            self._queries.append((places, f"SELECT {said} FROM batch"))

    def __enter__(self) -> Converter:
        return self

    def __exit__(self, *_: object) -> None:
        self.connection.close()

    def table(self, texts: pa.Table) -> pa.Table:
        """A table of texts (columns in the order of the readings) as values of their types."""
        if not self.readings:
            return texts
        made = {i: _bare(texts.column(i), r) for i, r in enumerate(self.readings) if r.bare}
        for places, query in self._queries:
            part = texts.select(places).rename_columns([f"c{i}" for i in places])
            self.connection.register("batch", part)
            made |= dict(zip(places, self.connection.sql(query).to_arrow_table().columns, strict=True))
            self.connection.unregister("batch")
        return pa.table([made[i] for i in range(len(self.readings))], names=texts.column_names)

    def batches(self, texts: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """Batch by batch."""
        for batch in texts:
            yield from self.table(pa.Table.from_batches([batch])).to_batches()

    def misfits(self, texts: pa.Table, values: pa.Table) -> list[pa.Array]:
        """Per column which texts stand for a value but gave none (booleans)."""
        import pyarrow.compute as pc

        found = []
        for i, reading in enumerate(self.readings):
            column = texts.column(i)
            if reading.type.kind is Kind.TEXT:
                found.append(pa.array([], pa.bool_()))
                continue
            there = pc.invert(pc.is_in(pc.utf8_trim_whitespace(column), value_set=pa.array(reading.nulls, pa.string())))
            bad = pc.and_(pc.and_(there, pc.is_valid(column)), pc.is_null(values.column(i)))
            found.append(bad.combine_chunks() if isinstance(bad, pa.ChunkedArray) else bad)
        return found
