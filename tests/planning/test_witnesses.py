"""Tuples solved at plan time are distinct on every key, whatever the keys."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from understudy.planning.layout.fanout import owned
from understudy.planning.layout.witnesses import Part, solve
from understudy.rng import streams

SEED = streams.key(7, "test")


def distinct(found: dict[str, np.ndarray], key: frozenset[str]) -> bool:
    rows = list(zip(*(found[n].tolist() for n in sorted(key)), strict=True))
    return len(set(rows)) == len(rows)


@settings(max_examples=60, deadline=None)
@given(
    sizes=st.lists(st.integers(1, 12), min_size=2, max_size=4),
    rows=st.integers(1, 200),
    picks=st.lists(st.sets(st.integers(0, 3), min_size=1, max_size=3), min_size=1, max_size=3),
)
def test_tuples_are_distinct_on_every_key_and_within_their_sizes(sizes, rows, picks) -> None:
    parts = [Part(f"p{i}", n) for i, n in enumerate(sizes)]
    keys = [frozenset(f"p{i % len(sizes)}" for i in pick) for pick in picks]
    found = solve(parts, keys, rows, SEED)
    assert all(distinct(found, key) for key in keys)
    assert all((found[p.name] >= 0).all() and (found[p.name] < p.size).all() for p in parts)
    if found["p0"].size < rows:  # exhausted: a single key must then have used its whole space
        smallest = min(int(np.prod([sizes[int(n[1:])] for n in key])) for key in keys)
        assert found["p0"].size <= smallest
        assert len(set(keys)) > 1 or found["p0"].size == smallest


def test_a_space_too_large_to_list_is_sampled() -> None:
    parts = [Part("a", 10**6), Part("b", 10**6)]
    found = solve(parts, [frozenset({"a", "b"}), frozenset({"a"})], 50_000, SEED)
    assert found["a"].size == 50_000
    assert distinct(found, frozenset({"a"}))


def test_members_are_drawn_from_the_group_of_the_part_they_follow() -> None:
    group = np.array([0, 1, -1, 0], np.int64)
    offsets, members = np.array([0, 2, 5], np.int64), np.array([10, 11, 20, 21, 22], np.int64)
    parts = [Part("a", 4), Part("b", 30, "a", group, offsets, members)]
    found = solve(parts, [frozenset({"a", "b"})], 100, SEED)
    allowed = {(0, 10), (0, 11), (3, 10), (3, 11), (1, 20), (1, 21), (1, 22)}
    assert set(zip(found["a"].tolist(), found["b"].tolist(), strict=True)) == allowed


def test_refused_and_taken_tuples_never_appear() -> None:
    parts, key = [Part("a", 10), Part("b", 10)], frozenset({"a", "b"})
    taken = {key: {"a": np.arange(10), "b": np.zeros(10, np.int64)}}
    found = solve(parts, [key], 100, SEED, accept=lambda c: c["a"] != c["b"], taken=taken)
    pairs = set(zip(found["a"].tolist(), found["b"].tolist(), strict=True))
    assert pairs == {(a, b) for a in range(10) for b in range(1, 10) if a != b}


@settings(max_examples=80, deadline=None)
@given(parents=st.integers(1, 5000), children=st.integers(0, 20_000), capacity=st.integers(1, 10_000))
def test_a_law_of_counts_leaves_room_for_exactly_the_children_there_are(parents, children, capacity) -> None:
    children = min(children, parents * capacity)
    law = owned(children, parents, None, capacity)
    assert parents * law.minimum <= children <= parents * law.maximum
    assert law.maximum <= capacity or children == 0
    assert len(law.weights) == law.maximum - law.minimum + 1 or len(law.weights) == 4097


def test_a_wish_for_one_to_eight_with_a_mean_is_kept() -> None:
    law = owned(2900, 1000, {"min": 1, "max": 8, "mean": 2.9}, 10**6)
    mean = sum((law.minimum + i) * w for i, w in enumerate(law.weights)) / sum(law.weights)
    assert (law.minimum, law.maximum) == (1, 8)
    assert abs(mean - 2.9) < 0.01
