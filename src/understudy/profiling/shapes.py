"""The shapes of texts: which characters stand where, as regular expressions with their shares.

A text's shape has a class for each run of characters (upper case, lower case, digits) and itself for signs; shapes that
differ only in how long their runs are become one.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict

import pyarrow as pa
import pyarrow.compute as pc

from understudy.model.profile import Shape

MOST = 8
MOST_RUNS = 24
"""Longer ones are prose."""
ESCAPED = re.compile(r"([\\.^$|?*+()\[\]{}])")


def shapes(texts: pa.Array) -> tuple[Shape, ...]:
    """The most frequent shapes, frequent ones first, at most :data:`MOST`; () where texts are prose or too various."""
    if not len(texts):
        return ()
    marked = pc.replace_substring_regex(texts, r"\p{Lu}", "A")
    marked = pc.replace_substring_regex(marked, r"\p{Ll}|\p{Lo}", "a")
    marked = pc.replace_substring_regex(marked, r"\d", "9")
    counted = pc.value_counts(marked)
    if len(counted) > 4000:
        return ()
    first: dict[str, str] = {}
    for mark, text in zip(marked[:2000].to_pylist(), texts[:2000].to_pylist(), strict=True):
        first.setdefault(mark, text)
    groups: dict[tuple[str, ...], Counter[tuple[int, ...]]] = defaultdict(Counter)
    examples: dict[tuple[str, ...], str] = {}
    for mark, count in zip(counted.field(0).to_pylist(), counted.field(1).to_pylist(), strict=True):
        runs = [(m[0][0], len(m[0])) for m in re.finditer(r"A+|a+|9+|[^Aa9]", mark)]
        if not runs or len(runs) > MOST_RUNS:
            continue
        key = tuple(c for c, _ in runs)
        groups[key][tuple(n for _, n in runs)] += count
        if mark in first:
            examples.setdefault(key, first[mark])
    ranked = sorted(groups.items(), key=lambda g: (-sum(g[1].values()), g[0]))[:MOST]
    return tuple(
        Shape(_pattern(key, sizes), sum(sizes.values()) / len(texts), examples.get(key, "")[:60])
        for key, sizes in ranked
    )


CLASSES = {"A": "[A-Z]", "a": "[a-z]", "9": r"\d"}


def _pattern(key: tuple[str, ...], sizes: Counter[tuple[int, ...]]) -> str:
    parts = []
    for i, sign in enumerate(key):
        if sign not in CLASSES:
            parts.append(ESCAPED.sub(r"\\\1", sign))
            continue
        low, high = min(s[i] for s in sizes), max(s[i] for s in sizes)
        count = "" if low == high == 1 else f"{{{low}}}" if low == high else f"{{{low},{high}}}"
        parts.append(CLASSES[sign] + count)
    return "".join(parts)
