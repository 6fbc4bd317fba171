"""What the plan says of each constraint: how it is met, or that it is not."""

from __future__ import annotations

from collections.abc import Mapping

from understudy.model.plan import PlannedConstraint, Standing
from understudy.planning.layout.keys import Key, KeyPlan
from understudy.planning.layout.ties import Tie
from understudy.planning.solving.rulebook import Rulebook, Understood
from understudy.planning.table_draft import TableDraft


def planned_constraints(
    here: TableDraft,
    keys: list[Key],
    plan: KeyPlan,
    ties: tuple[Tie, ...],
    understood: list[Understood],
    how: Mapping[str, str],
) -> tuple[PlannedConstraint, ...]:
    """All constraints of the table, each with how it is met."""
    found: list[PlannedConstraint] = []
    for unique in here.entity.uniques:
        text = ", ".join(p.column or p.text for p in unique.parts) + (
            f" WHERE {unique.predicate}" if unique.predicate else ""
        )
        kind = "primary key" if unique.primary else "unique"
        reason = plan.how.get(unique.name, "at most one row of each group fulfils its condition")
        found.append(PlannedConstraint(unique.name, kind, text, Standing.CONSTRUCTION, reason))
    for back in here.around.backward:
        text = f"({', '.join(back.key.columns)}) → {back.child} ({', '.join(back.key.target_columns)})"
        found.append(
            PlannedConstraint(back.key.name, "foreign key", text, Standing.CONSTRUCTION, "one of its own children")
        )
    links = {t.name: t for t in ties}
    for tie in links.values():
        if not tie.key.enforced:
            continue
        text = f"({', '.join(tie.key.columns)}) → {tie.key.target} ({', '.join(tie.key.target_columns)})"
        found.append(
            PlannedConstraint(tie.key.name, "foreign key", text, Standing.CONSTRUCTION, "values are the parent's")
        )
    for u in understood:
        if u.opaque:
            standing, reason = Standing.UNKNOWN, f"not understood: {u.opaque[0]}"
        else:
            standing, reason = Standing(how.get(u.rule.name, "by construction")), "measured on a sample"
        kind = "condition" if u.rule.name in ("where", "share") and u.rule not in here.entity.checks else "check"
        found.append(PlannedConstraint(u.rule.name, kind, u.rule.text, standing, reason))
    for excluded in here.excluded:
        reason = plan.how.get(excluded.exclusion.name, "") if excluded.window is None else "disjoint windows"
        found.append(
            PlannedConstraint(
                excluded.exclusion.name, "exclusion", excluded.exclusion.text, Standing.CONSTRUCTION, reason
            )
        )
    for exclusion in here.unmet_exclusions:
        found.append(
            PlannedConstraint(exclusion.name, "exclusion", exclusion.text, Standing.UNKNOWN, "left to the database")
        )
    return tuple(found)


def complain(here: TableDraft, book: Rulebook) -> None:
    """What rules and exclusions leave unmet, or to the database, is noted in the draft."""
    here.draft.warnings += [
        f"{here.entity.name}: exclusion {x.name} is not understood and left to the database: {x.text}"
        for x in here.unmet_exclusions
    ]
    here.draft.unmet += [f"{here.entity.name}: {conflict}" for conflict in book.conflicts]
    for u in book.opaque:
        here.draft.warnings.append(
            f"{here.entity.name}: check {u.rule.name} is not understood ({u.opaque[0]}) "
            f"and left to the database: {u.rule.text}"
        )
