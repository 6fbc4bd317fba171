"""Tests of Postman collections: what they expect becomes claims of the answer and outcomes of the flow; what is wrong
on purpose becomes neither."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from understudy.model.evidence import Evidence, FacetKind, Samples
from understudy.model.flow import Step, StepKind
from understudy.sources.api import read
from understudy.sources.api.scripts import outcome_of
from understudy.types import Kind

NEW = """
const json = pm.response.json();
pm.test("made", () => pm.response.to.have.status(201));
pm.test("owner", function () {
  pm.expect(json.id).to.be.a("number");
  pm.expect(json.firstName).to.eql("Ann");
  pm.expect(json.joined).to.match(/^\\d{4}-\\d{2}-\\d{2}$/);
  json.pets.forEach(p => { pm.expect(p).to.have.all.keys("id", "name"); });
  pm.expect(json).to.not.have.property("secret");
});
pm.environment.set("ownerId", json.id);
"""
OLD = """
var is200 = responseCode.code === 200;
tests["Status code is 200"] = is200;
if (is200) {
  var body = JSON.parse(responseBody);
  var owner = body.owner || {};
  tests["has name"] = owner.hasOwnProperty("firstName");
  tests["is a count"] = Number.isInteger(owner.visits);
  tests["is a date"] = /^\\d{4}-\\d{2}-\\d{2}$/.test(owner.joined);
}
"""


def request(name: str, method: str, url: str, body: Any = None, script: str = "") -> dict[str, Any]:
    raw = {"mode": "raw", "raw": json.dumps(body)} if body is not None else None
    made: dict[str, Any] = {"name": name, "request": {"method": method, "url": url, "body": raw}}
    return made | ({"event": [{"listen": "test", "script": {"exec": script.split("\n")}}]} if script else {})


def collection(folder: Path, *items: dict[str, Any], **more: Any) -> Evidence:
    schema = "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"
    (folder / "c.json").write_text(json.dumps({"info": {"name": "c", "schema": schema}, "item": items} | more))
    return read(str(folder / "c.json"))


def facet(evidence: Evidence, field: str, kind: FacetKind) -> list[Any]:
    return [c.value for c in evidence.claims if c.field == field and c.facet is kind]


def steps(evidence: Evidence, kind: StepKind) -> list[Step]:
    return [s for f in evidence.fragments for s in f.steps if s.kind is kind]


@pytest.mark.parametrize(
    ("script", "found"),
    [
        ("pm.response.to.have.status(404);", ("status", (), (404,))),
        ("pm.response.to.be.ok;", ("status", (), (200,))),
        ("pm.expect(pm.response.code).to.be.oneOf([200, 201]);", ("status", (), (200, 201))),
        ("tests['s'] = responseCode.code === 200;", ("status", (), (200,))),
        ("pm.expect(pm.response.json().a.b).to.equal(3);", ("equal", ("a", "b"), (3,))),
        ("pm.response.to.have.jsonBody('a.b', 3);", ("equal", ("a", "b"), (3,))),
        ("pm.expect(pm.response.json()).to.have.property('a').that.is.an('array');", ("type", ("a",), ("array",))),
        ("const {a} = pm.response.json(); pm.expect(a).to.be.true;", ("equal", ("a",), (True,))),
        ("pm.expect(typeof pm.response.json().a).to.equal('string');", ("type", ("a",), ("string",))),
        ("for (const x of pm.response.json()) { pm.expect(x.a).to.exist; }", ("exists", ("[]", "a"), ())),
        ("_.each(pm.response.json().l, x => { pm.expect(x.a).to.exist; });", ("exists", ("l", "[]", "a"), ())),
        ("function t(x) { pm.expect(x.a).to.be.a('number'); } t(pm.response.json());", ("type", ("a",), ("number",))),
        ("tests['x'] = JSON.parse(responseBody).a !== undefined;", ("exists", ("a",), ())),
    ],
)
def test_assertions_of_both_ways_are_understood(script: str, found: tuple[Any, ...]) -> None:
    outcome = outcome_of(script)
    assert found in [(e.what, e.path, e.values) for e in outcome.expected if not e.denied]


def test_what_must_not_be_is_no_member() -> None:
    outcome = outcome_of("pm.expect(pm.response.json()).to.not.have.property('secret');")
    assert [(e.path, e.denied) for e in outcome.expected] == [(("secret",), True)]
    assert outcome.schema() is None


@pytest.mark.parametrize("script", [NEW, OLD])
def test_members_types_and_patterns_that_tests_assert_are_claims(tmp_path: Path, script: str) -> None:
    evidence = collection(tmp_path, request("Owner", "POST", "http://x/owners", {"firstName": "Ann"}, script))
    assert facet(evidence, "joined", FacetKind.PATTERN)
    assert "firstName" in {c.field for c in evidence.claims if c.facet is FacetKind.FIELD}


def test_a_value_that_a_test_expects_is_a_sample_and_no_constraint(tmp_path: Path) -> None:
    evidence = collection(tmp_path, request("Owner", "GET", "http://x/owners/1", None, NEW))
    assert any("Ann" in v.values for v in facet(evidence, "firstName", FacetKind.SAMPLE) if isinstance(v, Samples))
    assert not facet(evidence, "firstName", FacetKind.ENUM)


def test_a_body_that_must_be_refused_says_nothing_but_names(tmp_path: Path) -> None:
    refused = "pm.test('refused', () => pm.response.to.have.status(422));"
    good = request("Owner", "POST", "http://x/owners", {"age": 3, "name": "Ann"}, "pm.response.to.have.status(201);")
    bad = request("Bad owner", "POST", "http://x/owners", {"age": "x", "hack": "<b>"}, refused)
    evidence = collection(tmp_path, good, bad)
    assert {t.kind for t in facet(evidence, "age", FacetKind.TYPE)} == {Kind.INTEGER}
    assert "hack" not in {c.field for c in evidence.claims}
    assert facet(evidence, "name", FacetKind.NULLABILITY) == [False]
    filled = [(s.field, s.values, s.invalid) for s in steps(evidence, StepKind.FILL)]
    assert ("age", ("3",), False) in filled
    assert ("age", ("x",), True) in filled
    alone = collection(tmp_path, bad)
    assert {"age", "hack"} <= {c.field for c in alone.claims}
    assert not facet(alone, "age", FacetKind.SAMPLE)
    assert not [t for t in facet(alone, "age", FacetKind.TYPE) if t.kind is Kind.TEXT]


def test_values_kept_of_an_answer_are_needed_by_later_requests(tmp_path: Path) -> None:
    items = (
        request("Owner", "POST", "http://x/owners", {"firstName": "Ann"}, NEW),
        request("Pet", "POST", "http://x/pets", {"owner": "{{ownerId}}"}, "pm.response.to.have.status(201);"),
        request("Look", "GET", "http://x/owners/{{ownerId}}"),
    )
    (fragment,) = collection(tmp_path, *items).fragments
    kept = next(i for i, s in enumerate(fragment.steps) if s.target == "ownerId")
    assert [s.text for s in fragment.steps if s.uses == (kept,)] == ["owner: text", "Look"]


def test_folders_are_cases_and_their_tests_hold_for_all_below(tmp_path: Path) -> None:
    inner = request("Pets", "GET", "http://x/pets")
    event = [{"listen": "test", "script": {"exec": "pm.response.to.have.status(200);"}}]
    (fragment,) = collection(tmp_path, {"name": "Shop", "item": [inner], "event": event}).fragments
    assert fragment.name == "Shop"
    assert [s.values for s in fragment.steps if s.kind is StepKind.EXPECT] == [("200",)]


def test_a_script_that_does_not_parse_is_told_and_the_rest_read(tmp_path: Path) -> None:
    script = "pm.response.to.have.status(200);\npm.test('x', function ( {{{;"
    evidence = collection(tmp_path, request("Pets", "GET", "http://x/pets", None, script))
    told = [str(c.value) for c in evidence.claims if c.facet is FacetKind.REMARK]
    assert any("does not parse" in t for t in told)
    assert [s.values for s in steps(evidence, StepKind.EXPECT)] == [("200",)]
