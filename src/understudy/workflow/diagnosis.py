"""A refused row explained: the row, the rule's text, and why the plan believed that it held."""

from __future__ import annotations

from collections.abc import Iterator

from understudy.errors import RefusedRowError, UnderstudyError
from understudy.model.bundle import Bundle
from understudy.model.plan import PlannedConstraint
from understudy.model.schema import Entity

LONGEST = 60
"""Characters of a value that are shown."""


def diagnosis(bundle: Bundle, refusal: RefusedRowError) -> tuple[str, ...]:
    """Lines for the user; () where the database named no table of the plan."""
    plan = bundle.plan
    if not any(t.name == refusal.table for t in plan.tables):
        return ()
    entity = plan.schema.entity(refusal.table)
    return tuple(
        line for part in (_head(refusal), _row(bundle, refusal), _rule(bundle, entity, refusal)) for line in part
    )


def _head(refusal: RefusedRowError) -> Iterator[str]:
    yield f"table       {refusal.table}"
    if refusal.constraint:
        yield f"constraint  {refusal.constraint}"
    if refusal.code:
        yield f"code        {refusal.code}"


CHANGED = "if it was added or changed since this was planned, plan anew"


def _row(bundle: Bundle, refusal: RefusedRowError) -> Iterator[str]:
    if refusal.row is None:
        return
    from understudy.kernels import Runtime

    try:
        batch = Runtime(bundle).batch(refusal.table, refusal.row, refusal.row + 1)
    except UnderstudyError as error:
        yield f"row {refusal.row:<7} cannot be shown: {error.what}"
        return
    yield f"row {refusal.row}"
    for name, column in zip(batch.schema.names, batch.columns, strict=True):
        value = column[0].as_py()
        text = "null" if value is None else repr(value) if isinstance(value, str) else str(value)
        yield f"  {name} = {text if len(text) <= LONGEST else text[: LONGEST - 1] + '…'}"


def _rule(bundle: Bundle, entity: Entity, refusal: RefusedRowError) -> Iterator[str]:
    planned = _planned(bundle, entity, refusal)
    if planned is not None:
        yield f"rule        {planned.kind} {planned.name}: {' '.join(planned.text.split())}"
        believed = planned.standing.value + (f" ({planned.reason})" if planned.reason else "")
        yield f"believed    met {believed}"
        return
    triggers = [t for t in entity.triggers if t.enabled and any(e.lower().startswith("insert") for e in t.events)]
    for trigger in triggers:
        yield f"trigger     {trigger.name} ({trigger.timing} insert): its reasons are its own"
    if refusal.constraint:
        yield f"rule        {refusal.constraint}: {CHANGED}"
    elif not triggers:
        yield f"rule        the database names none that the plan knows; {CHANGED}"


def _planned(bundle: Bundle, entity: Entity, refusal: RefusedRowError) -> PlannedConstraint | None:
    """The planned constraint that was named: by its name, as MySQL's PRIMARY, or as SQLite lists columns."""
    found = bundle.plan.table(refusal.table).constraints
    named = refusal.constraint
    for constraint in found:
        if constraint.name and constraint.name == named:
            return constraint
        if named == "PRIMARY" and constraint.kind == "primary key":
            return constraint
    columns = [c.split(".")[-1].strip() for c in named.split(",")] if "." in named else []
    for unique in entity.uniques:
        if columns and list(unique.columns) == columns:
            return next((c for c in found if c.name == unique.name), None)
    return None
