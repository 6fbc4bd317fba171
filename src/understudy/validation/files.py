"""Judges files: loaded as views of DuckDB with the schema's types, asked by the rules' text, translated where
the schema speaks another dialect. What only the schema's own server understands is answered so, never guessed."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from understudy.errors import SourceError
from understudy.model.event import Listener, Notice, StageFinished, StageStarted, silent
from understudy.model.schema import Entity, Schema
from understudy.model.violation import Verdict
from understudy.validation.asking import SAMPLE, verdicts
from understudy.validation.database import SERVERS, TIMEOUT_S, all_questions, selected
from understudy.validation.engines import DuckdbEngine
from understudy.validation.loading import Loaded, load, open_engine, prepare, whole_bytes
from understudy.validation.places import Place, find, format_of, place_of
from understudy.validation.questions import Question, Tongue
from understudy.validation.saying import sayer

THREADS = 2
"""Judging is not the main job: it leaves the machine usable."""

NO_FILE = "no file holds this table"

Data = str | Path | Mapping[str, Sequence[str | Path]]
"""A folder with one file (or folder of parts) per table, one file, or table → files."""


def validate_files(
    data: Data,
    schema: Schema,
    tables: Sequence[str] | None = None,
    listen: Listener = silent,
    *,
    timeout_s: float = TIMEOUT_S,
    shown: int = SAMPLE,
) -> tuple[Verdict, ...]:
    """A verdict for every constraint of ``schema`` on files (Parquet, Arrow, CSV, TSV, JSON Lines, JSON).

    Values that are not of their column's type are violations (kind ``type`` or ``enum``). A table without
    file, or (where ``data`` is a mapping) with files of a kind that is not read back, gets one verdict of
    kind ``data`` without count. ``shown``: offending rows given per rule, 0: all. SourceError where a file cannot be
    read."""
    chosen = selected(schema, list(data) if isinstance(data, Mapping) and tables is None else tables)
    places, unread = _named(data, chosen) if isinstance(data, Mapping) else (_places(data, schema, chosen, listen), {})
    started = time.monotonic()
    listen(StageStarted("validate", f"{len(places)} tables"))
    with tempfile.TemporaryDirectory(prefix="understudy-") as folder:
        engine = open_engine(str(Path(folder) / "judge.duckdb"), timeout_s)
        try:
            prepare(engine, folder, THREADS, max(map(whole_bytes, places.values()), default=0))
            found = _judge(engine, schema, chosen, places, shown)
            found += tuple(_without(e, unread.get(e.name, NO_FILE)) for e in chosen if e.name not in places)
        finally:
            engine.close()
    listen(StageFinished("validate", time.monotonic() - started, f"{len(found)} constraints"))
    return found


def _judge(
    engine: DuckdbEngine, schema: Schema, chosen: Sequence[Entity], places: Mapping[str, Place], shown: int
) -> tuple[Verdict, ...]:
    loaded: dict[str, Loaded] = {}
    for number, entity in enumerate(chosen):
        if entity.name in places:
            loaded[entity.name] = load(engine, number, entity, places[entity.name])
    tongue = Tongue(
        "duckdb",
        schema.dialect,
        {name: each.table for name, each in loaded.items()},
        sayer(schema, "duckdb"),
        present={name: each.columns for name, each in loaded.items()},
        placed=frozenset(name for name, each in loaded.items() if each.placed),
    )
    there = [e for e in chosen if e.name in loaded]
    questions = [q for each in loaded.values() for q in each.fits]
    fitted = {(q.table, q.rule) for q in questions if q.kind == "enum"}
    others = all_questions(schema, there, tongue)
    questions += [q for q in others if q.kind != "enum" or (q.table, q.rule) not in fitted]
    questions = [_as_written(q, loaded) for q in questions]
    able = SERVERS.get(schema.dialect, "") if schema.dialect != "duckdb" else ""
    return verdicts(engine, questions, able, shown)


def _as_written(q: Question, loaded: Mapping[str, Loaded]) -> Question:
    """A question whether a value is there is asked of what is written: what is no value of the type is there, too."""
    of = loaded.get(q.table)
    if q.kind != "not_null" or of is None or q.column not in of.columns or not of.placed:
        return q
    return msgspec.structs.replace(q, source=of.raw)


def _without(entity: Entity, why: str) -> Verdict:
    reason = f"not verifiable here: {why}"
    return Verdict(entity.name, "data", entity.name, f"rows of {entity.name}", "", None, reason)


def _named(
    data: Mapping[str, Sequence[str | Path]], chosen: Sequence[Entity]
) -> tuple[dict[str, Place], dict[str, str]]:
    """The places of tables whose files are named, and why others' files are not read back."""
    names = {t: e.name for e in chosen for t in (e.table, e.name)}
    places: dict[str, Place] = {}
    unread: dict[str, str] = {}
    for table, files in data.items():
        paths = [Path(f) for f in files]
        strange = next((p for p in paths if not format_of(p)), None)
        if strange is not None:
            unread[names[table]] = f"{strange.suffix.lstrip('.') or 'such'} files are not read back"
        elif paths:
            places[names[table]] = place_of(table, paths)
    return places, unread


def _places(data: str | Path, schema: Schema, chosen: Sequence[Entity], listen: Listener) -> dict[str, Place]:
    path = Path(data)
    if path.is_file():
        return _single(path, chosen)
    places, strangers = find(path, chosen, schema.default_namespace)
    for stranger in strangers:
        listen(Notice(f"{stranger.name} belongs to no table of the schema and was not looked at"))
    if not places and chosen:
        known = "Parquet, Arrow, CSV, TSV, JSON Lines or JSON"
        raise SourceError(
            "no file there holds a table of the schema", where=str(path), mend=f"One {known} file per table."
        )
    return places


def _single(path: Path, chosen: Sequence[Entity]) -> dict[str, Place]:
    """One file: of the table that it is named after, of the only table, or a JSON object of tables."""
    kind = format_of(path)
    if not kind:
        mend = "Name a database URL, a folder, or a .parquet, .arrow, .csv, .tsv, .jsonl or .json file."
        raise SourceError("files of this kind cannot be judged", where=str(path), mend=mend)
    if kind == "json" and _first_byte(path) == b"{":
        return {e.name: Place("json", (path,), member) for e, member in _members(path, chosen)}
    stem = path.name.split(".")[0].casefold()
    named = [e for e in chosen if stem in (e.table.casefold(), e.name.casefold())]
    owners = named or list(chosen)
    if len(owners) != 1:
        mend = "Name the file after its table, or choose the table."
        raise SourceError("it is not clear which table it holds", where=str(path), mend=mend)
    return {owners[0].name: Place(kind, (path,))}


def _first_byte(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(64).lstrip()[:1]


def _members(path: Path, chosen: Sequence[Entity]) -> list[tuple[Entity, str]]:
    """The tables that a JSON object of arrays holds, with their keys in it."""
    import duckdb

    from understudy.validation.duck_types import literal

    query = (
        f"SELECT unnest(json_keys(j)) FROM read_json({literal(str(path))}, columns = {{'j': 'JSON'}}, "
        f"records = false, maximum_object_size = {whole_bytes(Place('json', (path,), 'any'))})"
    )
    try:
        with duckdb.connect() as connection:
            keys = {str(row[0]) for row in connection.execute(query).fetchall()}
    except duckdb.Error as e:
        raise SourceError(f"cannot be read as JSON: {str(e).splitlines()[0]}", where=str(path)) from e
    return [(e, k) for e in chosen for k in dict.fromkeys((e.name, e.table)) if k in keys]
