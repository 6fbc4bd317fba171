"""Rules fall apart into groups that share no column; each group is solved by itself."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from understudy.model.expression import Node
from understudy.rules.trees import columns_of


def components(predicates: Sequence[Node]) -> tuple[tuple[frozenset[str], tuple[Node, ...]], ...]:
    """Rules grouped by the columns they share, directly or through other rules; in order of appearance. Rules that
    read no column
    form one group with no columns."""
    groups: list[tuple[set[str], list[int]]] = []
    for place, predicate in enumerate(predicates):
        names = set(columns_of(predicate))
        touching = [g for g in groups if g[0] & names or (not names and not g[0])]
        joined = (names.union(*(g[0] for g in touching)), sorted([place, *_places(touching)]))
        groups = [g for g in groups if g not in touching] + [joined]
    groups.sort(key=lambda g: g[1][0])
    return tuple((frozenset(names), tuple(predicates[i] for i in places)) for names, places in groups)


def _places(groups: Iterable[tuple[set[str], list[int]]]) -> list[int]:
    return [i for _, places in groups for i in places]
