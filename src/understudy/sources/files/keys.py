"""Which column, or columns together, tell a file's rows apart: the one that a person would call its key."""

from __future__ import annotations

import re

from understudy.model.profile import ColumnProfile
from understudy.sources.files.survey import Survey
from understudy.types import Kind, Type

KEY_NAME = re.compile(r"(?i)^(?:id|key|pk|uuid|guid|code|no|nr|number|index|row_?id|record_?id|#)$")
KEY_ENDING = re.compile(
    r"(?i)(?:[_ -](?:id|key|uuid|guid|code|no|nr|num|number|sku)|(?<=[a-z])(?:Id|ID|Key|Code|No)|id)$"
)
KEY_KINDS = (Kind.INTEGER, Kind.TEXT, Kind.UUID)
FEWEST = 3


def primary_key(found: Survey) -> tuple[str, ...] | None:
    """The columns of the key; None where nothing looks like one."""
    profile = found.profile
    if found.sheet.key:
        return found.sheet.key
    if profile.rows < FEWEST:
        return None
    ranked, single = [], {k[0] for k in profile.keys if len(k) == 1}
    for i, (column, kind) in enumerate(zip(profile.columns, found.types, strict=True)):
        if column.name in single and kind.kind in KEY_KINDS:
            score = _score(column, kind, i, found.sheet.name)
            if score > 0:
                ranked.append((-score, i, column.name))
    if ranked:
        return (min(ranked)[2],)
    return next((k for k in profile.keys if len(k) > 1), None)


def _score(column: ColumnProfile, kind: Type, index: int, table: str) -> float:
    """How much a column without repetition looks like the key; 0: not at all."""
    name = column.name
    folded, about = name.lower().replace("_", "").replace(" ", ""), table.lower().replace("_", "").rstrip("s")
    score = 0.0
    own = [f"{about}{word}" for word in ("id", "sid", "key", "code", "no", "number")]
    if KEY_NAME.match(name) or folded in own:
        score += 3
    elif KEY_ENDING.search(name):
        score += 2
    if kind.kind is Kind.UUID:
        score += 1.5
    if kind.kind is Kind.INTEGER and isinstance(column.low, int) and isinstance(column.high, int):
        dense = column.distinct / max(column.high - column.low + 1, 1)
        score += 1 if dense > 0.5 else 0.3
    if kind.kind is Kind.TEXT:
        long = column.lengths is not None and column.lengths.high > 64
        score += -5 if long else 0.2 if column.shapes and column.shapes[0].share > 0.95 else -0.5
    return score + (0.8 if index == 0 else 0.0) - 0.9
