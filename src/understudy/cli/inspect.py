"""``understudy inspect``: what was understood."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

import click

from understudy.cli.options import output, reading, screen, sources
from understudy.cli.screen import Screen
from understudy.errors import RequestError

if TYPE_CHECKING:
    from understudy.model.flow import Flow
    from understudy.model.schema import Entity, Facet, Field, Schema
    from understudy.workflow.understanding import Told

EPILOG = """\b
Examples:
  understudy inspect postgresql://localhost/shop
  understudy inspect schema.sql --table orders
  understudy inspect schema.sql openapi.yaml signup.html --explain
  understudy inspect schema.sql --save shop.schema.yaml
  understudy inspect orders.csv --profile
  understudy inspect postgresql://localhost/shop --pii --save inventory.csv
"""


@click.command("inspect", epilog=EPILOG, short_help="What was understood.")
@sources
@click.option("--table", metavar="TABLE", help="Only this table.")
@click.option("--save", metavar="FILE", help="Write the schema as YAML that a person can edit (*.schema.yaml).")
@click.option("--profile", "profiled", is_flag=True, help="Measure the rows of a database or data file.")
@click.option("--pii", is_flag=True, help="Find personal data: class, sensitivity, certainty, evidence per column.")
@click.option("--deep", is_flag=True, help="With --pii: let Presidio read running text too (extra pii).")
@click.option("--explain", is_flag=True, help="Show every claim with its place, weight and confidence.")
@output
def command(
    sources: tuple[str, ...],
    table: str | None,
    save: str | None,
    profiled: bool,
    pii: bool,
    deep: bool,
    explain: bool,
    as_json: bool,
    quiet: bool,
) -> int:
    """Show the tables, fields, keys, relations and remarks that SOURCE was understood to have.

    Of several sources also: what each contributes, where they agree and differ, how each difference was settled and
    why, and what is worth a look (see `understudy review`). With --profile: what the rows themselves look like. With
    --pii: which columns hold personal data, by their names, their values and what stands in running text.
    """
    import msgspec

    from understudy import workflow
    from understudy.workflow.saving import save_schema
    from understudy.workflow.understanding import told

    out = screen(as_json, quiet)
    if deep and not pii:
        raise RequestError("--deep is about personal data", mend="Use it with --pii.")
    if pii:
        if profiled:
            raise RequestError("--pii and --profile are two questions", mend="Ask one at a time.")
        from understudy.cli.personal import show as show_personal

        return show_personal(sources, table, save, deep, out)
    if profiled:
        from understudy.cli.profile import show

        return show(sources, table, save, out)
    with out.progress() as listen:
        schema = workflow.read(sources, listen, reading())
    entities = schema.entities if table is None else (found(schema, table),)
    if save:
        place = save_schema(schema, save)
    if as_json:
        shown = schema if table is None else entities[0]
        out.data({**msgspec.to_builtins(shown), "report": told(schema, None if table is None else entities)})
    _summary(schema, out)
    for entity in entities:
        _entity(entity, out)
    _report(told(schema, None if table is None else entities), explain, out)
    _flows([f for f in schema.flows if table is None or _concerns(f, entities[0].name)], explain, out)
    _remarks(schema, entities if table else None, out)
    if save:
        out.say(f"\nsaved as {place}")
    return 0


def found(schema: Schema, table: str) -> Entity:
    """The table of that name; RequestError with the nearest name if there is none."""
    try:
        return schema.entity(table)
    except KeyError:
        names = [e.name for e in schema.entities]
        near = difflib.get_close_matches(table, names, 1)
        mend = f"Did you mean {near[0]!r}?" if near else f"There are {len(names)} tables."
        raise RequestError(f"no table {table!r}", mend=mend) from None


def _summary(schema: Schema, out: Screen) -> None:
    tables = [e for e in schema.entities if not e.view]
    keys = sum(len(e.foreign_keys) for e in tables)
    checks = sum(len(e.checks) for e in tables)
    kind = " ".join(x for x in (schema.dialect, schema.version) if x)
    out.title(schema.name + (f" ({kind})" if kind else ""))
    views = len(schema.entities) - len(tables)
    seen = f", {views} views" if views else ""
    out.say(
        f"{len(tables)} tables{seen}, {sum(len(e.fields) for e in tables)} fields, {keys} foreign keys, {checks} checks"
    )


def _entity(entity: Entity, out: Screen) -> None:
    out.say()
    rows = f", {entity.rows:,} rows" if entity.rows is not None else ""
    out.title(f"{entity.name}{' (view)' if entity.view else ''}{rows}{f': {entity.comment}' if entity.comment else ''}")
    out.table(("field", "type", "null", "meaning", "notes"), [_field(f) for f in entity.fields])
    for line in _constraints(entity):
        out.say(f"  {line}")


def _field(field: Field) -> tuple[str, ...]:
    kind = field.type.raw or field.type.kind.value
    notes = (
        f"= {field.generated}" if field.generated else "",
        f"default {field.default}" if field.default else "",
        field.identity.value.replace("_", " "),
        f"domain {field.domain}" if field.domain else "",
        f"one of {', '.join(field.type.labels)}" if field.type.labels else "",
        field.comment,
    )
    return field.name, kind, "null" if field.nullable else "", field.meaning, "; ".join(n for n in notes if n)


def _constraints(entity: Entity) -> list[str]:
    lines = []
    for unique in entity.uniques:
        parts = ", ".join(p.column or p.text for p in unique.parts)
        where = f" where {unique.predicate}" if unique.predicate else ""
        lines.append(f"{'primary key' if unique.primary else 'unique'} ({parts}){where}")
    for key in entity.foreign_keys:
        weak = "" if key.enforced else ", inferred"
        lines.append(f"({', '.join(key.columns)}) → {key.target} ({', '.join(key.target_columns)}){weak}")
    lines += [f"check {c.name}: {' '.join(c.text.split())}" for c in entity.checks]
    lines += [f"exclusion {x.name}: {x.text}" for x in entity.exclusions]
    if entity.partitioning:
        lines.append(f"partitioned by {entity.partitioning.strategy} ({', '.join(entity.partitioning.keys)})")
    lines += [f"trigger {t.name}: {t.timing} {' or '.join(t.events)}" for t in entity.triggers]
    return lines


MOST_STRAY = 40
"""Members that no field has, shown without --explain: envelopes and buttons of large systems are many."""


def _report(report: Told, explain: bool, out: Screen) -> None:
    """What the sources say together; nothing for a source that stands alone and is certain."""
    if len(report.coverage) < 2 and not explain and not report.decided:
        return
    out.say()
    out.title("sources")
    out.table(
        ("source", "kind", "claims", "fields", "of all", "without a place"),
        [(c.source, c.kind, c.claims, c.fields, f"{c.share:.0%}", c.unplaced) for c in report.coverage],
    )
    settled = f"{report.agreed} agreed, {report.resolved} met together, {report.set_aside} with a claim set aside"
    out.say(f"  facets: {settled}, {report.decided} decided by a person; mean confidence {report.confidence:.2f}")
    _facets("where sources differ", report.conflicts, explain, out)
    _facets("worth a look (understudy review)", report.review, False, out)
    stray = report.unplaced if explain else report.unplaced[:MOST_STRAY]
    if stray:
        out.say()
        out.title(f"{len(report.unplaced)} without a place")
        for f in stray:
            where = f.dissent[0] if f.dissent else None
            place = f" ({where.source} {where.place})" if where else ""
            out.say(f"  {f.subject}: {f.value}: {f.reason}{place}")
        if len(stray) < len(report.unplaced):
            out.say(f"  {len(report.unplaced) - len(stray)} more: --explain")


def _facets(title: str, facets: tuple[Facet, ...], explain: bool, out: Screen) -> None:
    if not facets:
        return
    out.say()
    out.title(f"{len(facets)} {title}")
    for f in facets:
        out.say(f"  {f.subject} {f.facet}: {f.value}  [{f.standing}, {f.confidence:.2f}]")
        if f.reason:
            out.say(f"      {f.reason}")
        for mark, statements in (("+", f.support), ("-", f.dissent)) if explain else ():
            for s in statements:
                out.say(f"      {mark} {s.says} ({s.weight:.2f}, {s.source}{' ' + s.place if s.place else ''})")


MOST_FLOWS = 12
"""Flows shown without --explain: a project's tests take hundreds of ways."""
MOST_MOVES = 16
"""States or moves of a flow shown without --explain."""
MOST_NAMED = 3
"""Places of a flow that are named without --explain."""


def _concerns(flow: Flow, table: str) -> bool:
    told = (f for fields in flow.touches.values() for f in fields)
    return flow.entity == table or any(f.rpartition(".")[0] == table for f in told)


def _flows(flows: Sequence[Flow], explain: bool, out: Screen) -> None:
    """How the system is gone through: the ways that most tests take first."""
    if not flows:
        return
    out.say()
    out.title(f"{len(flows)} flows")
    for flow in flows if explain else sorted(flows, key=lambda f: -f.seen)[:MOST_FLOWS]:
        about = f" ({flow.entity})" if flow.entity else ""
        sure = f"  [{flow.confidence:.2f}]" if flow.confidence is not None else ""
        out.say(f"  {flow.name}{about}: {_path(flow, explain)}{', refused' if flow.refused else ''}{sure}")
        for need in flow.needs:
            out.say(f"      {need.needed} is what {need.brought} was at {need.start!r}")
        named = flow.places if explain else flow.places[:MOST_NAMED]
        if named:
            more = flow.seen - len(named)
            out.say(f"      {', '.join(named)}{f' and {more} more' if more > 0 else ''}")
    if not explain and len(flows) > MOST_FLOWS:
        out.say(f"  {len(flows) - MOST_FLOWS} more: --explain")


def _path(flow: Flow, whole: bool) -> str:
    """States in order where each follows the last, else the moves with their shares; the first where not ``whole``."""
    ends = [(t.start, t.end) for t in flow.transitions]
    linear = ends == list(pairwise(flow.states))
    told = (
        [_state(flow, s) for s in flow.states]
        if linear
        else [f"{t.start} → {t.end}{f' {t.probability:.0%}' if t.probability < 1 else ''}" for t in flow.transitions]
    )
    most = len(told) if whole else MOST_MOVES
    return (" → " if linear else "; ").join([*told[:most], *([f"{len(told) - most} more"] if len(told) > most else [])])


def _state(flow: Flow, state: str) -> str:
    fields = [f.rpartition(".")[2] for f in flow.touches.get(state, ())]
    return f"{state} ({', '.join(fields)})" if fields else state


def _remarks(schema: Schema, chosen: tuple[Entity, ...] | None, out: Screen) -> None:
    names = {e.name for e in chosen or ()}
    remarks = [r for r in schema.remarks if chosen is None or any(r.place.startswith(n) for n in names)]
    if remarks:
        out.say()
        out.title(f"{len(remarks)} remarks")
        for r in remarks:
            out.say(f"  {r.severity}: {r.place}: {r.text}")
