"""Files are judged by the rules' text in DuckDB; what it cannot judge is said, never passed over."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.ipc
import pyarrow.parquet as pq
import pytest
from validation_material import BROKEN, CLEAN, DDL, EXCLUSION, expected, shop

import understudy
from understudy import workflow
from understudy.errors import SourceError
from understudy.model.event import Event, Notice
from understudy.model.rule import Rule
from understudy.model.schema import Entity, Field, KeyPart, Schema, Unique
from understudy.model.violation import Verdict
from understudy.types import Kind, Type
from understudy.validation import validate_files, violations

TABLES = ("region", "item")


def written(folder: Path, file_format: str, *statements: str) -> Path:
    """The tables as files, written by another hand than ours."""
    with duckdb.connect() as connection:
        for statement in (*DDL, *statements):
            connection.execute(statement)
        for table in TABLES:
            place = folder / f"{table}.{file_format}"
            data = connection.sql(f"SELECT * FROM {table}").to_arrow_table()
            match file_format:
                case "parquet":
                    pq.write_table(data, place)
                case "arrow":
                    with pa.ipc.new_file(str(place), data.schema) as writer:
                        writer.write_table(data)
                case "csv":
                    connection.execute(f"COPY {table} TO '{place}' (HEADER, DELIMITER ',')")
                case "tsv":
                    connection.execute(f"COPY {table} TO '{place}' (HEADER, DELIMITER '\t')")
                case "jsonl":
                    connection.execute(f"COPY {table} TO '{place}' (FORMAT json)")
                case "json":
                    connection.execute(f"COPY {table} TO '{place}' (FORMAT json, ARRAY true)")
    return folder


def counts(found: tuple[Verdict, ...]) -> dict[tuple[str, str, str], int]:
    return {(v.table, v.kind, v.rule): v.count for v in violations(found)}


FORMATS = ("parquet", "arrow", "csv", "tsv", "jsonl", "json")


@pytest.mark.parametrize("file_format", FORMATS)
def test_clean_files_break_nothing_and_every_constraint_is_answered(tmp_path: Path, file_format: str) -> None:
    found = validate_files(written(tmp_path, file_format, *CLEAN), shop("postgresql"))
    assert [(v.rule, v.reason) for v in found if v.violations is None] == []
    assert violations(found) == ()


@pytest.mark.parametrize("file_format", FORMATS)
def test_each_broken_constraint_is_found_and_counted(tmp_path: Path, file_format: str) -> None:
    found = validate_files(written(tmp_path, file_format, *CLEAN, *BROKEN), shop("postgresql"))
    assert counts(found) == expected("postgresql")
    assert all(v.sample and not v.sample[0].startswith("(rows") for v in violations(found))


@pytest.mark.parametrize("dialect", ["mariadb", "sqlite"])
def test_rules_of_other_dialects_are_translated(tmp_path: Path, dialect: str) -> None:
    found = validate_files(written(tmp_path, "csv", *CLEAN, *BROKEN), shop(dialect))
    wanted = expected(dialect)
    if dialect == "mariadb":  # its texts here are not declared as folded, so case counts
        wanted |= {("item", "check", "pattern"): 1}
        del wanted["item", "unique", "item_prefix"]
    assert counts(found) == wanted


def one(folder: Path, kind: Type, lines: str, **more: object) -> tuple[Verdict, ...]:
    """Judge one column ``a`` beside a number ``b``, from CSV lines."""
    (folder / "t.csv").write_text("a,b\n" + lines)
    fields = (Field("a", kind), Field("b", Type(Kind.INTEGER)))
    return validate_files(folder, Schema("s", (Entity("t", fields, **more),), "postgresql"))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        (Type(Kind.INTEGER, bits=16), "32767", "32768"),
        (Type(Kind.INTEGER, bits=64), "-9223372036854775808", "1.5"),
        (Type(Kind.INTEGER, bits=24, signed=True), "8388607", "8388608"),
        (Type(Kind.INTEGER, bits=8, signed=False), "255", "-1"),
        (Type(Kind.DECIMAL, precision=5, scale=2), "999.99", "1000.00"),
        (Type(Kind.FLOAT), "1e300", "one"),
        (Type(Kind.BOOLEAN), "true", "maybe"),
        (Type(Kind.DATE), "2024-02-29", "2023-02-29"),
        (Type(Kind.TIME), "23:59:59.5", "24:30:00"),
        (Type(Kind.TIMESTAMP), "2024-01-01T10:00:00", "2024-13-01 10:00:00"),
        (Type(Kind.TIMESTAMP, zoned=True), "2024-01-01 10:00:00+02", "soon"),
        (Type(Kind.INTERVAL), "3 days 04:05:06", "a while"),
        (Type(Kind.UUID), "9f0d2ab0-1f5c-4a51-9b6e-0123456789ab", "9f0d2ab0"),
        (Type(Kind.JSON), '"{""a"": [1]}"', "{a"),
        (Type(Kind.ENUM, labels=("x", "y")), "x", "z"),
        (Type(Kind.ARRAY, element=Type(Kind.INTEGER, bits=32)), '"[1, 2]"', '"[1, ""x""]"'),
        (Type(Kind.BITS, length=4), "0101", "0121"),
    ],
    ids=lambda v: str(v)[:24] if isinstance(v, str) else str(v.kind.value),
)
def test_values_that_are_not_of_their_type_are_found(tmp_path: Path, kind: Type, good: str, bad: str) -> None:
    assert counts(one(tmp_path, kind, f"{good},1\n,2\n")) == {}
    found = violations(one(tmp_path, kind, f"{good},1\n,2\n{bad},3\n"))
    assert [v.count for v in found] == [1]
    assert found[0].kind in ("type", "enum")


def test_text_beyond_its_length_is_found(tmp_path: Path) -> None:
    assert counts(one(tmp_path, Type(Kind.TEXT, length=3), "äöü,1\nlong,2\n")) == {("t", "length", "a"): 1}


def test_empty_text_is_no_null(tmp_path: Path) -> None:
    fields = (Field("a", Type(Kind.TEXT), nullable=False), Field("b", Type(Kind.INTEGER)))
    (tmp_path / "t.csv").write_text('a,b\n"",1\n,2\n')
    found = validate_files(tmp_path, Schema("s", (Entity("t", fields),), "postgresql"))
    assert counts(found) == {("t", "not_null", "a"): 1}


@pytest.mark.parametrize(
    ("text", "broken"),
    [
        ("(num_nonnulls(a, b) = 2)", 1),
        ("(octet_length(a) <= 3)", 1),
        ("(a ~* '^[[:alpha:]]+$')", 0),
        ("(a LIKE 'x\\_%')", 2),
        ("(b / 2 >= 2)", 1),
        ("((b)::numeric * 0.0001 > 0.00035)", 1),
        ("((a)::text = ANY ((ARRAY['xyz'::character varying, 'äö'::character varying])::text[]))", 0),
        ("CASE WHEN (b = 3) THEN (a IS NULL) ELSE true END", 1),
        ("((a IS NULL) <> (b IS NULL))", 2),
        ("(length(btrim(a)) > 2)", 1),
    ],
)
def test_conditions_keep_their_meaning_in_translation(tmp_path: Path, text: str, broken: int) -> None:
    """Rows: (xyz, 3), (äö, 4), (null, 5)."""
    found = one(tmp_path, Type(Kind.TEXT), "xyz,3\näö,4\n,5\n", checks=(Rule("c", text),))
    assert [(v.violations, v.reason) for v in found if v.kind == "check"] == [(broken, "")]


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (Type(Kind.RANGE, variant="int4range"), "(lower(a) < upper(a))"),
        (Type(Kind.NETWORK, variant="inet"), "(family(a) = 4)"),
        (Type(Kind.TEXT), "(a ~ '^(?=x)')"),
        (Type(Kind.TEXT), "(a ~ '\\mword')"),
        (Type(Kind.TEXT), "my_function(a)"),
        (Type(Kind.TEXT), "((a)::unknown_type IS NOT NULL)"),
        (Type(Kind.TEXT), "((("),
    ],
)
def test_what_only_the_server_understands_is_said_not_guessed(tmp_path: Path, kind: Type, text: str) -> None:
    found = one(tmp_path, kind, '"[1,2)",1\n', checks=(Rule("c", text),))
    (verdict,) = [v for v in found if v.kind == "check"]
    assert verdict.violations is None
    assert verdict.reason.startswith("not verifiable here: ")
    assert "PostgreSQL" in verdict.reason


def test_a_range_may_be_tested_for_null_all_the_same(tmp_path: Path) -> None:
    found = one(tmp_path, Type(Kind.RANGE, variant="int4range"), ",1\n", checks=(Rule("c", "(a IS NOT NULL)"),))
    assert counts(found) == {("t", "check", "c"): 1}


def test_an_exclusion_names_the_server_that_could_judge_it(tmp_path: Path) -> None:
    (tmp_path / "booking.csv").write_text('room,taken,void\n1,"[1,5)",false\n')
    (found,) = [v for v in validate_files(tmp_path, EXCLUSION) if v.kind == "exclusion"]
    assert found.violations is None
    assert "PostgreSQL" in found.reason


def test_enums_are_compared_in_their_declared_order(tmp_path: Path) -> None:
    kind = Type(Kind.ENUM, labels=("small", "big"), name="public.size")
    found = one(tmp_path, kind, "small,1\nbig,2\n", checks=(Rule("c", "(a < 'big'::public.size)"),))
    assert counts(found) == {("t", "check", "c"): 1}


def test_folded_text_is_unique_without_regard_to_case(tmp_path: Path) -> None:
    unique = (Unique("u", (KeyPart("a"),)),)
    assert counts(one(tmp_path, Type(Kind.TEXT, folded=True), "Ab,1\naB,2\n", uniques=unique)) == {
        ("t", "unique", "u"): 1
    }
    assert counts(one(tmp_path, Type(Kind.TEXT), "Ab,1\naB,2\n", uniques=unique)) == {}


def test_parts_packed_files_and_later_runs_belong_to_their_table(tmp_path: Path) -> None:
    (tmp_path / "t").mkdir()
    (tmp_path / "t" / "part-000.csv").write_text("a,b\n1,1\n")
    with gzip.open(tmp_path / "t-0123abcd.csv.gz", "wt") as file:
        file.write("a,b\n1,2\n")
    unique = (Unique("u", (KeyPart("a"),)),)
    schema = Schema(
        "s", (Entity("t", (Field("a", Type(Kind.INTEGER)), Field("b", Type(Kind.INTEGER))), unique),), "sqlite"
    )
    assert counts(validate_files(tmp_path, schema)) == {("t", "unique", "u"): 1}


def test_one_json_object_may_hold_all_tables(tmp_path: Path) -> None:
    data = {
        "region": [{"land": "de", "number": 1, "label": "x"}],
        "item": [{"id": 1, "code": "AB1", "land": "de", "number": 2}],
    }
    (tmp_path / "all.json").write_text(json.dumps(data))
    found = validate_files(tmp_path / "all.json", shop("postgresql"))
    assert counts(found) == {("item", "foreign_key", "item_region"): 1}


def test_a_table_without_file_is_told(tmp_path: Path) -> None:
    written(tmp_path, "csv", *CLEAN)
    (tmp_path / "region.csv").unlink()
    found = validate_files(tmp_path, shop("postgresql"))
    assert [v.table for v in found if v.kind == "data"] == ["region"]
    (key,) = [v for v in found if v.rule == "item_region"]
    assert "no data of region" in key.reason


def test_a_column_that_is_not_there_is_told(tmp_path: Path) -> None:
    (tmp_path / "region.csv").write_text("land,label\nde,x\n")
    found = {v.rule: v for v in validate_files(tmp_path, shop("postgresql"), ["region"])}
    assert "no column number" in found["region_pk"].reason
    assert found["land"].violations == 0


def test_strangers_in_the_folder_are_told(tmp_path: Path) -> None:
    written(tmp_path, "csv", *CLEAN)
    (tmp_path / "other.csv").write_text("x\n1\n")
    events: list[Event] = []
    validate_files(tmp_path, shop("postgresql"), listen=events.append)
    assert [e.text for e in events if isinstance(e, Notice)] == [
        "other.csv belongs to no table of the schema and was not looked at"
    ]


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("t.parquet", b"PAR1 no"),
        ("t.parquet", b""),
        ("t.arrow", b"\x00\xff\x00"),
        ("t.json", b"{{{"),
        ("t.jsonl", b'{"a": 1}\nnot json\n'),
        ("t.csv", b"x,y\n1,2\n"),
    ],
)
def test_a_file_that_is_not_what_its_ending_says_is_refused_in_one_line(tmp_path: Path, name: str, data: bytes) -> None:
    (tmp_path / name).write_bytes(data)
    schema = Schema("s", (Entity("t", (Field("a", Type(Kind.INTEGER)),)),), "sqlite")
    with pytest.raises(SourceError) as caught:
        validate_files(tmp_path, schema)
    assert "\n" not in caught.value.line


def test_a_folder_without_files_or_none_at_all_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="no file there"):
        validate_files(tmp_path, shop("sqlite"))
    with pytest.raises(SourceError, match="no such folder"):
        validate_files(tmp_path / "none", shop("sqlite"))


def test_files_may_be_named_table_by_table(tmp_path: Path) -> None:
    written(tmp_path, "parquet", *CLEAN, *BROKEN)
    files = {t: [tmp_path / f"{t}.parquet"] for t in TABLES}
    assert counts(validate_files(files, shop("postgresql"))) == expected("postgresql")


def test_files_that_are_not_read_back_are_told(tmp_path: Path) -> None:
    (tmp_path / "region.sql").write_text("INSERT INTO region VALUES ('de', 1, NULL);")
    (found,) = validate_files({"region": [tmp_path / "region.sql"]}, shop("sqlite"))
    assert (found.kind, found.violations) == ("data", None)
    assert "sql files are not read back" in found.reason


def test_documents_of_doors_are_no_strangers_among_the_tables(tmp_path: Path) -> None:
    ddl, page, folder = tmp_path / "schema.sql", tmp_path / "pets.html", tmp_path / "out"
    ddl.write_text("CREATE TABLE pets (id integer PRIMARY KEY, name varchar(20) NOT NULL);")
    page.write_text("<!doctype html><form id='pet'><input name='name' required maxlength='9'></form>")
    understudy.generate([ddl, page], to=folder, format="parquet", rows=5)
    told: list[str] = []
    schema = understudy.read(ddl, page)
    assert workflow.validate(schema, str(folder), lambda e: told.append(str(e)))
    assert not [t for t in told if "not looked at" in t]
    workflow.validate(understudy.read(ddl), str(folder), lambda e: told.append(str(e)))
    assert len([t for t in told if "1 file(s) in" in t and "not looked at" in t]) == 1
