"""What a model has learned of a table, in place of what semantics would say of its columns."""

from __future__ import annotations

import re

import msgspec

from understudy.model.expression import Call, Case, When
from understudy.planning.binding.fill import Filling
from understudy.planning.draft import Draft


def learned(draft: Draft, table: str, filling: Filling, free: frozenset[str], required: frozenset[str]) -> None:
    """Put learned recipes in place of those of ``free`` columns. Where a column may not be null and the learned value
    is, semantics' own value stands in for it."""
    found = draft.learned(table)
    if found is None or draft.fitted is None:
        return
    used = [c for c in found.columns if c.name in free and c.name in filling.recipes]
    for column in used:
        recipe = filling.recipes[column.name]
        node = column.expression
        if column.name in required:
            node = Case((When(Call("is_null", (node,)), recipe.expression),), node)
        filling.recipes[column.name] = msgspec.structs.replace(
            recipe,
            expression=node,
            reason=f"learned from {found.seen:,} rows ({column.learner}): {column.reason}",
            natural_nulls=0.0,
            null_when=None,
        )
    if used:
        filling.hidden.extend(found.hidden)
        mine = re.compile(re.escape(f"{table}:learned:"))
        filling.artefacts.update({n: a for n, a in draft.fitted.artefacts.items() if mine.match(n)})
