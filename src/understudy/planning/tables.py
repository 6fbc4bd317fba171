"""One table from schema to plan: rules, keys, sizes, links, columns, repairs — in this order."""

from __future__ import annotations

import re
from collections.abc import Mapping

import msgspec
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from understudy import rules
from understudy.model.domain import Domain, stricter
from understudy.model.expression import Call, Chance, Column, Const, Node
from understudy.model.plan import Layout, PlannedColumn, PlannedConstraint, PlannedTable, Standing
from understudy.model.schema import Entity, Field, KeyPart, Unique
from understudy.planning import names
from understudy.planning.binding.bending import Bend, bends, computed
from understudy.planning.binding.columns import Binder, Binding
from understudy.planning.binding.derive import Measure, hidden_measure
from understudy.planning.binding.fill import PROBED, Filler, Filling
from understudy.planning.binding.orders import told_orders
from understudy.planning.binding.relations import Push, pushes, tighten
from understudy.planning.binding.taken import codes_of, step_aside
from understudy.planning.binding.tokens import best, tokens
from understudy.planning.binding.verify import repair_rules
from understudy.planning.draft import Draft, flat, not_false
from understudy.planning.layout.backward import Backward, without
from understudy.planning.layout.capacity import capacity
from understudy.planning.layout.choose import eligible_parents
from understudy.planning.layout.exclusions import (
    Excluded,
    Lane,
    count,
    hidden_fields,
    lane,
    read_exclusions,
    settled,
    unique_of,
    windows_of,
)
from understudy.planning.layout.keys import Key, KeyPlan, Situation, plan_keys
from understudy.planning.layout.links import Choice, Indices, build_links, common_codes, first_self
from understudy.planning.layout.room import most_rows
from understudy.planning.layout.solve import solve_tuples
from understudy.planning.layout.ties import Tie, order_ties, owners
from understudy.planning.selection import Wanted
from understudy.planning.solving.ceilings import ceilings
from understudy.planning.solving.gates import Gate
from understudy.planning.solving.partitions import missing_partition
from understudy.planning.solving.rulebook import Rulebook, Understood, solve_rules, understand_rules
from understudy.types import Kind

FRACTION = re.compile(r"\d*\.(\d+)")

KEY_CHARACTERS = 190
"""The longest text in a key: what MariaDB's index takes of utf8mb4, and longer than any key that people read."""

ABSENT = 0.12
"""Share of optional references that are empty where nobody says otherwise."""


class Neighbourhood(msgspec.Struct, frozen=True):
    """What other tables ask of this one: ``referenced`` columns are never null, ``measures`` are aggregates to
    carry, ``invertible`` are foreign keys that must be readable from the parent's side; ``backward``: its own keys
    that lead to its children; ``filled``: keys by which every parent needs a row."""

    referenced: frozenset[str] = frozenset()
    measures: tuple[Measure, ...] = ()
    invertible: frozenset[str] = frozenset()
    backward: tuple[Backward, ...] = ()
    filled: frozenset[str] = frozenset()


def plan_table(draft: Draft, wanted: Wanted, around: Neighbourhood) -> PlannedTable:
    """Plan one table and add it to the draft."""
    table = _Table(draft, wanted, around).plan()
    draft.tables[table.name] = table
    return table


class _Table:
    def __init__(self, draft: Draft, wanted: Wanted, around: Neighbourhood) -> None:
        self.draft, self.wanted, self.around = draft, wanted, around
        self.excluded, self.unmet_exclusions = read_exclusions(wanted.entity)
        windows = hidden_fields(self.excluded)
        fields = tuple(_scaled(f, wanted.entity) for f in wanted.entity.fields)
        self.entity: Entity = msgspec.structs.replace(wanted.entity, fields=(*fields, *windows))
        self.dialect = draft.schema.dialect
        self.held = draft.held(self.entity.name)
        self.existing = self.held.columns.num_rows if self.held is not None and self.held.columns is not None else 0
        self.types = {f.name: f.type for f in self.entity.fields}
        self.ceilings: dict[str, Domain] = {}
        self.plain: frozenset[str] = frozenset()

    def plan(self) -> PlannedTable:
        told = len(self.draft.unmet), len(self.draft.warnings)
        understood = understand_rules(self.entity, self.dialect, self.draft.request.clock)
        keys = self._keys()
        required = self._required(keys)
        ties = order_ties(self._referring(), required)
        gates, keys = self._gates(keys, ties)
        typed = self.dialect != "sqlite"
        book = solve_rules(self.entity, understood, gates, self.draft.request.clock, required, typed)
        self._complain(book)
        domains = self._domains(book, required)
        lanes = self._lanes(ties, domains)
        key_plan = self._plan_keys(keys, ties, domains, book)
        free = self._free(ties)
        definitions = self._definitions(book, free, key_plan, domains)
        floors = self._floors(book, frozenset(free) - set(definitions), key_plan, domains, definitions)
        bent = self._bends(book, frozenset(free) - set(definitions) - _distinct(key_plan), definitions, floors)
        filler = Filler(
            self.entity,
            locale=self.draft.request.locale,
            clock=self.draft.request.clock,
            rows=self.wanted.rows,
            sample=self._sample,
            mark=f"{self._held_rows()}+" if self._held_rows() else "",
        )
        distinct = _distinct(key_plan)
        filling = filler.fill([self.entity.field(c) for c in free], domains, distinct)
        for name, values in filling.artefacts.items():
            self.draft.keep(name, values)
        self._simplify(filling, domains, understood)
        rooms = self._rooms(filling, domains, distinct)
        self._gather(key_plan, rooms)
        absent = self._absences(ties, book, required)
        eligible = eligible_parents(self.draft, self.entity, ties, key_plan, domains, self.held, _apart(book))
        rows, reason = self._size(book, key_plan, ties, rooms, eligible)
        if key_plan.tuple_keys and rows:
            rows, reason = solve_tuples(
                self.draft,
                self.entity,
                ties,
                key_plan,
                rooms,
                rows,
                reason,
                self.wanted,
                understood,
                eligible,
                lambda c, there: codes_of(self.draft, self.entity, filling, c, rooms[c], there),
            )
        links = build_links(
            Choice(
                table=self.entity.name,
                rows=rows,
                existing=self.existing,
                ties=ties,
                keys=key_plan,
                absent=lambda tie: absent.get(tie.name),
                eligible=eligible,
                rooms=rooms,
                invertible=self.around.invertible | {g.anchor for g in gates if g.anchor},
                forward=_forward(book, ties, self.entity.name),
                filled=self.around.filled,
                behind=lambda tie, column: self._behind(tie, column, domains.get(column, Domain())),
            ),
            self.draft,
        )
        binding = Binding(
            self.entity, book, ties, key_plan, links, domains, required, filling, floors, rooms, rows, definitions, bent
        )
        binder = Binder(self.draft, binding, filler, self.held, self._settled(lanes))
        columns = binder.columns()
        for name, values in filling.artefacts.items():
            self.draft.keep(name, values)
        measured = tuple(hidden_measure(m, self._child(m)) for m in self.around.measures)
        table = PlannedTable(
            name=self.entity.name,
            rows=rows,
            columns=(*columns, *measured),
            layout=Layout(links.owner),
            links=links.links,
            existing=self.existing,
            snapshot=self._snapshot(),
            rows_reason=reason,
        )
        if self.held is not None and binder.aside:
            table = step_aside(self.draft, table, binder.aside, self.held)
        table, how, scarce = repair_rules(self.draft, table, [u for u in understood if not u.opaque])
        if not self.ceilings and (found := ceilings((u.predicate for u in scarce), self.types, frozenset(free))):
            self.ceilings = found
            del self.draft.unmet[told[0] :], self.draft.warnings[told[1] :]
            return self.plan()
        texts = {c for u in scarce for c in u.columns if c in set(free) - distinct - set(definitions)}
        texts = {c for c in texts if self.types[c].kind is Kind.TEXT} - self.plain
        if texts:
            self.plain |= texts
            del self.draft.unmet[told[0] :], self.draft.warnings[told[1] :]
            return self.plan()
        return msgspec.structs.replace(table, constraints=self._constraints(keys, key_plan, ties, understood, how))

    def _referring(self) -> Entity:
        """The entity without guessed references to tables that have no row: a guess must not empty a table."""
        kept = tuple(
            k
            for k in without(self.entity, self.around.backward).foreign_keys
            if k.enforced or k.target == self.entity.name or self.draft.parents(k.target) > 0
        )
        return msgspec.structs.replace(self.entity, foreign_keys=kept)

    def _sample(self, trial: PlannedTable, column: str) -> list[str]:
        """Values of a column of a table on trial, those that are not null."""
        return [v for v in self.draft.runtime(trial).column(trial.name, column, range(trial.rows)).to_pylist() if v]

    # ---- keys and gates --------------------------------------------------------------------
    def _keys(self) -> list[Key]:
        found = [key for u in self.entity.uniques if (key := self._key(u)) is not None]
        return found + [Key(unique_of(e), frozenset(e.columns), windowed=e.window is not None) for e in self.excluded]

    def _behind(self, tie: Tie, column: str, domain: Domain) -> Indices | None:
        """Per parent how many numbers of ``column`` lie at or below the greatest that its rows in the target have."""
        columns = None if self.held is None else self.held.columns
        if columns is None or not {column, *tie.key.columns} <= set(columns.column_names):
            return None
        there = [flat(columns.column(c)) for c in tie.key.columns]
        mine, theirs = common_codes(self.draft.parent_values(tie.key.target, tie.key.target_columns), there)
        numbers = flat(columns.column(column)).cast(pa.int64()).fill_null(0).to_numpy(zero_copy_only=False)
        used = np.zeros(max(int(mine.max(initial=-1)), int(theirs.max(initial=-1))) + 2, np.int64)
        np.maximum.at(used, theirs, numbers - Binder.first(domain) + 1)
        used[-1] = 0  # what -1, no parent, has read and written
        return np.where(mine >= 0, used[mine], 0)

    def _simplify(self, filling: Filling, domains: Mapping[str, Domain], understood: list[Understood]) -> None:
        """Plain words for the texts whose natural values a rule never accepts."""
        for column in sorted(self.plain):
            alone = [u for u in understood if not u.opaque and set(u.columns) == {column}]
            field = self.entity.field(column)

            def accepted(node: Node, field: Field = field, alone: list[Understood] = alone) -> float:
                made = PlannedColumn(field.name, field.type, node)
                return self._accepted(PlannedTable(self.entity.name, PROBED, (made,)), alone)

            chosen = best(tokens(domains.get(column, Domain()), field.type.length), accepted)
            if chosen is not None:
                why = "plain words, which its checks accept"
                filling.recipes[column] = msgspec.structs.replace(
                    filling.recipes[column], expression=chosen, reason=why, meaning=""
                )

    def _accepted(self, trial: PlannedTable, checked: list[Understood]) -> float:
        """The share of a trial's rows that pass all of ``checked``."""
        rows = np.arange(trial.rows, dtype=np.int64)
        verdicts = [not_false(self.draft.evaluate(trial, u.predicate, rows)) for u in checked]
        return float(np.logical_and.reduce(verdicts).mean()) if verdicts else 1.0

    # ---- windows of exclusions -------------------------------------------------------------
    def _lanes(self, ties: tuple[Tie, ...], domains: dict[str, Domain]) -> dict[str, Lane]:
        """Per window how many there are and where they lie; its hidden number gets the domain that this leaves."""
        found: dict[str, Lane] = {}
        for window in windows_of(self.excluded):
            rows = self.wanted.rows + self._held_rows()
            sizes = [self._combinations(e, ties, domains) for e in self.excluded if e.window == window]
            windows = max(count(window, rows, size) for size in sizes)
            found[window.name] = lane(window, windows, domains, self.draft.request.clock, self.held)
            domains[window.name] = Domain(low=0, high=windows - 1, required=True)
        return found

    def _combinations(self, excluded: Excluded, ties: tuple[Tie, ...], domains: Mapping[str, Domain]) -> int:
        """About how many keys share the rows of an exclusion."""
        settled, product = owners(ties), 1
        for tie in {settled[c].name: settled[c] for c in excluded.columns if c in settled}.values():
            product *= max(1, self.draft.parents(tie.key.target))
        for column in excluded.columns:
            if column not in settled and not column.startswith("$"):
                room = capacity(self.types[column], domains.get(column, Domain()))
                product *= max(1, min(room, self.wanted.rows // 3))
        return product if len(excluded.columns) > 1 else 1

    def _gather(self, plan: KeyPlan, rooms: dict[str, int]) -> None:
        """Fewer values for the free columns of an exclusion's key, so that rows do share them."""
        for excluded in self.excluded:
            decoded = next((d for d in plan.decoded if d.key == excluded.exclusion.name and not d.anchor), None)
            for column in () if decoded is None else decoded.columns:
                if not column.startswith("$"):
                    rooms[column] = min(rooms[column], max(1, self.wanted.rows // 3))

    def _settled(self, lanes: Mapping[str, Lane]) -> dict[str, tuple[Node, str]]:
        """Columns that neither a recipe nor a parent gives: children named by their parent, windows, ranges in them."""
        found: dict[str, tuple[Node, str]] = {
            c: (Column(hidden), "names one of its own children") for c, hidden in self._backward_hidden().items()
        }
        for window in windows_of(self.excluded):
            found[window.name] = Column(names.code(window.name)), "disjoint windows for what must not overlap"
            for column, node in settled(window, lanes[window.name], self.types).items():
                found[column] = node, "within a window of its own, so that nothing overlaps"
        return found

    def _key(self, unique: Unique) -> Key | None:
        columns: set[str] = set()
        strict = unique.primary or not unique.nulls_distinct
        for part in unique.parts:
            if part.column:
                columns.add(part.column)
            else:
                understood = rules.understand(part.text, self.dialect, self.types)
                columns |= set(understood.columns) & set(self.types)
                strict = True
        generated = {f.name: f for f in self.entity.fields if f.generated}
        for name in columns & set(generated):  # distinct inputs are asked of the columns it is computed from
            columns |= set(rules.understand(generated[name].generated, self.dialect, self.types).columns) & set(
                self.types
            )
        columns -= set(generated)
        if not columns:
            self.draft.warnings.append(
                f"{self.entity.name}: unique {unique.name} is on nothing that can be filled; left to the database"
            )
            return None
        return Key(unique, frozenset(columns), strict)

    def _gates(self, keys: list[Key], ties: tuple[Tie, ...]) -> tuple[tuple[Gate, ...], list[Key]]:
        """Partial uniques that no column can carry become gates; the other keys stay."""
        settled = owners(ties)
        gates, rest = [], []
        for key in keys:
            gate = self._gate(key, ties, settled) if key.unique.predicate else None
            if gate is None:
                rest.append(key)
            else:
                gates.append(gate)
        return tuple(gates), rest

    def _gate(self, key: Key, ties: tuple[Tie, ...], settled: Mapping[str, Tie]) -> Gate | None:
        need = self.wanted.rows
        loose = [c for c in key.columns if c not in settled]
        if any(capacity(self.types[c], Domain()) >= 8 * need for c in loose):
            return None
        understood = rules.understand(key.unique.predicate, self.dialect, self.types)
        reads = set(understood.columns)
        if understood.opaque or reads & set(settled) or not reads <= set(self.types):
            return None
        inside = [t for t in ties if set(t.key.columns) <= key.columns and not t.shared and t.required]
        anchor = inside[0].name if inside else ""
        since = 0
        if self._held_rows():
            target = self.draft.tables.get(inside[0].key.target) if inside else None
            since = -1 if target is None else target.existing
        return Gate(key.unique.name, understood.predicate, tuple(understood.columns), anchor, since)

    def _plan_keys(self, keys: list[Key], ties: tuple[Tie, ...], domains: dict[str, Domain], book: Rulebook) -> KeyPlan:
        for key in keys:
            for column in key.columns & set(domains):
                if self.types[column].kind is Kind.TEXT and (domains[column].shortest or 0) <= KEY_CHARACTERS:
                    domains[column] = domains[column].intersect(Domain(longest=KEY_CHARACTERS))
            for part in key.unique.parts:
                for column, longest in self._beginning(part):
                    domains[column] = domains.get(column, Domain()).intersect(Domain(longest=longest))
        room = {c: capacity(self.types[c], domains.get(c, Domain())) for c in self._free(ties)}
        tangled = tuple(frozenset((r.left, r.right)) for c in book.components for b in c.branches for r in b.relations)
        return plan_keys(keys, Situation(self.entity, ties, room, self.wanted.rows, self._held_rows(), tangled))

    def _beginning(self, part: KeyPart) -> list[tuple[str, int]]:
        """The column of which only the first characters are distinct, and how many they are."""
        if part.prefix:
            return [(part.column, part.prefix)]
        if not part.text:
            return []
        match rules.understand(part.text, self.dialect, self.types).predicate:
            case Call(function="left", args=(Column(name=name), Const(value=int() as count))):
                return [(name, count)]
            case Call(function="substring", args=(Column(name=name), Const(value=1), Const(value=int() as count))):
                return [(name, count)]
        return []

    def _held_rows(self) -> int:
        return self.held.rows if self.held is not None else 0

    # ---- domains ---------------------------------------------------------------------------
    def _required(self, keys: list[Key]) -> frozenset[str]:
        required = {f.name for f in self.entity.fields if not f.nullable}
        for key in keys:
            if key.strict and not key.unique.predicate:
                required |= key.columns
        return frozenset(required) | self.around.referenced

    def _free(self, ties: tuple[Tie, ...]) -> tuple[str, ...]:
        """Columns that neither a parent, the database nor a formula settles."""
        gone = {*owners(ties), *(b.column for b in self.around.backward)} - {c for t in ties for c in t.firm}
        gone |= {c for w in windows_of(self.excluded) for c in w.columns}
        return tuple(f.name for f in self.entity.fields if f.name not in gone and not f.generated and not f.derive)

    def _domains(self, book: Rulebook, required: frozenset[str]) -> dict[str, Domain]:
        domains = dict(book.domains)
        asked = self._contents()
        for field in self.entity.fields:
            domain = domains.get(field.name, Domain())
            if field.values:
                domain = domain.intersect(Domain(values=tuple(field.values)))
            if field.name in self.ceilings:
                domain = domain.intersect(self.ceilings[field.name])
            if field.name in asked:
                domain = domain.intersect(Domain(content=asked[field.name]))
            if field.name in required:
                domain = msgspec.structs.replace(domain, required=True)
            if domain.empty and not book.barren and self.wanted.rows:
                self.draft.unmet.append(
                    f"{self.entity.name}.{field.name}: its checks leave no value, and null is forbidden"
                )
            if (
                domain.hollow
                and not domain.empty
                and field.name not in required
                and not self._says_null(book, field.name)
            ):
                self.draft.warnings.append(f"{self.entity.name}.{field.name}: its checks permit no value but null")
            domains[field.name] = domain
        return domains

    def _contents(self) -> dict[str, str]:
        """What the computed columns read texts and documents as."""
        found: dict[str, str] = {}
        for field in (f for f in self.entity.fields if f.generated):
            tree = rules.understand(field.generated, self.dialect, self.types).predicate
            for name, content in rules.contents(tree, self.types).items():
                found[name] = stricter(found.get(name, ""), content)
        return found

    @staticmethod
    def _says_null(book: Rulebook, column: str) -> bool:
        """Whether a rule over this column alone asks for null by name."""
        return any(u.columns == (column,) and "null" in u.rule.text.lower() for u in book.understood)

    def _floors(
        self,
        book: Rulebook,
        free: frozenset[str],
        keys: KeyPlan,
        domains: dict[str, Domain],
        definitions: Mapping[str, Node],
    ) -> dict[str, list[Push]]:
        """Orders between columns that single-branch components demand, as floors per column."""
        adjustable = free - _distinct(keys)
        relations = [r for c in book.components if len(c.branches) == 1 for r in c.branches[0].relations]
        found, _ = pushes(relations, self.types, adjustable)
        settled = frozenset(_distinct(keys))
        found += [p for p in told_orders(self.entity, settled, adjustable) if p not in found]
        found = [p for p in found if not _circular(definitions, p.column, Column(p.floor))]
        tighten(found, domains)
        floors: dict[str, list[Push]] = {}
        for push in found:
            floors.setdefault(push.column, []).append(push)
        return floors

    def _bends(
        self,
        book: Rulebook,
        free: frozenset[str],
        definitions: Mapping[str, Node],
        floors: Mapping[str, list[Push]],
    ) -> dict[str, list[Bend]]:
        given = {c: Call("greatest", tuple(Column(p.floor) for p in found)) for c, found in floors.items()}
        return bends(book, self.types, free, {**given, **definitions})

    def _definitions(
        self, book: Rulebook, free: tuple[str, ...], keys: KeyPlan, domains: Mapping[str, Domain]
    ) -> dict[str, Node]:
        """Columns that rules let us compute from others, without going in a circle."""
        found: dict[str, Node] = {}
        computable = set(free) - _distinct(keys)
        for component in book.components:
            if len(component.branches) == 1:
                for d in component.branches[0].definitions:
                    if d.column in computable and d.column not in found and not _circular(found, d.column, d.node):
                        found[d.column] = d.node
        for column, node in computed(book, self.types, domains, frozenset(computable - set(found))).items():
            if not _circular(found, column, node):
                found[column] = node
        return found

    def _rooms(self, filling: Filling, domains: Mapping[str, Domain], distinct: set[str]) -> dict[str, int]:
        rooms: dict[str, int] = {}
        for column in distinct:
            coded = filling.recipes[column].coded
            bound = capacity(self.types[column], domains.get(column, Domain()))
            rooms[column] = bound if coded is None else min(bound, coded.capacity)
            domain = domains.get(column, Domain())
            if Binder.sequential(self.entity.field(column)) and domain.low is None and domain.values is None:
                rooms[column] = bound - 1  # counting starts at 1
            if coded is None and not Binder.sequential(self.entity.field(column)):
                self.draft.unmet.append(
                    f"{self.entity.name}.{column}: no distinct values of type {self.types[column].raw} can be made"
                )
        return rooms

    # ---- absence and size ------------------------------------------------------------------
    def _absences(self, ties: tuple[Tie, ...], book: Rulebook, required: frozenset[str]) -> dict[str, Node]:
        absences: dict[str, Node] = {}
        for tie in ties:
            if tie.implied:
                continue
            masks = Binder.masks(book, tie.own)
            if masks is not None:
                absences[tie.name] = masks
            elif not tie.required and not self._demanded(book, tie):
                share = self._absent_share(tie, ties)
                if share:
                    absences[tie.name] = Chance("absent", share)
        return absences

    def _demanded(self, book: Rulebook, tie: Tie) -> bool:
        return any(book.domains.get(c, Domain()).required for c in tie.own)

    def _absent_share(self, tie: Tie, ties: tuple[Tie, ...]) -> float:
        if not self.draft.parents(tie.key.target) and tie.key.target != self.entity.name:
            return 1.0
        wished = [s for c in tie.own if (s := self.entity.field(c).null_share) is not None]
        if wished:
            return max(wished)
        if tie is first_self(ties, self.entity.name):
            return 0.0  # a forest's roots have no parent anyhow
        nulls = self.draft.request.nulls
        return ABSENT if nulls is None else nulls

    def _size(
        self,
        book: Rulebook,
        keys: KeyPlan,
        ties: tuple[Tie, ...],
        rooms: Mapping[str, int],
        eligible: Mapping[str, NDArray[np.int64] | None],
    ) -> tuple[int, str]:
        if book.barren:
            if self.wanted.explicit and self.wanted.rows:
                self.draft.unmet.append(f"{self.entity.name}: its checks permit no row at all")
            return 0, "its checks permit no row"
        if lacking := missing_partition(self.entity, self.dialect) or self._lost_reference():
            told = self.draft.unmet if self.wanted.explicit and self.wanted.rows else self.draft.warnings
            told.append(f"{lacking}: it takes no row until there is one")
            return 0, lacking
        own = next((t for t in ties if t.required and t.key.enforced and t.key.target == self.entity.name), None)
        if own is not None and self.dialect == "duckdb":  # no statement sees its own rows
            why = f"a first row would have to refer to itself by {own.name}, which DuckDB refuses"
            if self.wanted.explicit and self.wanted.rows:
                self.draft.unmet.append(f"{self.entity.name}: {why}")
            return 0, why
        parents = {t.name: self._parent_count(t, eligible) for t in ties}
        most, why = most_rows(keys, ties, parents, rooms, self._held_rows())
        if self.wanted.rows <= most:
            return self.wanted.rows, self.wanted.reason
        if self.wanted.explicit:
            self.draft.unmet.append(f"{self.entity.name}: {self.wanted.rows:,} rows were asked for, but {why}")
        return most, f"at most {most:,}: {why}"

    def _lost_reference(self) -> str:
        """The foreign key by which SQLite refuses every row, null or not: its table does not exist."""
        lost = self.entity.options.get("lost_reference", "")
        return f"{self.entity.name} refers to {lost}, which is no table" if lost else ""

    def _parent_count(self, tie: Tie, eligible: Mapping[str, NDArray[np.int64] | None]) -> int:
        chosen = eligible.get(tie.name)
        if chosen is not None:
            return int(chosen.size)
        if tie.key.target == self.entity.name:
            return self.existing + self.wanted.rows
        return self.draft.parents(tie.key.target)

    def _backward_hidden(self) -> dict[str, str]:
        """Per column that names a child of the row, the hidden column that holds the answer."""
        return {
            b.column: m.hidden
            for b in self.around.backward
            for m in self.around.measures
            if (m.child, m.key, m.function, m.column) == (b.child, b.child_key, "max", b.target_column)
        }

    # ---- the rest --------------------------------------------------------------------------
    def _child(self, measure: Measure) -> Entity | None:
        return next((e for e in self.draft.schema.entities if e.name == measure.child), None)

    def _snapshot(self) -> str:
        if self.held is None or self.held.columns is None:
            return ""
        return self.draft.keep(f"{self.entity.name}:existing", self.held.columns)

    def _complain(self, book: Rulebook) -> None:
        self.draft.warnings += [
            f"{self.entity.name}: exclusion {x.name} is not understood and left to the database: {x.text}"
            for x in self.unmet_exclusions
        ]
        self.draft.unmet += [f"{self.entity.name}: {conflict}" for conflict in book.conflicts]
        for u in book.opaque:
            self.draft.warnings.append(
                f"{self.entity.name}: check {u.rule.name} is not understood ({u.opaque[0]}) "
                f"and left to the database: {u.rule.text}"
            )

    def _constraints(
        self,
        keys: list[Key],
        plan: KeyPlan,
        ties: tuple[Tie, ...],
        understood: list[Understood],
        how: Mapping[str, str],
    ) -> tuple[PlannedConstraint, ...]:
        found: list[PlannedConstraint] = []
        for unique in self.entity.uniques:
            text = ", ".join(p.column or p.text for p in unique.parts) + (
                f" WHERE {unique.predicate}" if unique.predicate else ""
            )
            kind = "primary key" if unique.primary else "unique"
            reason = plan.how.get(unique.name, "at most one row of each group fulfils its condition")
            found.append(PlannedConstraint(unique.name, kind, text, Standing.CONSTRUCTION, reason))
        for back in self.around.backward:
            text = f"({', '.join(back.key.columns)}) → {back.child} ({', '.join(back.key.target_columns)})"
            found.append(
                PlannedConstraint(back.key.name, "foreign key", text, Standing.CONSTRUCTION, "one of its own children")
            )
        links = {t.name: t for t in ties}
        for tie in links.values():
            if not tie.key.enforced:
                continue
            text = f"({', '.join(tie.key.columns)}) → {tie.key.target} ({', '.join(tie.key.target_columns)})"
            found.append(
                PlannedConstraint(tie.key.name, "foreign key", text, Standing.CONSTRUCTION, "values are the parent's")
            )
        for u in understood:
            if u.opaque:
                standing, reason = Standing.UNKNOWN, f"not understood: {u.opaque[0]}"
            else:
                standing, reason = Standing(how.get(u.rule.name, "by construction")), "measured on a sample"
            found.append(PlannedConstraint(u.rule.name, "check", u.rule.text, standing, reason))
        for excluded in self.excluded:
            reason = plan.how.get(excluded.exclusion.name, "") if excluded.window is None else "disjoint windows"
            found.append(
                PlannedConstraint(
                    excluded.exclusion.name, "exclusion", excluded.exclusion.text, Standing.CONSTRUCTION, reason
                )
            )
        for exclusion in self.unmet_exclusions:
            found.append(
                PlannedConstraint(exclusion.name, "exclusion", exclusion.text, Standing.UNKNOWN, "left to the database")
            )
        return tuple(found)


def _distinct(keys: KeyPlan) -> set[str]:
    """Free columns that carry uniqueness."""
    return {*keys.coded, *keys.tuple_columns, *(c for d in keys.decoded for c in d.columns)}


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


def _scaled(field: Field, entity: Entity) -> Field:
    """A number without declared digits gets those that its checks speak of: between 0.5 and 1.5 lies more than 1."""
    if field.type.kind is not Kind.DECIMAL or field.type.precision is not None or field.type.scale:
        return field
    texts = [r.text for r in entity.checks if field.name in r.columns or field.name in r.text]
    digits = max((len(m) for text in texts for m in FRACTION.findall(text)), default=0)
    scale = min(max(digits, 2), 9) if digits else 0
    return msgspec.structs.replace(field, type=msgspec.structs.replace(field.type, scale=scale)) if scale else field


def _circular(found: Mapping[str, Node], column: str, node: Node) -> bool:
    todo, seen = [node], set()
    while todo:
        for name in rules.columns_of(todo.pop()):
            if name == column:
                return True
            if name in found and name not in seen:
                seen.add(name)
                todo.append(found[name])
    return False
