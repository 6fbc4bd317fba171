"""One expression per column, from what keys, parents, rules, formulas and semantics say."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
import numpy as np
import pyarrow as pa

from understudy import rules
from understudy.model.domain import Domain
from understudy.model.expression import (
    Call,
    Case,
    Chance,
    Choice,
    Column,
    Const,
    Lookup,
    Node,
    Nulls,
    Permute,
    Row,
    Skip,
    Take,
    When,
)
from understudy.model.plan import PlannedColumn
from understudy.model.schema import Entity, Field, Identity
from understudy.model.snapshot import TableSnapshot
from understudy.planning import names
from understudy.planning.binding.bending import Bend, bent
from understudy.planning.binding.derive import formula
from understudy.planning.binding.fill import Filler, Filling
from understudy.planning.binding.relations import Push, pushed
from understudy.planning.binding.taken import refused_codes, self_contained, taken_values
from understudy.planning.draft import Draft
from understudy.planning.layout.keys import POSITION, KeyPlan
from understudy.planning.layout.links import Links
from understudy.planning.layout.ties import Tie, owners
from understudy.planning.solving.parts import Parts
from understudy.planning.solving.rulebook import Component, Rulebook
from understudy.rules import Branch
from understudy.semantics import Recipe
from understudy.semantics.finite import true_share
from understudy.types import Kind, Type


class Binding(msgspec.Struct, frozen=True):
    """Everything decided about a table before its columns are bound."""

    entity: Entity
    book: Rulebook
    ties: tuple[Tie, ...]
    keys: KeyPlan
    links: Links
    domains: Mapping[str, Domain]
    required: frozenset[str]
    filling: Filling
    floors: Mapping[str, list[Push]]
    rooms: Mapping[str, int]
    rows: int
    definitions: Mapping[str, Node]
    bent: Mapping[str, list[Bend]] = {}
    parts: Parts = Parts({}, ())


class Binder:
    """Binds the columns of one table."""

    def __init__(
        self,
        draft: Draft,
        binding: Binding,
        filler: Filler,
        held: TableSnapshot | None,
        settled: Mapping[str, tuple[Node, str]] | None = None,
    ) -> None:
        self.draft, self.b, self.filler, self.held = draft, binding, filler, held
        self.settled = settled or {}
        self.aside: dict[str, tuple[int, pa.Array]] = {}
        self.owner = owners(binding.ties)
        self.used: set[str] = set()

    def columns(self) -> tuple[PlannedColumn, ...]:
        """Delivered columns in the source's order, then the hidden ones they need."""
        made = [self._column(f) for f in self.b.entity.fields]
        visible = [msgspec.structs.replace(c, hidden=True) if c.name.startswith("$") else c for c in made]
        hidden = [*self._codes(), *self._branches(), *self.b.filling.hidden]
        return (*visible, *hidden)

    # ---- one column ------------------------------------------------------------------------
    def _column(self, field: Field) -> PlannedColumn:
        if field.generated:
            return self._generated(field)
        if field.derive:
            links = {t.key.target: t.name for t in self.b.ties if not t.implied}
            node = formula(self.draft.schema, self.b.entity, field, links)
            why = f", {field.because}" if field.because else ""
            hidden = field.name.startswith("$")
            return PlannedColumn(field.name, field.type, node, f"= {field.derive}{why}", hidden=hidden)
        if given := self.settled.get(field.name):
            return PlannedColumn(field.name, field.type, *given, hidden=field.name.startswith("$"))
        if tie := self.owner.get(field.name):
            reference: Node = Lookup(tie.name, tie.target_of(field.name))
            if field.name in tie.firm:
                own = self.b.filling.recipes[field.name].expression
                reference = Case((When(Call("is_null", (reference,)), own),), reference)
            return PlannedColumn(field.name, field.type, reference, f"refers to {tie.key.target}")
        if field.name in self._distinct():
            return self._unique(field)
        return self._plain(field)

    def _generated(self, field: Field) -> PlannedColumn:
        types = {f.name: f.type for f in self.b.entity.fields}
        found = rules.understand(field.generated, self.draft.schema.dialect, types, self.draft.known)
        node = Const(None) if found.opaque else rules.at(found.predicate, self.draft.request.clock)
        node = self.b.parts.apart(node)
        return PlannedColumn(field.name, field.type, node, f"computed by the database: {field.generated}", omitted=True)

    def _plain(self, field: Field) -> PlannedColumn:
        recipe = self.b.filling.recipes[field.name]
        if (computed := self.b.definitions.get(field.name)) is not None:
            return PlannedColumn(field.name, field.type, computed, f"= {rules.render(computed)}", recipe.meaning)
        if self.b.domains.get(field.name, Domain()).hollow and field.name not in self.b.required:
            return PlannedColumn(field.name, field.type, Const(None), "its checks permit no value: null")
        node = self._by_branch(field, recipe)
        if floors := self.b.floors.get(field.name):
            node = pushed(node, floors, field.type)
        if by := self.b.bent.get(field.name):
            if any(function == "apply" for function, _ in by):
                drawn = PlannedColumn(names.drawn(field.name), field.type, node, hidden=True)
                self.b.filling.hidden.append(drawn)
                node = Column(drawn.name)
            node = bent(node, by)
        node = self._with_nulls(field, recipe, node)
        return PlannedColumn(field.name, field.type, node, recipe.reason, recipe.meaning)

    def _with_nulls(self, field: Field, recipe: Recipe, node: Node) -> Node:
        domain = self.b.domains.get(field.name, Domain())
        if field.name in self.b.required or domain.required or node == Const(None):
            return node
        if recipe.null_when is not None and field.null_share is None:
            return Nulls(node, self._where_free(field.name, recipe.null_when))
        share = self._null_share(field, recipe)
        return Nulls(node, self._where_free(field.name, Chance("null", share))) if share > 0 else node

    def _where_free(self, column: str, null_when: Node) -> Node:
        """When a column is null, but for rows whose branch wants a value of it."""
        for number, component in enumerate(self.b.book.components):
            needy = [i for i, b in enumerate(component.branches) if b.domains.get(column, Domain()).required]
            if column in component.columns and needy and len(needy) < len(component.branches):
                return Call("and", (Call("not", (_among(Column(names.branch(number)), needy),)), null_when))
        return null_when

    def _null_share(self, field: Field, recipe: Recipe) -> float:
        if field.null_share is not None:
            return field.null_share
        wished = self.draft.request.nulls
        return recipe.natural_nulls if wished is None else wished

    # ---- branches --------------------------------------------------------------------------
    def _by_branch(self, field: Field, recipe: Recipe) -> Node:
        """A value under the domain of the row's branch, where branches differ on this column."""
        for number, component in enumerate(self.b.book.components):
            if field.name in component.columns and len(component.branches) > 1:
                return self._variants(field, recipe, number, component)
        return recipe.expression

    def _variants(self, field: Field, recipe: Recipe, number: int, component: Component) -> Node:
        base = self.b.domains.get(field.name, Domain())
        variants: dict[Domain, list[int]] = {}
        for index, branch in enumerate(component.branches):
            variants.setdefault(branch.domains.get(field.name, Domain()), []).append(index)
        if len(variants) == 1:
            return recipe.expression
        nodes: list[tuple[list[int], Node]] = []
        for domain, indices in variants.items():
            narrowed = domain.intersect(msgspec.structs.replace(base, required=False, values=None, patterns=()))
            if domain.forbidden:
                nodes.append((indices, Const(None)))
            elif msgspec.structs.replace(domain, required=False) == msgspec.structs.replace(base, required=False):
                nodes.append((indices, recipe.expression))
            else:
                made = self.filler.variant(self.b.filling, field, narrowed)
                nodes.append((indices, made.expression))
        pick = Column(names.branch(number))
        whens = tuple(When(_among(pick, indices), node) for indices, node in nodes[:-1])
        return Case(whens, nodes[-1][1])

    def _branches(self) -> list[PlannedColumn]:
        found = []
        for number, component in enumerate(self.b.book.components):
            if len(component.branches) > 1:
                found.append(
                    PlannedColumn(
                        names.branch(number),
                        Type(Kind.INTEGER),
                        _choice(component, self.b.entity),
                        f"one of {len(component.branches)} ways to meet the checks on {', '.join(component.columns)}",
                        hidden=True,
                    )
                )
        return found

    @staticmethod
    def masks(book: Rulebook, columns: tuple[str, ...]) -> Node | None:
        """Where the row's branch forbids one of ``columns`` (so that a reference must be absent)."""
        for number, component in enumerate(book.components):
            if len(component.branches) > 1 and set(columns) & set(component.columns):
                forbidden = [
                    i
                    for i, b in enumerate(component.branches)
                    if any(b.domains.get(c, Domain()).forbidden for c in columns)
                ]
                if forbidden:
                    return _among(Column(names.branch(number)), forbidden)
        return None

    # ---- unique columns --------------------------------------------------------------------
    def _distinct(self) -> set[str]:
        keys = self.b.keys
        return {*keys.coded, *keys.tuple_columns, *(c for d in keys.decoded for c in d.columns)}

    @staticmethod
    def sequential(field: Field) -> bool:
        """Whether a unique column simply counts: keys that the database would number itself, whole-number keys."""
        whole = field.type.kind is Kind.INTEGER or (field.type.kind is Kind.DECIMAL and not field.type.scale)
        return whole and (field.identity is not Identity.NONE or "nextval" in field.default or _names_a_key(field.name))

    def _unique(self, field: Field) -> PlannedColumn:
        recipe = self.b.filling.recipes[field.name]
        domain = self.b.domains.get(field.name, Domain())
        if field.name in self.b.keys.coded and self._counts(field) and domain.values is None:
            start = self._start(field, domain)
            return PlannedColumn(field.name, field.type, Call("+", (Row(), Const(start))), f"counts up from {start}")
        if self._counted(field, domain):
            position = Call("+", (Column(names.code(field.name)), Const(self.first(domain))))
            return PlannedColumn(field.name, field.type, position, "counts up within its parent", recipe.meaning)
        if recipe.coded is None:
            return PlannedColumn(
                field.name, field.type, recipe.expression, f"{recipe.reason}; distinctness is not assured"
            )
        made = bent(recipe.coded.expression, self.b.bent.get(field.name, []))
        node = self._with_nulls(field, recipe, made)
        if (forbidden := self.masks(self.b.book, (field.name,))) is not None:
            node = Nulls(node, forbidden)
        return PlannedColumn(field.name, field.type, node, f"{recipe.reason}; distinct", recipe.meaning)

    def _counts(self, field: Field) -> bool:
        primary = self.b.entity.primary_key
        alone = primary is not None and primary.columns == (field.name,)
        whole = field.type.kind is Kind.INTEGER or (field.type.kind is Kind.DECIMAL and not field.type.scale)
        return self.sequential(field) or (alone and whole)

    def _counted(self, field: Field, domain: Domain) -> bool:
        """Whether a decoded column is a position: 1, 2, 3 … within its parent."""
        decoded = {c for d in self.b.keys.decoded for c in d.columns if not d.links and len(d.columns) == 1}
        whole = field.type.kind is Kind.INTEGER or (field.type.kind is Kind.DECIMAL and not field.type.scale)
        counting = bool(POSITION.search(field.name)) or field.name in self.b.keys.continued
        return field.name in decoded and whole and domain.values is None and counting

    @staticmethod
    def first(domain: Domain) -> int:
        """Where counting starts."""
        return 1 if domain.low is None else int(domain.low)

    def _start(self, field: Field, domain: Domain) -> int:
        low = self.first(domain)
        if self.held is not None:
            low = max(low, self.held.maxima.get(field.name, 0) + 1, self.held.sequences.get(field.name, 0))
        return low

    def _codes(self) -> list[PlannedColumn]:
        """Hidden codes: of the row number for columns distinct on their own, of ordinals for decoded keys."""
        whole = Type(Kind.INTEGER)
        found = [PlannedColumn(n, whole, node, why, hidden=True) for n, (node, why) in self.b.links.codes.items()]
        for column in self.b.keys.tuple_columns:
            node = Take(names.artefact(self.b.entity.name, "tuple", column), Row())
            found.append(PlannedColumn(names.code(column), whole, node, "solved at plan time", hidden=True))
        for column in self.b.keys.coded:
            found.append(
                PlannedColumn(names.code(column), whole, self._row_code(column), "a code of the row", hidden=True)
            )
        return found

    def _row_code(self, column: str) -> Node:
        size = Const(self.b.rooms[column])
        field = self.b.entity.field(column)
        recipe = self.b.filling.recipes[column]
        known = taken_values(self.held, column, self.b.domains.get(column, Domain()))
        if known is None or recipe.coded is None or self._counts(field):
            return Permute("code", Row(), size)
        if not self_contained(self.b.filling, column, recipe.coded):
            self.aside[column] = self.b.rooms[column], known
            return Permute("code", Row(), size)
        refused = refused_codes(self.draft, self.b, column, recipe.coded, known)
        if not refused.size:
            return Permute("code", Row(), size)
        name = names.artefact(self.b.entity.name, "taken", column)
        self.draft.keep_indices(name, refused.astype(np.int64))
        return Permute("code", Skip(Row(), name), size)


def _names_a_key(name: str) -> bool:
    folded = name.lower()
    return (
        folded in ("id", "key", "pk", "oid", "rowid", "no", "nr")
        or folded.endswith(("_id", "_no", "_nr", "_key"))
        or (name.endswith(("Id", "ID", "No", "Key")) and len(name) > 2)
    )


def _among(pick: Node, indices: list[int]) -> Node:
    if len(indices) == 1:
        return Call("=", (pick, Const(indices[0])))
    return Call("in", (pick, *(Const(i) for i in indices)))


def _flagged(branch: Branch, entity: Entity) -> float:
    """How often the flags that a branch settles are as it says."""
    share = 1.0
    for name, domain in branch.domains.items():
        if domain.values in ((True,), (False,)) and entity.field(name).type.kind is Kind.BOOLEAN:
            true = true_share(entity.field(name))
            share *= true if domain.values[0] else 1 - true
    return share


def _choice(component: Component, entity: Entity) -> Node:
    """A branch per row: by weight; where a gate stands, the gated branches in open rows only."""
    weights = tuple(max(b.weight * _flagged(b, entity), 1e-6) for b in component.branches)
    if component.gate is None:
        return Choice("branch", weights)
    first = Choice("open", weights[: component.gated])
    rest = Call("+", (Choice("closed", weights[component.gated :]), Const(component.gated)))
    return Case((When(component.gate.open, first),), rest)
