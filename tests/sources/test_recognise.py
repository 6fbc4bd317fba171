"""What kind of source a string names."""

from __future__ import annotations

import gzip
import json
import sqlite3
from pathlib import Path

import duckdb
import pytest

from understudy.errors import SourceError
from understudy.sources.database import read
from understudy.sources.recognise import recognise

DDL = "CREATE TABLE t (a int);\n"


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://u:p@h/d",
        "postgres://h/d",
        "mysql://h/d",
        "mariadb://h/d",
        "sqlite:///f.db",
        "duckdb:///f.duckdb",
        "oracle+oracledb://h/d",
    ],
)
def test_database_urls(url: str) -> None:
    found = recognise(url)
    assert (found.kind, found.location) == ("database", url)


@pytest.mark.parametrize(
    "url",
    [
        "s3://bucket/x",
        "kafka://h/topic",
        "mongodb://h/d",
    ],
)
def test_schemes_that_are_not_read_yet_are_refused_without_their_password(url: str) -> None:
    with pytest.raises(SourceError, match="cannot be read yet") as caught:
        recognise(url)
    assert "secret" not in caught.value.line


def test_a_live_site_is_one() -> None:
    assert recognise("ui+https://h/login").kind == "site"
    assert recognise("graphql+https://h/graphql").kind == "api"


@pytest.mark.parametrize("name", ["x.sql", "x.ddl", "x", "x.txt", "x.dump", "X.SQL"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_sql_text_is_a_dump_whatever_its_ending(tmp_path: Path, name: str, encoding: str) -> None:
    path = tmp_path / name
    path.write_bytes(f"-- a comment\n{DDL}".encode(encoding))
    found = recognise(str(path))
    assert (found.kind, found.location) == ("dump", str(path))


@pytest.mark.parametrize("name", ["x.db", "x.sql", "x", "x.csv"])
def test_database_files_are_databases_whatever_their_ending(tmp_path: Path, name: str) -> None:
    with sqlite3.connect(tmp_path / name) as connection:
        connection.execute(DDL)
    found = recognise(str(tmp_path / name))
    assert found.kind == "database"
    assert read(found.location).dialect == "sqlite"


def test_duckdb_files_are_databases(tmp_path: Path) -> None:
    path = tmp_path / "x.sql"
    with duckdb.connect(str(path)) as connection:
        connection.execute(DDL)
    assert read(recognise(str(path)).location).dialect == "duckdb"


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("x.sql", b'{"openapi": "3.0.0", "paths": {}}', "an OpenAPI description"),
        ("x.yaml", b"openapi: 3.1.0\ninfo: {}\n", "an OpenAPI description"),
        ("x.json", b'{"swagger": "2.0"}', "a Swagger description"),
        ("x.json", b'{"$schema": "https://json-schema.org/draft/2020-12/schema"}', "a JSON Schema"),
        ("x.json", b'{"info": {"_postman_id": "1"}}', "a Postman collection"),
        ("x.har", b'{"log": {"version": "1.2", "entries": []}}', "a HAR recording"),
        ("x.graphql", b"type Query { a: Int }\n", "a GraphQL schema"),
        ("x.json", b'{"components": {"schemas": {}}, "openapi": "3.1.0"}', "an OpenAPI description"),
        ("x.yaml", b"type: object\nproperties:\n  a: {type: string}\n", "a JSON Schema"),
    ],
)
def test_descriptions_of_apis_are_told_by_their_content(tmp_path: Path, name: str, content: bytes, words: str) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    found = recognise(str(path))
    assert (found.kind, found.location, found.name) == ("api", str(path), words)


def test_a_document_that_names_its_schema_is_data(tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    path.write_text('{"$schema": "https://json.example/config.json", "rows": [{"a": 1}]}')
    assert recognise(str(path)).kind == "data"


def test_a_folder_of_descriptions_and_an_address_on_the_web_are_descriptions(tmp_path: Path) -> None:
    (tmp_path / "spec").mkdir()
    (tmp_path / "spec/api.yaml").write_text("openapi: 3.1.0\ninfo: {}\n")
    assert recognise(str(tmp_path)).kind == "api"
    assert recognise("https://host/openapi.json").kind == "api"


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("x.sql", b"\x89PNG\r\n\x1a\n" + bytes(64), r"PNG image \(although its name ends in .sql\)"),
        ("x.sql", gzip.compress(DDL.encode(), mtime=0), "gzip"),
        ("x.sql", b"PK\x03\x04" + bytes(64), "ZIP"),
        ("x.sql", b"PGDMP" + bytes(64), "pg_restore"),
        ("x.sql", b"%PDF-1.7\n" + bytes(64), "PDF"),
        ("flows.yaml", b"flows:\n  - name: a\n", "a file of flows"),
    ],
)
def test_kinds_that_are_not_read_yet_are_named_and_refused(
    tmp_path: Path, name: str, content: bytes, words: str
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(SourceError, match=words) as caught:
        recognise(str(path))
    assert "\n" not in caught.value.line
    assert caught.value.exit_code == 2


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("x.csv", b"a,b\n1,2\n", "a CSV file"),
        ("x.txt", b"a;b\n1;2\n3;4\n5;6\n", "a CSV file"),
        ("x.xlsx", b"a;b\n1;2\n3;4\n5;6\n", "a CSV file"),
        ("x.json", b'[{"a": 1}]', "a JSON file"),
        ("x.jsonl", b'{"a": 1}\n{"a": 2}\n', "a JSON Lines file"),
        ("x.xml", b"<?xml version='1.0'?><a/>", "an XML file"),
        ("x.bin", b"PAR1" + bytes(64), "a Parquet file"),
        ("x.csv.gz", gzip.compress(b"a,b\n1,2\n", mtime=0), "a CSV file, packed"),
    ],
)
def test_data_files_are_data_whatever_their_ending(tmp_path: Path, name: str, content: bytes, said: str) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    found = recognise(str(path))
    assert (found.kind, found.location, found.name) == ("data", str(path), said)


def test_saved_schemas_and_plans(tmp_path: Path) -> None:
    schema, bare, plan = tmp_path / "s.schema.yaml", tmp_path / "s.yaml", tmp_path / "p.plan"
    schema.write_text("name: s\nentities: []\n")
    bare.write_text("name: s\nentities:\n- name: a\n  fields: []\n")
    plan.mkdir()
    assert [recognise(str(p)).kind for p in (schema, bare, plan)] == ["schema", "schema", "plan"]


def test_a_folder_with_schema_sql_is_a_dump_and_one_with_data_is_data(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "schema.sql").write_text(DDL)
    assert recognise(str(tmp_path / "out")).kind == "dump"
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "x.csv").write_text("a\n")
    assert recognise(str(tmp_path / "data")).kind == "data"


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("empty.sql", b"", "empty"),
        ("blank.sql", b" \n\n", "blanks"),
        ("garbage.sql", bytes(range(256)) * 4, "binary"),
        ("unknown", b"just some words\n", "cannot be told"),
    ],
)
def test_files_that_are_nothing_are_refused(tmp_path: Path, name: str, content: bytes, words: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(SourceError, match=words):
        recognise(str(tmp_path / name))


def test_a_file_that_is_not_there_is_missed_and_the_nearest_named(tmp_path: Path) -> None:
    (tmp_path / "schema.sql").write_text(DDL)
    with pytest.raises(SourceError, match=r"schema\.sql"):
        recognise(str(tmp_path / "shcema.sql"))
    with pytest.raises(SourceError, match="empty"):
        recognise("")


def test_json_that_looks_like_sql_is_json(tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    path.write_text(json.dumps({"note": DDL}))
    assert (recognise(str(path)).kind, recognise(str(path)).name) == ("data", "a JSON file")
