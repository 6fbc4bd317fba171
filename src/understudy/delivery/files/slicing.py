"""Which rows go to which file: decided by the plan and the options alone, never by workers."""

from __future__ import annotations

from understudy.model.plan import Plan, PlannedTable
from understudy.ports.sink import Part

ROWS_PER_FILE = 1 << 20
"""16 partitions of 65,536 rows: files of some ten to hundred megabytes, and enough of them to share out."""


def cuts(rows: int, per_file: int) -> list[tuple[int, int]]:
    """Ranges of at most ``per_file`` rows; one empty range where there is no row."""
    if not per_file or rows <= per_file:
        return [(0, rows)]
    return [(start, min(start + per_file, rows)) for start in range(0, rows, per_file)]


def per_file(plan: Plan, wanted: int | None, default: int) -> int:
    """Rows of a file; a default is rounded down to whole partitions, a wish is kept."""
    if wanted is not None:
        return wanted
    return max(default // plan.batch_rows, 1) * plan.batch_rows if default else 0


def table_parts(table: PlannedTable, rows_per_file: int, name: str, ending: str) -> tuple[Part, ...]:
    """The parts of one table, at ``name.ending`` or ``name/part-00000.ending`` …"""
    ranges = cuts(table.rows, rows_per_file)
    if len(ranges) == 1:
        return (Part(table.name, 0, table.rows, f"{name}{ending}"),)
    width = max(5, len(str(len(ranges) - 1)))
    return tuple(Part(table.name, a, b, f"{name}/part-{i:0{width}d}{ending}") for i, (a, b) in enumerate(ranges))
