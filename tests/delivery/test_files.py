"""File sinks: what is written reads back, parts are whole, folders are respected."""

from __future__ import annotations

import csv
import datetime as dt
import errno
import hashlib
import json
import os
import pickle
import shutil
import sqlite3
import subprocess
from decimal import Decimal
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from material import INTEGER, TEXT, Data, family, family_rows, key, plan_of, stream_of
from test_databases import broken, cycle, cycle_rows

from conftest import Database
from understudy import delivery
from understudy.delivery.files.names import file_names
from understudy.delivery.text.columns import text_bytes
from understudy.delivery.text.json import json_lines
from understudy.delivery.text.postgresql import pg_values
from understudy.errors import InternalError, RequestError, StorageFullError, TargetError
from understudy.model.batch import Batch
from understudy.model.plan import LoadStep, Plan
from understudy.model.receipt import Receipt
from understudy.model.schema import Entity, Field, Schema
from understudy.ports.sink import PartSink, WriteMode

FORMATS = ("csv", "tsv", "jsonl", "json", "parquet", "arrow", "sql")
TEXTS = ["", None, "NULL", 'q"uo', "a,b\tc", "l\ni\r\nne", "é😀", "\\N", "'", "\x01"]


def write(
    target: Path, plan: Plan, data: Data, mode: WriteMode = WriteMode.CREATE, fmt: str = "", **options: str
) -> tuple[Receipt, ...]:
    sink = delivery.open_sink(str(target), format=fmt, options=options)
    sink.open(plan, mode)
    receipts = tuple(sink.write(p, stream_of(data)(p.table, p.start, p.stop)) for p in sink.parts(plan))  # type: ignore[union-attr]
    sink.commit(receipts)  # type: ignore[call-arg]
    return receipts


def mixed() -> tuple[Plan, Data]:
    n = len(TEXTS)
    table = pa.table(
        {
            "id": range(n),
            "v": TEXTS,
            "d": pa.array(TEXTS).dictionary_encode(),
            "m": pa.array([Decimal("1.50"), None] * (n // 2), pa.decimal128(10, 2)),
            "at": pa.array(
                [dt.datetime(2024, 1, 2, 3, 4, 5, 6, tzinfo=dt.UTC), None] * (n // 2), pa.timestamp("us", "UTC")
            ),
            "l": pa.array([["a", None, 'b"'], None] * (n // 2)),
            "s": pa.array([{"x": 1, "y": None}, None] * (n // 2), pa.struct([("x", pa.int64()), ("y", pa.string())])),
            "b": pa.array([b"\x00\xff", None] * (n // 2)),
        }
    )
    fields = tuple(Field(name, TEXT) for name in table.column_names)
    schema = Schema("m", (Entity("m", fields, (key("id"),)),))
    return plan_of(schema, {"m": table}), {"m": table}


def test_parquet_and_arrow_read_back_equal_with_nested_values(tmp_path: Path) -> None:
    plan, data = mixed()
    write(tmp_path / "p", plan, data, fmt="parquet")
    write(tmp_path / "a", plan, data, fmt="arrow")
    wanted = data["m"].to_pylist()
    assert pq.read_table(tmp_path / "p" / "m.parquet").to_pylist() == wanted
    assert pa.ipc.open_file(tmp_path / "a" / "m.arrow").read_all().to_pylist() == wanted
    assert pq.ParquetFile(tmp_path / "p" / "m.parquet").metadata.row_group(0).column(0).compression == "SNAPPY"


def test_parquet_says_which_columns_are_never_null_and_refuses_a_null_there(tmp_path: Path) -> None:
    data = family_rows()
    plan = plan_of(family("sqlite"), data)
    write(tmp_path / "p", plan, data, fmt="parquet")
    found = pq.read_schema(tmp_path / "p" / "parent.parquet")
    assert {f.name: f.nullable for f in found} == {"id": False, "label": True, "age": False}
    assert pq.read_table(tmp_path / "p" / "parent.parquet").to_pylist() == data["parent"].to_pylist()
    holed = data["parent"].set_column(0, "id", pa.array([None, *range(1, data["parent"].num_rows)], pa.int64()))
    with pytest.raises(InternalError, match="a null was made where none may be"):
        write(tmp_path / "h", plan, {**data, "parent": holed}, fmt="parquet")


def test_parquet_takes_texts_as_views_and_from_one_batch_to_the_next(tmp_path: Path) -> None:
    """Plain text, views and words of a dictionary may follow each other in a column of one file."""
    texts = pa.array(TEXTS * 2)
    forms = (texts, texts.cast(pa.string_view()), texts)
    plan = plan_of(
        Schema("m", (Entity("m", (Field("v", TEXT),)),)), {"m": pa.table({"v": pa.concat_arrays([texts] * 3)})}
    )
    sink = delivery.open_sink(str(tmp_path / "p"), format="parquet", options={})
    sink.open(plan, WriteMode.CREATE)
    (part,) = sink.parts(plan)  # type: ignore[union-attr]
    for first in (0, 1):
        made = [pa.record_batch({"v": forms[(first + k) % 3]}) for k in range(3)]
        n = len(texts)
        sink.write(part, (Batch("m", k * n, k * n + n, b) for k, b in enumerate(made)))  # type: ignore[union-attr]
        assert pq.read_table(tmp_path / "p" / "m.parquet")["v"].to_pylist() == TEXTS * 6


def test_json_and_json_lines_read_back_equal(tmp_path: Path) -> None:
    plan, data = mixed()
    write(tmp_path / "j", plan, data, fmt="json")
    write(tmp_path / "l", plan, data, fmt="jsonl")
    write(tmp_path / "all.json", plan, data)
    rows = json.loads((tmp_path / "j" / "m.json").read_text("utf-8"))
    assert rows == [json.loads(line) for line in (tmp_path / "l" / "m.jsonl").read_text("utf-8").splitlines()]
    assert rows == json.loads((tmp_path / "all.json").read_text("utf-8"))["m"]
    assert [r["v"] for r in rows] == TEXTS == [r["d"] for r in rows]
    assert rows[0]["l"] == ["a", None, 'b"']
    assert (rows[0]["m"], rows[0]["at"], rows[0]["s"], rows[0]["b"]) == (
        1.5,
        "2024-01-02T03:04:05.000006Z",
        {"x": 1, "y": None},
        "\\x00ff",
    )
    assert [rows[1][c] for c in ("m", "at", "l", "s", "b")] == [None] * 5


@pytest.mark.parametrize(("fmt", "delimiter"), [("csv", ","), ("tsv", "\t")])
def test_csv_keeps_empty_text_apart_from_null_and_newlines_inside(tmp_path: Path, fmt: str, delimiter: str) -> None:
    plan, data = mixed()
    write(tmp_path / "c", plan, data, fmt=fmt)
    path = tmp_path / "c" / f"m.{fmt}"
    with path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file, delimiter=delimiter))
    assert [r["v"] for r in rows] == [t or "" for t in TEXTS]
    assert json.loads(rows[0]["l"]) == ["a", None, 'b"']
    read = pyarrow.csv.read_csv(
        path,
        parse_options=pyarrow.csv.ParseOptions(delimiter=delimiter, newlines_in_values=True),
        convert_options=pyarrow.csv.ConvertOptions(
            strings_can_be_null=True, quoted_strings_can_be_null=False, null_values=[""]
        ),
    )
    assert read["v"].to_pylist() == TEXTS


@pytest.mark.parametrize("fmt", FORMATS)
def test_every_format_cuts_large_tables_into_parts_that_hold_the_same_rows(tmp_path: Path, fmt: str) -> None:
    data = family_rows()
    plan = plan_of(family("sqlite"), data)
    receipts = write(tmp_path / "x", plan, data, fmt=fmt, rows_per_file="20")
    names = sorted(p.relative_to(tmp_path / "x").as_posix() for p in (tmp_path / "x").rglob(f"part-*.{fmt}"))
    assert names == [f"child/part-0000{i}.{fmt}" for i in range(3)] + [f"parent/part-0000{i}.{fmt}" for i in range(2)]
    assert sum(r.accepted for r in receipts) == 85
    for receipt in receipts:
        raw = Path(receipt.place).read_bytes()
        assert (receipt.size_bytes, receipt.checksum) == (len(raw), hashlib.sha256(raw).hexdigest())
    if fmt in ("csv", "parquet", "jsonl"):
        assert duckdb.sql(f"SELECT count(*), count(DISTINCT id) FROM '{tmp_path}/x/child/*.{fmt}'").fetchall() == [
            (60, 60)
        ]


@pytest.mark.parametrize("fmt", ["csv", "tsv", "jsonl", "json", "sql"])
def test_text_formats_give_the_same_bytes_whatever_the_batches(tmp_path: Path, fmt: str) -> None:
    data = family_rows(children=2500)
    plan = plan_of(family("sqlite"), data)
    made = []
    for batch in (7, 500, 4000):
        sink = delivery.open_sink(str(tmp_path / f"{batch}"), format=fmt)
        sink.open(plan, WriteMode.CREATE)
        made.append(
            [sink.write(p, stream_of(data, batch)(p.table, p.start, p.stop)).checksum for p in sink.parts(plan)]
        )  # type: ignore[union-attr]
    assert made[0] == made[1] == made[2]


def test_tables_without_rows_have_a_file_with_their_columns(tmp_path: Path) -> None:
    data = family_rows(parents=0, children=0)
    plan = plan_of(family("sqlite"), data)
    for fmt in FORMATS:
        write(tmp_path / fmt, plan, data, fmt=fmt)
    assert pq.read_table(tmp_path / "parquet" / "child.parquet").column_names == ["id", "parent_id"]
    assert (tmp_path / "csv" / "child.csv").read_text() == '"id","parent_id"\n'
    assert json.loads((tmp_path / "json" / "child.json").read_text()) == []


def test_sql_for_sqlite_loads_with_its_own_shell_words(tmp_path: Path) -> None:
    plan, data = mixed()
    write(tmp_path / "out.sql", plan, data, dialect="sqlite")
    with sqlite3.connect(tmp_path / "x.db") as connection:
        connection.executescript((tmp_path / "out.sql").read_bytes().decode())
        assert [v for (v,) in connection.execute("SELECT v FROM m ORDER BY id")] == TEXTS
        assert connection.execute("SELECT b, l FROM m LIMIT 1").fetchone() == (b"\x00\xff", '["a",null,"b\\""]')


@pytest.mark.skipif(shutil.which("psql") is None, reason="psql is not installed")
def test_sql_folder_for_postgresql_loads_through_its_load_script(tmp_path: Path, postgresql_database: Database) -> None:
    data = family_rows(children=1200)
    write(tmp_path / "d ir", plan_of(family("postgresql"), data), data, fmt="sql", rows_per_file="700")
    command = [
        "psql",
        "-v",
        "ON_ERROR_STOP=1",
        "-q",
        postgresql_database.url,
        "-f",
        str(tmp_path / "d ir" / "load.sql"),
    ]
    subprocess.run(command, check=True, capture_output=True)
    assert postgresql_database.run("SELECT count(*), max(parent_id) FROM child") == [(1200, 25)]


SHELLS = {"mysql": "mysql", "postgresql": "psql", "sqlite": "sqlite3"}


def run_script(path: Path, database: Database) -> None:
    """Through the shell of the database."""
    name = database.url.rsplit("/", 1)[1]
    command = {
        "mysql": ["mysql", "-h127.0.0.1", "-uroot", "--default-character-set=utf8mb4", name],
        "postgresql": ["psql", "-v", "ON_ERROR_STOP=1", "-q", database.url],
        "sqlite": ["sqlite3", database.url.removeprefix("sqlite:///")],
    }[database.dialect]
    with path.open("rb") as file:
        subprocess.run(command, stdin=file, check=True, capture_output=True)


@pytest.mark.parametrize("dialect", sorted(SHELLS))
def test_sql_files_keep_hostile_text_through_the_databases_own_shell(
    tmp_path: Path, dialect: str, request: pytest.FixtureRequest
) -> None:
    if shutil.which(SHELLS[dialect]) is None:
        pytest.skip(f"{SHELLS[dialect]} is not installed")
    database: Database = request.getfixturevalue(f"{dialect}_database")
    table = pa.table({"id": range(len(TEXTS)), "v": TEXTS})
    schema = Schema("v", (Entity("v", (Field("id", INTEGER, False), Field("v", TEXT)), (key("id"),)),))
    write(tmp_path / "out.sql", plan_of(schema, {"v": table}), {"v": table}, dialect=dialect)
    run_script(tmp_path / "out.sql", database)
    assert [v for (v,) in database.run("SELECT v FROM v ORDER BY id")] == TEXTS


def test_a_folder_with_files_is_kept_unless_told_otherwise(tmp_path: Path) -> None:
    data = family_rows()
    plan = plan_of(family("sqlite"), data)
    write(tmp_path / "x", plan, data, fmt="csv")
    (tmp_path / "x" / "mine.csv").write_text("kept")
    with pytest.raises(TargetError, match=r"--append.*--replace"):
        write(tmp_path / "x", plan, data, fmt="csv")
    first = (tmp_path / "x" / "child.csv").read_bytes()
    write(tmp_path / "x", plan, data, WriteMode.APPEND, fmt="csv")
    assert (tmp_path / "x" / "child.csv").read_bytes() == first
    assert len(list((tmp_path / "x").glob("child*.csv"))) == 2
    less = family_rows(children=1)
    write(tmp_path / "x", plan_of(family("sqlite"), less), less, WriteMode.REPLACE, fmt="csv")
    assert (tmp_path / "x" / "child.csv").read_text().count("\n") == 2
    assert (tmp_path / "x" / "mine.csv").read_text() == "kept"


def test_a_failed_replace_brings_the_old_files_back(tmp_path: Path) -> None:
    data = family_rows()
    plan = plan_of(family("sqlite"), data)
    write(tmp_path / "x", plan, data, fmt="csv")
    before = {p.name: p.read_bytes() for p in (tmp_path / "x").iterdir()}
    less = family_rows(children=1)
    small = plan_of(family("sqlite"), less)
    sink = delivery.open_sink(str(tmp_path / "x"), format="csv")
    sink.open(small, WriteMode.REPLACE)
    part = sink.parts(small)[0]  # type: ignore[union-attr]
    sink.write(part, stream_of(less)(part.table, part.start, part.stop))  # type: ignore[union-attr]
    sink.abort()
    assert {p.name: p.read_bytes() for p in (tmp_path / "x").iterdir()} == before


def test_abort_removes_what_was_written_and_nothing_else(tmp_path: Path) -> None:
    data = family_rows()
    plan = plan_of(family("sqlite"), data)
    sink = delivery.open_sink(str(tmp_path / "x"), format="csv", options={"rows_per_file": "10"})
    sink.open(plan, WriteMode.CREATE)
    part = sink.parts(plan)[0]  # type: ignore[union-attr]
    sink.write(part, stream_of(data)(part.table, part.start, part.stop))  # type: ignore[union-attr]
    with pytest.raises(KeyboardInterrupt):
        sink.write(part, stream_of(data, fail_at=(part.table, 5))(part.table, part.start, part.stop))  # type: ignore[union-attr]
    assert [p.name for p in (tmp_path / "x").rglob("*") if p.is_file()] == ["part-00000.csv"]
    sink.abort()
    assert not (tmp_path / "x").exists()


@pytest.mark.parametrize("held", ["a file", "a file in the path", "no right"])
def test_a_place_that_takes_no_folder_is_told(tmp_path: Path, held: str) -> None:
    data = family_rows()
    plan = plan_of(family("sqlite"), data)
    (tmp_path / "f").write_text("x")
    place = {"a file": tmp_path / "f", "a file in the path": tmp_path / "f" / "g", "no right": Path("/proc/x")}[held]
    with pytest.raises(TargetError, match=r"file|Not a directory|written"):
        write(place, plan, data, fmt="csv")


def test_a_full_disk_is_told_and_leaves_no_piece(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = family_rows()
    plan = plan_of(family("sqlite"), data)

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StorageFullError, match="no room left"):
        write(tmp_path / "x", plan, data, fmt="csv")
    assert not [p for p in (tmp_path / "x").rglob("*") if p.is_file()]


def test_several_tables_into_one_csv_file_name_the_mend(tmp_path: Path) -> None:
    data = family_rows()
    with pytest.raises(RequestError, match=r"2 tables.*--format csv.*--only"):
        write(tmp_path / "x.csv", plan_of(family("sqlite"), data), data)


@pytest.mark.parametrize(
    ("target", "options", "words"),
    [
        ("ftp://x/y", {}, "unknown target scheme"),
        ("x.docx", {}, "no format for the ending"),
        ("x", {"rows_per_file": "many"}, "rows_per_file"),
        ("x", {"colour": "red"}, "unknown option 'colour'"),
        ("sqlite:///x.db", {"colour": "red"}, "unknown option 'colour'"),
        ("postgresql://h/", {}, "names no database"),
    ],
)
def test_what_cannot_be_is_said_before_anything_happens(
    tmp_path: Path, target: str, options: dict[str, str], words: str
) -> None:
    data = family_rows()
    with pytest.raises(RequestError, match=words):
        write(tmp_path / target if "://" not in target else target, plan_of(family("sqlite"), data), data, **options)  # type: ignore[arg-type]


def test_sinks_travel_to_other_processes(tmp_path: Path) -> None:
    data = family_rows()
    plan = plan_of(family("sqlite"), data)
    sink = delivery.open_sink(str(tmp_path / "x"), format="parquet")
    sink.open(plan, WriteMode.CREATE)
    travelled: PartSink = pickle.loads(pickle.dumps(sink))
    receipts = tuple(travelled.write(p, stream_of(data)(p.table, p.start, p.stop)) for p in travelled.parts(plan))
    assert sum(r.accepted for r in receipts) == 85


def test_write_text_streams_one_header_and_all_rows() -> None:
    data = family_rows()
    text = b"".join(delivery.write_text(stream_of(data)("child", 0, 60), "csv")).decode()
    assert text.splitlines()[:2] == ['"id","parent_id"', "1,1"]
    assert len(text.splitlines()) == 61
    lines = b"".join(delivery.write_text(stream_of(data)("child", 0, 60), "jsonl")).decode().splitlines()
    assert json.loads(lines[59]) == {"id": 60, "parent_id": 10}


@given(st.lists(st.text(st.characters(codec="utf-8"), min_size=1, max_size=40), unique=True, min_size=1, max_size=30))
@settings(max_examples=60, deadline=None)
def test_file_names_are_safe_and_never_clash(names: list[str]) -> None:
    entities = tuple(Entity(n, (), options={"dotted": "true"}) for n in names)
    made = file_names(Schema("s", entities), tuple(names))
    assert len({n.casefold() for n in made.values()}) == len(names)
    for name in made.values():
        assert name
        assert not set(name) & set('/\\:*?"<>|\0')
        assert name.split(".")[0].casefold() not in ("con", "nul", "aux", "prn")
        assert len(name.encode()) < 200
        assert name not in (".", "..")


@given(st.lists(st.one_of(st.none(), st.text(st.characters(codec="utf-8"))), max_size=8), st.integers(0, 3))
@settings(max_examples=80, deadline=None)
def test_any_text_is_valid_json_and_slices_agree(values: list[str | None], skip: int) -> None:
    batch = pa.record_batch(
        {"a": pa.array(values, pa.string()), "l": pa.array([[v] for v in values], pa.list_(pa.string()))}
    )
    lines = bytes(text_bytes(json_lines(batch.slice(skip)))).decode().split("\n")[:-1]
    assert [json.loads(line) for line in lines] == [{"a": v, "l": [v]} for v in values[skip:]]
    assert pg_values(batch.slice(skip).column(1)).to_pylist() == pg_values(batch.column(1)).to_pylist()[skip:]


def test_formats_declare_every_sink() -> None:
    names = {c.name for c in delivery.formats()}
    assert names >= {*FORMATS, "sqlite", "duckdb", "postgresql", "mysql"}


@pytest.mark.parametrize("dialect", ["mysql", "postgresql", "sqlite"])
def test_a_sql_file_of_a_cycle_loads_with_all_its_foreign_keys(
    tmp_path: Path, dialect: str, request: pytest.FixtureRequest
) -> None:
    if shutil.which(SHELLS[dialect]) is None:
        pytest.skip(f"{SHELLS[dialect]} is not installed")
    database: Database = request.getfixturevalue(f"{dialect}_database")
    data = cycle_rows()
    step = LoadStep(("lefts", "rights"), later={"lefts": ("right_id",)})
    write(tmp_path / "out.sql", plan_of(cycle(dialect), data, step), data)
    run_script(tmp_path / "out.sql", database)
    assert broken(database) == 0
    if dialect == "sqlite":
        database.run("INSERT INTO lefts VALUES (77, 999)")
        assert len(database.run("PRAGMA foreign_key_check(lefts)")) == 1
    else:
        with pytest.raises(Exception, match=r"(?i)foreign key"):
            database.run("INSERT INTO lefts VALUES (77, 999)")
