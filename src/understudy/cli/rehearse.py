"""``understudy rehearse``: a few rows on a live target, rolled back, and what that teaches."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from understudy.cli.options import (
    in_session,
    output,
    reading,
    refuse_settled,
    request,
    screen,
    session,
    sources,
    wishes,
)
from understudy.cli.screen import Screen
from understudy.errors import RequestError

if TYPE_CHECKING:
    from understudy.workflow.cycle import Rehearsal

EPILOG = """\b
Examples:
  understudy rehearse postgresql://localhost/shop --to postgresql://localhost/shop --rows 1000
  understudy rehearse schema.sql --to postgresql://localhost/shop --save shop.plan
  understudy rehearse schema.sql --to sqlite:///shop.db --table orders --row 17
"""


@click.command("rehearse", epilog=EPILOG, short_help="Try a few rows.")
@sources
@click.option("--to", "target", metavar="URL", required=True, help="The database to try on; nothing stays there.")
@wishes
@session
@click.option("--append", is_flag=True, help="As a load that adds to tables that hold rows.")
@click.option("--replace", is_flag=True, help="As a load that empties the target's tables first.")
@click.option("--table", metavar="TABLE", help="Try more rows of this table.")
@click.option("--row", type=click.IntRange(min=0), metavar="N", help="Try the rows around this one of --table.")
@click.option("--save", metavar="FOLDER", help="Write the plan with what was learned (*.plan).")
@output
def command(
    sources: tuple[str, ...],
    target: str,
    settings: tuple[str, ...],
    append: bool,
    replace: bool,
    table: str | None,
    row: int | None,
    save: str | None,
    as_json: bool,
    quiet: bool,
    **wanted: Any,
) -> int:
    """Plan for SOURCE, try a sample of every table on the target inside a transaction, roll it back, and show what the
    database's triggers, functions and types taught.

    Exit code 1 where rows are refused for which no way was found.
    """
    from understudy import workflow
    from understudy.cli.generate import mode_of
    from understudy.cli.inspect import found
    from understudy.workflow.saving import save_plan

    refuse_settled(sources)
    if row is not None and table is None:
        raise RequestError("--row names a row of a table, but none is named", mend="Add --table TABLE.")
    target = in_session(target, settings)
    out = screen(as_json, quiet)
    with out.progress() as listen:
        schema, fitted = workflow.described(sources, listen, reading())
        around = {found(schema, table).name: row or 0} if table is not None else {}
        wish = request(**wanted, append=append)
        done = workflow.rehearsed(schema, wish, target, mode_of(append, replace), listen, fitted=fitted, around=around)
    _show(done, out)
    if save:
        out.say(f"saved as {save_plan(done.bundle, save)}")
    return 1 if done.bundle.plan.unmet else 0


def _show(done: Rehearsal, out: Screen) -> None:
    from understudy.model.lesson import said

    plan = done.bundle.plan
    out.data(
        {
            "rows": done.rows,
            "rounds": done.rounds,
            "lessons": plan.lessons,
            "unmet": plan.unmet,
            "notices": done.notices,
        }
    )
    out.say(f"{done.rows:,} rows tried in {done.rounds} rounds, and rolled back")
    for notice in done.notices:
        out.say(f"  {notice}")
    if plan.lessons:
        out.title("Learned")
        for lesson in plan.lessons:
            out.say(f"  {said(lesson)}")
    if plan.unmet:
        out.title("Cannot be met")
        for demand in plan.unmet:
            out.say(f"  {demand}")
