"""Rules about parts of structured values, and functions of the schema, read as trees."""

from __future__ import annotations

import pytest

from understudy import rules
from understudy.model.expression import Call, Column, Const, Part
from understudy.types import Kind, Type

TEXT, INTEGER = Type(Kind.TEXT), Type(Kind.INTEGER)
TYPES = {
    "doc": Type(Kind.JSON),
    "span": Type(Kind.RANGE, element=INTEGER),
    "tags": Type(Kind.ARRAY, element=TEXT),
    "price": Type(Kind.STRUCT, fields=(("amount", INTEGER), ("currency", TEXT))),
    "role_id": INTEGER,
    "code": TEXT,
}


def parts(text: str, known: rules.Known = rules.NOTHING) -> set[tuple[str, ...]]:
    found = rules.understand(text, "postgresql", TYPES, known)
    assert not found.opaque
    seen: list[tuple[str, ...]] = []
    todo = [found.predicate]
    while todo:
        node = todo.pop()
        if isinstance(node, Part):
            seen.append((node.value.name, *node.path))
            continue
        for name in node.__struct_fields__:
            value = getattr(node, name)
            todo += [v for v in (value if isinstance(value, tuple) else (value,)) if hasattr(v, "__struct_fields__")]
    return set(seen)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("upper(span) - lower(span) <= 10", {("span", "upper"), ("span", "lower")}),
        ("span <@ int4range(1, 100)", {("span", "upper"), ("span", "lower")}),
        ("(price).amount > 0", {("price", "amount")}),
        ("doc -> 'a' ->> 'b' = 'q'", {("doc", "a", "b")}),
        ("(doc ->> 'n')::int > 5", {("doc", "n")}),
        ("doc ? 'key'", {("doc", "key")}),
        ('doc @> \'{"v": {"w": 1}}\'::jsonb', {("doc", "v", "w")}),
        ("jsonb_path_exists(doc, '$.a ? (@ > 3)')", {("doc", "a")}),
        ("tags <@ ARRAY['x', 'y']", {("tags", "*")}),
        ("tags[1] <> tags[2]", {("tags", "[1]"), ("tags", "[2]")}),
    ],
)
def test_a_condition_on_a_structure_speaks_of_its_parts(text, expected):
    assert parts(text) == expected


ROLES = {"role": {"id": INTEGER, "kind": TEXT}}
LOOKED = ("role_id", "→role", "id=role_id", "kind")


INTO = "SELECT kind INTO k FROM role WHERE id = rid;"
MISSING = "NOT EXISTS (SELECT 1 FROM role WHERE id = rid AND kind = 'bot')"


@pytest.mark.parametrize(
    "body",
    [
        "LANGUAGE sql AS $$ SELECT EXISTS (SELECT 1 FROM role WHERE id = rid AND kind = 'bot') $$",
        "LANGUAGE sql AS $$ SELECT (SELECT kind FROM role WHERE id = rid) = 'bot' $$",
        f"LANGUAGE plpgsql AS $$ DECLARE k text; BEGIN {INTO} RETURN k = 'bot'; END $$",
        f"LANGUAGE plpgsql AS $$ BEGIN IF {MISSING} THEN RETURN false; END IF; RETURN true; END $$",
    ],
)
def test_a_function_that_looks_at_the_parent_is_a_condition_on_the_parents_column(body):
    known = rules.known_of([f"CREATE FUNCTION is_bot(rid int) RETURNS boolean {body}"], ROLES)
    assert parts("is_bot(role_id)", known) == {LOOKED}


def test_a_function_of_its_arguments_is_put_in_its_place():
    known = rules.known_of(["CREATE FUNCTION ok(text) RETURNS boolean LANGUAGE sql RETURN $1 ~ '^[A-Z]+$'"], {})
    found = rules.understand("ok(code)", "postgresql", TYPES, known)
    assert found.predicate == Call("regex", (Column("code"), Const("^[A-Z]+$")))


def test_a_function_that_asks_what_no_key_leads_to_stays_words():
    known = rules.known_of(
        ["CREATE FUNCTION odd(c text) RETURNS boolean LANGUAGE sql AS 'SELECT count(*) > 3 FROM role'"], {}
    )
    assert rules.understand("odd(code)", "postgresql", TYPES, known).opaque
