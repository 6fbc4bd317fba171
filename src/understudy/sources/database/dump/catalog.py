"""The state of a database while its dump is read: tables, types and functions that statements make and change.

Nothing is resolved here (types, foreign keys, partitions): the last statement may still change it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Generic, NamedTuple, TypeVar

import msgspec

from understudy.model.rule import Rule
from understudy.model.schema import Exclusion, ForeignKey, Identity, KeyPart, Remark, Trigger, Unique
from understudy.sources.database.dump.words import MYSQL, NAME_BYTES, cut, quote, stored
from understudy.sources.database.sql_text import TokenKind

T = TypeVar("T")
_QUALIFIED_SEQUENCE = re.compile(r"'public\.((?:[^']|'')+)'(?=::regclass)")
DEFAULTS = {"postgresql": "public", "sqlite": "main", "duckdb": "main"}


class TableKey(NamedTuple):
    """Namespace ("" for the default one) and name, as compared."""

    space: str
    name: str


@dataclass(slots=True)
class Column:
    """A column as declared. ``type_text``: its type's words; ``charset``: MySQL's, where stated."""

    name: str
    type_text: str
    line: int
    raw: str = ""
    nullable: bool = True
    default: str = ""
    generated: str = ""
    stored: bool = True
    identity: Identity = Identity.NONE
    sequence: str = ""
    collation: str = ""
    comment: str = ""
    on_update: str = ""


@dataclass(slots=True)
class Reference:
    """A foreign key whose target is not looked up yet."""

    key: ForeignKey
    target: tuple[str, ...]
    line: int
    raw: str
    space: str


@dataclass(slots=True)
class Placed(Generic[T]):
    """A noun with its line and words. ``column``: the one it stands at, if any."""

    noun: T
    line: int
    raw: str = ""
    column: str = ""


@dataclass(slots=True)
class Table:
    """A table or view. ``parents``: INHERITS; ``part_of``: the partitioned table, with ``bound``."""

    space: str
    name: str
    line: int
    raw: str = ""
    columns: dict[str, Column] = field(default_factory=dict)
    uniques: list[Placed[Unique]] = field(default_factory=list)
    references: list[Reference] = field(default_factory=list)
    checks: list[Placed[Rule]] = field(default_factory=list)
    exclusions: list[Placed[Exclusion]] = field(default_factory=list)
    triggers: list[Placed[Trigger]] = field(default_factory=list)
    indexes: set[str] = field(default_factory=set)
    options: dict[str, str] = field(default_factory=dict)
    comment: str = ""
    rows: int | None = 0
    view: bool = False
    charset: str = ""
    collation: str = ""
    parents: list[tuple[str, ...]] = field(default_factory=list)
    part_of: tuple[str, ...] = ()
    bound: str = ""
    strategy: str = ""
    partition_keys: tuple[str, ...] = ()
    bounds: tuple[tuple[str, str], ...] = ()

    def names(self) -> set[str]:
        """Names of constraints and indexes that are taken."""
        names = {u.noun.name for u in self.uniques} | {c.noun.name for c in self.checks}
        return names | {e.noun.name for e in self.exclusions} | {r.key.name for r in self.references} | self.indexes


@dataclass(slots=True)
class UserType:
    """``kind``: enum, domain, composite, range or other. ``text``: base type, members or subtype."""

    kind: str
    space: str
    name: str
    line: int
    text: str = ""
    labels: list[str] = field(default_factory=list)
    checks: list[tuple[str, str]] = field(default_factory=list)
    not_null: bool = False
    default: str = ""
    collation: str = ""
    ddl: str = ""


class Catalog:
    """Everything made so far. Names are compared as the dialect compares them."""

    def __init__(self, dialect: str) -> None:
        self.dialect = dialect
        self.default = DEFAULTS.get(dialect, "")
        self.current = ""
        self.tables: dict[TableKey, Table] = {}
        self.types: dict[TableKey, UserType] = {}
        self.functions: dict[str, tuple[str, str]] = {}  # name → (statement, body)
        self.sequences: dict[TableKey, str] = {}
        self.prelude: list[tuple[str, str]] = []  # (kind, statement)
        self.folding: set[str] = set()  # collations that are not deterministic
        self.indexes: dict[str, TableKey] = {}  # lower-case name → table
        self.remarks: list[tuple[str, Remark]] = []
        self.passed: set[str] = set()  # temporary tables, so that their data is no surprise
        self.spelled: dict[str, str] = {}

    # ---- names --------------------------------------------------------------------------------------
    def fold(self, name: str) -> str:
        """A name as it is compared."""
        return name if self.dialect == "postgresql" else name.lower()

    def space(self, parts: tuple[str, ...]) -> str:
        """The namespace that a qualified name says, "" for the default one."""
        if len(parts) < 2:
            return self.current
        name = parts[-2]
        if self.dialect in MYSQL and not self.default:
            self.default = name  # the first database named is the one that need not be written
        return "" if self.fold(name) == self.fold(self.default) else name

    def key(self, parts: tuple[str, ...]) -> TableKey:
        """The key of a name that is being made."""
        return TableKey(self.fold(self.space(parts)), self.fold(parts[-1]))

    def use(self, name: str) -> None:
        """Make ``name`` the namespace of unqualified names."""
        if self.dialect in MYSQL and not self.default:
            self.default = name
        self.current = "" if self.fold(name) == self.fold(self.default) else name

    def full(self, space: str, name: str) -> str:
        """An entity's full name."""
        return f"{space}.{name}" if space else name

    def find(self, parts: tuple[str, ...], space: str | None = None) -> Table | None:
        """The table or view of that name: in its namespace, else in the default one, else the only one."""
        return self._find(self.tables, parts, space)

    def find_type(self, parts: tuple[str, ...]) -> UserType | None:
        """The user-defined type of that name."""
        return self._find(self.types, parts, None)

    def _find(self, where: dict[TableKey, T], parts: tuple[str, ...], space: str | None) -> T | None:
        name = self.fold(parts[-1])
        if len(parts) > 1:
            return where.get(self.key(parts))
        here = self.fold(self.current if space is None else space)
        found = where.get(TableKey(here, name)) or where.get(TableKey("", name))
        if found is not None:
            return found
        everywhere = [t for k, t in where.items() if k.name == name] if self.dialect == "postgresql" else []
        return everywhere[0] if len(everywhere) == 1 else None

    def column(self, table: Table, name: str) -> Column | None:
        """A column by name, as the dialect compares names of columns."""
        return table.columns.get(self.fold(name))

    # ---- remarks ------------------------------------------------------------------------------------
    def remark(self, line: int, text: str, severity: str = "warning", entity: str = "") -> None:
        """Something to tell the user."""
        self.remarks.append((entity, Remark(f"line {line}" if line else entity, text, severity)))

    # ---- default names ------------------------------------------------------------------------------
    def choose(self, table: Table, columns: tuple[str, ...], label: str) -> str:
        """The name that the server gives an unnamed constraint."""
        taken = table.names()
        match self.dialect:
            case "mysql" | "mariadb":
                return _mysql_name(table, columns, label, taken, self.dialect)
            case "sqlite":
                return _sqlite_name(table, columns, label)
            case _:
                return numbered(
                    table.name, "" if label == "pkey" and self.dialect != "duckdb" else "_".join(columns), label, taken
                )

    # ---- renaming -----------------------------------------------------------------------------------
    def rename_in(self, text: str, old: str, new: str) -> str:
        """``text`` with the column ``old`` called ``new``."""
        out, last = [], 0
        for token in cut(text, self.dialect):
            if token.kind in (TokenKind.WORD, TokenKind.NAME) and self.fold(stored(token, self.dialect)) == self.fold(
                old
            ):
                out += [text[last : token.start], quote(new, self.dialect)]
                last = token.end
        return "".join(out) + text[last:]

    def unqualified(self, text: str) -> str:
        """An expression without the name of the default namespace, as the live server prints it."""
        if self.dialect != "postgresql" or self.default not in text:
            return text
        text = _QUALIFIED_SEQUENCE.sub(r"'\1'", text)
        out, last, stream = [], 0, cut(text, self.dialect)
        for i, token in enumerate(stream[:-1]):
            named = token.kind in (TokenKind.WORD, TokenKind.NAME) and stored(token, self.dialect) == self.default
            if named and stream[i + 1].text == "." and (i == 0 or stream[i - 1].text != "."):
                out.append(text[last : token.start])
                last = stream[i + 1].end
        return "".join(out) + text[last:]

    def mentions(self, text: str, table: Table) -> tuple[str, ...]:
        """The columns of ``table`` that ``text`` speaks of, in order."""
        found: dict[str, None] = {}
        for token in cut(text, self.dialect):
            if token.kind in (TokenKind.WORD, TokenKind.NAME):
                column = self.column(table, stored(token, self.dialect))
                if column is not None:
                    found[column.name] = None
        return tuple(found)


def numbered(table: str, columns: str, label: str, taken: set[str]) -> str:
    """PostgreSQL's ChooseConstraintName: table_columns_label, then …1, …2."""
    number = 0
    while True:
        name = _shortened(table, columns, label + (str(number) if number else ""))
        if name not in taken:
            return name
        number += 1


def _shortened(first: str, second: str, label: str) -> str:
    """PostgreSQL's makeObjectName: the longer of the two names is cut until all fits."""
    room = NAME_BYTES - len(label.encode()) - 1 - (1 if second else 0)
    one, two = first.encode(), second.encode()
    while len(one) + len(two) > room:
        if len(one) > len(two):
            one = one[:-1]
        else:
            two = two[:-1]
    parts = [one.decode("utf-8", "ignore"), two.decode("utf-8", "ignore"), label]
    return "_".join(p for i, p in enumerate(parts) if p or i != 1)


def _mysql_name(table: Table, columns: tuple[str, ...], label: str, taken: set[str], dialect: str) -> str:
    match label:
        case "pkey":
            return "PRIMARY"
        case "fkey":
            numbers = [int(m[1]) for n in taken if (m := re.fullmatch(re.escape(table.name) + r"_ibfk_(\d+)", n))]
            return f"{table.name}_ibfk_{max(numbers, default=0) + 1}"
        case "check":
            stem = "CONSTRAINT_" if dialect == "mariadb" else f"{table.name}_chk_"
            number = 1
            while f"{stem}{number}" in taken:
                number += 1
            return f"{stem}{number}"
        case _:
            name, number = columns[0] if columns else "functional_index", 2
            base = name
            while name in taken:
                name, number = f"{base}_{number}", number + 1
            return name


def _sqlite_name(table: Table, columns: tuple[str, ...], label: str) -> str:
    match label:
        case "pkey":
            return "primary key"
        case "key":
            automatic = [u for u in table.uniques if not u.noun.index and not _is_rowid(table, u.noun)]
            return f"sqlite_autoindex_{table.name}_{len(automatic) + 1}"
        case "fkey":
            return f"{table.name}_{'_'.join(columns)}_fkey"
        case _:
            return f"{table.name}_{columns[0]}_check" if columns else f"{table.name}_check{len(table.checks) + 1}"


def _is_rowid(table: Table, unique: Unique) -> bool:
    """Whether a primary key is the rowid under another name, and so has no index."""
    alone = unique.primary and len(unique.columns) == 1 and "without_rowid" not in table.options
    return alone and any(
        c.name == unique.columns[0] and c.type_text.upper() == "INTEGER" for c in table.columns.values()
    )


def plain(columns: tuple[str, ...]) -> tuple[KeyPart, ...]:
    """Key parts that are whole columns."""
    return tuple(KeyPart(column=c) for c in columns)


def renamed_unique(unique: Unique, old: str, new: str) -> Unique:
    """``unique`` over a renamed column."""
    parts = tuple(msgspec.structs.replace(p, column=new) if p.column == old else p for p in unique.parts)
    return msgspec.structs.replace(unique, parts=parts)
