"""The bytes of this era, written down: a plan that somebody saved must go on giving them."""

from __future__ import annotations

import json

import pytest
from tests.golden.era_plan import bundle, digests
from tests.golden.renew import PLACE

from understudy.model.plan import ERA

BROKEN = """The bytes of era {era} have changed in: {tables}.
Whoever saved a plan would get other data from it under this version. Either undo the change to the law, or make it
a new era: raise ERA in understudy/model/plan.py, run `python -m tests.golden.renew`, and say in CHANGELOG.md what
moved and why."""


def test_the_golden_digests_are_those_of_this_era() -> None:
    held = json.loads(PLACE.read_text())["era"]
    assert held == ERA, f"ERA is {ERA}, the golden digests are of {held}: run `python -m tests.golden.renew`"


def test_this_era_gives_the_bytes_that_it_always_gave() -> None:
    held, now = json.loads(PLACE.read_text())["tables"], digests()
    moved = sorted(t for t in held.keys() | now.keys() if held.get(t) != now.get(t))
    if moved:
        pytest.fail(BROKEN.format(era=ERA, tables=", ".join(moved)), pytrace=False)


def test_no_golden_column_depends_on_a_float() -> None:
    assert not [c.name for t in bundle().plan.tables for c in t.columns if c.type.kind.value == "float"]
