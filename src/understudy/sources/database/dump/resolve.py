"""Declared types of a dump as logical types: user-defined types, charsets, domains, JSON kept as text."""

from __future__ import annotations

import re

import msgspec

from understudy.sources.database.declared import declared_columns, declared_type
from understudy.sources.database.dump.catalog import Catalog, Column, Table, UserType
from understudy.sources.database.dump.words import MYSQL
from understudy.sources.database.spelling import spell
from understudy.types import Kind, Type
from understudy.types.encoding import CODECS

CHARACTER_BYTES = {
    "utf8mb4": 4,
    "utf8": 3,
    "utf8mb3": 3,
    "utf16": 4,
    "utf32": 4,
    "ucs2": 2,
    "latin1": 1,
    "ascii": 1,
    "binary": 1,
}
"""Bytes that one character may take; TEXT counts bytes."""


class Types:
    """The types of a catalog once all statements are read."""

    def __init__(self, catalog: Catalog) -> None:
        self.catalog, self.dialect = catalog, catalog.dialect
        self._known: dict[str, Type] = {}
        self._domains: dict[str, UserType] = {}
        self._cache: dict[tuple[str, str], Type] = {}
        for kind in catalog.types.values():
            self._add(kind)

    def _add(self, kind: UserType) -> None:
        full = self.catalog.full(kind.space, kind.name)
        resolved = self._resolve(kind, full)
        spellings = {kind.name, full, f"{kind.space or self.catalog.default}.{kind.name}"}
        for name in spellings | {s.lower() for s in spellings if self.dialect != "postgresql"}:
            self._known[name] = resolved
            if kind.kind == "domain":
                self._domains[name] = kind

    def _resolve(self, kind: UserType, full: str) -> Type:
        match kind.kind:
            case "enum":
                return Type(Kind.ENUM, labels=tuple(kind.labels), name=full)
            case "domain":
                base = declared_type(kind.text, self.dialect, known=self._known)
                texts = [text for _, text in kind.checks] + (["VALUE IS NOT NULL"] if kind.not_null else [])
                return msgspec.structs.replace(base, name=full, raw="", checks=(*base.checks, *texts))
            case "composite":
                return Type(Kind.STRUCT, fields=declared_columns(kind.text, self.dialect, known=self._known), name=full)
            case "range":
                element = declared_type(kind.text, self.dialect, known=self._known) if kind.text else None
                return Type(Kind.RANGE, element=element, variant=kind.name, name=full)
            case _:
                return Type(Kind.OPAQUE, variant=kind.name.lower(), name=full)

    def of(self, column: Column, table: Table) -> Type:
        """The logical type of a column."""
        if table.view and not column.type_text:
            return Type(Kind.OPAQUE)
        collation = column.collation or ("" if _own_charset(column.type_text) else table.collation)
        if (
            self.dialect in MYSQL
            and not column.collation
            and table.charset == "binary"
            and not _own_charset(column.type_text)
        ):
            collation = "binary"
        kind = self._declared(column.type_text, collation)
        kind = msgspec.structs.replace(kind, checks=()) if kind.checks else kind  # a column's own are its table's rules
        stated = column.collation or _own_charset(column.type_text)
        if self.dialect in MYSQL and kind.kind is Kind.TEXT and not stated and table.charset in CODECS:
            kind = msgspec.structs.replace(kind, charset=table.charset)
        if kind.kind is Kind.TEXT and self.dialect in MYSQL and kind.variant.endswith("text") and kind.length:
            kind = msgspec.structs.replace(kind, length=kind.length // _width(column, table))
        if self.dialect == "postgresql" and column.collation in self.catalog.folding:
            kind = msgspec.structs.replace(kind, folded=True)
        if kind.kind is Kind.ENUM and not kind.name and self.dialect == "duckdb":
            kind = msgspec.structs.replace(
                kind, name=next((k.name for k in self._known.values() if k.labels == kind.labels), "")
            )
        if self.dialect == "mariadb" and kind.kind is Kind.TEXT and self.is_json(column, table):
            kind = Type(Kind.JSON, variant="longtext", raw=kind.raw)
        return kind

    def _declared(self, text: str, collation: str) -> Type:
        """A dump declares the same few types thousands of times."""
        key = (text, collation)
        if key not in self._cache:
            self._cache[key] = declared_type(text, self.dialect, known=self._known, collation=collation)
        return self._cache[key]

    def is_json(self, column: Column, table: Table) -> bool:
        """Whether a check of the table demands that the column holds JSON."""
        pattern = re.compile(r"json_valid\s*\(\s*`?" + re.escape(column.name) + r"`?\s*\)", re.IGNORECASE)
        return any(pattern.fullmatch(c.noun.text) for c in table.checks)

    def domains(self, text: str) -> list[UserType]:
        """The domains that a declared type goes through, outermost first."""
        out: list[UserType] = []
        if not self._domains:
            return out
        while (domain := self._domains.get(spell(text).name)) is not None and domain not in out and "[" not in text:
            out.append(domain)
            text = domain.text
        return out


def _own_charset(type_text: str) -> bool:
    return re.search(r"\b(?:character\s+set|charset)\b", type_text, re.IGNORECASE) is not None


def _width(column: Column, table: Table) -> int:
    own = re.search(r"\b(?:character\s+set|charset)\s+['\"]?(\w+)", column.type_text, re.IGNORECASE)
    name = (
        own[1] if own else column.collation.partition("_")[0] or table.collation.partition("_")[0] or table.charset
    ).lower()
    return CHARACTER_BYTES.get(name, 4)
