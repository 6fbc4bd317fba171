"""``understudy types``: what columns may mean, with examples."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from understudy.cli.options import output, screen
from understudy.cli.screen import Screen

if TYPE_CHECKING:
    from understudy.workflow.meanings import TypeNote

EPILOG = """\b
Examples:
  understudy types
  understudy types iban --locale nl_NL
  understudy types --family health --json
"""


@click.command("types", epilog=EPILOG, short_help="What columns may mean.")
@click.argument("name", required=False)
@click.option("--family", metavar="FAMILY", default="", help="Only types of this family.")
@click.option("--locale", metavar="LOCALE", default="en_US", show_default=True, help="Values as in this locale.")
@output
def command(name: str | None, family: str, locale: str, as_json: bool, quiet: bool) -> int:
    """List the semantic types, or explain the one called NAME. In a schema file, `meaning: NAME` gives a field that
    type."""
    from understudy.workflow import meanings

    out = screen(as_json, quiet)
    if name:
        note = meanings.explain(name, locale)
        out.data(note)
        _explain(note, out)
        return 0
    notes = meanings.types(family, locale)
    out.data(notes)
    for group, count in meanings.families().items():
        mine = [n for n in notes if n.family == group]
        if mine:
            out.title(f"{group}: {count} types")
            rows = [(n.name, n.pii if n.pii != "none" else "", n.about, "; ".join(n.examples)) for n in mine]
            out.table(("type", "personal", "what", "examples"), rows)
    for guest, why in meanings.failed().items():
        out.say(f"warning: {guest}: {why}")
    return 0


def _explain(note: TypeNote, out: Screen) -> None:
    out.title(f"{note.name} ({note.family})")
    out.say(f"  {note.about}")
    for example in note.examples:
        out.say(f"    {example}")
    out.say(f"  columns called: {', '.join(note.called)} …")
    out.say(f"  stands in: {', '.join(note.kinds)}")
    out.say(f"  keeps to: {', '.join(note.can)}")
    if note.pattern:
        out.say(f"  looks like: {note.pattern}{f', check digit: {note.check}' if note.check else ''}")
    if note.agrees:
        out.say(f"  agrees with: {', '.join(note.agrees)}")
    personal = f"{note.pii}, sensitivity {note.sensitivity}" if note.sensitivity else "no"
    out.say(f"  personal data: {personal}")
