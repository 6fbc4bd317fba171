"""One table from schema to plan: rules, keys, sizes, links, columns, repairs — in this order."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from understudy.model.domain import Domain
from understudy.model.expression import Call, Case, Column, Const, Node
from understudy.model.learned import Along, Chosen
from understudy.model.plan import Layout, PlannedColumn, PlannedTable, Run
from understudy.model.schema import Entity
from understudy.planning.binding.assembler import Assembler
from understudy.planning.binding.bending import Bend, sole
from understudy.planning.binding.columns import Binder, Binding
from understudy.planning.binding.dependencies import circular, column_bends, column_definitions, column_floors
from understudy.planning.binding.derive import Measure, hidden_measure
from understudy.planning.binding.fill import Filler, Filling
from understudy.planning.binding.learned import learned, likeness
from understudy.planning.binding.parents import parents_read
from understudy.planning.binding.relations import Push
from understudy.planning.binding.searching import narrowed
from understudy.planning.binding.shaping import forms, keyed_forms
from understudy.planning.binding.taken import codes_of, step_aside, values_of
from understudy.planning.binding.tokens import simplify
from understudy.planning.binding.verify import repair_rules
from understudy.planning.conditions import Asked
from understudy.planning.constraints import complain, planned_constraints
from understudy.planning.draft import Draft
from understudy.planning.layout.behind import behind
from understudy.planning.layout.choose import eligible_parents
from understudy.planning.layout.chosen import can_choose
from understudy.planning.layout.demanded import meet
from understudy.planning.layout.exclusions import Lane
from understudy.planning.layout.keys import Key, KeyPlan
from understudy.planning.layout.known import along, wishes
from understudy.planning.layout.links import Choice, Links, build_links
from understudy.planning.layout.seen import parents_seen
from understudy.planning.layout.size import distinct_rooms, link_absences, table_size
from understudy.planning.layout.solve import solve_tuples
from understudy.planning.layout.ties import Tie, order_ties
from understudy.planning.layout.uniques import lay_keys, read_keys, split_gates
from understudy.planning.layout.windows import gather, lanes, settled_columns
from understudy.planning.selection import Wanted
from understudy.planning.solving.ceilings import ceilings
from understudy.planning.solving.domains import alike_in_keys, column_domains, free_columns, required_columns
from understudy.planning.solving.gates import Gate
from understudy.planning.solving.implied import implied, in_parts
from understudy.planning.solving.rulebook import Rulebook, Understood, solve_rules, understand_rules, yielding
from understudy.planning.table_draft import Neighbourhood, TableDraft, table_draft
from understudy.types import Kind

NOTHING = Asked()


def plan_table(draft: Draft, wanted: Wanted, around: Neighbourhood, wishes: Asked = NOTHING) -> PlannedTable:
    """Plan one table and add it to the draft. What a rule hardly ever accepts is planned anew: numbers with bounds
    that the rule implies, then texts with plain words."""
    here = table_draft(draft, wanted, around, wishes)
    asked = understand_rules(here.entity, here.dialect, draft.request.clock, draft.known)
    if draft.learned(wanted.entity.name) is None:
        asked += [c for c in wishes.conditions if c.rule.name != "share"]
    asked = [in_parts(u, here.parts) for u in asked]
    understood, given = yielding(here.entity, asked, draft.request.clock)
    draft.warnings += [
        f"{here.entity.name}: {u.rule.name} is not met, for it contradicts others and nobody enforces it: {u.rule.text}"
        for u in given
    ]
    told = len(draft.unmet), len(draft.warnings)
    while True:
        table, better = _plan(here, understood)
        if better is None:
            draft.settle(table)
            return table
        here = better
        del draft.unmet[told[0] :], draft.warnings[told[1] :]


class _Known(msgspec.Struct, frozen=True):
    """What rules and keys say, before any value is thought of."""

    understood: list[Understood]
    keys: list[Key]
    required: frozenset[str]
    ties: tuple[Tie, ...]
    gates: tuple[Gate, ...]
    book: Rulebook
    domains: dict[str, Domain]
    windows: dict[str, Lane]
    key_plan: KeyPlan
    free: tuple[str, ...]


class _Filled(msgspec.Struct, frozen=True):
    """What the free columns will be: from others of their row, or values of their own."""

    definitions: dict[str, Node]
    floors: dict[str, list[Push]]
    bent: dict[str, list[Bend]]
    filler: Filler
    filling: Filling
    rooms: dict[str, int]


def _plan(here: TableDraft, understood: list[Understood]) -> tuple[PlannedTable, TableDraft | None]:
    """The table, and how to plan it better where rules accept hardly anything of it."""
    known = _read(here, [*understood, *implied(here.parts, here.inner)])
    filled = _fill(here, known)
    rows, reason, links = _lay(here, known, filled)
    _beyond_pool(here, rows)
    table, how, scarce = _bind(here, known, filled, rows, reason, links)
    asked = [*understood, *(c for c in here.asked.conditions if c not in understood)]
    constraints = planned_constraints(here, known.keys, known.key_plan, known.ties, asked, how)
    return msgspec.structs.replace(table, constraints=constraints), _better(here, known, filled, scarce, table)


def _read(here: TableDraft, understood: list[Understood]) -> _Known:
    keys = read_keys(here)
    required = required_columns(here, keys)
    ties = order_ties(here.referring(), required)
    gates, keys = split_gates(here, keys, ties)
    typed = here.dialect != "sqlite"
    book = solve_rules(here.entity, understood, gates, here.draft.request.clock, required, typed)
    complain(here, book)
    domains = column_domains(here, book, required)
    alike_in_keys(book, keys, domains)
    windows = lanes(here, ties, domains, [r for b in sole(book) for r in b.relations])
    key_plan = lay_keys(here, keys, ties, domains, book)
    free = free_columns(here, ties)
    return _Known(understood, keys, required, ties, gates, book, domains, windows, key_plan, free)


def _fill(here: TableDraft, known: _Known) -> _Filled:
    book, keys, domains, distinct = known.book, known.key_plan, known.domains, known.key_plan.distinct
    definitions = column_definitions(here, book, known.free, keys, domains)
    rest = frozenset(known.free) - set(definitions)
    floors = column_floors(here, book, rest, keys, domains, definitions)
    bent = column_bends(here, book, rest - distinct, definitions, floors)
    graph = {**definitions, **{c: Call("greatest", tuple(Column(p.floor) for p in f)) for c, f in floors.items()}}
    for column, made in forms(book, here.types, domains, rest - distinct).items():
        if any(circular(graph, column, form) for _, form in made):
            continue
        graph[column] = Call("greatest", (*(form for _, form in made), graph.get(column, Const(None))))
        bent[column] = made + bent.get(column, [])
    bent |= keyed_forms(book, here.types, domains, distinct, [k.columns for k in known.keys])
    filler = Filler(
        here.entity,
        locale=here.draft.request.locale,
        clock=here.draft.request.clock,
        rows=here.wanted.rows + here.held_rows,
        sample=here.sample,
        mark=f"{here.held_rows}+" if here.held_rows else "",
        assemble=Assembler(here.parts, domains, known.understood),
        given=[f for f in here.entity.fields if f.derive and not f.name.startswith("$")],
        ups=parents_read(here, known.ties),
    )
    filling = filler.fill([here.entity.field(c) for c in known.free], domains, distinct)
    here.draft.warnings += [f"{here.entity.name}.{note}" for note in filling.notes]
    lays = _along(here, known)
    learned(here.draft, here.entity.name, filling, frozenset(known.free) - distinct, known.required, known.ties, lays)
    loose = [here.entity.field(c) for c in known.free if c not in distinct and c not in definitions]
    meet(here.around.demanded, loose, domains, filler, filling)
    _give(here, filling)
    _keep(here, filling)
    simplify(here, filling, domains, known.understood)
    rooms = distinct_rooms(here, filling, domains, distinct)
    gather(here, keys, rooms)
    return _Filled(definitions, floors, bent, filler, filling, rooms)


def _lay(here: TableDraft, known: _Known, filled: _Filled) -> tuple[int, str, Links]:
    """Rows, why so many, and whom they refer to."""
    draft, entity, ties, keys, rooms = here.draft, here.entity, known.ties, known.key_plan, filled.rooms
    absent = link_absences(here, ties, known.book, known.required)
    asked = _apart(known.book), parents_seen(here, ties)
    eligible = eligible_parents(draft, entity, ties, keys, known.domains, here.held, *asked)
    lays = _along(here, known)
    asked_for = None
    if lays is not None:
        tie = next(t for t in ties if t.name == lays.link)
        asked_for = wishes(draft, entity.name, tie, lays.counts, eligible.get(tie.name))
        if asked_for.other and not here.wanted.explicit:
            told = f"as many as were learned of each row of {tie.key.target}"
            here = msgspec.structs.replace(
                here, wanted=msgspec.structs.replace(here.wanted, rows=asked_for.natural, reason=told)
            )
    rows, reason = table_size(here, known.book, keys, ties, rooms, eligible)
    if keys.tuple_keys and rows:
        rows, reason = solve_tuples(
            draft,
            entity,
            ties,
            keys,
            rooms,
            rows,
            reason,
            here.wanted,
            known.understood,
            eligible,
            lambda c, there: codes_of(draft, entity, filled.filling, c, rooms[c], there),
            lambda node, codes: values_of(draft, entity, filled.filling, node, codes),
        )
    choice = Choice(
        table=entity.name,
        rows=rows,
        existing=here.existing,
        ties=ties,
        keys=keys,
        absent=lambda tie: absent.get(tie.name),
        eligible=eligible,
        rooms=rooms,
        invertible=here.around.invertible | {g.anchor for g in known.gates if g.anchor},
        forward=_forward(known.book, ties, entity.name),
        filled=here.around.filled,
        behind=lambda tie, column: behind(here, tie, column, known.domains.get(column, Domain())),
        wishes=asked_for,
        chosen=_chosen(here, ties, filled.filling),
    )
    return rows, reason, build_links(choice, draft)


def _along(here: TableDraft, known: _Known) -> Along | None:
    """The key along which a model lays the table out, where this plan can do so too."""
    absent = link_absences(here, known.ties, known.book, known.required)
    return along(here.draft, here.entity.name, known.ties, known.key_plan, absent)


def _bind(
    here: TableDraft, known: _Known, filled: _Filled, rows: int, reason: str, links: Links
) -> tuple[PlannedTable, dict[str, str], list[Understood]]:
    """The table with an expression a column and repairs; per rule how it is met; rules that accept hardly a draw."""
    binding = Binding(
        here.entity,
        known.book,
        known.ties,
        known.key_plan,
        links,
        known.domains,
        known.required,
        filled.filling,
        filled.floors,
        filled.rooms,
        rows,
        filled.definitions,
        filled.bent,
        here.parts,
    )
    binder = Binder(here.draft, binding, filled.filler, here.held, settled_columns(here, known.windows, known.ties))
    columns = binder.columns()
    _keep(here, filled.filling)
    measured = tuple(hidden_measure(m, _child(here, m)) for m in here.around.measures)
    table = PlannedTable(
        name=here.entity.name,
        rows=rows,
        columns=(*columns, *measured, *here.asked.hidden),
        layout=Layout(links.owner),
        links=links.links,
        existing=here.existing,
        snapshot=here.snapshot(),
        rows_reason=reason,
        runs=_runs(here, columns),
    )
    if binder.aside:
        table = step_aside(here.draft, table, binder.aside)
    checked = [u for u in known.understood if not u.opaque]
    checked += [c for c in here.asked.conditions if c not in checked]
    checked += likeness(here.draft, here.entity.name, filled.filling)
    return repair_rules(here.draft, table, checked, known.domains)


def _chosen(here: TableDraft, ties: tuple[Tie, ...], filling: Filling) -> dict[str, Chosen]:
    """How a learned table chooses parents, where its columns are made as they were learned."""
    found = here.draft.learned(here.entity.name)
    made = {c.name for c in filling.hidden}
    chosen = {} if found is None else found.chosen
    return {
        t.name: chosen[t.name]
        for t in ties
        if t.name in chosen and chosen[t.name].column in made and can_choose(here.draft, t, chosen[t.name])
    }


def _beyond_pool(here: TableDraft, rows: int) -> None:
    """Say where more rows are wanted than a black box was asked for."""
    found = here.draft.learned(here.entity.name)
    if found is not None and 0 < found.pool < rows:
        here.draft.warnings.append(
            f"{here.entity.name}: {rows:,} rows of a frozen pool of {found.pool:,}: what it holds comes again"
        )


def _runs(here: TableDraft, columns: Sequence[PlannedColumn]) -> tuple[Run, ...]:
    """What of a learned table's columns is made child after child."""
    found = here.draft.learned(here.entity.name)
    run = None if found is None or found.along is None else found.along.run
    return (run,) if run is not None and {*run.columns} <= {c.name for c in columns} else ()


def _better(
    here: TableDraft, known: _Known, filled: _Filled, scarce: list[Understood], table: PlannedTable
) -> TableDraft | None:
    """Bounds, then plain words, then values found by search, for columns of rules that hardly a draw passes; None
    where nothing is left to try."""
    if not here.ceilings:
        found = ceilings((u.predicate for u in scarce), here.types, frozenset(known.free))
        if found:
            return msgspec.structs.replace(here, ceilings=found)
    drawn = set(known.free) - known.key_plan.distinct - set(filled.definitions)
    texts = {c for u in scarce for c in u.columns if c in drawn and here.types[c].kind is Kind.TEXT} - here.plain
    if texts:
        return msgspec.structs.replace(here, plain=here.plain | texts)
    sought = [u for u in scarce if not set(u.columns) & set(here.ceilings) and set(u.columns) <= set(known.free)]
    values = narrowed(here.draft, table, known.understood, sought, known.domains, known.key_plan.distinct)
    return msgspec.structs.replace(here, ceilings={**here.ceilings, **values}) if values else None


def _give(here: TableDraft, filling: Filling) -> None:
    """Wished shares of values where no model is to be kept to: the value itself, as often as it is wished."""
    if here.draft.learned(here.entity.name) is not None:
        return
    for column, whens in here.asked.given.items():
        if column in filling.recipes:
            recipe = filling.recipes[column]
            node = Case(whens, recipe.expression)
            filling.recipes[column] = msgspec.structs.replace(
                recipe, expression=node, natural_nulls=0.0, null_when=None
            )


def _keep(here: TableDraft, filling: Filling) -> None:
    for name, values in filling.artefacts.items():
        here.draft.keep(name, values)


def _child(here: TableDraft, measure: Measure) -> Entity | None:
    return next((e for e in here.draft.schema.entities if e.name == measure.child), None)


def _apart(book: Rulebook) -> tuple[frozenset[str], ...]:
    """Pairs of columns that every row must keep different."""
    sole = [c.branches[0] for c in book.components if len(c.branches) == 1]
    return tuple(frozenset((r.left, r.right)) for b in sole for r in b.relations if r.op in ("<>", "<", ">"))


def _forward(book: Rulebook, ties: tuple[Tie, ...], table: str) -> frozenset[str]:
    """Self-references that rules want to lead to a greater key, so to a later row."""
    relations = [r for c in book.components for b in c.branches for r in b.relations]
    said = {(r.left, r.right) for r in relations if r.op in (">", ">=")}
    said |= {(r.right, r.left) for r in relations if r.op in ("<", "<=")}
    return frozenset(
        t.name
        for t in ties
        if t.key.target == table and any(p in said for p in zip(t.key.columns, t.key.target_columns, strict=True))
    )
