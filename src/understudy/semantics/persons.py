"""The names that rows draw from: sublists by locale and generation, one behind the other in one pool.

    group = locale × generation ─► start, size ─► name = pool[start + draw]; an even place is a woman's name

Rows of one country have the locale's names in its own script; rows of many countries have all locales', in Latin
letters, first names distinct over all of them, so that a mail address made of names tells whose it is.
"""

from __future__ import annotations

from functools import cache

import msgspec

from understudy.semantics.gazetteer import countries
from understudy.semantics.locales import latin, names, native
from understudy.semantics.pools import handle

LEAST = 8
"""First names that a sublist has at least; else generations are put together."""


class Roster(msgspec.Struct, frozen=True):
    """``starts``, ``sizes``: per group where its first names lie; ``last_starts``, ``last_sizes``: per locale.
    Groups are locale × ``generations``."""

    name: str
    locales: tuple[str, ...]
    generations: int
    first: tuple[str, ...]
    first_handles: tuple[str, ...]
    starts: tuple[int, ...]
    sizes: tuple[int, ...]
    last: tuple[str, ...]
    last_handles: tuple[str, ...]
    last_starts: tuple[int, ...]
    last_sizes: tuple[int, ...]

    @property
    def most(self) -> int:
        """Combinations of first and last name in the largest group."""
        lasts = [n for n in self.last_sizes for _ in range(self.generations)]
        return max(a * b for a, b in zip(self.sizes, lasts, strict=True))


@cache
def roster(locale: str, world: bool, generations: bool) -> Roster:
    """The names of one locale, or of all of them with ``locale`` first."""
    keys = tuple(dict.fromkeys((locale, *(row[9] for row in countries().values())))) if world else (locale,)
    shown = latin if world or locale.startswith("en") else native
    first: list[str] = []
    handles: list[str] = []
    starts: list[int] = []
    sizes: list[int] = []
    last: list[str] = []
    last_handles: list[str] = []
    last_starts: list[int] = []
    last_sizes: list[int] = []
    seen: set[str] = set()
    parted = generations and all(min(len(names(k).modern), len(names(k).older)) >= LEAST for k in keys)
    for key in keys:
        found = names(key)
        for sublist in (found.modern, found.older) if parted else (found.modern + found.older,):
            starts.append(len(first))
            for women, men in zip(sublist[::2], sublist[1::2], strict=True):
                pair = [handle(latin(n)) or f"p{len(first) + i}" for i, n in enumerate((women, men))]
                if not seen.intersection(pair):
                    seen.update(pair)
                    first += [shown(women), shown(men)]
                    handles += pair
            sizes.append(len(first) - starts[-1])
        last_starts.append(len(last))
        last += [shown(n) for n in found.last]
        last_handles += [handle(latin(n)) or f"f{i}" for i, n in enumerate(found.last)]
        last_sizes.append(len(found.last))
    name = f"{locale}{'+world' if world else ''}{'+ages' if parted else ''}"
    return Roster(
        name, keys, 2 if parted else 1, tuple(first), tuple(handles), tuple(starts), tuple(sizes),
        tuple(last), tuple(last_handles), tuple(last_starts), tuple(last_sizes),
    )  # fmt: skip
