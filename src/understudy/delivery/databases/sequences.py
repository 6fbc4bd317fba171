"""Sequences and identity columns continue behind the loaded values."""

from __future__ import annotations

import re

from understudy.delivery.text.quoting import quote, quoted_table, text_literal
from understudy.model.plan import Plan
from understudy.model.schema import Entity, Field, Identity
from understudy.types import Kind

NEXTVAL = re.compile(r"nextval\('((?:[^']|'')*)'", re.IGNORECASE)


def counted_fields(entity: Entity) -> tuple[Field, ...]:
    """The columns whose values a sequence or identity makes when nobody gives one."""
    numbered = (f for f in entity.fields if f.type.kind in (Kind.INTEGER, Kind.DECIMAL))
    return tuple(f for f in numbered if f.identity is not Identity.NONE or named_sequence(f))


def named_sequence(field: Field) -> str:
    """The sequence that the field or its default names, or ''."""
    found = NEXTVAL.search(field.default)
    return field.sequence or (found[1].replace("''", "'") if found else "")


def setval_statements(plan: Plan) -> list[str]:
    """PostgreSQL: one statement per sequence behind a column of the plan's tables; an empty table leaves it alone."""
    made = []
    for table in plan.tables:
        entity = plan.schema.entity(table.name)
        name = quoted_table(plan.schema, entity, "postgresql")
        for f in counted_fields(entity):
            made.append(setval(name, f))
    return made


def setval(table: str, field: Field) -> str:
    """Move the sequence behind ``field`` past the greatest value; it never moves back."""
    column = quote(field.name, "postgresql")
    owned = f"pg_get_serial_sequence({text_literal(table, 'postgresql')}, {text_literal(field.name, 'postgresql')})"
    if named_sequence(field):
        named = text_literal(named_sequence(field), "postgresql")
        owned = f"coalesce({owned}, to_regclass({named})::text)"
    return (
        f"SELECT setval(s.name::regclass, m.most) FROM (SELECT {owned} AS name) s, "
        f"(SELECT max({column})::bigint AS most FROM {table}) m WHERE s.name IS NOT NULL AND m.most >= 1 "
        "AND m.most >= coalesce(pg_sequence_last_value(s.name::regclass), 0)"
    )
