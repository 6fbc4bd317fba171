"""What a model has learned of a table, in place of what semantics would say of its columns."""

from __future__ import annotations

import msgspec

from understudy import rules
from understudy.model.expression import Call, Case, Column, Const, Lookup, Permute, Row, Take, Uniform, When
from understudy.model.learned import Along, LearnedTable, unusual_artefact
from understudy.model.plan import PlannedColumn
from understudy.model.rule import Rule
from understudy.planning.binding.fill import Filling
from understudy.planning.draft import Draft
from understudy.planning.layout.ties import Tie
from understudy.planning.solving.rulebook import Understood
from understudy.rules.trees import walk
from understudy.types import Kind, Type


def learned(
    draft: Draft,
    table: str,
    filling: Filling,
    free: frozenset[str],
    required: frozenset[str],
    ties: tuple[Tie, ...],
    along: Along | None,
) -> None:
    """Put learned recipes in place of those of ``free`` columns. Where a column may not be null and the learned value
    is, semantics' own value stands in for it. ``along``: the key that the table will be laid out along, if it is the
    one of the model."""
    found = draft.learned(table)
    if found is None or draft.fitted is None:
        return
    used = [c for c in found.columns if c.name in free and c.name in filling.recipes]
    # a table of references alone still chooses its parents as was learned, one of keys knows how many children it has
    if not used and not found.chosen and not found.hidden:
        return
    lack = _lacking(draft, found, ties)
    if not lack and along is None and found.along is not None and found.along.run is not None:
        lack = f"its rows cannot be laid out along {found.along.link}"
    if lack:
        draft.warnings.append(f"{table}: what was learned of it is left aside: {lack}")
        return
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
    filling.hidden.extend(_standing_out(draft, found))
    mine = f"{table}:learned:"
    filling.artefacts.update({n: a for n, a in draft.fitted.artefacts.items() if n.startswith(mine)})


def likeness(draft: Draft, table: str, filling: Filling) -> list[Understood]:
    """The condition by which a model keeps the rows it makes, where its columns are made as they were learned."""
    found = draft.learned(table)
    if found is None or found.kept is None:
        return []
    reads = tuple(dict.fromkeys(rules.columns_of(found.kept)))
    made = {c.name for c in filling.hidden}
    if not made.issuperset(reads):
        return []
    kept = found.kept
    if ANOMALY in made:  # what is to stand out is not to be alike
        kept, reads = Call("or", (Column(ANOMALY), kept)), (*reads, ANOMALY)
    return [Understood(Rule("likeness", "rows are kept as they are told from real ones", reads), kept, reads)]


ANOMALY, CHANGE = "$anomaly", "$change"
"""Hidden columns: whether a row is made to stand out, and how. The first is no draw: a row that is drawn again stays
what it was to be, or the share would be another."""
LOTS = 1 << 20


def _standing_out(draft: Draft, found: LearnedTable) -> tuple[PlannedColumn, ...]:
    """The hidden columns, in a share of the rows changed so that these stand out."""
    share = draft.request.anomalies
    if not share or found.unusual is None:
        return found.hidden
    which = Uniform("which", Const(0), Const(found.unusual.size - 1))
    place = Case((When(Column(ANOMALY), which),), Const(None))
    place_of = Permute("anomaly", Call("%", (Row(), Const(LOTS))), Const(LOTS))
    chance = Call("<", (place_of, Const(round(share * LOTS))))
    out = [
        PlannedColumn(ANOMALY, Type(Kind.BOOLEAN), chance, f"{share:.2%} of the rows are to stand out", hidden=True),
        PlannedColumn(CHANGE, Type(Kind.INTEGER), place, "how the row stands out", hidden=True),
    ]
    for column in found.hidden:
        if column.name in found.unusual.columns:
            changed = Take(unusual_artefact(found.name, column.name), Column(CHANGE))
            column = msgspec.structs.replace(column, expression=Call("coalesce", (changed, column.expression)))
        out.append(column)
    return tuple(out)


def _lacking(draft: Draft, found: LearnedTable, ties: tuple[Tie, ...]) -> str:
    """What the learned columns read of parents and this plan does not have; "" where nothing is missing."""
    targets = {t.name: t.key.target for t in ties if not t.implied}
    for node in (n for h in found.hidden for n in walk(h.expression) if isinstance(n, Lookup)):
        if targets.get(node.link) == found.name:
            if draft.held(found.name) is not None:
                return f"rows of {found.name} are already there, of which it is not known what the model makes of them"
            continue
        parent = draft.tables.get(targets.get(node.link, ""))
        if parent is None:
            return f"the plan has no reference {node.link} to a table that is planned before"
        if parent.existing:
            return f"rows of {parent.name} are already there, of which it is not known what the model makes of them"
        if all(c.name != node.column for c in parent.columns):
            return f"{parent.name} is not made by the model"
    return ""
