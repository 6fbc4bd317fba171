"""Free text that goes with its row: classes of rows that write differently, and per class a frozen pool of new texts.

    row ─► tree over its columns, grown by the words of its text ─► class 0: praise   "arrived early, very happy"
                                                                  class 1: blame    "broken on arrival"

Who writes is a language model (:mod:`understudy.learning.deep.t5`). What it writes is read before it is kept: a text
that repeats somebody's is not.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence

import msgspec
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from understudy.errors import InputError
from understudy.learning.choosing import grown_nodes, leaves_of
from understudy.learning.columns import HIDDEN, NULL, NUMBERS, Keep, Represented
from understudy.learning.growing import grow
from understudy.learning.privacy import Level
from understudy.model.expression import Column, Const, Drawn, Leaf, Node, Pool
from understudy.model.learned import LearnedColumn
from understudy.model.plan import PlannedColumn
from understudy.types import Kind, Type

POOL, TIMES = 2000, 2
MOST_CLASSES, LEAST_ROWS = 24, 40
ROUNDS = 4
"""Texts of a pool, and times as many as were seen at most; classes and the rows behind each; how often what was refused
is written anew."""
WITNESSES, SHOWN, FEW_LEVELS = 60, 6, 40
"""Words by which classes are told apart; columns that a writer is told, and the values of each at most."""
SHORTEST_RUN, LONGEST_RUN = 6, 20
"""Words in a row that a text may not share with one that few rows have: the fewer, the larger a level's leaves."""
LONG_NUMBER = 4
"""Digits from which a number that few rows have may point at somebody."""
TOKENS = re.compile(r"\s?[^\W\d][\w'’-]*|\s?\d|\s+|[^\w\s]|_")

Writer = Callable[[Sequence[str], Sequence[str], Sequence[str]], list[str]]
"""What is known of rows and their texts, to learn from; what is known of the rows to write for: a text for each."""


class Wish(msgspec.Struct, frozen=True):
    """``column``: the field; ``of``: the text of each row, None for null; ``longest``: characters at most, 0: any."""

    table: str
    column: str
    of: list[str | None]
    longest: int = 0


def fit_texts(
    wish: Wish, known: Sequence[Represented], write: Writer, level: Level, seed: int, keep: Keep, size: int = POOL
) -> tuple[LearnedColumn, PlannedColumn]:
    """The column and the hidden one that picks from its pool of ``size`` texts. InputError where there is too little
    text, or all that is written repeats what was seen."""
    texts = np.array([None if t is None else t.strip() or None for t in wish.of], object)
    rows = np.array([t is not None for t in texts], np.bool_)
    there = np.flatnonzero(rows)
    if there.size < LEAST_ROWS:
        raise InputError(
            f"{there.size} texts are too few to learn from",
            where=f"{wish.table}.{wish.column}",
            mend=f"Give at least {LEAST_ROWS}, or leave its learner out.",
        )
    stem = f"{wish.table}:learned:{wish.column}"
    codes, node = _classes(stem, known, texts, there, seed, keep)
    told = prompts(known)
    size = min(size, TIMES * there.size)
    pool, owner = _written(wish, codes, told, texts, there, write, level, seed, size)
    lists = _lists(codes, rows, owner, int(codes.max(initial=0)) + 1)
    name = keep(f"{stem}:pool", pa.array(pool, pa.string()))
    drawn = Drawn("text", keep(f"{stem}:leaves", lists), node)
    kinds = int(codes.max(initial=0)) + 1
    why = f"of a frozen pool of {len(pool):,} texts" + (f", by {kinds} classes of rows" if kinds > 1 else "")
    hidden = PlannedColumn(HIDDEN + wish.column, Type(Kind.INTEGER), drawn, why, hidden=True)
    return LearnedColumn(wish.column, Pool(name, Column(HIDDEN + wish.column)), "T5", why), hidden


def prompts(known: Sequence[Represented]) -> list[str]:
    """What a writer is told of each row: its columns with few values."""
    shown = [c for c in known if c.coded and 2 <= c.levels <= FEW_LEVELS and c.values is not None][:SHOWN]
    if not shown:
        return [""] * (known[0].numbers.size if known else 0)
    parts = []
    for c in shown:
        words = [f"{c.name}: {_said(c, v)}" for v in range(c.levels)]
        parts.append(np.array([*words, f"{c.name}: none"], object)[np.where(c.numbers == NULL, c.levels, c.numbers)])
    return [" | ".join(row) for row in zip(*parts, strict=True)]


def _said(column: Represented, code: int) -> str:
    value = column.values[code].as_py()
    return f"{value / 10**column.scale:g}" if column.type.kind in NUMBERS else str(value)


def tokens(text: str) -> list[str]:
    """Words and digits with the blank before them, blanks, signs: one behind the other they are the text."""
    return TOKENS.findall(text)


def _words(text: str) -> tuple[str, ...]:
    return tuple(re.findall(r"\w+", text.lower()))


def _numbers(words: Sequence[str]) -> list[str]:
    return [w for w in words if len(w) >= LONG_NUMBER and w.isdigit()]


# ---- classes -------------------------------------------------------------------------------------
def _classes(
    stem: str, known: Sequence[Represented], texts: NDArray[np.object_], there: NDArray[np.int64], seed: int, keep: Keep
) -> tuple[NDArray[np.int64], Node]:
    counts = Counter(w for t in texts[there] for w in set(_words(str(t))))
    common = [w for w, n in counts.most_common(3 * WITNESSES) if 0.01 <= n / there.size <= 0.9][:WITNESSES]
    size = texts.size
    if not known or not common or there.size < 2 * LEAST_ROWS:
        return np.zeros(size, np.int64), Const(0)
    sets = [set(_words(str(t))) if t is not None else set() for t in texts]
    wanted = np.array([[w in s for w in common] for s in sets], np.float64)
    scales, ranks = zip(*(np.unique(c.numbers, return_inverse=True) for c in known), strict=True)
    least = max(LEAST_ROWS, -(-there.size // MOST_CLASSES))
    tree = grow(np.column_stack(ranks).astype(np.float32), list(scales), wanted, there, least, seed)
    if tree.leaves < 2:
        return np.zeros(size, np.int64), Const(0)
    name = keep(f"{stem}:trees", grown_nodes(tree))
    return leaves_of(tree, known), Leaf("class", name, tuple(c.node for c in known))


# ---- the pool ------------------------------------------------------------------------------------
def _written(
    wish: Wish,
    codes: NDArray[np.int64],
    told: Sequence[str],
    texts: NDArray[np.object_],
    there: NDArray[np.int64],
    write: Writer,
    level: Level,
    seed: int,
    size: int,
) -> tuple[list[str], NDArray[np.int64]]:
    """Texts that repeat none that was seen, and the class of each."""
    random = np.random.default_rng(seed)
    seen = Runs([str(t) for t in texts[there]], level.leaf)
    sources, learned = [told[i] for i in there], [str(texts[i]) for i in there]
    found: list[str] = []
    owner: list[int] = []
    for _ in range(ROUNDS):
        lack = size - len(found)
        if lack <= size // 10:
            break
        some = random.choice(there, lack)
        for row, text in zip(some, write(sources, learned, [told[i] for i in some]), strict=True):
            clean = text.strip()
            if clean and not (wish.longest and len(clean) > wish.longest) and not seen.repeats(clean):
                found.append(clean)
                owner.append(int(codes[row]))
    if not found:
        raise InputError(
            "all that was written repeats texts that were seen",
            where=f"{wish.table}.{wish.column}",
            mend="Learn from more rows, or leave its learner out.",
        )
    return found, np.array(owner, np.int64)


class Runs:
    """What fewer than ``leaf`` of the texts that were seen say: whole texts, runs of words, long numbers."""

    def __init__(self, texts: Sequence[str], leaf: int) -> None:
        self.length, self.leaf = max(LONGEST_RUN - leaf, SHORTEST_RUN), leaf
        words = [_words(t) for t in texts]
        self.whole = Counter(words)
        self.runs = Counter(r for w in words for r in set(self._runs(w)))
        self.numbers = Counter(n for w in words for n in set(_numbers(w)))

    def repeats(self, text: str) -> bool:
        """Whether a text is one of few, or shares a run or a long number with few."""
        words = _words(text)
        rare = [self.whole.get(words, 0), *(self.runs.get(r, 0) for r in self._runs(words))]
        rare += [self.numbers.get(n, 0) for n in _numbers(words)]
        return any(0 < n < self.leaf for n in rare)

    def _runs(self, words: tuple[str, ...]) -> list[tuple[str, ...]]:
        return [words[i : i + self.length] for i in range(len(words) - self.length + 1)]


def _lists(codes: NDArray[np.int64], rows: NDArray[np.bool_], owner: NDArray[np.int64], kinds: int) -> pa.ListArray:
    """Per class its texts, and null as often as its rows have none."""
    lists = []
    for kind in range(kinds):
        mine = np.flatnonzero(owner == kind)
        some = rows[codes == kind]
        empty = 1.0 - float(some.mean()) if some.size else 0.0
        mine = mine if mine.size else np.arange(owner.size)
        nulls = round(mine.size * empty / max(1 - empty, 1e-6))
        lists.append([*mine.tolist(), *[NULL] * nulls])
    return pa.array(lists, pa.list_(pa.int64()))
