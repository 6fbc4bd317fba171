"""``understudy inspect --pii``: where personal data stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from understudy.cli.screen import Screen
from understudy.errors import RequestError

if TYPE_CHECKING:
    from understudy.semantics.personal import Finding
    from understudy.workflow.personal import Inventory


def show(sources: tuple[str, ...], table: str | None, save: str | None, deep: bool, out: Screen) -> int:
    """Look for personal data in the sources and tell; the exit code."""
    from understudy.workflow import personal

    if save and not save.lower().endswith(".csv"):
        raise RequestError(f"an inventory is saved as CSV, not as {save!r}", mend="Use --save FILE.csv, or --json.")
    with out.progress() as listen:
        found = personal.inventory(sources, deep=deep, listen=listen)
    if table is not None:
        found = tuple(_only(f, table) for f in found)
    out.data(found)
    if save:
        personal.save(found, save)
    for each in found:
        _source(each, out)
    if save:
        out.say(f"\nsaved as {save}")
    return 0


def _only(found: Inventory, table: str) -> Inventory:
    import msgspec

    kept = tuple(c for c in found.columns if table in (c.table, c.table.rsplit(".", 1)[-1]))
    return msgspec.structs.replace(found, columns=kept)


def _source(found: Inventory, out: Screen) -> None:
    looked = f"{found.rows:,} rows" if found.rows else "names only: it holds no rows"
    out.title(f"{found.source}: {found.tables} tables, {found.looked_at} columns, {looked}")
    rows = [_line(c.table, c.column, f) for c in found.columns for f in c.findings]
    if rows:
        heads = ("table", "column", "class", "is", "sensitivity", "certainty", "evidence")
        out.table(heads, rows)
    high = sum(c.sensitivity == "high" for c in found.columns)
    told = f"{len(found.columns)} columns hold personal data, {high} of them highly sensitive"
    out.say(f"  {told}" if rows else "  no personal data found")


def _line(table: str, column: str, finding: Finding) -> tuple[str, ...]:
    inside = "" if finding.share is None else f"inside {finding.share:.1%}"
    return (
        table,
        column,
        finding.kind,
        f"{finding.meaning.replace('_', ' ')} {inside}".strip(),
        finding.sensitivity,
        f"{finding.certainty:.0%}",
        "; ".join(finding.evidence),
    )
