"""``understudy preview``: a few rows on the screen."""

from __future__ import annotations

from typing import Any

import click

from understudy.cli.options import output, reading, refuse_settled, request, screen, sources, wishes

EPILOG = """\b
Examples:
  understudy preview schema.sql --table orders
  understudy preview postgresql://localhost/shop --limit 3 --locale de_DE
"""


@click.command("preview", epilog=EPILOG, short_help="A few rows.")
@sources
@wishes
@click.option("--table", metavar="TABLE", help="Only this table.")
@click.option("--limit", type=click.IntRange(1, 1000), default=10, show_default=True, help="Rows shown of a table.")
@output
def command(sources: tuple[str, ...], table: str | None, limit: int, as_json: bool, quiet: bool, **wanted: Any) -> int:
    """Show the first rows of each table, exactly as `generate` with the same wishes makes them."""
    from understudy import workflow

    refuse_settled(sources)
    out = screen(as_json, quiet)
    with out.progress() as listen:
        bundle = workflow.prepare(sources, request(**wanted), None, listen, reading())
        tables = workflow.preview(bundle, table, limit)
    rows = {name: data.to_pylist() for name, data in tables.items()}
    out.data(rows)
    for name, data in tables.items():
        out.title(name)
        out.rows(data.column_names, [list(row.values()) for row in rows[name]])
        out.say()
    return 0
