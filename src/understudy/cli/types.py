"""``understudy types``: what columns may mean, with examples."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from understudy.cli.options import output, screen
from understudy.cli.screen import Screen
from understudy.errors import RequestError

if TYPE_CHECKING:
    from understudy.workflow.meanings import TypeNote

EPILOG = """\b
Examples:
  understudy types
  understudy types iban --locale nl_NL
  understudy types --family health --json
  understudy types --match geb_dat --type date --table kunden
  understudy types --match c1 --value jo@example.com --value al@example.org
"""


@click.command("types", epilog=EPILOG, short_help="What columns may mean.")
@click.argument("name", required=False)
@click.option("--family", metavar="FAMILY", default="", help="Only types of this family.")
@click.option("--locale", metavar="LOCALE", default="en_US", show_default=True, help="Values as in this locale.")
@click.option("--match", "field", metavar="FIELD", help="Which types may a field of this name have?")
@click.option("--type", "kind", metavar="TYPE", default="", help="With --match: its type, such as varchar(40).")
@click.option("--table", metavar="TABLE", default="", help="With --match: its table.")
@click.option("--beside", metavar="FIELD,…", default="", help="With --match: names of the other fields.")
@click.option("--label", metavar="TEXT", default="", help="With --match: its label in a form.")
@click.option("--comment", metavar="TEXT", default="", help="With --match: its comment.")
@click.option(
    "--value", "values", metavar="VALUE", multiple=True, help="With --match: a value of it; several are better."
)
@output
def command(
    name: str | None,
    family: str,
    locale: str,
    field: str | None,
    kind: str,
    table: str,
    beside: str,
    label: str,
    comment: str,
    values: tuple[str, ...],
    as_json: bool,
    quiet: bool,
) -> int:
    """List the semantic types, or explain the one called NAME. In a schema file, `meaning: NAME` gives a field that
    type.

    With --match: the types that a field may have, surest first. Of answers given with 90 % about nine in ten are right
    (docs/evidence/matching.md).
    """
    from understudy.workflow import meanings

    out = screen(as_json, quiet)
    clues = {
        "--type": kind,
        "--table": table,
        "--beside": beside,
        "--label": label,
        "--comment": comment,
        "--value": values,
    }
    if field is not None:
        if name or family:
            raise RequestError(
                "--match asks about a field, NAME and --family about types", mend="Leave one of them out."
            )
        others = [x.strip() for x in beside.split(",") if x.strip()]
        found = meanings.match(field, kind, table=table, beside=others, label=label, comment=comment, samples=values)
        out.data(found)
        out.table(("type", "certainty", "because"), [(g.meaning, f"{g.certainty:.0%}", g.reason) for g in found])
        if not found:
            out.say("nothing is known that it may mean")
        return 0
    if lost := [option for option, given in clues.items() if given]:
        raise RequestError(f"{lost[0]} says something of a field", mend="Name the field with --match.")
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
