"""Foreign keys looked at again after a load with checks off: rows whose parent is not there."""

from __future__ import annotations

from understudy.delivery.databases.server import Place, Server
from understudy.delivery.text.quoting import quote, quoted_table
from understudy.model.schema import ForeignKey, Schema


def broken_references(server: Server, schema: Schema, places: list[Place]) -> list[str]:
    """One line per foreign key of these tables that some row does not meet."""
    found = []
    for place in places:
        for key in place.entity.foreign_keys:
            if key.enforced and key.target in {e.name for e in schema.entities}:
                rows = _orphans(server, schema, place, key)
                if rows:
                    found.append(f"{place.name} ({', '.join(key.columns)}) → {key.target}: {rows} rows")
    return found


def _orphans(server: Server, schema: Schema, place: Place, key: ForeignKey) -> int:
    d = server.dialect
    target = quoted_table(schema, schema.entity(key.target), d)
    given = " AND ".join(f"c.{quote(c, d)} IS NOT NULL" for c in key.columns)
    pairs = zip(key.columns, key.target_columns, strict=True)
    same = " AND ".join(f"p.{quote(t, d)} = c.{quote(c, d)}" for c, t in pairs)
    sql = f"SELECT count(*) FROM {place.quoted} c WHERE {given} AND NOT EXISTS (SELECT 1 FROM {target} p WHERE {same})"
    return int(server.query(sql)[0][0])
