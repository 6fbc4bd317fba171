"""``understudy extend``: go on with real rows by a model."""

from __future__ import annotations

import click

from understudy.cli.impute import handed_on
from understudy.cli.options import output, screen

EPILOG = """\b
Examples:
  understudy extend shop.model --real sqlite:///shop.db --rows 500 --to ./more --format csv
  understudy extend shop.model --real sqlite:///shop.db --until 2027-06-30 --to ./future --format parquet
  understudy extend shop.model --real ./shop --steps 3 --whole --to ./longer --format csv
"""


@click.command("extend", epilog=EPILOG, short_help="Go on with real rows.")
@click.argument("model")
@click.option("--real", required=True, metavar="SOURCE", help="The rows that are gone on with.")
@click.option(
    "--to", "target", required=True, metavar="TARGET", help="Database URL, folder, file (format by its ending)."
)
@click.option("--rows", metavar="N", help="New entities of each table without parents, with what belongs to them.")
@click.option("--until", metavar="DATE", help="The future of the entities there, up to this date (or number).")
@click.option("--steps", type=int, metavar="N", help="The future of the entities there: at most so many rows for each.")
@click.option("--whole", is_flag=True, help="The real rows too, the new ones behind them.")
@click.option("--seed", type=click.IntRange(min=0), default=0, help="Same seed, same rows.")
@click.option("--format", "file_format", default="", metavar="FORMAT", help="For folders and -.")
@click.option("--append", is_flag=True, help="Add to tables that hold rows.")
@click.option("--replace", is_flag=True, help="Empty the target's tables first.")
@output
def command(
    model: str,
    real: str,
    target: str,
    rows: str | None,
    until: str | None,
    steps: int | None,
    whole: bool,
    seed: int,
    file_format: str,
    append: bool,
    replace: bool,
    as_json: bool,
    quiet: bool,
) -> int:
    """Deliver rows that go on with those of --real as MODEL has learned it: new entities under fresh keys, or what
    follows the last row of each entity in time."""
    from understudy.cli.options import row_counts
    from understudy.workflow.extending import extend

    wanted = None if rows is None else row_counts((rows,))[0]
    out = screen(as_json, quiet)
    return handed_on(
        lambda listen: extend(
            model, real, rows=wanted, until=until, steps=steps, whole=whole, seed=seed, listen=listen
        ),
        target,
        file_format,
        append,
        replace,
        out,
    )
