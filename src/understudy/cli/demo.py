"""``understudy demo``: a guided first run."""

from __future__ import annotations

from pathlib import Path

import click

from understudy.cli.options import chosen, moment, output, screen

EPILOG = """\b
Examples:
  understudy demo
  understudy demo --folder /tmp/shop --seed 7
"""


@click.command("demo", epilog=EPILOG, short_help="A guided first run.")
@click.option("--folder", default="demo", show_default=True, metavar="FOLDER", help="Where shop.db is made.")
@click.option("--seed", type=click.IntRange(min=0), help="Another seed, other rows.")
@output
def command(folder: str, seed: int | None, as_json: bool, quiet: bool) -> int:
    """Build a shop's schema in SQLite (composite key, self-reference, cycle, CHECKs, a state), fill it as `generate`
    fills any database, show some rows and the load certificate."""
    from understudy.workflow.certificate import certificate
    from understudy.workflow.demo import demonstrate

    out = screen(as_json, quiet)
    held = chosen(seed=seed)
    with out.progress() as listen:
        done = demonstrate(Path(folder), seed=held.number("generation.seed"), clock=moment(None), listen=listen)
    out.data(done)
    for sample in done.samples:
        out.title(sample.table)
        out.rows(sample.columns, sample.rows)
        out.say()
    out.say(certificate(done.manifest))
    out.say(f"The database is {done.url}: look around with any SQLite tool. Now your own, from a URL or a schema.sql:")
    out.say("  understudy plan postgresql://USER@HOST/DATABASE")
    out.say("  understudy generate postgresql://USER@HOST/DATABASE --to sqlite:///copy.db --rows 1000")
    return 0 if done.manifest.holds else 1
