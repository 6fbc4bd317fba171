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


VISITED: dict[str, Any] = {
    "type": "object",
    "required": ["firstName", "pets"],
    "properties": {
        "firstName": {"type": "string"},
        "pets": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["name", "visits"],
                "properties": {
                    "id": {"type": "integer"},
                    "name": {"type": ["string", "null"]},
                    "note": {"type": "string"},
                    "visits": {"type": "array", "items": {"$ref": "#/$defs/visit"}},
                },
            },
        },
    },
    "$defs": {
        "visit": {
            "type": "object",
            "required": ["on", "by"],
            "properties": {
                "on": {"type": "string", "format": "date"},
                "by": {"type": "array", "items": {"type": "string"}},
            },
        }
    },
}
LISTS = {
    "/firstName": "owners.first_name",
    "/pets/*/id": "pets.id",
    "/pets/*/name": "pets.name",
    "/pets/*/visits/*/on": "visits.visit_date",
    "/pets/*/visits/*/by/*": "vets.name",
}


def practice() -> tuple[Entity, ...]:
    """Owners, their pets, the visits of those, and which vets were there."""
    key = Unique("pk", (KeyPart("id"),), primary=True)
    number = Field("id", Type(Kind.INTEGER), False)
    reference = Type(Kind.INTEGER)
    visits = Entity(
        "visits",
        (number, Field("visit_date", Type(Kind.DATE), False), Field("pet_id", reference, False)),
        (key,),
        (ForeignKey("fk_pet", ("pet_id",), "pets", ("id",)),),
    )
    vets = Entity("vets", (number, Field("name", Type(Kind.TEXT, length=30), False)), (key,))
    both = Unique("pk", (KeyPart("visit_id"), KeyPart("vet_id")), primary=True)
    attended = Entity(
        "attended",
        (Field("visit_id", reference, False), Field("vet_id", reference, False)),
        (both,),
        (
            ForeignKey("fk_visit", ("visit_id",), "visits", ("id",)),
            ForeignKey("fk_vet", ("vet_id",), "vets", ("id",)),
        ),
    )
    return *shop(), visits, vets, attended


def told_of_owners(folder: Path) -> tuple[list[Any], list[Any]]:
    """What documents say of owners' pets, and what the tables say."""
    names = ("owners", "pets", "visits", "vets", "attended")
    rows = {n: [json.loads(x) for x in (folder / f"{n}.jsonl").read_text().splitlines()] for n in names}
    vets = {v["id"]: v["name"] for v in rows["vets"]}
    path = folder / "faces/response/GET__owners__id__200.jsonl"
    documents = [json.loads(x) for x in path.read_text().splitlines()]

    def by(visit: Any) -> list[str]:
        return sorted(vets[a["vet_id"]] for a in rows["attended"] if a["visit_id"] == visit["id"])

    def pets(owner: Any) -> list[Any]:
        mine = [p for p in rows["pets"] if p["owner_id"] == owner["id"]]
        return [[p["name"], [[v["visit_date"], by(v)] for v in rows["visits"] if v["pet_id"] == p["id"]]] for p in mine]

    said = [
        [d["firstName"], [[p["name"], [[v["on"], sorted(v["by"])] for v in p["visits"]]] for p in d["pets"]]]
        for d in documents
    ]
    return said, [[o["first_name"], pets(o)] for o in rows["owners"][: len(documents)]]


def test_lists_in_a_document_are_the_row_s_own_children_and_theirs_and_those_of_tables_between(tmp_path: Path) -> None:
    about = Face("GET /owners/{id} 200", FaceKind.RESPONSE, json.dumps(VISITED), ORIGIN, "owners", LISTS)
    rows = {"owners": 20, "pets": 50, "visits": 90, "vets": 12, "attended": 140}
    generate(Schema("practice", practice(), faces=(about,)), to=tmp_path / "out", format="jsonl", rows=rows)
    said, held = told_of_owners(tmp_path / "out")
    assert said == held
    assert sum(len(pets) for _, pets in said) == 50
    assert any(len(by) > 1 for _, pets in said for _, visits in pets for _, by in visits)


def test_lists_of_children_are_the_same_by_any_range(tmp_path: Path) -> None:
    from understudy.kernels import Runtime

    about = Face("GET /owners/{id} 200", FaceKind.RESPONSE, json.dumps(VISITED), ORIGIN, "owners", LISTS)
    rows = {"owners": 40, "pets": 90, "visits": 90, "vets": 12, "attended": 140, about.name: 40}
    bundle = plan(Schema("practice", practice(), faces=(about,)), rows=rows)
    name = "response/GET /owners/{id} 200"
    whole = Runtime(bundle).batch(name, 0, 40).column(0).to_pylist()
    assert Runtime(bundle).batch(name, 7, 8).column(0).to_pylist() == whole[7:8]
    assert Runtime(bundle).batch(name, 13, 31).column(0).to_pylist() == whole[13:31]


def test_a_face_that_wants_one_to_three_children_gets_so_many_where_the_rows_allow_it(tmp_path: Path) -> None:
    document = json.loads(json.dumps(VISITED))
    document["properties"]["pets"] |= {"minItems": 1, "maxItems": 3}
    about = Face("GET /owners/{id} 200", FaceKind.RESPONSE, json.dumps(document), ORIGIN, "owners", LISTS)
    system = Schema("practice", practice(), faces=(about,))
    rows = {"owners": 30, "pets": 60, "visits": 60, "vets": 5, "attended": 60}
    generate(system, to=tmp_path / "out", format="jsonl", rows=rows)
    said, held = told_of_owners(tmp_path / "out")
    assert said == held
    assert {len(pets) for _, pets in said} <= {1, 2, 3}
    few = plan(system, rows={**rows, "pets": 20}).plan.warnings
    assert any("have fewer than 1 rows of pets that are its own; made anew there" in w for w in few)
    many = plan(system, rows={**rows, "pets": 200}).plan.warnings
    assert any("have more than 3 rows of pets that are its own; the first are shown" in w for w in many)


def test_a_page_shows_rows_with_their_parents(tmp_path: Path) -> None:
    page = {"type": "object", "required": ["content"], "properties": {"content": {"type": "array", "items": PET}}}
    shown = {f"/content/*{p}": t for p, t in SHOWN.items()}
    about = Face("GET /pets 200", FaceKind.RESPONSE, json.dumps(page), ORIGIN, "pets", shown)
    generate(Schema("clinic", shop(), faces=(about,)), to=tmp_path / "out", format="jsonl", rows=30)
    pets = [json.loads(x) for x in (tmp_path / "out/pets.jsonl").read_text().splitlines()]
    owners = {o["id"]: o for o in map(json.loads, (tmp_path / "out/owners.jsonl").read_text().splitlines())}
    known = {(p["id"], p["name"], owners[p["owner_id"]]["first_name"]) for p in pets}
    lines = (tmp_path / "out/faces/response/GET__pets_200.jsonl").read_text().splitlines()
    listed = [e for line in lines for e in json.loads(line)["content"]]
    assert len(listed) > 30
    assert {(e["id"], e["name"], e["owner"]["firstName"]) for e in listed} <= known
