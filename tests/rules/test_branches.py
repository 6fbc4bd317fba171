"""A branch is a promise: what it permits the rules permit; and together the branches forget nothing that matters."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from understudy.model.domain import Domain
from understudy.model.expression import Column, Opaque
from understudy.model.functions import FUNCTIONS
from understudy.rules import (
    Branch,
    Branches,
    Relation,
    branches,
    columns_of,
    components,
    evaluate,
    rename,
    render,
    understand,
)
from understudy.rules.evaluation import EVALUATED
from understudy.rules.kinds import natural, scale_of
from understudy.rules.textual import found
from understudy.types import Kind, Type

TYPES = {
    "a": Type(Kind.INTEGER),
    "b": Type(Kind.INTEGER),
    "c": Type(Kind.INTEGER),
    "n": Type(Kind.DECIMAL, precision=8, scale=1),
    "m": Type(Kind.DECIMAL, precision=8, scale=2),
    "s": Type(Kind.TEXT),
    "r": Type(Kind.TEXT),
    "f": Type(Kind.BOOLEAN),
    "d": Type(Kind.DATE),
    "t": Type(Kind.TIMESTAMP),
}
DAY = 86_400_000_000
GRID: dict[str, tuple[Any, ...]] = {
    "a": (None, -1, 0, 1, 2, 6),
    "b": (None, 0, 1, 3),
    "c": (None, 0, 2, 5),
    "n": (None, 0, 5, 20),
    "m": (None, 0, 49, 200),
    "s": (None, "", "x", "y", "Xy", " "),
    "r": (None, "x", "z"),
    "f": (None, False, True),
    "d": (None, 0, 1, 20000),
    "t": (None, 0, 1, DAY, 2 * DAY),
}


def solve(*texts: str) -> Branches:
    return branches([understand(t, "postgresql", TYPES).predicate for t in texts], TYPES)


def permits(domain: Domain, value: Any) -> bool:
    if value is None:
        return not domain.required
    if domain.forbidden or not domain.permits(value) or (domain.values is not None and value not in domain.values):
        return False
    if domain.multiple is not None and value % domain.multiple:
        return False
    return all(found(p, value, fold="i" in flags) for p, flags in domain.patterns)


def related(relation: Relation, row: dict[str, Any]) -> bool:
    left, right = row[relation.left], row[relation.right]
    if left is None or right is None:
        return True
    if relation.left_factor == relation.right_factor == 1 and not relation.offset:
        one, other = left, right
    else:
        one, other = left * relation.left_factor, right * relation.right_factor + relation.offset
    return {
        "<": one < other,
        "<=": one <= other,
        "=": one == other,
        "<>": one != other,
        ">": one > other,
        ">=": one >= other,
    }[relation.op]


def spoken(row: dict[str, Any]) -> dict[str, Any]:
    return {name: None if v is None else natural(v, TYPES[name]) for name, v in row.items()}


def inside(branch: Branch, row: dict[str, Any]) -> bool:
    fits = all(permits(d, row[n]) for n, d in branch.domains.items()) and all(related(r, row) for r in branch.relations)
    if not fits or any(evaluate(x, spoken(row)) is False for x in branch.residue):
        return False
    for definition in branch.definitions:
        value, made = spoken(row)[definition.column], evaluate(definition.node, spoken(row))
        if value is not None and made is not None and value != made:
            return False
    return True


def rows(names: list[str]) -> list[dict[str, Any]]:
    return [dict(zip(names, values, strict=True)) for values in product(*(GRID[n] for n in names))]


EXACT = [
    ["a > 0"],
    ["a IS NOT NULL AND a > 0"],
    ["a > 0 OR a IS NULL"],
    ["a < 0 OR a > 1"],
    ["a > 0.5"],
    ["a <> 1"],
    ["n > 0.25"],
    ["n >= 0.5 AND n < 2"],
    ["n < m"],
    ["n <= m * 0.5"],
    ["m - n >= 0.3"],
    ["n = m"],
    ["a < b"],
    ["a + 1 < b"],
    ["a < b", "b < c"],
    ["a + b <= c"],
    ["a + b = c"],
    ["a * b = c"],
    ["d < t"],
    ["t - d > interval '1 day'"],
    ["t >= '1970-01-02'"],
    ["t::date = '1970-01-01'"],
    ["date_trunc('day', t) = t"],
    ["extract(year from d) = 1970"],
    ["extract(year from d) > 1970"],
    ["s IN ('x', 'y') OR s = 'Xy' OR s IS NULL"],
    ["s NOT IN ('x', 'y')"],
    ["s <> ''"],
    ["length(trim(s)) > 0"],
    ["trim(s) <> '' AND s IS NOT NULL"],
    ["s = lower(s)"],
    ["s ~ '^[a-z]+$'"],
    ["s !~ '[A-Z]'"],
    ["s LIKE 'x%'"],
    ["s ILIKE 'x%'"],
    ["left(s, 1) = 'x'"],
    ["position('y' in s) > 0"],
    ["s = r"],
    ["s <> r"],
    ["lower(s) = r"],
    ["num_nonnulls(a, b, c) = 1"],
    ["num_nulls(a, b) IN (0, 2)"],
    ["(a IS NULL) = (b IS NULL)"],
    ["(a IS NULL) <> (b IS NULL AND c IS NULL)"],
    ["(a IS NULL)::int + (b IS NULL)::int = 1"],
    ["a IS NULL OR b IS NOT NULL"],
    ["NOT (s = 'x') OR a IS NOT NULL"],
    ["s <> 'x' OR a > 1"],
    ["CASE s WHEN 'x' THEN a IS NOT NULL WHEN 'y' THEN b > 0 ELSE false END"],
    ["CASE WHEN a > 0 THEN b IS NOT NULL ELSE c IS NULL END"],
    ["CASE WHEN s = 'x' THEN 1 ELSE 0 END = a"],
    ["f"],
    ["NOT f"],
    ["f IS TRUE"],
    ["f IS NOT TRUE OR a > 0"],
    ["f = (a IS NOT NULL)"],
    ["f = (a > 0)"],
    ["f <> (a > b)"],
    ["coalesce(a, 0) > 1"],
    ["coalesce(a, b) > 1"],
    ["coalesce(a, b) IS NOT NULL"],
    ["coalesce(f, false)"],
    ["coalesce(a, 0) + coalesce(b, 0) > 2"],
    ["nullif(s, '') IS NOT NULL"],
    ["nullif(a, b) IS NULL"],
    ["greatest(a, b) <= 1"],
    ["greatest(a, b) > 1"],
    ["least(a, b) >= 1"],
    ["(least(a, b) < 1) IS TRUE"],
    ["a IS DISTINCT FROM b"],
    ["a IS NOT DISTINCT FROM b"],
    ["a IS NOT DISTINCT FROM 1"],
    ["s IS DISTINCT FROM 'x'"],
    ["(a, b) < (1, 1)"],
    ["a % 2 = 0", "a % 3 = 0"],
    ["a IN (0, 1, 2)", "a % 2 = 0"],
    ["abs(a) <= 1"],
    ["abs(a - 1) < 1"],
    ["(a > 0) IS NOT FALSE"],
    ["(a > 0 AND b > 0) IS TRUE"],
    ["NOT (a > 0 AND (b IS NULL OR s = 'x'))"],
    ["(s = 'x' AND a IS NOT NULL AND b IS NULL) OR (s = 'y' AND a IS NULL AND b IS NOT NULL)"],
    ["a > 0", "s <> 'x' OR b > 1", "f OR c IS NULL"],
    ["round(n) = n"],
]


@pytest.mark.parametrize("texts", EXACT, ids=" & ".join)
def test_branches_permit_just_the_rows_that_the_rules_permit(texts: list[str]) -> None:
    trees = [understand(t, "postgresql", TYPES).predicate for t in texts]
    solved = branches(trees, TYPES)
    assert solved.branches
    assert not solved.narrowed
    for row in rows(list(dict.fromkeys(n for t in trees for n in columns_of(t)))):
        truth = all(evaluate(t, spoken(row)) is not False for t in trees)
        assert any(inside(b, row) for b in solved.branches) == truth, row


ATOMS = st.sampled_from(
    ["a > 0", "a = 1", "a IS NULL", "b IS NOT NULL", "b < 2", "a < b", "s = 'x'", "s IN ('x', 'y')", "s IS NULL",
    "f", "f IS TRUE",
     "NOT f", "num_nonnulls(a, b) = 1", "coalesce(b, 1) = 1", "a IS DISTINCT FROM b",
     "CASE WHEN f THEN a > 0 ELSE s = 'y' END"]
)  # fmt: skip
FORMULAS = st.recursive(
    ATOMS,
    lambda inner: st.one_of(
        st.tuples(inner, inner).map(lambda p: f"({p[0]} AND {p[1]})"),
        st.tuples(inner, inner).map(lambda p: f"({p[0]} OR {p[1]})"),
        inner.map(lambda p: f"(NOT {p})"),
        inner.map(lambda p: f"(({p}) IS NOT TRUE)"),
    ),
    max_leaves=5,
)
ALL_ROWS = rows(["a", "b", "s", "f"])[::3]


@settings(max_examples=60, deadline=None)
@given(st.lists(FORMULAS, min_size=1, max_size=3))
def test_any_combination_of_rules_is_met_by_every_row_of_every_branch(texts: list[str]) -> None:
    trees = [understand(t, "postgresql", TYPES).predicate for t in texts]
    solved = branches(trees, TYPES)
    truths = [all(evaluate(t, spoken(row)) is not False for t in trees) for row in ALL_ROWS]
    for row, truth in zip(ALL_ROWS, truths, strict=True):
        assert truth or not any(inside(b, row) for b in solved.branches), (texts, row)
    if not solved.branches:
        assert not any(truths), texts


@pytest.mark.parametrize(
    "texts",
    [
        ["a > 5"],
        ["a > 5 OR a IS NULL"],
        ["s IN ('x') OR s = 'y' OR s IS NULL"],
        ["a < b"],
        ["length(s) > 2", "s ~ 'x'", "a <> 3"],
    ],
)
def test_common_rules_are_one_branch(texts: list[str]) -> None:
    solved = solve(*texts)
    assert len(solved.branches) == 1
    assert not solved.branches[0].residue


def test_bounds_are_in_the_representation_of_the_column() -> None:
    (branch,) = solve("m > 5.005", "d >= '1970-01-11'", "t < '1970-01-02 00:00:01'", "f").branches
    assert branch.domains == {
        "m": Domain(low=501), "d": Domain(low=10), "t": Domain(high=DAY + 999_999), "f": Domain(values=(True,))
    }  # fmt: skip
    assert scale_of(TYPES["m"]) == 2


def test_conditions_on_the_present_are_bounds_once_the_clock_is_known() -> None:
    trees = [
        understand(x, "postgresql", TYPES).predicate for x in ("t <= now()", "d < CURRENT_DATE", "d > CURRENT_DATE - 5")
    ]
    (branch,) = branches(trees, TYPES, clock=100 * DAY + 7).branches
    assert branch.domains == {"t": Domain(high=100 * DAY + 7), "d": Domain(low=96, high=99)}
    assert branch.residue == ()
    assert len(branches(trees, TYPES).branches[0].residue) == 3


def test_contradiction_names_the_fewest_rules_that_clash() -> None:
    texts = ["s <> 'x'", "a > 5", "f", "a < 3", "a IS NOT NULL"]
    solved = solve(*texts)
    assert solved.branches == ()
    assert solved.clashing == (1, 3, 4)
    assert solved.conflict == ("a > 5", "a < 3", "a is not null")


@pytest.mark.parametrize(
    "texts",
    [
        ["a < b", "b < c", "c < a", "a IS NOT NULL", "b IS NOT NULL", "c IS NOT NULL"],
        ["a <= b", "a >= 10", "b <= 5", "a IS NOT NULL", "b IS NOT NULL"],
        ["s = 'x'", "length(s) = 2", "s IS NOT NULL"],
        ["s IN ('x', 'y')", "s ~ '^z'", "s IS NOT NULL"],
        ["false"],
        ["a IS NULL", "a IS NOT NULL"],
    ],
)
def test_rules_that_exclude_each_other_have_no_branch(texts: list[str]) -> None:
    assert solve(*texts).branches == ()


def test_rules_that_leave_only_null_say_so() -> None:
    assert [b.domains for b in solve("a > 5", "a < 3").branches] == [{"a": Domain(forbidden=True)}]


def test_an_alternative_that_leaves_only_null_is_dropped_beside_a_better_one() -> None:
    assert [b.domains for b in solve("a = 0.5 OR b = 1").branches] == [{"b": Domain(values=(1,))}]


def test_every_function_of_the_registry_is_evaluated() -> None:
    assert set(FUNCTIONS) == EVALUATED


def test_words_not_understood_do_not_hide_the_rest_of_a_rule() -> None:
    understood = understand("a > 0 AND strange(b) AND s = 'x'", "postgresql", TYPES)
    assert understood.columns == ("a", "b", "s")
    (branch,) = branches([understood.predicate], TYPES).branches
    assert branch.domains == {"a": Domain(low=1), "s": Domain(values=("x",))}
    assert [type(r) for r in branch.residue] == [Opaque]


def test_too_many_alternatives_are_thinned_and_said() -> None:
    types = {f"k{i}": Type(Kind.INTEGER) for i in range(40)}
    texts = [f"k{i} > 5 OR k{i + 1} < 3" for i in range(0, 39)]
    solved = branches([understand(t, "postgresql", types).predicate for t in texts], types, limit=32)
    assert 0 < len(solved.branches) <= 32
    assert solved.narrowed


def test_rules_fall_apart_into_groups_that_share_no_column() -> None:
    trees = [
        understand(t, "postgresql", TYPES).predicate for t in ("a > 0", "s = 'x'", "b > a", "strange(r, s)", "c > 1")
    ]
    groups = components(trees)
    assert [names for names, _ in groups] == [{"a", "b"}, {"s", "r"}, {"c"}]
    assert [[render(p) for p in part] for _, part in groups] == [
        ["a > 0", "b > a"],
        ["s = 'x'", 'STRANGE("r", "s")'],
        ["c > 1"],
    ]


def test_renaming_reaches_words_that_nobody_understood() -> None:
    tree = rename(understand("a > 0 AND strange(b, 'b')", "postgresql", TYPES).predicate, {"a": "A 1", "b": 'q"q'})
    assert columns_of(tree) == ("A 1", 'q"q')
    assert render(tree) == '"A 1" > 0 and STRANGE("q""q", \'b\')'
    assert rename(Column("a"), {}) == Column("a")


@pytest.mark.parametrize("dialect", ["postgresql", "mariadb", "sqlite", "duckdb", ""])
@given(text=st.text(max_size=40) | st.text(alphabet="ab01'\"()=<>~ ANDORIS,.*+-\\[]{}$", max_size=40))
@settings(max_examples=60, deadline=None)
def test_no_text_makes_the_reader_fail(dialect: str, text: str) -> None:
    understand(text, dialect, TYPES)
