"""``understudy impute``: fill the nulls of real rows by a model."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from understudy.cli.options import output, screen

if TYPE_CHECKING:
    from collections.abc import Callable

    from understudy.cli.screen import Screen
    from understudy.model.bundle import Bundle
    from understudy.model.event import Listener

EPILOG = """\b
Examples:
  understudy impute people.model --real people.csv --to filled.csv
  understudy impute people.model --real people.csv --column income --to filled.parquet
  understudy impute shop.model --real sqlite:///shop.db --to ./filled --format parquet
"""


@click.command("impute", epilog=EPILOG, short_help="Fill nulls of real rows.")
@click.argument("model")
@click.option("--real", required=True, metavar="SOURCE", help="The rows whose nulls are filled.")
@click.option(
    "--to", "target", required=True, metavar="TARGET", help="Database URL, folder, file (format by its ending), or -."
)
@click.option(
    "--column", "columns", multiple=True, metavar="COLUMN", help="Only this column (or TABLE.COLUMN); repeat."
)
@click.option("--seed", type=click.IntRange(min=0), default=0, help="Same seed, same values.")
@click.option("--format", "file_format", default="", metavar="FORMAT", help="For folders and -.")
@click.option("--append", is_flag=True, help="Add to tables that hold rows.")
@click.option("--replace", is_flag=True, help="Empty the target's tables first.")
@output
def command(
    model: str,
    real: str,
    target: str,
    columns: tuple[str, ...],
    seed: int,
    file_format: str,
    append: bool,
    replace: bool,
    as_json: bool,
    quiet: bool,
) -> int:
    """Deliver the rows of --real with their nulls filled as in rows of MODEL that are like them.

    Keys and references stay as they are, and so do nulls that mean something: those that all rows like theirs have too,
    or that a rule of the schema wants.
    """
    from understudy.workflow.imputing import impute

    out = screen(as_json, quiet)
    return handed_on(
        lambda listen: impute(model, real, columns=columns, seed=seed, listen=listen),
        target,
        file_format,
        append,
        replace,
        out,
    )


def handed_on(
    made: Callable[[Listener], Bundle], target: str, file_format: str, append: bool, replace: bool, out: Screen
) -> int:
    """Rows that lie in memory into a target, with a certificate."""
    from understudy import workflow
    from understudy.cli.generate import mode_of, pour, show

    mode = mode_of(append, replace)
    with out.progress() as listen:
        bundle = made(listen)
        if target == "-":
            return pour(bundle, file_format, out.json, False)
        manifest = workflow.generate(bundle, target, mode=mode, format=file_format, listen=listen)
    return show(manifest, out)
