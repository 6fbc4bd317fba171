"""What drawing never meets is found by search; what nothing meets is told before a row is made."""

from __future__ import annotations

import pytest

import understudy
from understudy import rules
from understudy.errors import UnsatisfiableError
from understudy.model.domain import Domain
from understudy.planning.solving.search import Search
from understudy.rng import streams
from understudy.rules.distance import distance
from understudy.types import Kind, Type

SEED = streams.key(7, "test")
TYPES = {"n": Type(Kind.INTEGER), "m": Type(Kind.INTEGER), "t": Type(Kind.TEXT), "d": Type(Kind.DATE)}


def understood(text: str):
    found = rules.understand(text, "postgresql", TYPES)
    assert not found.opaque
    return found.predicate


@pytest.mark.parametrize(
    ("text", "start"),
    [
        ("n * n - 5 * n + 6 = 0", {"n": 4711}),
        ("n * m = 391 AND n > 1 AND m > 1", {"n": 40, "m": 3}),
        ("t = reverse(t) AND length(t) BETWEEN 5 AND 9", {"t": "market"}),
        ("length(replace(t, '-', '')) = 32", {"t": "a-few-words"}),
        ("position('ab' in t) = 4 AND right(t, 2) = left(t, 2)", {"t": "hello world"}),
        ("(n % 97) = 1 AND (n % 4) = 2", {"n": 1}),
        ("extract(day FROM d) = extract(month FROM d) AND extract(dow FROM d) = 3", {"d": 20000}),
    ],
)
def test_a_search_ends_at_rows_that_keep_the_rule(text: str, start: dict) -> None:
    predicate = understood(text)
    found = Search([predicate], tuple(start), TYPES, {}, SEED, 5).run([start])
    assert found
    assert all(rules.evaluate(predicate, row) is True for row in found)
    assert len({tuple(r.values()) for r in found}) == len(found)


def test_a_search_keeps_to_the_domain_and_is_the_same_every_time() -> None:
    predicate = understood("n % 7 = 3")
    domains = {"n": Domain(low=1000, high=1100, required=True)}
    runs = [Search([predicate], ("n",), TYPES, domains, SEED, 6).run([{"n": 0}]) for _ in range(2)]
    assert runs[0] == runs[1]
    assert all(1000 <= r["n"] <= 1100 and r["n"] % 7 == 3 for r in runs[0])


def test_a_search_for_what_is_nowhere_ends_without_a_find() -> None:
    assert Search([understood("n * n = 2")], ("n",), TYPES, {}, SEED, 3).run([{"n": 5}]) == []
    assert Search([understood("n = 1")], ("n",), TYPES, {}, SEED, 3).run([]) == []


@pytest.mark.parametrize("text", ["n > 10", "n = 10", "n IN (10, 12)", "NOT n < 10", "n > 3 AND n > 9"])
def test_the_nearer_a_row_is_the_less_it_lacks(text: str) -> None:
    lacks = [distance(understood(text), {"n": n}) for n in (2, 5, 8)]
    assert lacks == sorted(lacks, reverse=True)
    assert len(set(lacks)) == 3
    assert lacks[-1] > 0


def test_null_keeps_a_rule_but_an_unreadable_text_does_not() -> None:
    assert distance(understood("t::int > 3"), {"t": None}) == 0
    assert distance(understood("t::int > 3"), {"t": "seven"}) > 0


def test_rules_that_no_draw_meets_are_met_distinct_columns_included(tmp_path) -> None:
    ddl = tmp_path / "s.sql"
    ddl.write_text(
        "CREATE TABLE p (id integer PRIMARY KEY, root integer NOT NULL CHECK (root * root - 5 * root + 6 = 0),"
        " a integer NOT NULL, b integer NOT NULL, CHECK (a * b = 221 AND a > 1 AND b > 1),"
        " word text NOT NULL UNIQUE CHECK (word = reverse(word) AND length(word) BETWEEN 5 AND 9));"
    )
    rows = understudy.preview(str(ddl), rows=40, seed=3)["p"].to_pylist()
    assert len(rows) == 40
    assert {r["root"] for r in rows} == {2, 3}
    assert all(r["a"] * r["b"] == 221 for r in rows)
    assert all(r["word"] == r["word"][::-1] for r in rows)
    assert len({r["word"] for r in rows}) == 40


def test_what_nothing_meets_is_told_before_a_row_is_made(tmp_path) -> None:
    ddl = tmp_path / "s.sql"
    ddl.write_text("CREATE TABLE p (id integer PRIMARY KEY, n integer NOT NULL CHECK (n * n = 2));")
    with pytest.raises(UnsatisfiableError, match="p_n_check"):
        understudy.generate(str(ddl), to=f"sqlite:///{tmp_path}/s.db", rows=5)
