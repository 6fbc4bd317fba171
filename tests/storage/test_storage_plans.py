"""A plan that was saved is the plan that is loaded, or it is refused."""

from __future__ import annotations

from pathlib import Path

import msgspec
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from understudy.errors import SourceError, TargetError
from understudy.model.artefact import ArtefactKind
from understudy.model.bundle import Bundle
from understudy.model.expression import Const
from understudy.model.plan import LoadStep, Plan, PlannedColumn, PlannedTable
from understudy.model.schema import Entity, Field, Schema
from understudy.storage.plans import PLAN_FILE, describe, load, plan_hash, save
from understudy.types import Kind, Type

INTEGER = Type(Kind.INTEGER)


def bundle(seed: int = 7, **artefacts: pa.Array | pa.Table) -> Bundle:
    schema = Schema(name="s", entities=(Entity(name="t", fields=(Field(name="a", type=INTEGER),)),))
    table = PlannedTable(name="t", rows=3, columns=(PlannedColumn(name="a", type=INTEGER, expression=Const(1)),))
    plan = Plan(schema=schema, tables=(table,), load=(LoadStep(tables=("t",)),), seed=seed, clock=0)
    return Bundle(plan=plan, artefacts=artefacts)


def rich() -> Bundle:
    words = pa.array(["a", None, "ü"]).dictionary_encode()
    return bundle(words=words, numbers=pa.array(np.arange(5)), rows=pa.table({"x": [1, 2], "y": ["p", "q"]}))


def test_a_saved_plan_comes_back_without_change(tmp_path: Path) -> None:
    before = rich()
    written = save(before, tmp_path / "x.plan")
    after = load(tmp_path / "x.plan")
    assert after.plan == written
    assert {n: a.equals(before.artefacts[n]) for n, a in after.artefacts.items()} == dict.fromkeys(
        before.artefacts, True
    )
    assert isinstance(after.artefacts["words"], pa.DictionaryArray)
    assert plan_hash(after) == plan_hash(before)


def test_the_kind_that_a_plan_names_is_kept(tmp_path: Path) -> None:
    b = bundle(tape=pa.array(["one sentence."]))
    sentences = describe(b.artefacts, {"tape": ArtefactKind.SENTENCES})
    b = Bundle(plan=msgspec.structs.replace(b.plan, artefacts=sentences), artefacts=b.artefacts)
    save(b, tmp_path / "x.plan")
    assert load(tmp_path / "x.plan").plan.artefacts[0].kind is ArtefactKind.SENTENCES


def test_a_changed_artefact_is_refused_by_name(tmp_path: Path) -> None:
    save(rich(), tmp_path / "x.plan")
    victim = next((tmp_path / "x.plan" / "artefacts").glob("numbers-*"))
    data = bytearray(victim.read_bytes())
    data[len(data) // 2] ^= 1
    victim.write_bytes(data)
    with pytest.raises(SourceError, match=r"numbers.*digest differs"):
        load(tmp_path / "x.plan")


def test_a_missing_artefact_is_refused_by_name(tmp_path: Path) -> None:
    save(rich(), tmp_path / "x.plan")
    next((tmp_path / "x.plan" / "artefacts").glob("words-*")).unlink()
    with pytest.raises(SourceError, match=r"words.*cannot be read"):
        load(tmp_path / "x.plan")


@pytest.mark.parametrize("text", [b"", b"{}", b"\x00\xff", b'{"schema": 3}'])
def test_a_file_that_is_no_plan_is_refused_in_one_line(tmp_path: Path, text: bytes) -> None:
    (tmp_path / PLAN_FILE).write_bytes(text)
    with pytest.raises(SourceError) as caught:
        load(tmp_path)
    assert "\n" not in caught.value.line


def test_a_plan_whose_digest_points_elsewhere_opens_no_other_file(tmp_path: Path) -> None:
    save(rich(), tmp_path / "x.plan")
    text = (tmp_path / "x.plan" / PLAN_FILE).read_text()
    first = load(tmp_path / "x.plan").plan.artefacts[0].digest
    (tmp_path / "x.plan" / PLAN_FILE).write_text(text.replace(first, "../../../secret"))
    with pytest.raises(SourceError, match="no valid digest"):
        load(tmp_path / "x.plan")


def test_a_plan_is_replaced_whole_and_nothing_stays_beside_it(tmp_path: Path) -> None:
    save(rich(), tmp_path / "x.plan")
    save(bundle(seed=8), tmp_path / "x.plan")
    assert load(tmp_path / "x.plan").plan.seed == 8
    assert [p.name for p in tmp_path.iterdir()] == ["x.plan"]
    assert list((tmp_path / "x.plan" / "artefacts").iterdir()) == []


def test_a_folder_that_is_no_plan_is_never_replaced(tmp_path: Path) -> None:
    (tmp_path / "kept.txt").write_text("mine")
    with pytest.raises(TargetError, match="no plan"):
        save(rich(), tmp_path)
    assert (tmp_path / "kept.txt").read_text() == "mine"


def test_the_hash_follows_plan_and_artefacts() -> None:
    assert plan_hash(bundle(a=pa.array([1]))) == plan_hash(bundle(a=pa.array([1])))
    hashes = {plan_hash(b) for b in (bundle(), bundle(seed=8), bundle(a=pa.array([1])), bundle(a=pa.array([2])))}
    assert len(hashes) == 4


@given(st.lists(st.text(min_size=1), min_size=1, max_size=4, unique=True))
def test_artefacts_of_any_name_find_their_way_back(tmp_path_factory: pytest.TempPathFactory, names: list[str]) -> None:
    names = [n for n in names if n.isprintable()] or ["x"]
    place = tmp_path_factory.mktemp("plans") / "x.plan"
    save(bundle(**{n: pa.array([i]) for i, n in enumerate(names)}), place)
    assert {n: a.to_pylist() for n, a in load(place).artefacts.items()} == {n: [i] for i, n in enumerate(names)}
