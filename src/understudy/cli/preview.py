"""``understudy preview``: a few rows on the screen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from understudy.cli.options import output, reading, refuse_settled, request, screen, sources, wished, wishes
from understudy.cli.screen import Screen

if TYPE_CHECKING:
    import pyarrow as pa

EPILOG = """\b
Examples:
  understudy preview schema.sql --table orders
  understudy preview postgresql://localhost/shop --limit 3 --locale de_DE
  understudy preview orders.csv
  understudy preview orders.csv --made
"""


@click.command("preview", epilog=EPILOG, short_help="A few rows.")
@sources
@wishes
@click.option("--table", metavar="TABLE", help="Only this table.")
@click.option("--made", is_flag=True, help="Of a data file: rows as they would be generated, not the file's own.")
@click.option("--limit", type=click.IntRange(1, 1000), default=10, show_default=True, help="Rows shown of a table.")
@output
def command(
    sources: tuple[str, ...], table: str | None, made: bool, limit: int, as_json: bool, quiet: bool, **wanted: Any
) -> int:
    """Show the first rows of each table, exactly as `generate` with the same wishes makes them.

    Of data files, show their own first rows and what their columns are read as (with --made: rows as generated).
    """
    from understudy import workflow
    from understudy.workflow.looking import are_files

    refuse_settled(sources)
    out = screen(as_json, quiet)
    if not made and not wished() and sources and are_files(sources):
        return _own(sources, table, limit, out)
    with out.progress() as listen:
        bundle = workflow.prepare(sources, request(**wanted), None, listen, reading())
        tables = workflow.preview(bundle, table, limit)
    rows = {name: _legible(data).to_pylist() for name, data in tables.items()}
    out.data(rows)
    for name, data in tables.items():
        out.title(name)
        out.rows(data.column_names, [list(row.values()) for row in rows[name]])
        out.say()
    return 0


def _legible(data: pa.Table) -> pa.Table:
    """Numbers of 32 bits as they are meant: 4.95, not the 4.949999809265137 that as many bits more make of it."""
    import pyarrow as pa

    for place, field in enumerate(data.schema):
        if pa.types.is_float32(field.type):
            meant = data.column(place).cast(pa.string()).cast(pa.float64())
            data = data.set_column(place, field.name, meant)
    return data


def _own(sources: tuple[str, ...], table: str | None, limit: int, out: Screen) -> int:
    """A data file's own rows."""
    from understudy.workflow.looking import own_rows

    with out.progress():
        tables = own_rows(sources, table, limit)
    rows = {name: own.rows.to_pylist() for name, own in tables.items()}
    out.data(
        {
            name: {
                "columns": dict(zip(own.rows.column_names, own.read_as, strict=True)),
                "total": own.total,
                "rows": rows[name],
                "remarks": own.remarks,
            }
            for name, own in tables.items()
        }
    )
    for name, own in tables.items():
        out.title(f"{name}, {own.total:,} rows ({own.place})")
        heads = [f"{c}: {kind}" for c, kind in zip(own.rows.column_names, own.read_as, strict=True)]
        out.rows(heads, [list(row.values()) for row in rows[name]])
        for remark in own.remarks:
            out.say(f"  {remark}")
        out.say()
    return 0
