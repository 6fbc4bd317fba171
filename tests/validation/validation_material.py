"""A small schema with every kind of constraint, and rows that keep or break it."""

from __future__ import annotations

from understudy.model.rule import Rule
from understudy.model.schema import Entity, Exclusion, Field, ForeignKey, KeyPart, Schema, Unique
from understudy.types import Kind, Type

INT = Type(Kind.INTEGER, bits=32, raw="integer")
STATES = ("new", "paid", "sent")

CHECKS = {
    "postgresql": ("(price > 0)", "(code ~ '^[A-Z]{2}[0-9]+$'::text)"),
    "mysql": ("`price` > 0", "`code` regexp '^[A-Z]{2}[0-9]+$'"),
    "sqlite": ("price > 0", "code GLOB '[A-Z][A-Z][0-9]*'"),
    "duckdb": ("(price > 0)", "regexp_full_match(code, '[A-Z]{2}[0-9]+')"),
}


def text(length: int | None = None) -> Type:
    return Type(Kind.TEXT, length=length)


def shop(dialect: str) -> Schema:
    """Parents with a composite key, and children with everything else."""
    positive, pattern = CHECKS["mysql" if dialect == "mariadb" else dialect]
    parent = Entity(
        name="region",
        fields=(Field("land", text(2), nullable=False), Field("number", INT, nullable=False), Field("label", text(10))),
        uniques=(Unique("region_pk", (KeyPart("land"), KeyPart("number")), primary=True),),
    )
    child = Entity(
        name="item",
        fields=(
            Field("id", INT, nullable=False),
            Field("code", text(), nullable=False),
            Field("price", Type(Kind.DECIMAL, precision=8, scale=2)),
            Field("double_price", Type(Kind.DECIMAL, precision=9, scale=2), generated="price * 2"),
            Field("state", Type(Kind.ENUM, labels=STATES)),
            Field("land", text(2)),
            Field("number", INT),
            Field("above", INT),
        ),
        uniques=(
            Unique("item_pk", (KeyPart("id"),), primary=True),
            Unique("item_code", (KeyPart(text="lower(code)"),), index=True),
            *partial(dialect),
        ),
        foreign_keys=(
            ForeignKey("item_region", ("land", "number"), "region", ("land", "number"), match="full"),
            ForeignKey("item_above", ("above",), "item", ("id",)),
        ),
        checks=(Rule("positive", positive, ("price",), dialect), Rule("pattern", pattern, ("code",), dialect)),
    )
    space = {"postgresql": "public", "duckdb": "main"}.get(dialect, "")
    return Schema(name="shop", entities=(parent, child), dialect=dialect, default_namespace=space)


def partial(dialect: str) -> tuple[Unique, ...]:
    if dialect in ("mysql", "mariadb"):
        return (Unique("item_prefix", (KeyPart("code", prefix=3),)),)
    return (Unique("one_new", (KeyPart("land"),), predicate="state = 'new'", nulls_distinct=dialect != "postgresql"),)


DDL = (
    "CREATE TABLE region (land varchar(9), number integer, label varchar(40))",
    "CREATE TABLE item (id integer, code varchar(20), price decimal(8,2), double_price decimal(9,2), "
    "state varchar(9), land varchar(9), number integer, above integer)",
)
"""The same tables without a single constraint."""

CLEAN = (
    "INSERT INTO region VALUES ('de', 1, 'north'), ('de', 2, NULL), ('fr', 1, 'south')",
    "INSERT INTO item VALUES (1, 'AB1', 2.50, 5, 'new', 'de', 1, NULL), (2, 'CD2', 1, 2, 'paid', 'de', 2, 1), "
    "(3, 'EF3', NULL, NULL, NULL, NULL, NULL, 2)",
)

BROKEN = (
    "INSERT INTO region VALUES ('de', 1, 'a name too long'), (NULL, 9, 'x')",
    "INSERT INTO item VALUES (4, 'ab1', -1, 7, 'lost', 'xx', 1, 99), (4, NULL, 1, 2, 'new', 'de', NULL, NULL), "
    "(5, 'GH5', 1, 2, 'new', 'de', 1, NULL)",
)

FOUND = {
    ("region", "not_null", "land"): 1,
    ("region", "length", "label"): 1,
    ("region", "unique", "region_pk"): 1,
    ("item", "not_null", "code"): 1,
    ("item", "enum", "state"): 1,
    ("item", "generated", "double_price"): 1,
    ("item", "check", "positive"): 1,
    ("item", "check", "pattern"): 1,
    ("item", "unique", "item_pk"): 1,
    ("item", "unique", "item_code"): 1,
    ("item", "unique", "one_new"): 2,
    ("item", "foreign_key", "item_region"): 2,
    ("item", "foreign_key", "item_above"): 1,
}
"""What the broken rows break, counted by hand."""


def expected(dialect: str) -> dict[tuple[str, str, str], int]:
    found = dict(FOUND)
    if dialect in ("mysql", "mariadb"):  # compares without regard to case; the prefix of AB1 and ab1 is the same
        del found["item", "unique", "one_new"], found["item", "check", "pattern"]
        found["item", "unique", "item_prefix"] = 1
    if dialect == "sqlite":
        del found["region", "length", "label"]  # SQLite does not limit lengths
    return found


EXCLUSION = Schema(
    name="rooms",
    dialect="postgresql",
    default_namespace="public",
    entities=(
        Entity(
            name="booking",
            fields=(
                Field("room", INT),
                Field("taken", Type(Kind.RANGE, variant="int4range", element=INT)),
                Field("void", Type(Kind.BOOLEAN)),
            ),
            exclusions=(Exclusion("no_overlap", (("room", "="), ("taken", "&&")), predicate="(NOT void)"),),
        ),
    ),
)
