"""``understudy validate``: data against a system's constraints."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import click

from understudy.cli.options import output, reading, screen, sources
from understudy.cli.screen import Screen

if TYPE_CHECKING:
    from understudy.model.violation import Verdict, Violation

EPILOG = """\b
Examples:
  understudy validate schema.sql --data sqlite:///shop.db
  understudy validate postgresql://localhost/shop --data ./data
  understudy validate shop.schema.yaml --data orders.csv --limit 0
"""


@click.command("validate", epilog=EPILOG, short_help="Check data.")
@sources
@click.option("--data", required=True, metavar="PATH_OR_URL", help="A database, a folder of files, or a file.")
@click.option(
    "--limit", type=click.IntRange(min=0), default=5, show_default=True, help="Faulty rows shown of a rule; 0: all."
)
@output
def command(sources: tuple[str, ...], data: str, limit: int, as_json: bool, quiet: bool) -> int:
    """Check DATA against every constraint of SOURCE by query, and show what breaks, by table and rule.

    Exit code 1 where something does.
    """
    from understudy import workflow
    from understudy.workflow.offering import violations

    out = screen(as_json, quiet)
    with out.progress() as listen:
        verdicts = workflow.validate(workflow.read(sources, listen, reading()), data, listen, limit)
    broken = violations(verdicts)
    out.data({"violations": broken, "verdicts": verdicts})
    _broken(broken, out)
    _unverified([v for v in verdicts if v.violations is None], out)
    kept = sum(v.violations == 0 for v in verdicts)
    rows, open_ = sum(v.count for v in broken), len(verdicts) - kept - len(broken)
    out.say(f"{kept} constraints kept, {len(broken)} broken ({rows:,} violations), {open_} not verifiable here")
    return 1 if broken else 0


def _broken(broken: tuple[Violation, ...], out: Screen) -> None:
    for table in dict.fromkeys(v.table for v in broken):
        out.title(table)
        for v in broken:
            if v.table == table:
                out.say(f"  {v.count:,} × {v.kind.replace('_', ' ')} {v.rule}: {' '.join(v.text.split())}")
                for row in v.sample:
                    out.say(f"      {row}")
        out.say()


def _unverified(open_: list[Verdict], out: Screen) -> None:
    if not open_:
        return
    out.title("Not verifiable here")
    for v in open_[:50]:
        out.say(f"  {v.table}: {v.kind.replace('_', ' ')} {v.rule}: {v.reason.removeprefix('not verifiable here: ')}")
    if len(open_) > 50:
        kinds = Counter(v.kind for v in open_[50:])
        out.say(f"  and {len(open_) - 50} more ({', '.join(f'{n} {k}' for k, n in kinds.items())}); --json lists all")
    out.say()
