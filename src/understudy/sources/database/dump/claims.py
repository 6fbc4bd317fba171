"""From the last state of a read dump to claims: types resolved, foreign keys looked up, partitions folded in."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator

import msgspec

from understudy.model.evidence import Claim, Evidence, FacetKind, Value
from understudy.model.origin import Origin, SourceKind
from understudy.model.rule import Rule
from understudy.model.schema import Entity, Field, ForeignKey, Identity, KeyPart, Partitioning, Unique
from understudy.sources.database.dump.catalog import Catalog, Column, Placed, Reference, Table, UserType
from understudy.sources.database.dump.resolve import Types
from understudy.sources.database.dump.types import enum_ddl, rewritten
from understudy.sources.database.dump.words import MYSQL, Words, quote
from understudy.sources.database.spelling import spell
from understudy.sources.database.sql_text import TokenKind
from understudy.types import Kind

_QUOTED_NUMBER = re.compile(r"'(-?\d+(?:\.\d+)?)'")
NUMERIC = (Kind.INTEGER, Kind.DECIMAL, Kind.FLOAT)
"""MySQL lets defaults of numbers be written as strings, and prints them as numbers."""
SHADOWS = (("_docsize", "_data", "_idx", "_config"), ("_segdir", "_segments"), ("_node", "_parent", "_rowid"))
"""Endings of the tables behind FTS5, FTS3/4 and R-tree tables."""


class Claims:
    """Builds the claims of one dump."""

    def __init__(self, catalog: Catalog, source: str) -> None:
        self.catalog, self.source, self.dialect = catalog, source, catalog.dialect
        self._claims: list[Claim] = []
        self.types = Types(catalog)
        self._early: set[str] = set()

    def evidence(self, version: str, settings: dict[str, str]) -> Evidence:
        """All of it."""
        self._leave_out_shadows()
        parts = self._partitions()
        roots = [t for t in self.catalog.tables.values() if not t.part_of]
        fields = {id(t): list(self._fields(t)) for t in roots}
        for table in roots:
            self._entity(table, parts.get(id(table), []))
        for table in roots:
            for column, field in fields[id(table)]:
                self._add(FacetKind.FIELD, table, field, column.line, column.raw, field.name)
        for table in roots:
            self._constraints(table)
        for root, below in parts.items():
            table = next(t for t in roots if id(t) == root)
            self._partitioning(table, below)
        for entity, remark in self.catalog.remarks:
            origin = Origin(SourceKind.DATABASE, self.source, remark.place)
            self._claims.append(Claim(FacetKind.REMARK, entity, remark, origin))
        types = tuple(self._type_ddl())
        return Evidence(
            source=self.source,
            claims=tuple(self._claims),
            dialect=self.dialect,
            version=version,
            default_namespace=self.catalog.default,
            types=types,
            prelude=self._prelude(),
            settings=settings,
        )

    def _add(self, facet: FacetKind, table: Table, noun: Value, line: int, raw: str = "", field: str = "") -> None:
        origin = Origin(SourceKind.DATABASE, self.source, f"line {line}")
        self._claims.append(Claim(facet, self._name(table), noun, origin, field=field, raw=raw))

    def _name(self, table: Table) -> str:
        return self.catalog.full(table.space, table.name)

    def _leave_out_shadows(self) -> None:
        """SQLite's virtual tables keep their own tables, which nobody fills by hand."""
        if self.dialect != "sqlite":
            return
        tables = self.catalog.tables
        names = {k.name for k in tables}
        for endings in SHADOWS:
            for stem in [n.removesuffix(endings[0]) for n in names if n.endswith(endings[0])]:
                if all(stem + e in names for e in endings):
                    gone = {stem + e for e in (*endings, "_content", "_stat")}
                    self.catalog.tables = tables = {k: t for k, t in tables.items() if k.name not in gone}
                    self.catalog.remark(0, f"tables of the virtual table {stem} are left out", "info", stem)

    # ---- types --------------------------------------------------------------------------------------
    def _type_ddl(self) -> Iterator[tuple[str, str]]:
        for kind in self.catalog.types.values():
            for name, (text, _) in self._needed(kind):
                yield name, text
            ddl = enum_ddl(kind, self.dialect, self.catalog.default) if kind.kind == "enum" else kind.ddl
            yield self.catalog.full(kind.space, kind.name), ddl

    def _needed(self, kind: UserType) -> list[tuple[str, tuple[str, str]]]:
        """Functions that a domain's checks call: they must be there before it."""
        spoken = set(re.findall(r"\w+", kind.ddl.lower())) if kind.kind == "domain" else set()
        found = [(n, f) for n, f in self.catalog.functions.items() if n in spoken and n not in self._early]
        self._early |= {n for n, _ in found}
        return [(f"{name}()", function) for name, function in found]

    def _prelude(self) -> tuple[str, ...]:
        catalog = self.catalog
        order = ("extension", "schema", "other")
        first = [text for kind in order for k, text in catalog.prelude if k == kind]
        sequences = [text for text in catalog.sequences.values() if text]
        early = {catalog.functions[n][0] for n in self._early}
        functions = (text for k, text in catalog.prelude if k == "function" and text not in early)
        return (*first, *sequences, *functions)

    def _json_check(self, table: Table, column: Column) -> None:
        """MariaDB keeps ``json`` as text with a check of its own."""
        if self.dialect == "mariadb" and column.type_text.lower() == "json" and not self.types.is_json(column, table):
            text = f"json_valid({quote(column.name, self.dialect)})"
            table.checks.append(
                Placed(Rule(column.name, text, (column.name,), self.dialect), column.line, text, column.name)
            )

    # ---- entities and fields ------------------------------------------------------------------------
    def _columns(self, table: Table, seen: tuple[int, ...] = ()) -> list[Column]:
        """Its own columns and those of the tables it inherits from, parents' first."""
        merged: dict[str, Column] = {}
        for parent in table.parents:
            found = self.catalog.find(parent, table.space)
            if found is not None and id(found) not in seen:
                for column in self._columns(found, (*seen, id(table))):
                    merged.setdefault(self.catalog.fold(column.name), column)
        return list({**merged, **table.columns}.values())

    def _entity(self, table: Table, parts: list[Table]) -> None:
        options = dict(table.options)
        if table.parents:
            found = (self.catalog.find(p, table.space) for p in table.parents)
            options["inherits"] = ", ".join(
                self._name(t) if t else p[-1] for t, p in zip(found, table.parents, strict=True)
            )
        for column in table.columns.values():
            if column.on_update:
                options[f"on_update.{column.name}"] = column.on_update
        counts = [t.rows for t in (table, *parts)]
        known = None if table.view or None in counts else sum(c or 0 for c in counts)
        entity = Entity(self._name(table), (), comment=table.comment, rows=known, options=options, view=table.view)
        self._add(FacetKind.ENTITY, table, entity, table.line, table.raw)
        for parent in table.parents:
            if self.catalog.find(parent, table.space) is None:
                self._remark(table, table.line, f"inherits from {'.'.join(parent)}, which is not there", "error")
            else:
                self._inherited_checks(table, parent)

    def _inherited_checks(self, table: Table, parent: tuple[str, ...]) -> None:
        found = self.catalog.find(parent, table.space)
        own = {c.noun.name for c in table.checks}
        table.checks += [c for c in (found.checks if found else []) if c.noun.name not in own]

    def _fields(self, table: Table) -> Iterator[tuple[Column, Field]]:
        for column in self._columns(table):
            kind = self.types.of(column, table)
            domains = self.types.domains(column.type_text)
            if kind.kind is Kind.OPAQUE and not table.view:
                severity = "error" if " " in spell(column.type_text).name else "warning"  # no type's name has blanks
                words = f"column {column.name} is of type {kind.raw}, which is not understood"
                self._remark(table, column.line, words, severity)
            self._domain_checks(table, column, domains)
            self._json_check(table, column)
            inherited = next((d.default for d in domains if d.default), "")
            field = Field(
                name=column.name,
                type=kind,
                nullable=column.nullable and not any(d.not_null for d in domains),
                default="" if column.generated else self._default(column, table) or inherited,
                generated=column.generated,
                stored=column.stored or not column.generated,
                identity=self._identity(column, table),
                sequence=column.sequence,
                domain=self.catalog.full(domains[0].space, domains[0].name) if domains else "",
                collation=column.collation,
                comment=column.comment,
            )
            yield column, field

    def _default(self, column: Column, table: Table) -> str:
        if self.dialect == "sqlite":
            return self._strings(column.default, table)
        number = _QUOTED_NUMBER.fullmatch(column.default) if self.dialect in MYSQL else None
        if number and self.types.of(column, table).kind in NUMERIC:
            return number[1]
        return column.default

    def _identity(self, column: Column, table: Table) -> Identity:
        if self.dialect != "sqlite" or column.identity is not Identity.NONE:
            return column.identity
        primary = next((u.noun for u in table.uniques if u.noun.primary), None)
        alias = primary is not None and primary.columns == (column.name,) and column.type_text.upper() == "INTEGER"
        return Identity.BY_DEFAULT if alias and "without_rowid" not in table.options else Identity.NONE

    def _strings(self, text: str, table: Table) -> str:
        """SQLite takes a double-quoted word that is no column for a string; here it becomes one."""
        if '"' not in text:
            return text
        out, last = [], 0
        for token in Words(text, self.dialect, 1).stream:
            if (
                token.kind is TokenKind.NAME
                and token.text.startswith('"')
                and self.catalog.column(table, token.value) is None
            ):
                out += [text[last : token.start], "'" + token.value.replace("'", "''") + "'"]
                last = token.end
        return "".join(out) + text[last:]

    def _domain_checks(self, table: Table, column: Column, domains: list[UserType]) -> None:
        for domain in domains:
            for name, text in domain.checks:
                full = self.catalog.full(domain.space, domain.name)
                words = rewritten(text, column.name, self.dialect)
                rule = Rule(f"{column.name}:{name}", words, (column.name,), self.dialect, domain=full)
                table.checks.append(Placed(rule, column.line, text, column.name))

    # ---- constraints --------------------------------------------------------------------------------
    def _constraints(self, table: Table) -> None:
        for unique in table.uniques:
            self._add(FacetKind.UNIQUE, table, self._unique(unique.noun, table), unique.line, unique.raw)
        for reference in table.references:
            self._foreign_key(table, reference)
        for check in table.checks:
            rule = check.noun
            if self.dialect == "sqlite":
                text = self._strings(rule.text, table)
                rule = msgspec.structs.replace(rule, text=text, columns=self.catalog.mentions(text, table))
            self._add(FacetKind.CHECK, table, rule, check.line, check.raw, check.column)
        for exclusion in table.exclusions:
            self._add(FacetKind.EXCLUSION, table, exclusion.noun, exclusion.line, exclusion.raw)
        for trigger in table.triggers:
            self._add(FacetKind.TRIGGER, table, trigger.noun, trigger.line, trigger.raw)
        if table.bounds or (table.strategy and self.dialect in MYSQL):
            partitioning = Partitioning(table.strategy, table.partition_keys, table.bounds)
            self._add(FacetKind.PARTITIONING, table, partitioning, table.line)

    def _unique(self, unique: Unique, table: Table) -> Unique:
        if self.dialect != "sqlite":
            return unique
        parts = tuple(KeyPart(p.column, self._strings(p.text, table), p.prefix) for p in unique.parts)
        return msgspec.structs.replace(unique, parts=parts, predicate=self._strings(unique.predicate, table))

    def _foreign_key(self, table: Table, reference: Reference) -> None:
        target = self.catalog.find(reference.target, reference.space)
        if target is None:
            shown = self.catalog.full(
                self.catalog.space(reference.target) if len(reference.target) > 1 else "", reference.target[-1]
            )
            words = f"foreign key {reference.key.name} refers to {shown}, which does not exist: it cannot be followed"
            self._remark(table, reference.line, words, "warning")
            key = msgspec.structs.replace(reference.key, target=shown)
            self._add(FacetKind.FOREIGN_KEY, table, key, reference.line, reference.raw)
            return
        key = self._resolved(reference.key, target)
        if len(key.columns) != len(key.target_columns):
            counts = f"{len(key.columns)} columns against {len(key.target_columns)}"
            words = f"foreign key {key.name} does not fit the key of {key.target}: {counts}"
            self._remark(table, reference.line, words)
        missing = [c for c in key.target_columns if self.catalog.column(target, c) is None]
        if missing and not target.view:
            self._remark(
                table,
                reference.line,
                f"foreign key {key.name} refers to column {missing[0]}, which {key.target} does not have",
            )
        self._add(FacetKind.FOREIGN_KEY, table, key, reference.line, reference.raw)

    def _resolved(self, key: ForeignKey, target: Table) -> ForeignKey:
        columns = key.target_columns or next((u.noun.columns for u in target.uniques if u.noun.primary), ())
        found = tuple(self.catalog.column(target, c) for c in columns)
        spelled = tuple(f.name if f else c for f, c in zip(found, columns, strict=True))
        return msgspec.structs.replace(key, target=self._name(target), target_columns=spelled)

    def _remark(self, table: Table, line: int, text: str, severity: str = "warning") -> None:
        self.catalog.remark(line, text, severity, self._name(table))

    # ---- partitions ---------------------------------------------------------------------------------
    def _partitions(self) -> dict[int, list[Table]]:
        """Per partitioned table (by id) its partitions, parents first; orphans become tables of their own."""
        below: dict[int, list[Table]] = defaultdict(list)
        for table in self.catalog.tables.values():
            if table.part_of:
                parent = self.catalog.find(table.part_of, table.space)
                if parent is None:
                    self._remark(
                        table, table.line, f"a partition of {'.'.join(table.part_of)}, which is not there", "error"
                    )
                    table.part_of = ()
                else:
                    below[id(parent)].append(table)
        out: dict[int, list[Table]] = {}
        for table in self.catalog.tables.values():
            if table.strategy and not table.part_of and self.dialect not in MYSQL:
                out[id(table)] = list(_descend(table, below))
        return out

    def _partitioning(self, root: Table, parts: list[Table]) -> None:
        bounds = tuple((self._name(p), self._bound(root, p)) for p in parts)
        partitioning = Partitioning(root.strategy, root.partition_keys, bounds)
        self._add(FacetKind.PARTITIONING, root, partitioning, root.line)
        if not bounds:
            self._remark(root, root.line, "partitioned, but it has no partition yet")
        leaves = [p for p in parts if not p.strategy]
        own = {(r.key.columns, r.target[-1]) for r in root.references}
        for part in parts:
            for reference in part.references:
                if (reference.key.columns, reference.target[-1]) not in own:
                    own.add((reference.key.columns, reference.target[-1]))
                    self._foreign_key(root, reference)
        self._lifted_checks(root, leaves)

    def _bound(self, root: Table, part: Table) -> str:
        parent = self.catalog.find(part.part_of, part.space)
        head = part.bound if parent is root or parent is None else f"OF {self._name(parent)} {part.bound}"
        if part.strategy:
            return f"{head} PARTITION BY {part.strategy.upper()} ({', '.join(part.partition_keys)})"
        return head

    def _lifted_checks(self, root: Table, leaves: list[Table]) -> None:
        """Checks of every leaf hold for the table; those of some are told."""
        own = {c.noun.text for c in root.checks}
        counts: dict[str, list[tuple[Table, Placed[Rule]]]] = defaultdict(list)
        for leaf in leaves:
            for check in leaf.checks:
                if check.noun.text not in own:
                    counts[check.noun.text].append((leaf, check))
        for text, found in counts.items():
            leaf, check = found[0]
            if len(found) == len(leaves):
                self._add(FacetKind.CHECK, root, check.noun, check.line, check.raw)
            else:
                self._remark(root, check.line, f"only {self._name(leaf)} has {check.noun.name}: CHECK ({text})")


def _descend(table: Table, below: dict[int, list[Table]]) -> Iterator[Table]:
    for part in below.get(id(table), []):
        yield part
        yield from _descend(part, below)
