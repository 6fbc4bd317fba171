"""What the types of each dialect mean."""

from __future__ import annotations

import pytest

from understudy.sources.database.declared import declared_type
from understudy.types import Kind, Type


def plain(text: str, dialect: str) -> Type:
    found = declared_type(text, dialect)
    return Type(**{n: getattr(found, n) for n in Type.__struct_fields__ if n != "raw"})


@pytest.mark.parametrize(
    ("dialect", "text", "expected"),
    [
        ("postgresql", "character varying(40)", Type(Kind.TEXT, length=40)),
        ("postgresql", "varchar", Type(Kind.TEXT)),
        ("postgresql", "char", Type(Kind.TEXT, length=1, fixed=True)),
        ("postgresql", '"char"', Type(Kind.TEXT, length=1, variant="char")),
        ("postgresql", "numeric", Type(Kind.DECIMAL)),
        ("postgresql", "numeric(8)", Type(Kind.DECIMAL, precision=8, scale=0)),
        ("postgresql", "timestamp(3) with time zone", Type(Kind.TIMESTAMP, precision=3, zoned=True)),
        ("postgresql", "time without time zone", Type(Kind.TIME)),
        ("postgresql", "float(24)", Type(Kind.FLOAT, bits=32)),
        ("postgresql", "double precision", Type(Kind.FLOAT, bits=64)),
        ("postgresql", "int2", Type(Kind.INTEGER, bits=16)),
        ("postgresql", "bit varying(5)", Type(Kind.BITS, length=5, variant="varbit")),
        ("postgresql", "interval day to second(2)", Type(Kind.INTERVAL, precision=2)),
        ("postgresql", "public.geometry(Point,4326)", Type(Kind.SPATIAL, variant="geometry", srid=4326)),
        ("postgresql", "citext", Type(Kind.TEXT, folded=True, variant="citext")),
        ("postgresql", "ltree", Type(Kind.OPAQUE, variant="ltree")),
        ("mysql", "int(10) unsigned zerofill", Type(Kind.INTEGER, bits=32, signed=False)),
        ("mysql", "tinyint(1)", Type(Kind.INTEGER, bits=8, variant="boolean")),
        ("mysql", "tinyint(4)", Type(Kind.INTEGER, bits=8)),
        ("mysql", "varchar(9)", Type(Kind.TEXT, length=9, folded=True)),
        ("mysql", "varchar(9) COLLATE utf8mb4_bin", Type(Kind.TEXT, length=9)),
        ("mysql", "char(3) binary", Type(Kind.TEXT, length=3, fixed=True)),
        ("mysql", "varchar(9) CHARACTER SET binary", Type(Kind.BINARY, length=9)),
        ("mysql", "enum('a','it''s',\"b\",'c\\'d')", Type(Kind.ENUM, labels=("a", "it's", "b", "c'd"), folded=True)),
        ("mysql", "text(300)", Type(Kind.TEXT, length=65_535, variant="text", folded=True)),
        ("mysql", "datetime(6)", Type(Kind.TIMESTAMP, precision=6, variant="datetime")),
        ("mysql", "decimal", Type(Kind.DECIMAL, precision=10, scale=0)),
        ("mysql", "bit", Type(Kind.BITS, length=1, fixed=True)),
        ("sqlite", "", Type(Kind.TEXT, variant="any")),
        ("sqlite", "UNSIGNED BIG INT", Type(Kind.INTEGER, bits=64)),
        ("sqlite", "VARYING CHARACTER(255)", Type(Kind.TEXT, length=255)),
        ("sqlite", "FLOATING THING", Type(Kind.FLOAT, bits=64)),
        ("duckdb", "UTINYINT", Type(Kind.INTEGER, bits=8, signed=False)),
        ("duckdb", "DECIMAL", Type(Kind.DECIMAL, precision=18, scale=3)),
        ("duckdb", "TIMESTAMP WITH TIME ZONE", Type(Kind.TIMESTAMP, precision=6, zoned=True)),
    ],
)
def test_declared_types(dialect: str, text: str, expected: Type) -> None:
    assert plain(text, dialect) == expected


def test_arrays_keep_their_element_and_duckdb_its_sizes() -> None:
    assert declared_type("integer[3][3]", "postgresql").element == declared_type("integer", "postgresql")
    assert declared_type("_int4", "postgresql").kind is Kind.ARRAY
    outer = declared_type("INTEGER[3][]", "duckdb")
    assert outer.length is None
    assert outer.element is not None
    assert (outer.element.length, outer.element.fixed) == (3, True)


def test_nested_types_are_read_inside_out() -> None:
    found = declared_type('STRUCT(a INTEGER, "b c" VARCHAR[])[]', "duckdb")
    assert found.element is not None
    assert [(n, t.kind) for n, t in found.element.fields] == [("a", Kind.INTEGER), ("b c", Kind.ARRAY)]
    pairs = declared_type("MAP(VARCHAR, DECIMAL(5,2))", "duckdb")
    assert pairs.element is not None
    assert pairs.element.precision == 5


def test_user_types_come_from_the_caller() -> None:
    assert declared_type("mood", "postgresql", enums={"mood": ("low", "high")}).labels == ("low", "high")
    known = {"side.pair": Type(Kind.STRUCT, fields=(("a", Type(Kind.DATE)),))}
    assert declared_type("side.pair", "postgresql", known=known).name == "side.pair"
    assert declared_type("mood", "postgresql").kind is Kind.OPAQUE
