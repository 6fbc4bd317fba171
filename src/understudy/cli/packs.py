"""``understudy packs``: domain packs and what they know."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from understudy.cli.options import output, screen
from understudy.cli.screen import Screen

if TYPE_CHECKING:
    from understudy.model.pack import Pack, PackEntity, PackField

EPILOG = """\b
Examples:
  understudy packs
  understudy packs ecommerce
  understudy packs my-pack.yaml --entity order
"""


@click.command("packs", epilog=EPILOG, short_help="Domain packs.")
@click.argument("name", required=False, metavar="[PACK]")
@click.option("--entity", metavar="ENTITY", help="Only this entity of the pack.")
@output
def command(name: str | None, entity: str | None, as_json: bool, quiet: bool) -> int:
    """List the domain packs, or explain one: its entities, fields, rules, workflows and edge cases.

    A pack is used as a source: `understudy generate pack:ecommerce --to sqlite:///shop.db`; with other sources it adds
    what they leave open. A pack of your own is one YAML file.
    """
    from understudy.workflow.knowing import pack, packs

    out = screen(as_json, quiet)
    if name is None:
        known = packs()
        out.data(known)
        out.table(
            ("pack", "entities", "fields", "rules", "workflows", "what it is"),
            [(p.pack, len(p.entities), _fields(p), _rules(p), len(p.workflows), p.description) for p in known],
            indent=0,
        )
        return 0
    found = pack(name)
    if entity is not None and entity not in found.entities:
        raise click.UsageError(f"{found.pack} has no entity {entity!r}. It has {', '.join(found.entities)}.")
    out.data(found if entity is None else found.entities[entity])
    out.title(f"{found.title or found.pack}: {found.description}")
    for each, said in found.entities.items():
        if entity in (None, each):
            _entity(each, said, out)
    for flow, workflow in found.workflows.items() if entity is None else ():
        out.say()
        out.title(f"{flow} ({workflow.entity}.{workflow.field})")
        for move in workflow.moves:
            out.say(f"  {move.start} → {move.end}  {move.share:.0%}{f'  {move.label}' if move.label else ''}")
    return 0


def _fields(pack: Pack) -> int:
    return sum(len(e.fields) for e in pack.entities.values())


def _rules(pack: Pack) -> int:
    return sum(len(e.rules) for e in pack.entities.values())


def _entity(name: str, said: PackEntity, out: Screen) -> None:
    out.say()
    out.title(f"{name}: {said.description}")
    rows = [(f, s.type if not s.holds else f"list of {s.holds}", _notes(s)) for f, s in said.fields.items()]
    out.table(("field", "type", "notes"), rows)
    for rule in said.rules:
        out.say(
            f"  rule {rule.name} ({rule.severity}): {rule.text}{f'  {rule.description}' if rule.description else ''}"
        )
    for case in said.edge_cases:
        values = ", ".join(f"{f} = {v!r}" for f, v in case.values.items())
        out.say(
            f"  edge case {case.name} ({case.category}): {values}{f'  {case.description}' if case.description else ''}"
        )


def _notes(said: PackField) -> str:
    values = said.values if isinstance(said.values, str) else ", ".join(str(v) for v in said.values or ())
    notes = (
        "key" if said.key else "unique" if said.unique else "",
        "" if said.required or said.key or said.holds else "may be null",
        f"refers to {said.refers}" if said.refers else "",
        f"= {said.derive}" if said.derive else "",
        f"means {said.meaning}" if said.meaning else "",
        f"one of {values}" if values else "",
        said.range,
        f"/{said.pattern}/" if said.pattern else "",
        said.description,
    )
    return "; ".join(n for n in notes if n)
