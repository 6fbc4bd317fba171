"""The bytes of this era, written down. A plan made by an earlier version of the same era must go on giving them.

The plan lies beside this test as it was made, so that only generation is guarded, not what planning chooses;
columns that depend on floats are left out, for they are promised on one platform only.
"""

from __future__ import annotations

import json
from pathlib import Path

from tests.laws.library_material import content

from understudy.generation import stream
from understudy.model.expression import Call, Const, Node
from understudy.model.plan import ERA
from understudy.storage.plans import load

HERE = Path(__file__).parent
PLAN, DIGESTS = HERE / "era.plan", HERE / "era.json"

BROKEN = """The bytes of era {era} have changed in: {tables}.
Whoever saved a plan would get other data from this version under the same seed. Either undo the change of the
law, or make it a new era: raise ERA in understudy/model/plan.py, run `python -m tests.golden.renew`, and say
in CHANGELOG.md what moved and why."""


def made() -> dict[str, str]:
    bundle = load(PLAN)
    return {
        t.name: content([b.data for b in stream(bundle, t.name, 0, t.rows, omitted=True)]) for t in bundle.plan.tables
    }


def test_a_plan_of_this_era_gives_the_bytes_that_it_always_gave() -> None:
    held = json.loads(DIGESTS.read_text())
    assert held["era"] == ERA, f"ERA is {ERA}, the golden file is of {held['era']}: run `python -m tests.golden.renew`"
    now = made()
    assert now.keys() == held["tables"].keys()
    moved = [t for t in now if now[t] != held["tables"][t]]
    assert not moved, BROKEN.format(era=ERA, tables=", ".join(moved))


def test_the_golden_plan_has_no_float_and_most_kinds_of_expression() -> None:
    bundle = load(PLAN)
    kinds: set[str] = set()

    def walk(node: object) -> None:
        if isinstance(node, Node):
            kinds.add(type(node).__name__)
            assert not (isinstance(node, Const) and isinstance(node.value, float))
            for name in node.__struct_fields__:
                walk(getattr(node, name))
        elif isinstance(node, tuple):
            for part in node:
                walk(part)

    for table in bundle.plan.tables:
        for c in table.columns:
            assert c.type.kind.value != "float"
            walk(c.expression)
    assert len(kinds) >= 12, kinds
