"""Tuples solved at plan time: the way out where no closed form makes several keys distinct at once.

Candidates are drawn (or, where the space is small, listed in a keyed order); those that a rule
refuses, that are taken, or that repeat an accepted one on any key are dropped. What remains are the
rows' keys, 8 bytes a row and part.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

from understudy.rng import codes, permutation, streams

Indices = NDArray[np.int64]
Candidates = dict[str, Indices]

ENUMERABLE = 1 << 22
"""Spaces up to this size are listed whole: 4 million candidates cost about a second and 32 MB a part."""

LIMIT = 1 << 22
"""Rows that may be solved as tuples (32 MB a part)."""

ANYTHING = 1 << 62
"""The size of a computed value: any whole number."""

ROUNDS = 40
"""Rounds of drawing before the space counts as exhausted."""


class Part(msgspec.Struct, frozen=True):
    """``size`` choices; or, where ``within`` names an earlier part, the members of that part's group:
    ``group`` gives a group per choice of ``within`` (-1: none), ``offsets``/``members`` list the groups.
    ``choices``: only these numbers of ``size`` may be chosen (ascending; None: all)."""

    name: str
    size: int
    within: str = ""
    group: Indices | None = None
    offsets: Indices | None = None
    members: Indices | None = None
    choices: Indices | None = None

    @property
    def choosable(self) -> int:
        """How many numbers may be chosen (of a part on its own)."""
        return self.size if self.choices is None else int(self.choices.size)

    def chosen(self, places: Indices) -> Indices:
        """Numbers of places among the choices."""
        return places if self.choices is None else self.choices.take(places)


def solve(
    parts: Sequence[Part],
    keys: Sequence[frozenset[str]],
    rows: int,
    seed: streams.Key,
    *,
    accept: Callable[[Candidates], NDArray[np.bool_]] | None = None,
    taken: Mapping[frozenset[str], Candidates] | None = None,
    computed: Mapping[str, Callable[[Candidates], Indices]] | None = None,
) -> Candidates:
    """At most ``rows`` tuples, distinct on every key (a set of part names) and from ``taken``. Fewer where
    the space is exhausted. Deterministic in ``seed``. ``computed``: names in keys that are no parts, as functions of
    candidates."""
    computed = computed or {}
    sizes = {p.name: p.size for p in parts} | dict.fromkeys(computed, ANYTHING)
    chosen: Candidates = dict.fromkeys((*(p.name for p in parts), *computed), np.zeros(0, np.int64))
    used = {key: _encode(t, key, sizes) for key, t in (taken or {}).items()}
    for batch in _candidates(parts, rows, seed):
        if accept is not None and _length(batch):
            batch = _filter(batch, accept(batch))
        batch = batch | {name: of(batch) for name, of in computed.items()}
        chosen, used = _thin(chosen, batch, keys, sizes, used)
        if _length(chosen) >= rows:
            break
    return {name: values[:rows] for name, values in chosen.items() if name not in computed}


def _candidates(parts: Sequence[Part], rows: int, seed: streams.Key) -> Iterator[Candidates]:
    independent = all(not p.within for p in parts)
    total = 1
    for p in parts:
        total *= p.choosable
    if total == 0:
        return
    if independent and total <= ENUMERABLE:
        order = permutation.permute(np.arange(total, dtype=np.int64), total, seed)
        digits = codes.decode(order, [p.choosable for p in parts])
        yield {p.name: p.chosen(d) for p, d in zip(parts, digits, strict=True)}
        return
    position, size = 0, max(4096, rows + rows // 4)
    for _ in range(ROUNDS):
        index = np.arange(position, position + size, dtype=np.uint64)
        position += size
        yield _draw(parts, index, seed)


def _draw(parts: Sequence[Part], index: NDArray[np.uint64], seed: streams.Key) -> Candidates:
    found: Candidates = {}
    fits = np.ones(index.size, bool)
    for number, part in enumerate(parts):
        noise = streams.bits(index, seed, number + 1)
        if not part.within:
            found[part.name] = part.chosen(streams.below(noise, part.choosable))
            continue
        assert part.group is not None
        assert part.offsets is not None
        assert part.members is not None
        group = part.group[found[part.within]]
        known = np.maximum(group, 0)
        count = part.offsets[known + 1] - part.offsets[known]
        fits &= (group >= 0) & (count > 0)
        place = part.offsets[known] + streams.below(noise, np.maximum(count, 1))
        found[part.name] = part.members[np.minimum(place, part.members.size - 1)]
    return _filter(found, fits)


def _thin(
    chosen: Candidates,
    batch: Candidates,
    keys: Sequence[frozenset[str]],
    sizes: Mapping[str, int],
    used: dict[frozenset[str], Indices],
) -> tuple[Candidates, dict[frozenset[str], Indices]]:
    """Take from ``batch`` what is new on every key; earlier candidates win."""
    while _length(batch):
        fresh = np.ones(_length(batch), bool)
        first = np.ones(_length(batch), bool)
        for key in keys:
            code = _encode(batch, key, sizes)
            fresh &= ~np.isin(code, used.get(key, np.zeros(0, np.int64)))
            leader = np.zeros(code.size, bool)
            leader[np.unique(code, return_index=True)[1]] = True
            first &= leader
        take = fresh & first
        if take.any():
            accepted = _filter(batch, take)
            chosen = {n: np.concatenate([chosen[n], accepted[n]]) for n in chosen}
            for key in keys:
                used[key] = np.concatenate([used.get(key, np.zeros(0, np.int64)), _encode(accepted, key, sizes)])
        elif not (fresh & ~first).any():
            break
        batch = _filter(batch, fresh & ~take)
        if not take.any():  # followers of a refused leader: let the first of them lead
            batch = {n: v[1:] for n, v in batch.items()}
    return chosen, used


def _encode(values: Candidates, key: frozenset[str], sizes: Mapping[str, int]) -> Indices:
    names = sorted(key)
    space = 1
    for n in names:
        space *= max(sizes[n], 1)
    if space < 1 << 62:
        return codes.encode([values[n] for n in names], [max(sizes[n], 1) for n in names])
    code = np.zeros(_length(values), np.uint64)
    for n in names:
        code = streams.mix(code, values[n].astype(np.uint64))
    return code.view(np.int64)


def _filter(values: Candidates, mask: NDArray[np.bool_]) -> Candidates:
    return {n: v[mask] for n, v in values.items()}


def _length(values: Candidates) -> int:
    return next(iter(values.values())).size if values else 0
