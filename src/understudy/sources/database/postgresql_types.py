"""PostgreSQL's types as logical types: user-defined ones by oid, built-in ones as :mod:`declared` reads them."""

from __future__ import annotations

from typing import Any

import msgspec

from understudy.sources.database.declared import declared_type
from understudy.sources.database.sql_text import bare
from understudy.types import Kind, Type


class TypeRow(msgspec.Struct, frozen=True):
    """One row of pg_type with what belongs to it. ``user``: made by a user, not by system or extension."""

    oid: int
    namespace: str
    name: str
    kind: str
    category: str
    element: int
    base: int
    typmod: int
    not_null: bool
    default: str | None
    relation: int
    shown: str
    extension: str | None
    collation: str | None
    base_shown: str | None
    subtype: int | None
    is_range: bool
    user: bool


class TypeBook:
    """Every type of the database; resolves (oid, modifier) to a :class:`Type`."""

    def __init__(
        self,
        rows: list[tuple[Any, ...]],
        labels: dict[int, tuple[str, ...]],
        attributes: dict[int, list[tuple[str, int, int, str]]],
        checks: dict[int, list[tuple[str, str]]],
        default_namespace: str,
    ) -> None:
        self.rows = {r[0]: TypeRow(*r) for r in rows}
        self.labels, self.attributes, self.checks = labels, attributes, checks
        self._default = default_namespace
        self._read: dict[str, Type] = {}

    def qualified(self, row: TypeRow) -> str:
        """The type's name, with its namespace unless that is the default one."""
        return row.name if row.namespace in (self._default, "pg_catalog") else f"{row.namespace}.{row.name}"

    def resolve(self, oid: int, typmod: int, shown: str, seen: tuple[int, ...] = ()) -> Type:
        """The logical type; ``shown`` is ``format_type`` of it. OPAQUE where nothing is known of it."""
        row = self.rows.get(oid)
        if row is None or oid in seen:
            return Type(Kind.OPAQUE, raw=shown, variant=shown.lower())
        seen = (*seen, oid)
        if row.category == "A" and row.element and row.name not in ("int2vector", "oidvector"):
            inner = self.rows.get(row.element)
            word = shown.removesuffix("[]") if shown.endswith("[]") else (inner.shown if inner else shown)
            element = self._inside(row.element, self.resolve(row.element, typmod, word, seen))
            return Type(Kind.ARRAY, element=element, raw=shown)
        match row.kind:
            case "d":
                base = self.resolve(row.base, row.typmod, row.base_shown or "", seen)
                return msgspec.structs.replace(base, raw=shown, name=self.qualified(row))
            case "e":
                return Type(Kind.ENUM, labels=self.labels.get(oid, ()), raw=shown, name=self.qualified(row))
            case "c":
                attributes = self.attributes.get(row.relation, [])
                fields = tuple((n, self._inside(o, self.resolve(o, m, s, seen))) for n, o, m, s in attributes)
                return Type(Kind.STRUCT, fields=fields, raw=shown, name=self.qualified(row))
            case "r" | "m":
                return self._range(row, shown, seen)
            case _:
                return self._plain(row, shown)

    def _inside(self, oid: int, kind: Type) -> Type:
        """The type of an element or member, with what its domains demand of it."""
        domains = self.domains(oid)
        texts = [bare(text) for d in domains for _, text in self.checks.get(d.oid, [])]
        texts += ["VALUE IS NOT NULL"] if any(d.not_null for d in domains) else []
        return msgspec.structs.replace(kind, checks=tuple(texts)) if texts else kind

    def _range(self, row: TypeRow, shown: str, seen: tuple[int, ...]) -> Type:
        inner = self.rows.get(row.subtype or 0)
        element = self.resolve(inner.oid, -1, inner.shown, seen) if inner else None
        kind = Kind.RANGE if row.kind == "r" else Kind.MULTIRANGE
        return Type(kind, element=element, variant=row.name, raw=shown, name=self.qualified(row) if row.user else "")

    def _plain(self, row: TypeRow, shown: str) -> Type:
        found = self._read.get(shown)
        if found is None:
            found = declared_type(shown, "postgresql")
            if found.kind is Kind.OPAQUE:
                found = msgspec.structs.replace(found, variant=row.name.lower())
            self._read[shown] = found
        return found

    def domains(self, oid: int) -> list[TypeRow]:
        """The chain of domains from ``oid`` down to (not including) the base type."""
        out: list[TypeRow] = []
        row = self.rows.get(oid)
        while row is not None and row.kind == "d":
            out.append(row)
            row = self.rows.get(row.base)
        return out

    def inner_domains(self, oid: int, seen: frozenset[int] = frozenset()) -> list[TypeRow]:
        """Domains inside arrays and composites of type ``oid`` (not the type itself)."""
        row = self.rows.get(oid)
        if row is None or oid in seen:
            return []
        seen |= {oid}
        inside = (
            [row.element]
            if row.category == "A"
            else [a[1] for a in self.attributes.get(row.relation, [])]
            if row.kind == "c"
            else []
        )
        if row.kind == "d":
            return self.inner_domains(row.base, seen)
        return [d for i in inside for d in (*self.domains(i), *self.inner_domains(i, seen))]
