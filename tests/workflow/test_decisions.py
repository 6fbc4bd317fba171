"""A person's decisions: kept beside the project, honoured on the next run, shown as such."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from understudy.cli.main import main
from understudy.errors import RequestError, SourceError
from understudy.model.rule import Rule
from understudy.workflow.deciding import decided, decisions
from understudy.workflow.reading import Reading, read

DDL = """CREATE TABLE customers (
  id integer PRIMARY KEY,
  name varchar(40) NOT NULL,
  phone varchar(20)
);
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "understudy.yaml").write_text("generation: {seed: 3}\n")
    (tmp_path / "schema.sql").write_text(DDL)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def rules(project: Path) -> dict[str, Rule]:
    return {r.name: r for r in read([str(project / "schema.sql")]).entity("customers").checks}


def test_a_decision_is_honoured_on_the_next_run(project: Path) -> None:
    assert not rules(project)
    arguments = ["review", "schema.sql", "--set", "customers.phone.pattern=^[0-9]{10}$"]
    assert main([*arguments, "--set", "customers.phone.required=true"]) == 0
    found = rules(project)
    assert {r.text for r in found.values()} == {'"phone" IS NOT NULL', "\"phone\" REGEXP '^[0-9]{10}$'"}
    assert not any(r.enforced for r in found.values())


def test_what_a_person_decided_is_shown_as_such_and_certain(project: Path) -> None:
    assert main(["review", "schema.sql", "--set", "customers.name.length=2..30"]) == 0
    account = next(f for f in read(["schema.sql"]).facets if f.facet == "length")
    assert (account.standing, account.confidence, account.value) == ("decided", 1.0, "2 to 30 characters")


def test_decisions_lie_beside_the_project_file_whatever_the_folder(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    inside = project / "deep" / "down"
    inside.mkdir(parents=True)
    monkeypatch.chdir(inside)
    assert main(["review", str(project / "schema.sql"), "--set", "customers.name.meaning=company"]) == 0
    assert (project / "overrides.yaml").is_file()
    assert read([str(project / "schema.sql")]).entity("customers").field("name").meaning == "company"


def test_another_file_of_decisions_can_be_named(project: Path) -> None:
    other = project / "mine.yaml"
    other.write_text("fields:\n  customers.name:\n    length: ..10\n")
    schema = read(["schema.sql"], reading=Reading(overrides=str(other)))
    assert [r.text for r in schema.entity("customers").checks] == ['length("name") <= 10']


def test_a_decision_about_a_field_that_is_gone_is_told(project: Path) -> None:
    (project / "overrides.yaml").write_text("fields:\n  customers.fax:\n    nullable: false\n")
    remark = next(r for r in read(["schema.sql"]).remarks if r.place == "customers.fax")
    assert "no source describes this field" in remark.text


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("fields:\n  customers.name:\n    lenght: 1..2\n", r"line 3: unknown member 'lenght'. Did you mean 'length'"),
        ("fields:\n  customers.name:\n    length: many..\n  x: {}\n", "'x' is no field"),
        ("fields:\n  customers.name:\n    pattern: '['\n", "is no pattern"),
        ("fields:\n  customers.name:\n    type: varchr\n", "is no type"),
        ("fields: [\n", "not valid YAML"),
    ],
)
def test_faults_in_decisions_are_told_with_their_mend(project: Path, text: str, told: str) -> None:
    (project / "overrides.yaml").write_text(text)
    with pytest.raises(SourceError, match=told):
        read(["schema.sql"])


@pytest.mark.parametrize(
    ("wish", "told"),
    [
        ("customers.fone.length=1..3", "Did you mean 'customers.phone'"),
        ("customers.phone.colour=red", "decides nothing"),
        ("customers.phone.nullable=perhaps", "neither true nor false"),
        ("customers.phone.length", "decides nothing"),
    ],
)
def test_wishes_that_decide_nothing_are_refused(project: Path, wish: str, told: str) -> None:
    with pytest.raises(RequestError, match=told):
        decided(decisions(project / "overrides.yaml"), read(["schema.sql"]), [wish])


def test_what_was_accepted_needs_no_second_look(project: Path) -> None:
    assert main(["review", "schema.sql", "--set", "customers.name.length=2..30"]) == 0
    assert main(["review", "schema.sql", "--accept", "customers.name.length"]) == 0
    kept = decisions(project / "overrides.yaml")
    assert kept.fields["customers.name"].accepted == ("length",)
    assert main(["review", "schema.sql"]) == 0


def test_weights_of_the_project_file_count(project: Path) -> None:
    from understudy.workflow.reading import weights

    assert weights().own == {}
    (project / "understudy.yaml").write_text("weights: {api_validation: 0.3}\n")
    assert weights().own == {"api.validation": 0.3}


def test_evidence_is_kept_by_content(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from understudy.sources.database import dump
    from understudy.storage import evidence as shelf

    monkeypatch.setenv("XDG_CACHE_HOME", str(project / "cache"))
    monkeypatch.setattr(shelf, "WORTHWHILE_S", 0.0)
    first = read(["schema.sql"])
    assert list((project / "cache").rglob("*.json"))
    monkeypatch.setattr(dump, "read", lambda path: pytest.fail("it was read again"))
    assert msgspec.json.encode(read(["schema.sql"])) == msgspec.json.encode(first)


def test_changed_material_and_no_cache_are_read_anew(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from understudy.storage import evidence as shelf

    monkeypatch.setenv("XDG_CACHE_HOME", str(project / "cache"))
    monkeypatch.setattr(shelf, "WORTHWHILE_S", 0.0)
    read(["schema.sql"])
    (project / "schema.sql").write_text(DDL.replace("phone", "fax"))
    assert read(["schema.sql"]).entity("customers").field("fax")
    for kept in (project / "cache").rglob("*.json"):
        kept.write_text("{}")
    assert read(["schema.sql"]).entity("customers").field("fax")
    assert read(["schema.sql"], reading=Reading(cache=False)).entity("customers").field("fax")
