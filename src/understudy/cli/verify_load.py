"""``understudy verify-load``: verify a certified load again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from understudy.cli.options import output, screen
from understudy.cli.screen import Screen

if TYPE_CHECKING:
    from understudy.model.certificate import Recheck

EPILOG = """\b
Examples:
  understudy generate postgresql://localhost/shop --to postgresql://localhost/shop --certificate ./proof
  understudy verify-load ./proof
  understudy verify-load certificate.json --to postgresql://me:secret@localhost/shop
"""


@click.command("verify-load", epilog=EPILOG, short_help="Verify a load again.")
@click.argument("certificate", metavar="CERTIFICATE")
@click.option("--to", "target", metavar="URL", help="The database, where the certificate's URL lacks a password.")
@output
def command(certificate: str, target: str | None, as_json: bool, quiet: bool) -> int:
    """Verify a load again by its CERTIFICATE (certificate.json, or its folder): every constraint by query, all that can
    reject a row against the fingerprint, rows counted.

    Exit code 1 where a constraint is broken or the structure is another one.
    """
    from understudy.workflow.certifying import verify_load

    out = screen(as_json, quiet)
    with out.progress() as listen:
        found = verify_load(certificate, target, listen)
    out.data({"holds": found.holds, **_plain(found)})
    _show(found, out)
    return 0 if found.holds else 1


def _plain(found: Recheck) -> dict[str, object]:
    return {
        "server": found.server,
        "structure_unchanged": found.structure,
        "missing": found.missing,
        "rows": {t: {"certified": a, "now": b} for t, (a, b) in found.rows.items()},
        "constraints": found.manifest.constraints,
    }


def _show(found: Recheck, out: Screen) -> None:
    m = found.manifest
    out.say(f"load of {m.finished} into {m.target}, plan {m.plan_hash}; now {found.server}")
    for table in found.missing:
        out.say(f"  MISSING {table}: the table is not there any more")
    for table, (certified, now) in found.rows.items():
        if certified is not None and certified != now:
            out.say(f"  {table}: {now:,} rows, {certified:,} when it was certified")
    for c in m.constraints:
        if c.violations:
            what = f"{c.table}: {c.kind.replace('_', ' ')} {c.name}: {' '.join(c.text.split())}"
            out.say(f"  BROKEN {c.violations:,} rows: {what}")
    held = sum(c.violations == 0 for c in m.constraints)
    open_ = sum(c.violations is None for c in m.constraints)
    out.say(f"constraints: {held} kept, {len(m.constraints) - held - open_} broken, {open_} not verifiable here")
    out.say(f"structure: {'unchanged' if found.structure else 'CHANGED since the load'}")
    out.say("HOLDS" if found.holds else "DOES NOT HOLD: see above")
