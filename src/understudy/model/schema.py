"""The schema: one relational model of a system, whatever it was read from.

Entities are named ``namespace.table`` where the source has namespaces, else ``table``; the name is
the key by which everything refers to an entity. Column names are exactly the source's.
"""

from __future__ import annotations

from enum import StrEnum

import msgspec

from understudy.model.distribution import Distribution
from understudy.model.face import Face
from understudy.model.flow import Flow
from understudy.model.rule import Rule
from understudy.types import Type


class Identity(StrEnum):
    """Who makes the value of a key column."""

    NONE = ""
    ALWAYS = "always"
    BY_DEFAULT = "by_default"
    SERIAL = "serial"
    AUTO_INCREMENT = "auto_increment"


class Field(msgspec.Struct, frozen=True, omit_defaults=True):
    """A column.

    ``default``, ``generated``: the source's own expression text. ``generated`` non-empty: the
    database computes the column (``stored`` or virtual) and nobody writes it. ``domain``: the
    user-defined domain it is of; the domain's checks stand among the entity's rules, rewritten to
    this column. ``comment``: the source's. ``meaning``: semantic type, where one is known or set by
    a person. ``null_share``: a person's wish for the share of nulls; ``values``: for the values permitted.
    ``derive``: a formula in SQL over columns of the row, a parent (``orders.total``) or children
    (``sum(order_lines.amount)``) that gives the value, ``none``: nothing is to be inferred; ``because``: why a
    formula was inferred. ``collation``: as the source names it.
    ``distribution``: how its values are spread where that was seen; ``spread``: how a person wants them spread.
    ``language``: in which language a person wants its texts: a code (``de``), a column of the row that says it, or
    ``table`` for the table's own.
    ``privacy``: how near a model may stay to its real values: low, medium or high; empty: as its table's.
    """

    name: str
    type: Type
    nullable: bool = True
    default: str = ""
    generated: str = ""
    stored: bool = True
    identity: Identity = Identity.NONE
    sequence: str = ""
    domain: str = ""
    collation: str = ""
    comment: str = ""
    meaning: str = ""
    null_share: float | None = None
    derive: str = ""
    because: str = ""
    values: tuple[str, ...] = ()
    distribution: Distribution | None = None
    spread: dict[str, float | str | tuple[float, ...]] = {}
    language: str = ""
    privacy: str = ""


class KeyPart(msgspec.Struct, frozen=True, omit_defaults=True):
    """One part of a unique key: a column, or an expression (``text`` in SQL, ``tree`` where understood);
    ``prefix``: only the first so many characters count (MySQL)."""

    column: str = ""
    text: str = ""
    prefix: int | None = None


class Unique(msgspec.Struct, frozen=True, omit_defaults=True):
    """A primary key, unique constraint or unique index. ``predicate``: the WHERE of a partial index."""

    name: str
    parts: tuple[KeyPart, ...]
    primary: bool = False
    predicate: str = ""
    nulls_distinct: bool = True
    deferrable: bool = False
    initially_deferred: bool = False
    index: bool = False

    @property
    def columns(self) -> tuple[str, ...]:
        """The plain columns among its parts, in order."""
        return tuple(p.column for p in self.parts if p.column)


class ForeignKey(msgspec.Struct, frozen=True, omit_defaults=True):
    """``columns`` of this entity refer to ``target_columns`` of entity ``target`` (by its full name).
    ``match``: simple or full. ``enforced``: False where it was only inferred. ``fanout``: a person's
    wish for children per parent: {"min": 1, "max": 8, "mean": 2.9, "skew": 1.1}."""

    name: str
    columns: tuple[str, ...]
    target: str
    target_columns: tuple[str, ...]
    match: str = "simple"
    deferrable: bool = False
    initially_deferred: bool = False
    on_delete: str = ""
    on_update: str = ""
    enforced: bool = True
    validated: bool = True
    fanout: dict[str, float] | None = None


class Exclusion(msgspec.Struct, frozen=True, omit_defaults=True):
    """An exclusion constraint: no two rows for which every element's operator is true."""

    name: str
    elements: tuple[tuple[str, str], ...]
    using: str = "gist"
    predicate: str = ""
    deferrable: bool = False
    text: str = ""


class Partitioning(msgspec.Struct, frozen=True, omit_defaults=True):
    """How a table is partitioned: ``strategy`` range, list or hash over ``keys`` (columns or expressions);
    ``bounds``: per existing partition its name and bound text (``FOR VALUES …`` or ``DEFAULT``)."""

    strategy: str
    keys: tuple[str, ...]
    bounds: tuple[tuple[str, str], ...] = ()


class Trigger(msgspec.Struct, frozen=True, omit_defaults=True):
    """A trigger: ``timing`` before/after/instead of; ``events`` insert, update, …; ``text`` its
    definition, ``body`` the function's or statement's source where it can be read."""

    name: str
    timing: str
    events: tuple[str, ...]
    text: str = ""
    body: str = ""
    enabled: bool = True
    per_row: bool = True


class Entity(msgspec.Struct, frozen=True, omit_defaults=True):
    """A table (or what plays its part). ``rows``: how many it held when read, if known.
    ``options``: the source's table options that matter to loading (engine, strict, without_rowid,
    row_security, inherits …). ``view``: read for reference, never filled. ``privacy``: as of a field, for all its
    fields; empty: as the fit's."""

    name: str
    fields: tuple[Field, ...]
    uniques: tuple[Unique, ...] = ()
    foreign_keys: tuple[ForeignKey, ...] = ()
    checks: tuple[Rule, ...] = ()
    exclusions: tuple[Exclusion, ...] = ()
    partitioning: Partitioning | None = None
    triggers: tuple[Trigger, ...] = ()
    comment: str = ""
    rows: int | None = None
    options: dict[str, str] = {}
    view: bool = False
    privacy: str = ""

    @property
    def table(self) -> str:
        """The name without its namespace."""
        return self.name.rsplit(".", 1)[-1] if not self.options.get("dotted") else self.name

    @property
    def primary_key(self) -> Unique | None:
        """The primary key, if there is one."""
        return next((u for u in self.uniques if u.primary), None)

    def field(self, name: str) -> Field:
        """The field of that name; KeyError if there is none."""
        for f in self.fields:
            if f.name == name:
                return f
        raise KeyError(f"{self.name}.{name}")


class Remark(msgspec.Struct, frozen=True, omit_defaults=True):
    """Something read but not (fully) understood, or worth a warning: kept with its place, reported."""

    place: str
    text: str
    severity: str = "warning"


class Statement(msgspec.Struct, frozen=True, omit_defaults=True):
    """What one source says about a facet: ``says`` in a few words, ``place`` inside the source, ``weight`` as it
    counted (figure of the table × certainty of the claim × certainty that it speaks of this field); ``asset``: the
    entity and field in the source's own names, where they differ."""

    source: str
    kind: str
    says: str
    weight: float
    place: str = ""
    asset: str = ""


class Standing(StrEnum):
    """How a facet was settled."""

    SINGLE = "single"
    AGREED = "agreed"
    RESOLVED = "resolved"
    SET_ASIDE = "set aside"
    DECIDED = "decided"
    UNPLACED = "unplaced"


class Facet(msgspec.Struct, frozen=True, omit_defaults=True):
    """How one facet of the schema was settled: ``subject`` (``entity`` or ``entity.field``), the facet's
    name, its confidence (0..1), the sources that speak for it and, in a line each, those against.

    ``value``: what holds, in words; ``share``: the plain average of the weights; ``support``, ``dissent``: every
    claim for and against, with its place. ``standing``: resolved where sources differ and all hold at once, set
    aside where some had to give way, decided where a person did; unplaced for what a source says and no field has."""

    subject: str
    facet: str
    confidence: float
    sources: tuple[str, ...] = ()
    against: tuple[str, ...] = ()
    reason: str = ""
    value: str = ""
    share: float | None = None
    standing: str = ""
    support: tuple[Statement, ...] = ()
    dissent: tuple[Statement, ...] = ()


class Schema(msgspec.Struct, frozen=True, omit_defaults=True):
    """Everything known about a system's data. ``dialect``: sqlite, duckdb, postgresql, mysql or
    mariadb where it is a database's, else empty. ``default_namespace``: the one that need not be
    written. ``types``: user-defined enums, domains and composites by qualified name, in the
    dialect's own DDL, in creation order, so that structure can be made anew; ``prelude``: other
    DDL that structure needs (extensions, sequences, functions). ``settings``: session settings.
    ``faces``: the doors through which records of this system pass."""

    name: str
    entities: tuple[Entity, ...]
    dialect: str = ""
    version: str = ""
    default_namespace: str = ""
    types: tuple[tuple[str, str], ...] = ()
    prelude: tuple[str, ...] = ()
    settings: dict[str, str] = {}
    flows: tuple[Flow, ...] = ()
    remarks: tuple[Remark, ...] = ()
    facets: tuple[Facet, ...] = ()
    faces: tuple[Face, ...] = ()

    def entity(self, name: str) -> Entity:
        """The entity of that full name, or of that table name if it is the only one; else KeyError."""
        found = [e for e in self.entities if e.name == name] or [e for e in self.entities if e.table == name]
        if len(found) != 1:
            raise KeyError(name)
        return found[0]
