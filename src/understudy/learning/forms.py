"""How keys of text are written (``SN-1042``, ``AB/12``), as regular expressions, so that new ones look alike."""

from __future__ import annotations

import re

import pyarrow as pa

from understudy.model.schema import Entity
from understudy.profiling.shapes import shapes
from understudy.types import Kind

COVERED = 0.98
MOST_SHAPES = 3
"""Shapes that together must be so nearly all of the texts."""

SPOKEN = re.compile(r"\[a-z\]\{(?:[3-9]|\d\d|1,\d*[3-9]|2,)|[@\s]")
"""Runs of small letters, blanks and addresses are words of a language, which have makers of their own."""


def forms(entity: Entity, data: pa.Table) -> dict[str, str]:
    """Per column of texts that is a key of its own the pattern of all its texts, where there is a plain one."""
    referring = {c for k in entity.foreign_keys for c in k.columns}
    keys = {u.columns[0] for u in entity.uniques if len(u.columns) == 1 and not u.predicate} - referring
    found = {}
    for name in sorted(keys & set(data.column_names)):
        if entity.field(name).type.kind is not Kind.TEXT or entity.field(name).meaning:
            continue
        texts = data.column(name).combine_chunks().drop_null().cast(pa.string())
        told = shapes(texts)[:MOST_SHAPES]
        if told and sum(s.share for s in told) >= COVERED and not any(SPOKEN.search(s.pattern) for s in told):
            found[name] = "|".join(s.pattern for s in told).replace(r"\d", "[0-9]")
    return found
