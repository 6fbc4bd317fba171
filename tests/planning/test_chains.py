"""Tables one above the other, hundreds of them."""

from __future__ import annotations

from understudy import workflow
from understudy.kernels import Runtime
from understudy.model.request import Request


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
