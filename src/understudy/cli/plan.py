"""``understudy plan``: how each column will be made and why, and what cannot be met."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from understudy.cli.options import output, reading, refuse_settled, request, screen, sources, wishes
from understudy.cli.screen import Screen

if TYPE_CHECKING:
    from understudy.model.plan import LoadStep, Plan, PlannedTable

EPILOG = """\b
Examples:
  understudy plan schema.sql --rows 1e6
  understudy plan postgresql://localhost/shop --save shop.plan
  understudy generate shop.plan --to sqlite:///shop.db
"""


@click.command("plan", epilog=EPILOG, short_help="How and why.")
@sources
@wishes
@click.option("--table", metavar="TABLE", help="Show only this table.")
@click.option("--save", metavar="FOLDER", help="Write the plan (*.plan); `generate` takes it as its source.")
@output
def command(
    sources: tuple[str, ...], table: str | None, save: str | None, as_json: bool, quiet: bool, **wanted: Any
) -> int:
    """Show rows per table, how each column is made, how each constraint is met, the order of loading, and what
    cannot be met (exit code 1)."""
    from understudy import workflow
    from understudy.cli.inspect import found
    from understudy.workflow.saving import save_plan

    refuse_settled(sources)
    out = screen(as_json, quiet)
    with out.progress() as listen:
        bundle = workflow.prepare(sources, request(**wanted), None, listen, reading())
    plan = bundle.plan
    chosen = plan.tables if table is None else (plan.table(found(plan.schema, table).name),)
    out.data(plan if table is None else chosen[0])
    for planned in chosen:
        _table(planned, out)
    if table is None:
        _order(plan.load, out)
    _troubles(plan, out)
    if save:
        out.say(f"\nsaved as {save_plan(bundle, save)}")
    return 1 if plan.unmet else 0


def _table(table: PlannedTable, out: Screen) -> None:
    held = f", {table.existing:,} are there" if table.existing else ""
    why = f" ({table.rows_reason})" if table.rows_reason else ""
    out.title(f"{table.name}: {table.rows:,} rows{why}{held}")
    columns = [
        (c.name, c.type.raw or c.type.kind.value, c.meaning, _how(c.reason, c.omitted))
        for c in table.columns
        if not c.hidden
    ]
    out.table(("column", "type", "meaning", "how and why"), columns)
    for repair in table.repairs:
        names = ", ".join(repair.columns)
        out.say(f"  redrawn together: {names} ({repair.acceptance:.0%} pass at once, {repair.limit} tries)")
    for c in table.constraints:
        reason = f" ({c.reason})" if c.reason else ""
        out.say(f"  {c.kind} {c.name}: {' '.join(c.text.split())}: {c.standing.value}{reason}")
    out.say()


def _how(reason: str, omitted: bool) -> str:
    return (
        f"{reason}; the database computes it"
        if omitted and reason
        else reason or ("the database computes it" * omitted)
    )


def _order(steps: tuple[LoadStep, ...], out: Screen) -> None:
    out.title("Order of loading")
    for number, step in enumerate(steps, 1):
        reason = f": {step.reason}" if step.reason else ""
        method = "" if step.method.value == "plain" else f" [{step.method.value.replace('_', ' ')}{reason}]"
        out.say(f"  {number}. {', '.join(step.tables)}{method}")
        for table in step.tables:
            if columns := step.second(table):
                out.say(f"     then {table}: {', '.join(columns)}")


def _troubles(plan: Plan, out: Screen) -> None:
    if plan.lessons:
        from understudy.model.lesson import said

        out.say()
        out.title("Learned on the target")
        for lesson in plan.lessons:
            out.say(f"  {said(lesson)}")
    for warning in plan.warnings:
        out.say(f"warning: {warning}")
    if plan.unmet and not out.words:
        for demand in plan.unmet:
            click.echo(f"understudy: cannot be met: {' '.join(demand.split())}", err=True)
    if plan.unmet:
        out.say()
        out.title("Cannot be met")
        for demand in plan.unmet:
            out.say(f"  {demand}")
