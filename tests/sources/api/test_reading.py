"""API descriptions: what a careful reader would take from them, trap by trap."""

import json
from pathlib import Path
from typing import Any

import pytest

from understudy.model.evidence import Bounds, Choices, Evidence, FacetKind, Pattern, Samples
from understudy.model.face import FaceKind
from understudy.sources.api import read
from understudy.types import Kind


def described(folder: Path, components: dict[str, Any], paths: Any = None, version: str = "3.0.3") -> Evidence:
    document = {"openapi": version, "info": {"title": "t", "version": "1"}, "paths": paths or {}}
    document["components"] = {"schemas": components}
    return written(folder, json.dumps(document))


def written(folder: Path, text: str, name: str = "api.json") -> Evidence:
    (folder / name).write_text(text)
    return read(str(folder / name))


def said(evidence: Evidence, entity: str, field: str, facet: FacetKind) -> Any:
    return next(c.value for c in evidence.claims if (c.entity, c.field, c.facet) == (entity, field, facet))


def remarks(evidence: Evidence) -> list[str]:
    return [c.value.text for c in evidence.claims if c.facet is FacetKind.REMARK]  # type: ignore[union-attr]


def face(evidence: Evidence, name: str, kind: FaceKind) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(next(f.document for f in evidence.faces if (f.name, f.kind) == (name, kind)))
    return found


OWNER = {
    "type": "object",
    "required": ["name", "email"],
    "properties": {
        "id": {"type": "integer", "format": "int32", "readOnly": True},
        "name": {"type": "string", "minLength": 1, "maxLength": 30, "pattern": "^\\p{L}+$", "example": "Ann"},
        "email": {"type": "string", "format": "email"},
        "age": {"type": "integer", "minimum": 0, "exclusiveMinimum": True, "maximum": 150, "nullable": True},
        "kind": {"type": "string", "enum": ["gold", "silver"], "default": "gold"},
        "address": {"type": "object", "properties": {"city": {"type": "string"}}},
        "pets": {"type": "array", "items": {"$ref": "#/components/schemas/Pet"}},
        "joined": {"type": "string", "format": "date-time"},
    },
}
PART = {"type": "object", "properties": {"owner": {"$ref": "#/components/schemas/Owner"}}}
PET = {"allOf": [{"$ref": "#/components/schemas/Base"}, PART]}
BASE = {"type": "object", "required": ["id"], "properties": {"id": {"type": "string", "format": "uuid"}}}


def test_entities_fields_and_facets_are_claimed_with_their_places(tmp_path: Path) -> None:
    e = described(tmp_path, {"Owner": OWNER, "Pet": PET, "Base": BASE})
    assert said(e, "Owner", "id", FacetKind.TYPE).bits == 32
    assert said(e, "Owner", "name", FacetKind.LENGTH) == Bounds(low=1, high=30)
    assert said(e, "Owner", "name", FacetKind.PATTERN) == Pattern("^\\p{L}+$")
    assert said(e, "Owner", "name", FacetKind.SAMPLE) == Samples(("Ann",))
    assert said(e, "Owner", "name", FacetKind.NULLABILITY) is False
    assert said(e, "Owner", "email", FacetKind.MEANING) == "email"
    assert said(e, "Owner", "age", FacetKind.RANGE) == Bounds(low=0, high=150, low_open=True)
    assert said(e, "Owner", "kind", FacetKind.ENUM) == Choices(("gold", "silver"))
    assert said(e, "Owner", "address_city", FacetKind.TYPE).kind is Kind.TEXT
    assert said(e, "Owner", "pets", FacetKind.FOREIGN_KEY).target == "Pet"
    assert said(e, "Owner", "joined", FacetKind.TYPE).kind is Kind.TIMESTAMP
    assert said(e, "Pet", "owner", FacetKind.FOREIGN_KEY).target == "Owner"
    assert said(e, "Pet", "id", FacetKind.TYPE).kind is Kind.UUID
    place = next(c.origin.place for c in e.claims if c.field == "email" and c.facet is FacetKind.MEANING)
    assert place == "#/components/schemas/Owner/properties/email"


@pytest.mark.parametrize(
    ("version", "schema"),
    [
        ("3.0.0", {"type": "string", "nullable": True}),
        ("3.1.0", {"type": ["string", "null"]}),
        ("3.1.0", {"anyOf": [{"type": "string"}, {"type": "null"}]}),
        ("3.1.0", {"oneOf": [{"type": "null"}, {"type": "string"}]}),
        ("3.1.0", {"enum": ["a", "b", None]}),
    ],
)
def test_null_is_understood_in_every_way_that_it_is_said(tmp_path: Path, version: str, schema: Any) -> None:
    e = described(tmp_path, {"T": {"type": "object", "required": ["x"], "properties": {"x": schema}}}, version=version)
    assert said(e, "T", "x", FacetKind.NULLABILITY) is True
    assert said(e, "T", "x", FacetKind.TYPE).kind is Kind.TEXT
    document = face(e, "T", FaceKind.COMPONENT)
    import jsonschema_rs

    assert jsonschema_rs.Draft202012Validator(document).is_valid({"x": None})
    assert not jsonschema_rs.Draft202012Validator(document).is_valid({"x": 1})


def test_null_of_openapi_3_0_means_nothing_in_3_1(tmp_path: Path) -> None:
    text = {"type": "string", "nullable": True}
    e = described(tmp_path, {"T": {"type": "object", "properties": {"x": text}}}, version="3.1.0")
    assert face(e, "T", FaceKind.COMPONENT)["$defs"]["T"]["properties"]["x"]["type"] == "string"


def test_requests_carry_nothing_read_only_and_responses_nothing_write_only(tmp_path: Path) -> None:
    user = {
        "type": "object",
        "required": ["id", "name", "password"],
        "properties": {
            "id": {"type": "integer", "readOnly": True},
            "name": {"type": "string"},
            "password": {"type": "string", "writeOnly": True},
        },
    }
    body = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/User"}}}}
    paths = {"/users": {"post": {"requestBody": body, "responses": {"201": {"description": "", **body}}}}}
    e = described(tmp_path, {"User": user}, paths)
    request = face(e, "POST /users", FaceKind.REQUEST)["$defs"]["User"]
    response = face(e, "POST /users 201", FaceKind.RESPONSE)["$defs"]["User"]
    assert (request["required"], request["properties"]["id"]) == (["name", "password"], False)
    assert (response["required"], response["properties"]["password"]) == (["id", "name"], False)


def test_a_face_tells_its_entity_and_which_member_is_which_field(tmp_path: Path) -> None:
    wrapped = {"type": "object", "properties": {"owner": {"$ref": "#/components/schemas/Owner"}}, "required": ["owner"]}
    body = {"content": {"application/json": {"schema": wrapped}}}
    paths = {"/owners": {"post": {"requestBody": body, "responses": {}}}}
    e = described(tmp_path, {"Owner": OWNER, "Pet": PET, "Base": BASE}, paths)
    found = next(f for f in e.faces if f.kind is FaceKind.REQUEST)
    assert found.entity == "Owner"
    assert found.bindings["/owner/name"] == "Owner.name"
    assert found.bindings["/owner/address/city"] == "Owner.address_city"
    assert found.bindings["/owner/pets/*/id"] == "Pet.id"


def test_an_inline_body_is_an_entity_called_after_its_path_and_lists_only_carry(tmp_path: Path) -> None:
    body = {"type": "object", "properties": {"title": {"type": "string"}, "total": {"type": "number"}}}
    page = {"type": "object", "properties": {"count": {"type": "integer"}, "results": {"type": "array", "items": body}}}
    answers = {"200": {"description": "", "content": {"application/json": {"schema": page}}}}
    e = described(tmp_path, {}, {"/v1/invoices": {"get": {"responses": answers}}})
    assert {c.entity for c in e.claims if c.facet is FacetKind.ENTITY} == {"Invoice"}


def test_references_are_followed_across_files_and_faults_are_told_with_their_place(tmp_path: Path) -> None:
    (tmp_path / "parts").mkdir()
    text = "Pet:\n  type: object\n  properties:\n    mate: {$ref: '#/Pet'}\n    n: {type: string}\n"
    (tmp_path / "parts/pet.yaml").write_text(text)
    schemas = {"Pet": {"$ref": "parts/pet.yaml#/Pet"}, "Lost": {"$ref": "gone.yaml#/X"}, "Odd": {"type": "strin"}}
    e = described(tmp_path, schemas)
    assert said(e, "Pet", "n", FacetKind.TYPE).kind is Kind.TEXT
    assert any("gone.yaml#/X leads nowhere" in r for r in remarks(e))
    assert any("no type 'strin'" in r for r in remarks(e))


def test_yaml_words_that_older_readers_take_for_truths_stay_words(tmp_path: Path) -> None:
    text = "openapi: 3.0.0\npaths: {}\ncomponents:\n  schemas:\n    C:\n      type: object\n      properties:\n"
    text += "        code: {type: string, enum: [NO, SE, DK]}\n        since: {type: string, example: 2020-01-01}\n"
    e = written(tmp_path, text, "api.yaml")
    assert said(e, "C", "code", FacetKind.ENUM) == Choices(("NO", "SE", "DK"))
    assert said(e, "C", "since", FacetKind.SAMPLE) == Samples(("2020-01-01",))


def test_formats_that_are_patterns_or_types_are_taken_for_what_they_are(tmp_path: Path) -> None:
    members = {"a": {"type": "string", "format": "^[A-Z]{3}$"}, "b": {"type": "integer", "format": "integer"}}
    members["c"] = {"type": "string", "pattern": "^[\\w-.]+$"}
    e = described(tmp_path, {"T": {"type": "object", "properties": members}})
    properties = face(e, "T", FaceKind.COMPONENT)["$defs"]["T"]["properties"]
    assert properties["a"]["pattern"] == "^[A-Z]{3}$"
    assert "format" not in properties["b"]
    assert properties["c"]["pattern"] == "^[\\w\\-.]+$"


def test_swagger_bodies_forms_and_nulls(tmp_path: Path) -> None:
    members = {"name": {"type": "string", "x-nullable": True}}
    members["n"] = {"type": "integer", "minimum": 1, "exclusiveMinimum": True}
    pet = {"type": "object", "properties": members}
    form = [{"in": "formData", "name": "file", "type": "file"}]
    form += [{"in": "formData", "name": "note", "type": "string", "required": True}]
    body = [{"in": "body", "name": "b", "schema": {"$ref": "#/definitions/Pet"}}]
    paths = {"/pets": {"post": {"parameters": body, "responses": {}}, "put": {"parameters": form, "responses": {}}}}
    e = written(tmp_path, json.dumps({"swagger": "2.0", "info": {}, "paths": paths, "definitions": {"Pet": pet}}))
    assert face(e, "POST /pets", FaceKind.REQUEST)["$defs"]["Pet"]["properties"]["n"]["exclusiveMinimum"] == 1
    assert said(e, "Pet", "name", FacetKind.NULLABILITY) is True
    assert face(e, "PUT /pets", FaceKind.REQUEST)["required"] == ["note"]


def test_old_drafts_speak_the_new_language(tmp_path: Path) -> None:
    old = {
        "$schema": "http://json-schema.org/draft-04/schema#",
        "type": "object",
        "properties": {
            "pair": {"type": "array", "items": [{"type": "string"}, {"type": "number"}], "additionalItems": False},
            "low": {"type": "number", "minimum": 1, "exclusiveMinimum": True},
        },
        "dependencies": {"low": ["pair"]},
        "definitions": {"word": {"type": "string"}},
    }
    e = written(tmp_path, json.dumps(old), "config.json")
    document = face(e, "#", FaceKind.COMPONENT)
    assert document["properties"]["pair"]["items"] is False
    assert len(document["properties"]["pair"]["prefixItems"]) == 2
    assert document["properties"]["low"]["exclusiveMinimum"] == 1
    assert document["dependentRequired"] == {"low": ["pair"]}
    assert face(e, "word", FaceKind.COMPONENT)["$ref"] == "#/$defs/word"


def test_operations_of_a_resource_are_a_flow_and_ids_in_paths_are_keys(tmp_path: Path) -> None:
    body = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Owner"}}}}
    answer = {"200": {"description": "", **body}}
    paths = {
        "/owners": {"post": {"requestBody": body, "responses": answer}},
        "/owners/{ownerId}": {"get": {"responses": answer}, "delete": {"responses": {}}},
    }
    e = described(tmp_path, {"Owner": OWNER, "Pet": PET, "Base": BASE}, paths)
    (flow,) = e.flows
    assert flow.states == ("POST /owners", "GET /owners/{ownerId}", "DELETE /owners/{ownerId}")
    assert flow.entity == "Owner"
    assert any(c.facet is FacetKind.UNIQUE and c.entity == "Owner" and c.certainty > 0.9 for c in e.claims)


SDL = """
enum Size { BIG SMALL }
type Pet { id: ID! name: String! size: Size owner: Owner tags: [String!]! born: DateTime }
type Owner { id: ID! pets(first: Int): PetConnection }
type PetConnection { nodes: [Pet!]! }
scalar DateTime
input PetInput { name: String! size: Size mother: PetInput }
type Query { pet(id: ID!): Pet }
type Mutation { createPet(input: PetInput!, note: String): Pet }
"""


def test_graphql_types_are_entities_and_operations_have_variables_that_the_library_takes(tmp_path: Path) -> None:
    import graphql

    from understudy.face import plan
    from understudy.kernels import Runtime
    from understudy.model.schema import Schema

    e = written(tmp_path, SDL, "schema.graphql")
    assert said(e, "Pet", "size", FacetKind.ENUM) == Choices(("BIG", "SMALL"))
    assert said(e, "Pet", "born", FacetKind.TYPE).kind is Kind.TIMESTAMP
    assert said(e, "Owner", "pets", FacetKind.FOREIGN_KEY).target == "Pet"
    assert "PetConnection" not in {c.entity for c in e.claims}
    schema = graphql.build_schema(SDL)
    bundle = plan(Schema("x", (), faces=e.faces), rows=50)
    assert {t.name for t in bundle.plan.faces} == {"variables/query pet", "variables/mutation createPet"}
    for found in e.faces:
        call = graphql.parse(json.loads(found.document)["$comment"])
        assert graphql.validate(schema, call) == []
        for text in Runtime(bundle).batch(f"variables/{found.name}", 0, 50).column(0).to_pylist():
            values = graphql.get_variable_values(schema, call.definitions[0].variable_definitions, json.loads(text))  # type: ignore[attr-defined]
            assert not isinstance(values, list), values


def test_a_collection_and_a_recording_are_descriptions_of_what_was_sent(tmp_path: Path) -> None:
    def item(name: str, body: str) -> dict[str, Any]:
        url = {"raw": "{{host}}/users/12/orders", "path": ["users", "12", "orders"]}
        return {"name": name, "request": {"method": "POST", "url": url, "body": {"mode": "raw", "raw": body}}}

    items = [item("a", '{"order": {"total": {{amount}}, "at": "2024-01-02"}}')]
    items += [item("b", '{"order": {"total": 3.5, "at": "2024-02-03", "note": "x"}}')]
    info = {"name": "c", "schema": "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"}
    e = written(tmp_path, json.dumps({"info": info, "item": [{"name": "folder", "item": items}]}), "c.json")
    document = face(e, "POST /users/{userId}/orders", FaceKind.REQUEST)
    order = document["properties"]["order"]
    assert order["required"] == ["total", "at"]
    assert order["properties"]["at"]["format"] == "date"
    assert order["properties"]["total"]["type"] == "number"
    assert {c.origin.place for c in e.claims if c.facet is FacetKind.ENTITY} == {"#/item/0/item/0"}

    users = [json.dumps({"id": i, "email": f"u{i}@example.com"}) for i in range(3)]
    answers = [{"status": 200, "content": {"mimeType": "application/json", "text": text}} for text in users]
    requests = [{"method": "GET", "url": f"https://h/api/users/{i}?page={i}"} for i in range(3)]
    entries = [{"request": r, "response": a} for r, a in zip(requests, answers, strict=True)]
    e = written(tmp_path, json.dumps({"log": {"version": "1.2", "entries": entries}}), "r.har")
    assert said(e, "User", "email", FacetKind.MEANING) == "email"
    assert face(e, "GET /api/users/{userId} 200", FaceKind.RESPONSE)["required"] == ["id", "email"]
    assert next(f for f in e.faces if f.kind is FaceKind.PARAMETERS).origin.place == "#/log/entries/0"


TREE = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "$id": "https://example.com/tree",
    "type": "object",
    "properties": {"nodes": {"type": "array", "items": {"$ref": "node"}}},
    "$defs": {
        "anything": {
            "$id": "https://example.com/node",
            "type": "object",
            "required": ["value"],
            "properties": {"value": {"type": "number"}, "subtree": {"$ref": "tree"}, "of": {"$ref": "#/$defs/mark"}},
            "$defs": {"mark": {"enum": ["near", "far"]}},
        }
    },
}


def test_parts_with_names_of_their_own_are_found_by_them_and_count_from_themselves(tmp_path: Path) -> None:
    import jsonschema_rs

    validator = jsonschema_rs.Draft202012Validator(face(written(tmp_path, json.dumps(TREE)), "#", FaceKind.COMPONENT))
    assert validator.is_valid({"nodes": [{"value": 1, "of": "far", "subtree": {"nodes": []}}]})
    assert not validator.is_valid({"nodes": [{"value": 1, "of": "elsewhere"}]})
    assert not validator.is_valid({"nodes": [{"value": 1, "subtree": {"nodes": [3]}}]})


def test_a_dynamic_reference_means_the_outermost_anchor_of_whoever_came_by(tmp_path: Path) -> None:
    import jsonschema_rs

    listed = {
        "$id": "list",
        "type": "array",
        "items": {"$dynamicRef": "#item"},
        "$defs": {"item": {"$dynamicAnchor": "item"}},
    }
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "https://example.com/texts",
        "$ref": "list",
        "$defs": {"text": {"$dynamicAnchor": "item", "type": "string"}, "list": listed},
    }
    validator = jsonschema_rs.Draft202012Validator(face(written(tmp_path, json.dumps(schema)), "#", FaceKind.COMPONENT))
    assert validator.is_valid(["a"])
    assert not validator.is_valid([1])


def one_of_parts(folder: Path, version: str) -> Evidence:
    """A vet whose id is read-only in one part of its schema and required by others, once through a reference."""
    own = {"type": "object", "properties": {"id": {"type": "integer", "readOnly": True}}}
    vet = {"allOf": [{"$ref": "#/components/schemas/Fields"}, own], "required": ["id", "name"]}
    fields = {"type": "object", "required": ["id"], "properties": {"name": {"type": "string"}}}
    team = {"type": "object", "properties": {"vets": {"type": "array", "items": {"$ref": "#/components/schemas/Vet"}}}}
    paths = {}
    for name in ("Vet", "Team", "Fields"):
        body = {"application/json": {"schema": {"$ref": f"#/components/schemas/{name}"}}}
        post = {"requestBody": {"content": body}, "responses": {"200": {"description": "", "content": body}}}
        paths[f"/{name}"] = {"post": post}
    return described(folder, {"Vet": vet, "Fields": fields, "Team": team}, paths, version)


FORMATS = ("date", "date-time", "uuid", "email", "uri", "url", "byte", "binary", "password", "hostname", "ipv4")


def test_formats_of_texts_are_kept_though_people_write_them_as_types_too(tmp_path: Path) -> None:
    members = {f"a{i}": {"type": "string", "format": f} for i, f in enumerate(FORMATS)}
    thing = {"type": "object", "properties": {**members, "at": {"type": "string", "format": "time"}}}
    e = described(tmp_path, {"Thing": thing})
    kept = face(e, "Thing", FaceKind.COMPONENT)["$defs"]["Thing"]["properties"]
    assert [kept[f"a{i}"].get("format") for i in range(len(FORMATS))] == list(FORMATS)
    assert "pattern" in kept["at"]  # a time of day without offset, which OpenAPI leaves open


@pytest.mark.parametrize("version", ["3.0.3", "3.1.0"])
def test_what_is_required_and_read_only_in_different_parts_is_a_response(tmp_path: Path, version: str) -> None:
    """Validators read each part by itself: a request is refused with the member, and without it."""
    import jsonschema_rs

    e = one_of_parts(tmp_path, version)
    kept = {"id": 1, "name": "Ann"}
    for name, kind in (("Vet", FaceKind.COMPONENT), ("POST /Vet 200", FaceKind.RESPONSE)):
        assert jsonschema_rs.Draft202012Validator(face(e, name, kind)).is_valid(kept)
    assert any("POST /Vet: id is required, and read-only: nothing can be sent" in r for r in remarks(e))


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("JSON schema for Acme Deploy configuration files", "AcmeDeploy"),
        ("A JSON schema for the Order format", "Order"),
        ("Person", "Person"),
        ("Everything that the settings of this program may say", "settings"),
    ],
)
def test_a_title_is_a_name_unless_it_is_a_sentence(tmp_path: Path, title: str, name: str) -> None:
    schema = {"$schema": "http://json-schema.org/draft-07/schema#", "title": title, "type": "object"}
    e = written(tmp_path, json.dumps({**schema, "properties": {"x": {"type": "string"}}}), "settings.json")
    assert [c.entity for c in e.claims if c.facet is FacetKind.ENTITY] == [name]


def test_a_body_that_carries_nothing_is_no_entity(tmp_path: Path) -> None:
    empty = {"type": "object", "properties": {"params": {"type": "null"}, "meta": {"type": "object"}}}
    user = {"type": "object", "properties": {"id": {"type": "integer"}, "name": {"type": "string"}}}
    post = {
        "requestBody": {"content": {"application/json": {"schema": empty}}},
        "responses": {"200": {"description": "", "content": {"application/json": {"schema": user}}}},
    }
    e = described(tmp_path, {}, {"/user": {"post": post}}, version="3.1.0")
    assert {(c.entity, c.field) for c in e.claims if c.facet is FacetKind.FIELD} == {("User", "id"), ("User", "name")}


def test_members_of_which_only_their_names_are_said_are_fields(tmp_path: Path) -> None:
    user = {"type": "object", "properties": {"name": {"example": "any"}, "email": {"example": "any"}}}
    post = {"requestBody": {"content": {"application/json": {"schema": user}}}, "responses": {}}
    e = described(tmp_path, {}, {"/users": {"post": post}})
    assert {(c.entity, c.field) for c in e.claims if c.facet is FacetKind.FIELD} == {
        ("User", "name"),
        ("User", "email"),
    }


def test_an_object_that_may_be_null_or_says_what_else_must_be_there_is_laid_out_where_it_stands(tmp_path: Path) -> None:
    mail = {"type": ["object", "null"], "properties": {"enabled": {"type": "boolean"}}}
    one_of_two = [{"required": ["prefix"]}, {"required": ["scope"]}]
    texts = {"prefix": {"type": "string", "maxLength": 50}, "scope": {"type": "string"}}
    commit = {"type": "object", "properties": texts, "anyOf": one_of_two}
    schema = {"title": "job", "type": "object", "properties": {"mail": mail, "commit": commit}}
    e = written(tmp_path, json.dumps({"$schema": "http://json-schema.org/draft-07/schema#", **schema}), "job.json")
    assert said(e, "job", "mail_enabled", FacetKind.TYPE).kind is Kind.BOOLEAN
    assert said(e, "job", "commit_prefix", FacetKind.TYPE).length == 50


def test_scalars_that_a_schema_leaves_to_its_server_are_read_by_their_names(tmp_path: Path) -> None:
    text = """
    type Token @entity { id: ID! number: BigInt! owner: Bytes! holder: Holder }
    type Holder @entity { id: ID! since: DateTime }
    type LabResult { value: Float! }
    type HolderResult { holder: Holder errors: [String] }
    """
    e = written(tmp_path, text, "schema.graphql")
    assert said(e, "Token", "number", FacetKind.TYPE).kind is Kind.INTEGER
    assert said(e, "Token", "owner", FacetKind.TYPE).kind is Kind.TEXT
    assert said(e, "Holder", "since", FacetKind.TYPE).kind is Kind.TIMESTAMP
    assert said(e, "Token", "holder", FacetKind.FOREIGN_KEY).target == "Holder"
    assert {c.entity for c in e.claims if c.facet is FacetKind.ENTITY} == {"Token", "Holder", "LabResult"}


def test_a_file_that_a_form_sends_is_a_member_of_it(tmp_path: Path) -> None:
    form = [{"key": "file", "type": "file", "src": "a.pdf"}, {"key": "title", "type": "text", "value": "Report"}]
    request = {"method": "POST", "url": "https://x.org/uploads", "body": {"mode": "formdata", "formdata": form}}
    info = {"name": "n", "schema": "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"}
    e = written(tmp_path, json.dumps({"info": info, "item": [{"name": "Upload", "request": request}]}), "c.json")
    kinds = {c.field: c.value.kind for c in e.claims if c.facet is FacetKind.TYPE}  # type: ignore[union-attr]
    assert kinds == {"file": Kind.BINARY, "title": Kind.TEXT}
    assert not any("file" in str(c.value) for c in e.claims if c.facet is FacetKind.SAMPLE)


def test_a_format_named_as_a_type_is_a_text(tmp_path: Path) -> None:
    swagger = {
        "swagger": "2.0",
        "info": {"title": "t", "version": "1"},
        "paths": {
            "/users": {
                "post": {"parameters": [{"in": "formData", "name": n, "type": n} for n in ("password", "string")]}
            }
        },
    }
    e = written(tmp_path, json.dumps(swagger))
    kinds = [c.value.kind for c in e.claims if c.facet is FacetKind.TYPE]  # type: ignore[union-attr]
    assert kinds == [Kind.TEXT, Kind.TEXT]
