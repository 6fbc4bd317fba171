"""Documents compiled from JSON Schemas obey them, vary, and end."""

import json
from typing import Any

import jsonschema_rs
import pytest

from understudy.model.plan import Plan
from understudy.model.schema import Schema
from understudy.planning.documents.compile import Compiler
from understudy.planning.documents.parts import Book, Part
from understudy.planning.documents.workshop import Workshop

CLOCK = 1_764_288_000_000_000
SEED = 7


def compiled(schema: Any, name: str = "thing", rows: int = 200, seed: int = SEED) -> list[Any]:
    """Documents of a schema; fails with the troubles where there are none."""
    made, troubles = attempt(schema, name, rows, seed)
    assert made is not None, troubles
    return made


def attempt(schema: Any, name: str = "thing", rows: int = 200, seed: int = SEED) -> tuple[list[Any] | None, list[str]]:
    workshop = Workshop(Plan(Schema("", ()), (), (), seed, CLOCK), {})
    book = Book(schema)
    compiler = Compiler(book, workshop, "en_US", CLOCK)
    node = compiler.document(book.conj(Part("#", schema)), name)
    if node is None:
        return None, list(compiler.troubles)
    texts = workshop.texts("documents", {"v": node}, rows)["v"]
    return [json.loads(t) for t in texts], list(compiler.troubles)


def obj(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties}


TEXT, WHOLE = {"type": "string"}, {"type": "integer"}
TREE = {
    "$ref": "#/$defs/tree",
    "$defs": {
        "tree": {
            "type": "object",
            "required": ["value", "children"],
            "properties": {"value": TEXT, "children": {"type": "array", "items": {"$ref": "#/$defs/tree"}}},
        }
    },
}
FORMATS = ["date-time", "date", "time", "duration", "email", "hostname", "ipv4", "ipv6", "uri", "uri-reference"]
FORMATS += ["uuid", "json-pointer", "regex"]
STRICT = {"type": "object", "additionalProperties": False}
OBEYED = {
    "a type union": {"type": ["string", "integer", "null"]},
    "an enumeration of every kind": {"enum": [1, "a", None, True, {"x": 1}, [2]]},
    "a constant that is an object": {"const": {"a": [1, {"b": None}]}},
    "open bounds of a number": {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 0.01},
    "bounds of one value": {"type": "integer", "minimum": 3, "maximum": 3},
    "multiples": {"type": "integer", "multipleOf": 7, "minimum": 100, "maximum": 200},
    "multiples of a fraction": {"type": "number", "multipleOf": 0.25, "minimum": -3, "maximum": 3},
    "two steps at once": {"allOf": [{"type": "integer", "multipleOf": 4}, {"multipleOf": 6}]},
    "lengths": {"type": "string", "minLength": 3, "maxLength": 5},
    "a long text": {"type": "string", "minLength": 5000, "maxLength": 6000},
    "one empty text": {"type": "string", "maxLength": 0},
    "a pattern": {"type": "string", "pattern": "^[A-Z]{3}-[0-9]{2,4}$"},
    "a pattern with a property of letters": {"type": "string", "pattern": "^\\p{L}+$", "maxLength": 8},
    "a pattern that looks ahead": {"type": "string", "pattern": "^(?!ab)[a-c]{2}$"},
    "two patterns": {"allOf": [{"type": "string", "pattern": "^a"}, {"pattern": "z$"}]},
    "a pattern within lengths": {"type": "string", "pattern": "^[a-f0-9]+$", "minLength": 8, "maxLength": 8},
    "formats": obj(**{f.replace("-", "_"): {"type": "string", "format": f} for f in FORMATS}),
    "a format and a length": {"type": "string", "format": "email", "maxLength": 18},
    "items": {"type": "array", "items": WHOLE, "minItems": 2, "maxItems": 3},
    "a tuple that is closed": {"type": "array", "prefixItems": [TEXT, WHOLE], "items": False, "minItems": 1},
    "distinct items": {"type": "array", "items": {"enum": ["a", "b", "c"]}, "uniqueItems": True, "minItems": 3},
    "contained items": {"type": "array", "items": WHOLE, "contains": {"const": 5}, "minContains": 2, "maxContains": 2},
    "required members": {**obj(a=TEXT), "required": ["a", "undeclared"]},
    "closed members": {**obj(a=TEXT, b=WHOLE), "additionalProperties": False},
    "a map": {"type": "object", "additionalProperties": WHOLE, "minProperties": 2, "maxProperties": 5},
    "members by pattern": {
        "type": "object",
        "patternProperties": {"^x-[a-z]{3}$": WHOLE},
        "additionalProperties": False,
    },
    "names": {
        "type": "object",
        "propertyNames": {"pattern": "^[A-Z]{2}$"},
        "additionalProperties": TEXT,
        "minProperties": 1,
    },
    "at most one member": {**obj(a=TEXT, b=TEXT, c=TEXT), "maxProperties": 1, "minProperties": 1},
    "members that need others": {**obj(a=TEXT, b=TEXT, c=TEXT), "dependentRequired": {"a": ["b"], "b": ["c"]}},
    "schemas that depend": {**obj(a=TEXT), "dependentSchemas": {"a": {"required": ["b"], "properties": {"b": WHOLE}}}},
    "all of": {"allOf": [obj(a=TEXT), {**obj(b=WHOLE), "required": ["b"]}]},
    "any of": {"anyOf": [obj(a=TEXT), {"type": "integer"}]},
    "one of two that overlap": {
        "oneOf": [{**obj(a=TEXT), "required": ["a"]}, {**obj(b=WHOLE), "required": ["b"]}],
    },
    "one of two told by a discriminator": {
        "oneOf": [obj(kind={"const": "a"}, x=TEXT), {**obj(kind={"const": "b"}), "required": ["kind"]}],
    },
    "one of two that nothing but a wrong member tells apart": {"oneOf": [obj(a=TEXT), obj(b=WHOLE)]},
    "one of two ranges": {"oneOf": [{"type": "integer", "maximum": 10}, {"type": "integer", "minimum": 5}]},
    "a condition": {
        **obj(country={"enum": ["DE", "US"]}, zip=TEXT),
        "required": ["country", "zip"],
        "if": obj(country={"const": "US"}),
        "then": obj(zip={"pattern": "^[0-9]{5}$"}),
        "else": obj(zip={"pattern": "^D-[0-9]{5}$"}),
    },
    "not": {"not": {"type": ["object", "array", "string"]}},
    "not with a member": {**obj(a=TEXT, b=TEXT), "not": {"required": ["a"]}},
    "not one of some values": {"type": "string", "enum": ["a", "b", "c"], "not": {"enum": ["a"]}},
    "nothing unevaluated": {"allOf": [obj(a=TEXT)], "properties": {"b": WHOLE}, "unevaluatedProperties": False},
    "no element unevaluated": {"type": "array", "prefixItems": [TEXT], "unevaluatedItems": False},
    "a tree": TREE,
    "itself, optionally": {**obj(name=TEXT, parent={"$ref": "#"}), "required": ["name"]},
    "keywords beside a reference": {
        "$defs": {"id": {"type": "integer", "minimum": 1}},
        "properties": {"id": {"$ref": "#/$defs/id", "maximum": 4}},
        "required": ["id"],
        "type": "object",
    },
    "anything": {},
}


@pytest.mark.parametrize("schema", OBEYED.values(), ids=OBEYED.keys())
def test_documents_obey_their_schema(schema: Any) -> None:
    validator = jsonschema_rs.Draft202012Validator(schema, validate_formats=True)
    for document in compiled(schema):
        assert validator.is_valid(document), document


IMPOSSIBLE = {
    "bounds that cross": {"type": "integer", "minimum": 5, "maximum": 3},
    "a required member that is forbidden": {"type": "object", "required": ["a"], "properties": {"a": False}},
    "a member that requires itself for ever": {**obj(a={"$ref": "#"}), "required": ["a"]},
    "one of two that are the same": {"oneOf": [TEXT, TEXT]},
    "more distinct values than there are": {
        "type": "array",
        "items": {"type": "boolean"},
        "uniqueItems": True,
        "minItems": 3,
    },
    "a pattern longer than its limit": {"type": "string", "pattern": "^[a-z]{9}$", "maxLength": 4},
}


@pytest.mark.parametrize("schema", IMPOSSIBLE.values(), ids=IMPOSSIBLE.keys())
def test_what_nothing_can_obey_is_said_with_its_place(schema: Any) -> None:
    made, troubles = attempt(schema)
    assert made is None
    assert any("#" in t or "member" in t for t in troubles), troubles


def test_optional_members_are_there_in_a_realistic_share_and_their_values_vary() -> None:
    schema = {
        **obj(id=WHOLE, note=TEXT, price={"type": "number"}, tags={"type": "array", "items": TEXT}),
        "required": ["id"],
    }
    made = compiled(schema, "product", 1000)
    for name in ("note", "price", "tags"):
        share = sum(name in d for d in made) / len(made)
        assert 0.45 < share < 0.95, (name, share)
    assert len({d["id"] for d in made}) > 50
    assert len({d.get("price") for d in made}) > 100


def test_members_of_one_object_agree_with_each_other() -> None:
    text = {"type": "string"}
    names = {"firstName": text, "lastName": text, "email": {"type": "string", "format": "email"}}
    moments = {n: {"type": "string", "format": "date-time"} for n in ("createdAt", "updatedAt")}
    made = compiled({**obj(**names, **moments), "required": [*names, *moments]}, "customer", 300)
    assert all(d["createdAt"] <= d["updatedAt"] for d in made)
    akin = sum(d["lastName"].lower()[:3] in d["email"] or d["firstName"].lower()[:3] in d["email"] for d in made)
    assert akin > 150


def test_elements_of_a_list_are_people_of_their_own() -> None:
    person = {**obj(firstName=TEXT, email={"type": "string", "format": "email"}), "required": ["firstName", "email"]}
    made = compiled({"type": "array", "items": person, "minItems": 5, "maxItems": 5}, "people", 50)
    assert all(len({p["email"] for p in group}) >= 4 for group in made)


def test_the_same_seed_gives_the_same_documents_and_another_seed_others() -> None:
    schema = OBEYED["formats"]
    assert compiled(schema) == compiled(schema)
    assert compiled(schema) != compiled(schema, seed=8)


def test_recursion_ends_within_a_bounded_size() -> None:
    made = compiled(TREE, rows=300)
    assert max(len(json.dumps(d)) for d in made) < 60_000
    assert any(d["children"] and d["children"][0]["children"] for d in made)


def test_a_schema_of_many_schemas_that_refer_to_each_other_is_compiled_in_linear_time() -> None:
    size = 60
    names = [f"s{i}" for i in range(size)]
    defs = {
        n: obj(name=TEXT, **{m: {"$ref": f"#/$defs/{m}"} for m in (names[(i + 1) % size], names[(i * 7) % size])})
        for i, n in enumerate(names)
    }
    made = compiled({"$ref": "#/$defs/s0", "$defs": defs}, rows=50)
    assert max(len(json.dumps(d)) for d in made) < 100_000


def web(definitions: int, alternatives: int) -> dict[str, Any]:
    """Definitions that all lead to each other, each with many alternatives told apart by their kind."""

    def branch(d: int, a: int) -> dict[str, Any]:
        other = {"$ref": f"#/$defs/d{(d * 7 + a) % definitions}"}
        plain = {"type": ["string", "boolean", "number"][(d + a) % 3]}
        either = {"oneOf": [{"type": "string"}, other, {**obj(x=TEXT), "required": ["x"]}]}
        members = {"m0": plain, "m1": {"type": "array", "items": other}, "m2": either, "m3": other, "m4": plain}
        return {**obj(kind={"const": f"k{a}"}, **members), "required": ["kind"]}

    defs = {f"d{d}": {"oneOf": [branch(d, a) for a in range(alternatives)]} for d in range(definitions)}
    return {**obj(**{f"p{d}": {"$ref": f"#/$defs/d{d}"} for d in range(0, definitions, 3)}), "$defs": defs}


def test_definitions_that_all_lead_to_each_other_end_and_keep_their_own_alternatives() -> None:
    schema = web(12, 8)
    validator = jsonschema_rs.Draft202012Validator(schema)
    documents = compiled(schema, rows=60)
    assert all(validator.is_valid(d) for d in documents)
    kinds = {d[p]["kind"] for d in documents for p in d if isinstance(d[p], dict)}
    assert kinds == {f"k{a}" for a in range(8)}
    assert max(len(json.dumps(d)) for d in documents) < 100_000


def test_of_eighty_optional_members_an_object_has_a_few_dozen() -> None:
    documents = compiled(obj(**{f"m{i}": TEXT for i in range(80)}), rows=100)
    counts = [len(d) for d in documents]
    assert 20 < sum(counts) / len(counts) < 45
    assert len({m for d in documents for m in d}) == 80
