"""``understudy review``: low confidence and contradictions, decided by a person and kept."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from understudy.cli.options import output, reading, screen, sources
from understudy.cli.screen import Screen
from understudy.errors import RequestError

if TYPE_CHECKING:
    from understudy.model.schema import Facet

EPILOG = """\b
Examples:
  understudy review schema.sql openapi.yaml signup.html
  understudy review schema.sql openapi.yaml --set 'customers.phone.pattern=^[0-9]{10}$' --set users.name.length=1..50
  understudy review schema.sql openapi.yaml --accept customers.email --accept all
"""


@click.command("review", epilog=EPILOG, short_help="Decide what is unsure.")
@sources
@click.option("--set", "wishes", multiple=True, metavar="ENTITY.FIELD.FACET=VALUE", help="Decide a facet; repeat.")
@click.option(
    "--accept", multiple=True, metavar="ENTITY.FIELD[.FACET]|all", help="Confirm what was found as it is; repeat."
)
@output
def command(
    sources: tuple[str, ...], wishes: tuple[str, ...], accept: tuple[str, ...], as_json: bool, quiet: bool
) -> int:
    """Walk through the facets of which sources contradict each other or that are unsure, and keep what you decide.

    Decisions go to overrides.yaml and are honoured by every command from then on. Facets: type, nullable, length,
    range, enum, pattern, meaning. Without a terminal, or with --set or --accept, nothing is asked.
    """
    from understudy import workflow
    from understudy.workflow.deciding import decided, decisions, keep, place_of, to_review

    out = screen(as_json, quiet)
    how = reading()
    with out.progress() as listen:
        schema = workflow.read(sources, listen, how)
    place = place_of(how.overrides)
    known = decisions(place)
    open_ = to_review(schema)
    if not wishes and not accept:
        if as_json or quiet or sys.stdin is None or not sys.stdin.isatty():
            out.data({"overrides": str(place), "review": open_})
            _listed(open_, out)
            return 1 if open_ else 0
        wishes, accept = _asked(open_, out)
    made = decided(known, schema, wishes, accept)
    if made.fields != known.fields:
        keep(made, place)
        with out.progress() as listen:
            schema = workflow.read(sources, listen, how)
    left = to_review(schema)
    out.data({"overrides": str(place), "fields": made.fields, "review": left})
    count = len(wishes) + len(accept)
    out.say(f"{count} decision{'s' if count != 1 else ''} kept in {place}; {len(left)} facets are left to review")
    return 0


def _listed(facets: list[Facet], out: Screen) -> None:
    if not facets:
        out.say("nothing needs a person's eye")
    for facet in facets:
        _shown(facet, out)


def _shown(facet: Facet, out: Screen) -> None:
    out.say()
    out.title(f"{facet.subject} {facet.facet}: {facet.value}  [{facet.standing}, {facet.confidence:.2f}]")
    if facet.reason:
        out.say(f"  {facet.reason}")
    for mark, statements in (("+", facet.support), ("-", facet.dissent)):
        for s in statements:
            out.say(f"  {mark} {s.says} ({s.weight:.2f}, {s.source}{' ' + s.place if s.place else ''})")


NAMES = {"nullability": "nullable"}


def _asked(facets: list[Facet], out: Screen) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """One question per facet: accept, set otherwise, skip, or stop."""
    wishes: list[str] = []
    accept: list[str] = []
    for number, facet in enumerate(facets, 1):
        _shown(facet, out)
        choice = click.prompt(
            f"  {number} of {len(facets)}: (a)ccept, (s)et, (n)ext, (q)uit", default="n", err=True, show_default=True
        )
        match choice.strip().lower()[:1]:
            case "a":
                accept.append(f"{facet.subject}.{facet.facet}")
            case "s":
                name = NAMES.get(facet.facet, facet.facet)
                if name not in ("type", "nullable", "length", "range", "enum", "pattern", "meaning"):
                    raise RequestError(f"{facet.facet} cannot be set here", mend="Accept it, or edit the saved schema.")
                wishes.append(f"{facet.subject}.{name}={click.prompt('  value', err=True)}")
            case "q":
                break
    return tuple(wishes), tuple(accept)
