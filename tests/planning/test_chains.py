"""Tables one above the other, hundreds of them."""

from __future__ import annotations

import numpy as np

from understudy import workflow
from understudy.kernels import Runtime
from understudy.model.expression import Aggregate, Const, Lookup, Node, Take
from understudy.model.link import Link, Owned
from understudy.model.plan import PlannedColumn, PlannedTable
from understudy.model.request import Request
from understudy.model.schema import Schema
from understudy.model.snapshot import Snapshot
from understudy.planning.draft import Draft
from understudy.types import Kind, Type


def test_a_chain_of_three_hundred_tables_is_planned_and_its_last_table_made(tmp_path) -> None:
    """What a table reads of its parents must not reach up a chain without end: every row would cost all of it."""
    last = 300
    parts = ["CREATE TABLE t0 (id integer PRIMARY KEY, created_at timestamp NOT NULL, country text, note text);"]
    for k in range(1, last):
        parts.append(
            f"CREATE TABLE t{k} (id integer PRIMARY KEY, t{k - 1}_id integer NOT NULL REFERENCES t{k - 1} (id), "
            "created_at timestamp NOT NULL, updated_at timestamp, country text, quantity integer NOT NULL, "
            "unit_price numeric(10, 2) NOT NULL, CHECK (updated_at >= created_at));"
        )
    place = tmp_path / "chain.sql"
    place.write_text("\n".join(parts))
    bundle = workflow.plan_schema(workflow.read([str(place)]), Request(default_rows=20, seed=1, clock=0))
    assert not bundle.plan.unmet
    made = Runtime(bundle).batch(f"t{last - 1}", 0, 20)
    assert made.num_rows == 20
    assert len(set(made.column("created_at").to_pylist())) > 10


def test_what_tables_hand_on_to_each_other_ends_after_a_few(tmp_path) -> None:
    """A currency, say: that of the account above, of the account above that, and so on without end."""
    last = 300
    parts = ["CREATE TABLE t0 (id integer PRIMARY KEY, currency char(3) NOT NULL);"]
    parts += [
        f"CREATE TABLE t{k} (id integer PRIMARY KEY, t{k - 1}_id integer NOT NULL REFERENCES t{k - 1} (id), "
        "currency char(3) NOT NULL);"
        for k in range(1, last)
    ]
    place = tmp_path / "chain.sql"
    place.write_text("\n".join(parts))
    bundle = workflow.plan_schema(workflow.read([str(place)]), Request(default_rows=40, seed=1, clock=0))
    runtime = Runtime(bundle)
    assert runtime.batch(f"t{last - 1}", 0, 40).num_rows == 40
    one, up = runtime.batch("t3", 0, 40), runtime.batch("t2", 0, 40)
    above = dict(zip(up.column("id").to_pylist(), up.column("currency").to_pylist(), strict=True))
    owners = one.column("t2_id").to_pylist()
    assert [above[k] for k in owners] == one.column("currency").to_pylist()


def test_a_parent_that_adds_up_its_children_is_bound_anew_when_they_change() -> None:
    """Planning keeps one runtime: neither a table on trial nor an artefact replaced may be remembered."""
    whole = Type(Kind.INTEGER)
    draft = Draft(Schema("s", ()), Request(seed=1, clock=0), Snapshot())
    total = PlannedColumn("total", whole, Aggregate("line", "of", "sum", "amount"))
    draft.settle(PlannedTable("bill", 3, (total,)))

    def line(rows: int, amount: Node) -> PlannedTable:
        link = Link("of", "line", "bill", Owned(rows // 3, rows // 3, (1.0,)))
        copied = PlannedColumn("copied", whole, Lookup("of", "total"))
        return PlannedTable("line", rows, (PlannedColumn("amount", whole, amount), copied), links=(link,))

    def totals(trial: PlannedTable) -> list[int]:
        return draft.runtime(trial).column("line", "copied", range(trial.rows)).to_pylist()

    assert totals(line(6, Const(5))) == [10] * 6
    assert totals(line(9, Const(5))) == [15] * 9
    draft.keep_indices("held", np.array([7], np.int64))
    taken = line(6, Take("held", Const(0)))
    assert totals(taken) == [14] * 6
    draft.keep_indices("held", np.array([8], np.int64))
    assert totals(taken) == [16] * 6
    draft.settle(line(3, Const(2)))
    assert draft.parent_values("bill", ["total"])[0].to_pylist() == [2] * 3
