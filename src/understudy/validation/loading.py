"""Files as typed views in DuckDB: text becomes the schema's types, and what does not become it is counted.

Per table two views: ``rN`` with the file's own columns, ``tN`` with the schema's types. Text formats are read
once into ``tN`` as a table (on disk, in a database of the run), for they are slow to read.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from understudy.errors import SourceError
from understudy.model.schema import Entity, Field
from understudy.validation.duck_types import from_text, from_value, identifier, literal, misfit
from understudy.validation.engines import DuckdbEngine, QueryError
from understudy.validation.places import Place
from understudy.validation.questions import PLACE, Question

TYPED = frozenset({"parquet", "arrow"})

MEMORY_MB = 150
"""Above it DuckDB goes to the disk: with Python and Arrow a run stays under 300 MB (measured: 245 MB at 4 million rows,
274 MB at 16 million), at 7 % more CPU time than with 1 GB."""

ROW_BYTES = 16 << 20
"""Longest row of a JSON file; DuckDB sets twice as much aside."""

UNPACKED = 20
"""A packed JSON file grows at most so many times, as a rule of thumb for setting memory aside."""

FITS = "values read as the column's type"

MACROS = (
    "CREATE TEMP MACRO jsonb_typeof(j) AS CASE json_type(j) WHEN 'ARRAY' THEN 'array' WHEN 'OBJECT' THEN 'object' "
    "WHEN 'VARCHAR' THEN 'string' WHEN 'BOOLEAN' THEN 'boolean' WHEN 'NULL' THEN 'null' ELSE 'number' END",
    "CREATE TEMP MACRO json_typeof(j) AS jsonb_typeof(j)",
    "CREATE TEMP MACRO jsonb_array_length(j) AS json_array_length(j)",
    "CREATE TEMP MACRO btrim(x) AS trim(x)",
)
"""PostgreSQL's names for what DuckDB has under others."""


class Loaded(msgspec.Struct, frozen=True):
    """``table``: the typed view's name, quoted; ``columns``: those of the schema that the files have;
    ``fits``: the questions whether values are of their types; ``placed``: the data say where each row stands;
    ``raw``: the view of the files' own columns."""

    table: str
    columns: frozenset[str]
    fits: tuple[Question, ...]
    placed: bool = False
    raw: str = ""


def load(engine: DuckdbEngine, number: int, entity: Entity, place: Place) -> Loaded:
    """Make the views of one table; SourceError where the files are not what their ending says."""
    missing = [f for f in place.files if not f.is_file()]
    if missing:
        raise SourceError("there is no such file", where=str(missing[0]), mend="Name files that are there.")
    raw, typed = identifier(f"r{number}"), identifier(f"t{number}")
    try:
        held = _raw(engine, raw, entity, place)
        known = {f.name: f for f in entity.fields}
        names = [n for n in held if n in known]
        if not names and known:
            have = ", ".join(list(held)[:5]) or "nothing"
            raise SourceError(f"no column of table {entity.name} is in it (it has {have})", where=str(place.files[0]))
        values = {n: _value(known[n], held[n], place.format) for n in names}
        placed = [identifier(PLACE)] if PLACE in held else []
        columns = ", ".join((*(f"{v} AS {identifier(n)}" for n, v in values.items()), *placed)) or "*"
        made = "VIEW" if place.format in TYPED else "TABLE"
        engine.raw.execute(f"CREATE {made} {typed} AS SELECT {columns} FROM {raw}")
    except QueryError as e:
        raise SourceError(f"cannot be read as {place.format}: {e}", where=str(place.files[0])) from e
    except _errors() as e:
        what = f"cannot be read as {place.format}: {str(e).splitlines()[0]}"
        raise SourceError(what, where=str(place.files[0]), mend="Check that it is what its ending says.") from e
    fits = tuple(q for n in names if (q := _fit(entity, known[n], values[n], raw, held)) is not None)
    return Loaded(typed, frozenset(names), fits, PLACE in held, raw)


def _errors() -> tuple[type[Exception], ...]:
    import duckdb
    import pyarrow as pa

    return (duckdb.Error, pa.ArrowInvalid, OSError)


def _value(field: Field, held: str, file_format: str) -> str:
    column = identifier(field.name)
    return from_value(field.type, column, held) if file_format in TYPED else from_text(field.type, column)


def _fit(entity: Entity, field: Field, value: str, raw: str, held: Mapping[str, str]) -> Question | None:
    column = identifier(field.name)
    bad = misfit(field.type, column, value, textual=held[field.name] == "VARCHAR")
    place = (("at", identifier(PLACE)),) if PLACE in held else ()
    if not bad:
        return None
    return Question(
        table=entity.name,
        kind="enum" if field.type.kind.value == "enum" else "type",
        rule=field.name,
        text=f"{field.name} {field.type.raw or field.type.kind.value}",
        method=FITS,
        column=field.name,
        bad=bad,
        source=raw,
        shown=(*place, (field.name, column)),
    )


def _raw(engine: DuckdbEngine, name: str, entity: Entity, place: Place) -> dict[str, str]:
    """The view of the files' own columns; column → DuckDB type."""
    if place.format == "arrow":
        import pyarrow.dataset as ds

        dataset = ds.dataset([str(f) for f in place.files], format="ipc")
        engine.raw.register(name.strip('"') + "_arrow", dataset)
        engine.raw.execute(f"CREATE TEMP VIEW {name} AS SELECT * FROM {identifier(name.strip(chr(34)) + '_arrow')}")
    else:
        engine.raw.execute(f"CREATE VIEW {name} AS {_reader(entity, place)}")
    described = engine.raw.execute(f"DESCRIBE SELECT * FROM {name}").fetchall()
    return {str(row[0]): str(row[1]) for row in described}


def _reader(entity: Entity, place: Place) -> str:
    files = f"[{', '.join(literal(str(f)) for f in place.files)}]"
    match place.format:
        case "parquet":
            return f"SELECT * FROM read_parquet({files})"
        case "csv" | "tsv":
            delimiter = "," if place.format == "csv" else "\t"
            return (
                f"SELECT * FROM read_csv({files}, header = true, all_varchar = true, delim = {literal(delimiter)}, "
                "quote = '\"', escape = '\"', nullstr = '', allow_quoted_nulls = false)"
            )
        case _:
            return _json_reader(entity, place, files)


def _json_reader(entity: Entity, place: Place, files: str) -> str:
    """Every column as the JSON text of its value; scalars without their quotes."""
    names = [f.name for f in entity.fields]
    if place.member:
        member = f"columns = {{{literal(place.member)}: 'JSON[]'}}, maximum_object_size = {whole_bytes(place)}"
        inner = f"SELECT unnest(j) AS j FROM read_json({files}, {member}) s(j)"
        texts = ", ".join(f"j ->> {literal(_pointer(n))} AS {identifier(n)}" for n in names)
        return f"SELECT {texts} FROM ({inner})"
    columns = ", ".join(f"{literal(n)}: 'JSON'" for n in names)
    shape = "newline_delimited" if place.format == "jsonl" else "array"
    texts = ", ".join(f"{identifier(n)} ->> '$' AS {identifier(n)}" for n in names)
    return f"SELECT {texts} FROM read_json({files}, format = {literal(shape)}, columns = {{{columns}}})"


def whole_bytes(place: Place) -> int:
    """Bytes of a file that is one JSON value, which must be read in one piece; 0 for other files."""
    if not place.member:
        return 0
    sizes = (f.stat().st_size * (1 if f.suffix.lower() == ".json" else UNPACKED) for f in place.files)
    return max(ROW_BYTES, *sizes)


def _pointer(name: str) -> str:
    """A member's name as a JSON pointer (RFC 6901)."""
    return "/" + name.replace("~", "~0").replace("/", "~1")


def prepare(engine: DuckdbEngine, folder: str, threads: int, pieces: int) -> None:
    """Settings and macros of a fresh judging engine; what does not fit in memory goes to ``folder``. ``pieces``:
    bytes of the largest file that must be read in one piece."""
    memory = MEMORY_MB + 8 * (pieces >> 20)
    for statement in (
        "SET TimeZone = 'UTC'",
        f"SET threads = {threads}",
        f"SET temp_directory = {literal(folder)}",
        "SET preserve_insertion_order = false",
        f"SET memory_limit = '{memory}MB'",
        *MACROS,
    ):
        engine.raw.execute(statement)


def open_engine(path: str, timeout_s: float) -> DuckdbEngine:
    """A DuckDB of the run's own, on disk."""
    import duckdb

    connection: Any = duckdb.connect(path)
    return DuckdbEngine(connection, timeout_s)
