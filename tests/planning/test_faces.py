"""Faces become files of documents, judged by a validator that did not make them."""

import json
from pathlib import Path
from typing import Any

from understudy.face import generate, plan, validate
from understudy.model.face import Face, FaceKind
from understudy.model.origin import Origin, SourceKind
from understudy.model.schema import Entity, Field, ForeignKey, KeyPart, Schema, Unique
from understudy.types import Kind, Type

ORIGIN = Origin(SourceKind.API, "shop.yaml", "#/paths/~1orders/post")
SKU = {"type": "string", "pattern": "^[A-Z]{3}[0-9]{3}$"}
ORDER: dict[str, Any] = {
    "type": "object",
    "required": ["id", "lines"],
    "properties": {
        "id": {"type": "integer", "minimum": 1},
        "lines": {"type": "array", "minItems": 1, "items": {"$ref": "#/$defs/line"}},
    },
    "$defs": {"line": {"type": "object", "required": ["sku"], "properties": {"sku": SKU}}},
}
DEFS = {"order": ORDER, "line": ORDER["$defs"]["line"]}
ORDERS = {"type": "array", "items": {"$ref": "#/$defs/order"}, "$defs": DEFS}
IMPOSSIBLE = {"type": "string", "minLength": 5, "maxLength": 2}


def schema(*faces: Face) -> Schema:
    key = Unique("pk", (KeyPart("id"),), primary=True)
    tags = Entity("tags", (Field("id", Type(Kind.INTEGER), False), Field("label", Type(Kind.TEXT))), (key,))
    return Schema("shop", (tags,), faces=faces)


def face(name: str, document: object, kind: FaceKind = FaceKind.REQUEST) -> Face:
    return Face(name, kind, json.dumps(document), ORIGIN)


def test_documents_are_written_beside_the_tables_and_hold(tmp_path: Path) -> None:
    system = schema(face("POST /orders", ORDER), face("GET /orders 200", ORDERS, FaceKind.RESPONSE))
    manifest = generate(system, to=tmp_path / "out", format="jsonl", rows=40)
    lines = (tmp_path / "out/faces/request/POST__orders.jsonl").read_text().splitlines()
    assert len(lines) == 40
    assert all(json.loads(line)["lines"][0]["sku"][:3].isupper() for line in lines)
    assert (tmp_path / "out/tags.jsonl").exists()
    assert {t.name for t in manifest.tables} == {"tags", "request/POST /orders", "response/GET /orders 200"}
    verdicts = {v.table: v.violations for v in validate(system, tmp_path / "out") if v.kind == "document"}
    assert verdicts == {"request/POST /orders": 0, "response/GET /orders 200": 0}


def test_the_judge_finds_a_document_that_breaks_its_schema(tmp_path: Path) -> None:
    system = schema(face("POST /orders", ORDER))
    generate(system, to=tmp_path / "out", format="jsonl", rows=10)
    path = tmp_path / "out/faces/request/POST__orders.jsonl"
    path.write_text(path.read_text() + '{"id": 0, "lines": []}\n')
    (verdict,) = [v for v in validate(system, tmp_path / "out") if v.kind == "document"]
    assert verdict.violations == 1
    assert "id" in verdict.sample[0] or "lines" in verdict.sample[0]


def test_a_json_folder_holds_an_array_per_face(tmp_path: Path) -> None:
    generate(schema(face("POST /orders", ORDER)), to=tmp_path / "out", format="json", rows=7)
    assert len(json.loads((tmp_path / "out/faces/request/POST__orders.json").read_text())) == 7


def test_faces_are_chosen_and_sized_by_name(tmp_path: Path) -> None:
    system = schema(face("POST /orders", ORDER), face("PUT /orders", ORDER))
    assert [t.rows for t in plan(system, rows={"POST /orders": 3}).plan.faces] == [3, 100]
    assert [t.name for t in plan(system, only=["PUT /orders"]).plan.everything] == ["request/PUT /orders"]
    assert [t.name for t in plan(system, only=["tags"]).plan.everything] == ["tags"]
    assert [t.name for t in plan(system, excluded=["PUT /orders"]).plan.faces] == ["request/POST /orders"]


def test_a_face_that_nothing_obeys_is_told_before_anything_is_made() -> None:
    system = schema(face("POST /odd", IMPOSSIBLE), face("POST /orders", ORDER))
    (told,) = plan(system).plan.warnings
    assert told.startswith("request/POST /odd: no document obeys its schema: #")
    assert [t.name for t in plan(system).plan.faces] == ["request/POST /orders"]
    assert plan(system, only=["POST /odd"]).plan.unmet == (told,)


def test_any_range_of_documents_equals_the_same_range_of_the_whole() -> None:
    from understudy.kernels import Runtime

    bundle = plan(schema(face("POST /orders", ORDER)), rows={"POST /orders": 60})
    name = "request/POST /orders"
    whole = Runtime(bundle).batch(name, 0, 60).column(0).to_pylist()
    assert Runtime(bundle).batch(name, 17, 43).column(0).to_pylist() == whole[17:43]


def shop() -> tuple[Entity, ...]:
    key = Unique("pk", (KeyPart("id"),), primary=True)
    owners = Entity(
        "owners",
        (
            Field("id", Type(Kind.INTEGER), False),
            Field("first_name", Type(Kind.TEXT, length=30), False),
            Field("joined", Type(Kind.TIMESTAMP), False),
            Field("phone", Type(Kind.TEXT, length=20)),
        ),
        (key,),
    )
    pets = Entity(
        "pets",
        (
            Field("id", Type(Kind.INTEGER), False),
            Field("name", Type(Kind.TEXT, length=30)),
            Field("owner_id", Type(Kind.INTEGER), False),
        ),
        (key,),
        (ForeignKey("fk_owner", ("owner_id",), "owners", ("id",)),),
    )
    return owners, pets


PET = {
    "type": "object",
    "required": ["id", "name", "owner"],
    "properties": {
        "id": {"type": "integer"},
        "name": {"type": "string"},
        "owner": {
            "type": "object",
            "required": ["firstName", "joined"],
            "properties": {"firstName": {"type": "string"}, "joined": {"type": "string", "format": "date-time"}},
        },
        "note": {"type": "string"},
    },
}
SHOWN = {
    "/id": "pets.id",
    "/name": "pets.name",
    "/owner/firstName": "owners.first_name",
    "/owner/joined": "owners.joined",
}


def test_a_document_about_a_row_shows_the_row_s_own_values_and_its_parent_s(tmp_path: Path) -> None:
    about = Face("GET /pets/{id} 200", FaceKind.RESPONSE, json.dumps(PET), ORIGIN, "pets", SHOWN)
    system = Schema("clinic", shop(), faces=(about,))
    generate(system, to=tmp_path / "out", format="jsonl", rows=30)
    rows = {
        n: [json.loads(x) for x in (tmp_path / f"out/{n}.jsonl").read_text().splitlines()] for n in ("pets", "owners")
    }
    owners = {o["id"]: o for o in rows["owners"]}
    path = tmp_path / "out/faces/response/GET__pets__id__200.jsonl"
    documents = [json.loads(x) for x in path.read_text().splitlines()]
    assert len(documents) == 30
    for document, pet in zip(documents, rows["pets"], strict=True):
        owner = owners[pet["owner_id"]]
        assert document["id"] == pet["id"]
        assert document["name"] == pet["name"] or pet["name"] is None
        assert document["owner"]["firstName"] == owner["first_name"]
        assert document["owner"]["joined"][:10] == owner["joined"][:10]
    assert all(v.violations == 0 for v in validate(system, tmp_path / "out"))


def test_a_value_that_the_face_refuses_is_made_anew_and_that_is_told() -> None:
    narrow = {"type": "object", "required": ["name"], "properties": {"name": {"type": "string", "maxLength": 3}}}
    about = Face("POST /owners", FaceKind.REQUEST, json.dumps(narrow), ORIGIN, "owners", {"/name": "owners.first_name"})
    made = plan(Schema("clinic", shop(), faces=(about,)), rows=30).plan
    assert any("owners.first_name is not taken by this face" in w for w in made.warnings)
    assert len(made.faces) == 1


def test_beside_a_database_documents_go_into_a_folder_of_their_own(tmp_path: Path) -> None:
    import sqlite3

    about = Face("GET /pets/{id} 200", FaceKind.RESPONSE, json.dumps(PET), ORIGIN, "pets", SHOWN)
    system = Schema("clinic", shop(), dialect="sqlite", faces=(about,))
    from understudy import workflow

    bundle = plan(system, rows=20)
    workflow.generate(bundle, f"sqlite:///{tmp_path}/x.db", faces=str(tmp_path / "out"))
    with sqlite3.connect(tmp_path / "x.db") as database:
        rows = dict(database.execute("SELECT p.id, o.first_name FROM pets p JOIN owners o ON o.id = p.owner_id"))
    path = tmp_path / "out/faces/response/GET__pets__id__200.jsonl"
    shown = {d["id"]: d["owner"]["firstName"] for d in map(json.loads, path.read_text().splitlines())}
    assert shown == rows
