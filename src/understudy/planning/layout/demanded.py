"""What children demand of their parents' columns: a child whose checks fix a column that refers to a parent needs
parents with that value.

    grants (tenant_id, model CHECK (model = 'Grant'), id) → instances (tenant_id, model, id)

Where the parent's column is free to be anything, some of its rows get such a value.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from understudy import rules
from understudy.model.domain import Domain
from understudy.model.expression import Case, Chance, When
from understudy.model.schema import Entity, Field
from understudy.planning.binding.fill import Filler, Filling

Value = int | float | str | bool

SHARE = 0.5
"""Share of a parent's rows that get a value which children demand."""


def demanded(children: Iterable[Entity], dialect: str, clock: int) -> dict[str, dict[str, tuple[Value, ...]]]:
    """Per parent table and column the values that checks of children ask for. Keys of one column are not looked at:
    each of their values is a row's own."""
    found: dict[str, dict[str, dict[Value, None]]] = {}
    for entity in children:
        for key in (k for k in entity.foreign_keys if k.enforced and len(k.columns) > 1):
            for column, target in zip(key.columns, key.target_columns, strict=True):
                values = _asked(entity, column, dialect, clock)
                found.setdefault(key.target, {}).setdefault(target, {}).update(dict.fromkeys(values))
    return {table: {c: tuple(v) for c, v in columns.items() if v} for table, columns in found.items()}


def _asked(entity: Entity, column: str, dialect: str, clock: int) -> tuple[Value, ...]:
    """The few values that the checks of a column alone permit; none where they permit more."""
    checks = [r for r in entity.checks if set(r.columns) == {column} and r.enforced]
    if not checks:
        return ()
    types = {f.name: f.type for f in entity.fields}
    trees = [rules.understand(r.text, r.dialect or dialect, types) for r in checks]
    branches = rules.branches([t.predicate for t in trees if not t.opaque], types, clock=clock).branches
    values = [b.domains.get(column, Domain()).values for b in branches]
    return tuple(dict.fromkeys(v for some in values for v in some or ())) if all(v is not None for v in values) else ()


def meet(
    asked: Mapping[str, tuple[Value, ...]],
    fields: Iterable[Field],
    domains: Mapping[str, Domain],
    filler: Filler,
    filling: Filling,
) -> None:
    """Put the values asked for among those of free columns that may have them and would not by themselves."""
    for field in fields:
        domain = domains.get(field.name, Domain())
        values = tuple(v for v in asked.get(field.name, ()) if domain.permits(v))
        recipe = filling.recipes.get(field.name)
        if not values or recipe is None or domain.values is not None or field.type.labels:
            continue
        wanted = filler.fresh(filling, field, domain.intersect(Domain(values=values))).expression
        node = Case((When(Chance("asked", SHARE), wanted),), recipe.expression)
        listed = ", ".join(map(str, values))
        reason = f"{recipe.reason}; {listed} in some rows, for children ask for it"
        filling.recipes[field.name] = msgspec.structs.replace(recipe, expression=node, reason=reason)
