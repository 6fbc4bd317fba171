"""The shapes of texts: which characters stand where, as regular expressions with their shares.

A text's shape has a class for each run of characters (upper case, lower case, digits, of ASCII) and itself for all
else; shapes that differ only in how long their runs are become one; runs that never differ stand as they are.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict

import pyarrow as pa
import pyarrow.compute as pc

from understudy.model.profile import Shape

MOST = 8
SHOWN = 2000
"""Texts of which the very characters are compared."""
FEWEST = 8
MOST_RUNS = 24
"""Longer ones are prose."""
ESCAPED = re.compile(r"([\\.^$|?*+()\[\]{}])")


def shapes(texts: pa.Array) -> tuple[Shape, ...]:
    """The most frequent shapes, frequent ones first, at most :data:`MOST`; () where texts are prose or too various."""
    if not len(texts):
        return ()
    marked = pc.replace_substring_regex(texts, "[A-Z]", "A")
    marked = pc.replace_substring_regex(marked, "[a-z]", "a")
    marked = pc.replace_substring_regex(marked, "[0-9]", "9")
    counted = pc.value_counts(marked)
    if len(counted) > 4000:
        return ()
    shown: dict[str, list[str]] = defaultdict(list)
    for mark, text in zip(marked[:SHOWN].to_pylist(), texts[:SHOWN].to_pylist(), strict=True):
        shown[mark].append(text)
    groups: dict[tuple[str, ...], Counter[tuple[int, ...]]] = defaultdict(Counter)
    members: dict[tuple[str, ...], list[tuple[tuple[int, ...], str]]] = defaultdict(list)
    for mark, count in zip(counted.field(0).to_pylist(), counted.field(1).to_pylist(), strict=True):
        runs = [(m[0][0], len(m[0])) for m in re.finditer(r"A+|a+|9+|[^Aa9]", mark)]
        if not runs or len(runs) > MOST_RUNS:
            continue
        key, sizes = tuple(c for c, _ in runs), tuple(n for _, n in runs)
        groups[key][sizes] += count
        members[key] += [(sizes, text) for text in shown[mark]]
    ranked = sorted(groups.items(), key=lambda g: (-sum(g[1].values()), g[0]))[:MOST]
    return tuple(_shape(key, sizes, members[key], texts) for key, sizes in ranked)


def _shape(
    key: tuple[str, ...], sizes: Counter[tuple[int, ...]], members: list[tuple[tuple[int, ...], str]], texts: pa.Array
) -> Shape:
    share = sum(sizes.values()) / len(texts)
    example = members[0][1][:60] if members else ""
    plain = _pattern(key, sizes, {})
    fixed = _fixed(members)
    if fixed:
        said = _pattern(key, sizes, fixed)
        hits = (pc.sum(pc.match_substring_regex(texts, f"^(?:{said})$")).as_py() or 0) / len(texts)
        if hits >= share - 1e-9:
            return Shape(said, share, example)
    return Shape(plain, share, example)


def _fixed(members: list[tuple[tuple[int, ...], str]]) -> dict[int, str]:
    """Runs that read the same in all texts (of which there must be some different ones)."""
    if len({text for _, text in members}) < FEWEST:
        return {}
    parts: list[set[str]] = []
    for sizes, text in members:
        ends = [sum(sizes[: i + 1]) for i in range(len(sizes))]
        pieces = [text[e - n : e] for e, n in zip(ends, sizes, strict=True)]
        parts = [p | {x} for p, x in zip(parts, pieces, strict=True)] if parts else [{x} for x in pieces]
    return {i: next(iter(p)) for i, p in enumerate(parts) if len(p) == 1}


CLASSES = {"A": "[A-Z]", "a": "[a-z]", "9": r"\d"}


def _pattern(key: tuple[str, ...], sizes: Counter[tuple[int, ...]], fixed: dict[int, str]) -> str:
    parts = []
    for i, sign in enumerate(key):
        if i in fixed or sign not in CLASSES:
            parts.append(ESCAPED.sub(r"\\\1", fixed.get(i, sign)))
            continue
        low, high = min(s[i] for s in sizes), max(s[i] for s in sizes)
        count = "" if low == high == 1 else f"{{{low}}}" if low == high else f"{{{low},{high}}}"
        parts.append(CLASSES[sign] + count)
    return "".join(parts)
