"""``understudy fit``: learn from real rows."""

from __future__ import annotations

from pathlib import Path

import click

from understudy.cli.options import output, screen

EPILOG = """\b
Examples:
  understudy fit postgresql://localhost/shop --save shop.model
  understudy fit sqlite:///shop.db --save shop.model --privacy high
  understudy generate shop.model --to ./data --format parquet --rows 1e6
"""


@click.command("fit", epilog=EPILOG, short_help="Learn from real rows.")
@click.argument("source")
@click.option("--save", "path", required=True, metavar="FILE", help="Where the model goes, such as shop.model.")
@click.option("--privacy", default="medium", show_default=True, metavar="LEVEL", help="low, medium or high.")
@click.option("--only", multiple=True, metavar="TABLE", help="Only this table; repeat for more.")
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Same seed, same model.")
@output
def command(source: str, path: str, privacy: str, only: tuple[str, ...], seed: int, as_json: bool, quiet: bool) -> int:
    """Learn the columns of SOURCE's tables from their rows, and save the model as one file.

    `generate FILE` makes rows like them; the schema's constraints hold whatever was learned.
    """
    from understudy import workflow
    from understudy.workflow.fitting import keep_model

    out = screen(as_json, quiet)
    with out.progress() as listen:
        fitted = workflow.fit(source, privacy=privacy, seed=seed, only=only, listen=listen)
    keep_model(fitted, Path(path))
    out.data(fitted.model.card)
    for table in fitted.model.tables:
        out.title(f"{table.name}  ({table.seen:,} rows)")
        out.table(["column", "learned"], [[c.name, c.reason] for c in table.columns])
        if table.left:
            out.table(["column", "not learned"], list(table.left.items()))
        out.say()
    out.say(f"{path}: understudy generate {path} --to ./data --format parquet")
    return 0
