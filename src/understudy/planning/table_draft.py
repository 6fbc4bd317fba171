"""One table while it is planned: its schema as planning reads it, what others ask of it, what the target holds."""

from __future__ import annotations

import re
from collections.abc import Mapping

import msgspec
import pyarrow as pa

from understudy import rules, semantics
from understudy.model.domain import Domain
from understudy.model.expression import Node
from understudy.model.plan import PlannedTable
from understudy.model.schema import Entity, Exclusion, Field
from understudy.model.snapshot import TableSnapshot
from understudy.planning.binding.derive import Measure
from understudy.planning.conditions import Asked
from understudy.planning.draft import Draft
from understudy.planning.layout.backward import Backward, without
from understudy.planning.layout.exclusions import Excluded, hidden_fields, read_exclusions
from understudy.planning.selection import Wanted
from understudy.planning.solving.implied import read_parts
from understudy.planning.solving.parts import Parts
from understudy.types import Kind, Type

FRACTION = re.compile(r"\d*\.(\d+)")


class Neighbourhood(msgspec.Struct, frozen=True):
    """What other tables ask of this one: ``referenced`` columns are never null, ``measures`` are aggregates to
    carry, ``invertible`` are foreign keys that must be readable from the parent's side; ``backward``: its own keys
    that lead to its children; ``filled``: keys by which every parent needs a row; ``demanded``: per column values that
    children's checks ask for."""

    referenced: frozenset[str] = frozenset()
    measures: tuple[Measure, ...] = ()
    invertible: frozenset[str] = frozenset()
    backward: tuple[Backward, ...] = ()
    filled: frozenset[str] = frozenset()
    demanded: Mapping[str, tuple[int | float | str | bool, ...]] = {}


class TableDraft(msgspec.Struct, frozen=True):
    """``entity``: with the hidden fields of its structured columns' parts and its exclusions' windows; ``inner``: what
    domains inside structures demand of ``parts``. ``held``: the rows that the target has;
    ``existing``: how many of them children may refer to. ``ceilings``: bounds that a first attempt found to be needed,
    ``plain``: texts that it found to need plain words; ``asked``: what a person asks of the rows."""

    draft: Draft
    wanted: Wanted
    around: Neighbourhood
    entity: Entity
    dialect: str
    types: Mapping[str, Type]
    excluded: tuple[Excluded, ...]
    unmet_exclusions: tuple[Exclusion, ...]
    held: TableSnapshot | None
    existing: int
    parts: Parts = Parts({}, ())
    inner: tuple[Node, ...] = ()
    ceilings: Mapping[str, Domain] = {}
    plain: frozenset[str] = frozenset()
    asked: Asked = Asked()

    @property
    def held_rows(self) -> int:
        """Rows in the target, those that were not read as well."""
        return self.held.rows if self.held is not None else 0

    def tree(self, text: str) -> Node:
        """An expression of the schema, over the columns of parts where it reads into structured ones."""
        return self.parts.apart(rules.understand(text, self.dialect, self.types, self.draft.known).predicate)

    def reads(self, text: str) -> set[str]:
        """The columns that an expression reads."""
        return set(rules.columns_of(self.tree(text))) & set(self.types)

    def referring(self) -> Entity:
        """The entity without guessed references to tables that have no row: a guess must not empty a table."""
        kept = tuple(
            k
            for k in without(self.entity, self.around.backward).foreign_keys
            if k.enforced or k.target == self.entity.name or self.draft.parents(k.target) > 0
        )
        return msgspec.structs.replace(self.entity, foreign_keys=kept)

    def sample(self, trial: PlannedTable, column: str, pools: Mapping[str, pa.Array]) -> list[str]:
        """Values of a column of a table on trial, those that are not null. ``pools``: artefacts that it reads and the
        draft does not keep yet."""
        new = {n: a for n, a in pools.items() if n not in self.draft.artefacts}
        self.draft.artefacts.update(new)
        try:
            found = self.draft.runtime(trial).column(trial.name, column, range(trial.rows)).to_pylist()
        finally:
            for name in new:
                del self.draft.artefacts[name]
        return [v for v in found if v]

    def snapshot(self) -> str:
        """The artefact of the rows that children may refer to; empty where there are none."""
        if self.held is None or self.held.columns is None:
            return ""
        return self.draft.keep(f"{self.entity.name}:existing", self.held.columns)


def table_draft(draft: Draft, wanted: Wanted, around: Neighbourhood, asked: Asked) -> TableDraft:
    """The table as planning starts on it."""
    wanted = _closed(wanted, draft)
    whole = msgspec.structs.replace(
        wanted.entity, fields=tuple(_scaled(f, wanted.entity) for f in wanted.entity.fields)
    )
    parts, inner = read_parts(whole, draft.schema.dialect, draft.known)
    taken = msgspec.structs.replace(whole, fields=(*whole.fields, *parts.fields))
    excluded, unmet = read_exclusions(taken)
    fields = (*taken.fields, *hidden_fields(excluded))
    held = draft.held(wanted.entity.name)
    return TableDraft(
        draft=draft,
        wanted=wanted,
        around=around,
        entity=msgspec.structs.replace(wanted.entity, fields=fields),
        dialect=draft.schema.dialect,
        types={f.name: f.type for f in fields},
        excluded=tuple(excluded),
        unmet_exclusions=tuple(unmet),
        held=held,
        parts=parts,
        inner=inner,
        asked=asked,
        existing=held.columns.num_rows if held is not None and held.columns is not None else 0,
    )


def _closed(wanted: Wanted, draft: Draft) -> Wanted:
    """No more rows than there are countries, airports …, where a key names them and nobody asked for more."""
    entity = wanted.entity
    if wanted.explicit or draft.held(entity.name) is not None:
        return wanted
    referring = {c for k in entity.foreign_keys for c in k.columns}
    for unique in entity.uniques:
        column = unique.parts[0].column if len(unique.parts) == 1 and not unique.predicate else ""
        if not column or column in referring:
            continue
        most = semantics.natural_size(entity, entity.field(column))
        if most is not None and most < wanted.rows:
            reason = f"{column} has {most} real values; ask for more rows by name to have others made up"
            wanted = msgspec.structs.replace(wanted, rows=most, reason=reason)
    return wanted


def _scaled(field: Field, entity: Entity) -> Field:
    """A number without declared digits gets those that its checks speak of: between 0.5 and 1.5 lies more than 1."""
    if field.type.kind is not Kind.DECIMAL or field.type.precision is not None or field.type.scale:
        return field
    texts = [r.text for r in entity.checks if field.name in r.columns or field.name in r.text]
    digits = max((len(m) for text in texts for m in FRACTION.findall(text)), default=0)
    scale = min(max(digits, 2), 9) if digits else 0
    return msgspec.structs.replace(field, type=msgspec.structs.replace(field.type, scale=scale)) if scale else field
