"""Links agree from both sides, whatever their mode, with existing rows and with eligible parents."""

from __future__ import annotations

from collections import Counter, defaultdict

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from understudy.errors import InternalError
from understudy.kernels import Runtime
from understudy.model.expression import (
    Aggregate,
    Call,
    Case,
    Chance,
    Const,
    Lookup,
    Ordinal,
    ParentRow,
    Permute,
    Row,
    Siblings,
    Take,
    Uniform,
    When,
)
from understudy.model.link import Coded, Drawn, Grouped, Link, Owned, Paired, Spread, Tree
from understudy.model.plan import Layout, PlannedColumn, PlannedTable
from understudy.types import Kind, Type

from .shop import INTEGER, ints, small

PARENTS = 60
DRAWN = Uniform("v", Const(-50), Const(100))


def family(mode, children=200, *, absent=None, eligible=(), existing=0, owner=False, **artefacts):
    """Parents ``p`` with a key and a number, children ``c`` with a number, sums on the parents."""
    if len(eligible):
        artefacts["eligible"] = ints(eligible)
    if existing:
        artefacts["old"] = pa.Table.from_arrays(
            [ints(np.arange(existing) + 1), ints(np.arange(existing) * 7)], ["id", "n"]
        )
    two_sided = isinstance(mode, Owned | Spread | Paired)
    sums = tuple(
        PlannedColumn(f"${f}", INTEGER, Aggregate("c", "up", f, "n" if f != "all" else ""), hidden=True)
        for f in ("sum", "min", "max", "count")
    )
    parents = PlannedTable(
        "p",
        PARENTS,
        (
            PlannedColumn("id", INTEGER, Call("+", (Row(), Const(existing + 1)))),
            PlannedColumn("n", INTEGER, DRAWN),
            *(sums if two_sided else ()),
            *((PlannedColumn("$children", INTEGER, Aggregate("c", "up", "count"), hidden=True),) if two_sided else ()),
        ),
        existing=existing,
        snapshot="old" if existing else "",
    )
    link = Link("up", "c", "p", mode, absent, "eligible" if len(eligible) else "")
    sides = (
        (PlannedColumn("ordinal", INTEGER, Ordinal("up")), PlannedColumn("siblings", INTEGER, Siblings("up")))
        if two_sided
        else ()
    )
    nullable = Case((When(Chance("hole", 0.2), Const(None)),), DRAWN)
    kids = PlannedTable(
        "c",
        children,
        (
            PlannedColumn("p_id", INTEGER, Lookup("up", "id")),
            PlannedColumn("p_n", INTEGER, Lookup("up", "n")),
            PlannedColumn("n", INTEGER, nullable),
            *sides,
        ),
        layout=Layout("up" if owner else ""),
        links=(link,),
    )
    return small(parents, kids, **artefacts)


TWO_SIDED = [
    ("owned", Owned(0, 9, (1.0,) * 10), 200, True),
    ("owned at least one", Owned(1, 9, (4.0, 3.0, 2.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0)), 200, True),
    ("spread", Spread(0.9), 200, False),
    ("spread at least two", Spread(0.9, 2), 200, False),
    ("spread with capacity", Spread(0.9, 0, 5), 200, False),
    ("spread evenly", Spread(0.0), 200, False),
    ("paired", Paired(), 50, False),
    ("paired shuffled", Paired(True), 50, False),
]
EXTRAS = [{}, {"absent": Chance("gone", 0.3)}, {"eligible": np.arange(0, PARENTS, 2)}, {"existing": 15}]


def cases():
    for name, mode, children, owner in TWO_SIDED:
        for extra in EXTRAS:
            if "eligible" in extra and isinstance(mode, Paired):
                continue
            if "eligible" in extra and (isinstance(mode, Owned) or (isinstance(mode, Spread) and mode.capacity)):
                yield f"{name} {[*extra]}", mode, 120, owner and "absent" not in extra, extra
            else:
                yield f"{name} {[*extra]}", mode, children, owner and "absent" not in extra, extra


@pytest.mark.parametrize(("name", "mode", "children", "owner", "extra"), [pytest.param(*c, id=c[0]) for c in cases()])
def test_a_two_sided_link_agrees_from_both_sides(name, mode, children, owner, extra):
    runtime = Runtime(family(mode, children, owner=owner, **extra))
    existing = extra.get("existing", 0)
    parents = runtime.parents("c", "up", range(children))
    assert parents.max() < PARENTS + existing
    if "eligible" in extra:
        assert set(parents.tolist()) <= set(extra["eligible"].tolist())
    if "absent" in extra:
        assert 0.15 < (parents < 0).mean() < 0.45
    else:
        assert parents.min() >= 0
    groups = defaultdict(list)
    for row, parent in enumerate(parents.tolist()):
        groups[parent].append(row)
    kids = {c: runtime.column("c", c, range(children)).to_pylist() for c in ("n", "ordinal", "siblings", "p_id")}
    for parent, rows in groups.items():
        if parent < 0:
            assert all(kids[c][r] is None for c in ("ordinal", "siblings", "p_id") for r in rows)
            continue
        assert len({kids["ordinal"][r] for r in rows}) == len(rows)
        assert {kids["siblings"][r] for r in rows} == {len(rows)}
        assert {kids["p_id"][r] for r in rows} == {parent + 1}
    measures = {
        c: runtime.column("p", c, range(PARENTS)).to_pylist() for c in ("$sum", "$min", "$max", "$count", "$children")
    }
    for row in range(PARENTS):
        values = [kids["n"][r] for r in groups.get(row + existing, [])]
        known = [v for v in values if v is not None]
        expected = (sum(known), min(known, default=None), max(known, default=None), len(known), len(values))
        assert tuple(measures[c][row] for c in ("$sum", "$min", "$max", "$count", "$children")) == expected
    some = np.array([5, 59, 0, 5], np.int64)
    assert runtime.column("p", "$sum", some).to_pylist() == [measures["$sum"][r] for r in some]


def test_minimum_and_capacity_hold():
    for mode, least, most in ((Owned(1, 5, (1.0, 1.0, 1.0, 1.0, 1.0)), 1, 5), (Spread(1.0, 2, 6), 2, 6)):
        counts = Counter(Runtime(family(mode, 200)).parents("c", "up", range(200)).tolist())
        assert len(counts) == PARENTS
        assert least <= min(counts.values()) <= max(counts.values()) <= most


def test_paired_children_have_parents_of_their_own():
    for shuffled in (False, True):
        parents = Runtime(family(Paired(shuffled), PARENTS)).parents("c", "up", range(PARENTS))
        assert sorted(parents.tolist()) == list(range(PARENTS))
        assert (parents.tolist() == list(range(PARENTS))) is not shuffled
    with pytest.raises(InternalError, match="cannot each have one of 60 parents"):
        Runtime(family(Paired(), PARENTS + 1)).parents("c", "up", range(3))


def test_existing_parents_are_read_from_the_snapshot():
    runtime = Runtime(family(Drawn(0.3), 400, existing=15))
    parents = runtime.parents("c", "up", range(400))
    numbers = runtime.column("p", "n", range(PARENTS)).to_pylist()
    assert (parents < 15).any()
    assert (parents >= 15).any()
    assert runtime.column("c", "p_id", range(400)).to_pylist() == (parents + 1).tolist()
    assert runtime.column("c", "p_n", range(400)).to_pylist() == [
        p * 7 if p < 15 else numbers[p - 15] for p in parents.tolist()
    ]


@settings(max_examples=15, deadline=None)
@given(exponent=st.sampled_from([0.0, 0.5, 1.0, 1.4]), seed=st.integers(0, 9))
def test_drawn_links_stay_among_their_parents_and_are_skewed_as_asked(exponent, seed):
    del seed
    counts = Counter(Runtime(family(Drawn(exponent), 3000)).parents("c", "up", range(3000)).tolist())
    assert set(counts) <= set(range(PARENTS))
    top = max(counts.values()) / 3000
    assert (top < 0.05) if exponent == 0 else (top > 0.03)


def test_a_self_reference_is_a_forest_with_parents_before_children():
    for self_rooted in (False, True):
        for existing in (0, 4):
            table = PlannedTable(
                "t",
                500,
                (
                    PlannedColumn("id", INTEGER, Call("+", (Row(), Const(existing + 1)))),
                    PlannedColumn("parent_id", INTEGER, Lookup("up", "id")),
                    PlannedColumn(
                        "depth",
                        INTEGER,
                        Case(
                            (When(Call("=", (ParentRow("up"), Call("+", (Row(), Const(existing))))), Const(0)),),
                            Call("coalesce", (Call("+", (Lookup("up", "depth"), Const(1))), Const(0))),
                        ),
                    ),
                ),
                links=(Link("up", "t", "t", Tree(20, 4, self_rooted)),),
                existing=existing,
            )
            runtime = Runtime(small(table))
            parents = runtime.parents("t", "up", range(500))
            rows = np.arange(500) + existing
            roots = parents == rows if self_rooted else parents == -1
            assert roots.sum() == 20
            assert (parents[~roots] < rows[~roots]).all()
            assert (parents[~roots] >= existing).all()
            if existing == 0 or not self_rooted:
                depth = np.array(runtime.column("t", "depth", range(500)).to_pylist())
                assert depth.max() <= 3
                assert (depth[~roots] == depth[parents[~roots] - existing] + 1).all()
                assert runtime.column("t", "depth", np.array([499, 3])).to_pylist() == [depth[499], depth[3]]


def test_a_coded_link_takes_the_index_it_is_given():
    runtime = Runtime(family(Coded(Call("%", (Row(), Const(PARENTS)))), 200))
    assert runtime.parents("c", "up", range(200)).tolist() == [r % PARENTS for r in range(200)]
    gone = Runtime(family(Coded(Case((When(Call("<", (Row(), Const(3))), Const(None)),), Const(5))), 10))
    assert gone.column("c", "p_id", range(10)).to_pylist() == [None] * 3 + [6] * 7
    with pytest.raises(InternalError, match="parent 60 is not among the 60 rows"):
        Runtime(family(Coded(Const(60)), 10)).parents("c", "up", range(10))


@pytest.mark.parametrize("member", [None, Call("/", (Row(), Const(4)))])
def test_a_grouped_link_chooses_within_the_group(member):
    group = ints([0, 1, -1, 2])
    offsets, members = ints([0, 3, 3, 5]), ints([4, 9, 2, 30, 31])
    mode = Grouped(Take("group", Call("%", (Row(), Const(4)))), "offsets", "members", member)
    parents = Runtime(family(mode, 400, group=group, offsets=offsets, members=members)).parents("c", "up", range(400))
    by = [set(parents[k::4].tolist()) for k in range(4)]
    assert by == [{4, 9, 2}, {-1}, {-1}, {30, 31}]


def test_ordinals_count_within_the_parent_and_identities_follow_them():
    runtime = Runtime(family(Owned(1, 9, (1.0,) * 9), 200, owner=True))
    more = Runtime(family(Owned(1, 9, (1.0,) * 9), 200))
    assert runtime.column("c", "n", range(200)) != more.column("c", "n", range(200))
    frame = runtime.table("c").frame(range(200))
    assert np.unique(frame.identity).size == 200


def test_a_unique_code_per_parent_is_unique_per_parent():
    parents = PlannedTable("p", 40, (PlannedColumn("id", INTEGER, Row()),))
    kids = PlannedTable(
        "c",
        300,
        (
            PlannedColumn("code", INTEGER, Permute("code", Ordinal("up"), Const(12), ParentRow("up"))),
            PlannedColumn("p", INTEGER, ParentRow("up")),
        ),
        layout=Layout("up"),
        links=(Link("up", "c", "p", Owned(4, 12, (1.0,) * 9)),),
    )
    runtime = Runtime(small(parents, kids))
    pairs = list(
        zip(
            runtime.column("c", "p", range(300)).to_pylist(),
            runtime.column("c", "code", range(300)).to_pylist(),
            strict=True,
        )
    )
    assert len(set(pairs)) == 300
    assert {c for _, c in pairs} == set(range(12))


def test_aggregates_are_computed_in_pieces_where_a_parent_is_a_giant(monkeypatch):
    from understudy.kernels import relations

    bundle = family(Spread(1.2), 2000)
    expected = {
        c: Runtime(bundle).column("p", c, range(PARENTS)).to_pylist() for c in ("$sum", "$min", "$max", "$count")
    }
    monkeypatch.setattr(relations, "CHILDREN", 64)
    assert {c: Runtime(bundle).column("p", c, range(PARENTS)).to_pylist() for c in expected} == expected


def test_a_table_two_links_away_is_read_through_both():
    a = PlannedTable("a", 5, (PlannedColumn("x", INTEGER, Call("*", (Row(), Const(11)))),))
    b = PlannedTable(
        "b", 20, (PlannedColumn("x", INTEGER, Lookup("up", "x")),), links=(Link("up", "b", "a", Spread(0.5)),)
    )
    c = PlannedTable(
        "c", 80, (PlannedColumn("x", INTEGER, Lookup("up", "x")),), links=(Link("up", "c", "b", Drawn(0.5)),)
    )
    runtime = Runtime(small(a, b, c))
    up, upper = runtime.parents("c", "up", range(80)), runtime.parents("b", "up", range(20))
    assert runtime.column("c", "x", range(80)).to_pylist() == (upper[up] * 11).tolist()


def test_two_tables_that_read_each_other_agree():
    one = PlannedTable(
        "one",
        30,
        (PlannedColumn("id", INTEGER, Row()), PlannedColumn("y", INTEGER, Lookup("to", "id"))),
        links=(Link("to", "one", "two", Drawn()),),
    )
    two = PlannedTable(
        "two",
        10,
        (PlannedColumn("id", INTEGER, Row()), PlannedColumn("x", INTEGER, Lookup("to", "y"))),
        links=(Link("to", "two", "one", Drawn()),),
    )
    runtime = Runtime(small(one, two))
    there, back = runtime.parents("one", "to", range(30)), runtime.parents("two", "to", range(10))
    assert runtime.column("two", "x", range(10)).to_pylist() == there[back].tolist()


def test_decimal_sums_are_exact():
    money = Type(Kind.DECIMAL, precision=30, scale=2)
    parents = PlannedTable("p", 3, (PlannedColumn("s", money, Aggregate("c", "up", "sum", "m")),))
    kids = PlannedTable(
        "c", 30, (PlannedColumn("m", money, Const(9 * 10**18)),), links=(Link("up", "c", "p", Spread(0.0)),)
    )
    assert [int(v * 100) for v in Runtime(small(parents, kids)).column("p", "s", range(3)).to_pylist()] == [
        90 * 10**18
    ] * 3


def test_no_parents_at_all_is_said():
    parents = PlannedTable("p", 0, (PlannedColumn("id", INTEGER, Row()),))
    kids = PlannedTable(
        "c", 5, (PlannedColumn("p_id", INTEGER, Lookup("up", "id")),), links=(Link("up", "c", "p", Drawn()),)
    )
    with pytest.raises(InternalError, match="no row of p to refer to"):
        Runtime(small(parents, kids)).batch("c", 0, 5)
