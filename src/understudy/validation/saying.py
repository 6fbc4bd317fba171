"""A rule's words for an engine that speaks another dialect: parsed by sqlglot, mended where dialects differ in
meaning and not only in words, or refused with the reason. What would change its truth is never guessed at.

Columns of kinds that travel as text (ranges, networks, shapes …) may only be tested for null here: their own
operators live in the server, and the same names mean other things on text (``lower`` of a range).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from understudy.model.schema import Entity, Field, Schema
from understudy.types import Kind, Type
from understudy.validation.duck_types import duck_type
from understudy.validation.questions import CannotSayError

SQLGLOT = {"postgresql": "postgres", "mysql": "mysql", "mariadb": "mysql", "sqlite": "sqlite", "duckdb": "duckdb"}

STAND_INS = frozenset(
    {
        Kind.RANGE,
        Kind.MULTIRANGE,
        Kind.NETWORK,
        Kind.GEOMETRIC,
        Kind.SPATIAL,
        Kind.SEARCH,
        Kind.XML,
        Kind.OPAQUE,
        Kind.BITS,
        Kind.UNION,
    }
)
"""Kinds whose values are text here, but not text in the server."""

FOREIGN_TEXT = frozenset({"hstore", "ltree", "lquery", "ltxtquery", "cube", "isbn", "isbn13", "issn", "ean13", "upc"})
"""Variants of TEXT with operators of their own."""

SQLITE_TIME = frozenset({"date", "time", "datetime", "julianday", "strftime", "unixepoch", "timediff"})
"""SQLite's functions on its date texts: the same names elsewhere take and give dates."""

SQLITE_CLASSES = {
    Kind.INTEGER: "integer",
    Kind.BOOLEAN: "integer",
    Kind.YEAR: "integer",
    Kind.FLOAT: "real",
    Kind.BINARY: "blob",
    Kind.TEXT: "text",
}
"""What SQLite's typeof says of a value that was accepted as this kind."""

JSON_WORDS = {
    "OBJECT": "object", "ARRAY": "array", "VARCHAR": "text", "BIGINT": "integer", "UBIGINT": "integer",
    "HUGEINT": "integer", "DOUBLE": "real", "NULL": "null",
}  # fmt: skip
MYSQL_JSON_WORDS = {**JSON_WORDS, "VARCHAR": "string", "DOUBLE": "double", "BOOLEAN": "boolean"}

CLASSES = {
    "[:alpha:]": r"\p{L}",
    "[:alnum:]": r"\p{L}\p{Nd}",
    "[:upper:]": r"\p{Lu}",
    "[:lower:]": r"\p{Ll}",
    "[:digit:]": r"\p{Nd}",
}
"""Named classes of POSIX expressions: PostgreSQL reads them by locale, DuckDB's engine (RE2) as ASCII."""

NUMERIC = "DECIMAL(38, 12)"
"""A numeric without digits: DuckDB's own default keeps three decimals only."""


def sayer(schema: Schema, dialect: str) -> Callable[[Entity, str], str]:
    """A function (entity, text) → text in ``dialect``; it raises CannotSayError."""
    mysql = ("mysql", "mariadb")
    if schema.dialect == dialect or (schema.dialect in mysql and dialect in mysql):
        return lambda _entity, text: text
    named = named_types(schema)
    return lambda entity, text: _Translation(entity, schema.dialect, dialect, named).of(text)


def named_types(schema: Schema) -> dict[str, Type]:
    """User-defined type name → the logical type of a column of it, as far as columns show it."""
    found: dict[str, Type] = {}
    for field in (f for e in schema.entities for f in e.fields):
        for name in (field.type.name, field.domain):
            if name:
                found.setdefault(name.casefold(), field.type)
                found.setdefault(name.rsplit(".", 1)[-1].strip('"').casefold(), field.type)
    return found


class _Translation:
    def __init__(self, entity: Entity, source: str, target: str, named: dict[str, Type]) -> None:
        self.source, self.target, self.named = source, target, named
        self.fields = {f.name: f for f in entity.fields}
        self.folded = {f.name.casefold(): f for f in entity.fields}

    def of(self, text: str) -> str:
        import sqlglot
        from sqlglot import exp
        from sqlglot.errors import ErrorLevel, SqlglotError

        try:
            tree = sqlglot.parse_one(text, read=SQLGLOT.get(self.source, "postgres"))
            if isinstance(tree, exp.Command) or tree.find(exp.Query):
                raise CannotSayError("its text is no plain condition on one row")
            whole = exp.Paren(this=tree)
            for node in reversed(list(whole.walk())):  # children first, so that a parent is written from mended ones
                mended = node if node is whole else self._mend(node)
                if mended is not node:
                    node.replace(mended)
            return str(whole.sql(dialect=SQLGLOT[self.target], unsupported_level=ErrorLevel.RAISE))
        except (SqlglotError, RecursionError, ValueError) as e:
            raise CannotSayError(f"its text cannot be translated ({str(e).splitlines()[0][:120]})") from e

    # ---- nodes --------------------------------------------------------------------------------------
    def _mend(self, node: Any) -> Any:
        from sqlglot import exp

        if isinstance(node, exp.Column):
            return self._column(node)
        if self.target == "duckdb":
            return self._duckdb(node)
        return node

    def _column(self, node: Any) -> Any:
        from sqlglot import exp

        field = self._field(node)
        if field is None:
            if self.source == "sqlite" and node.this.quoted:  # SQLite reads "words" that are no column as text
                return exp.Literal.string(node.name)
            return node
        foreign = field.type.kind in STAND_INS or field.type.variant in FOREIGN_TEXT
        if foreign and not _null_test(node):
            raise CannotSayError(
                f"{field.name} is {field.type.variant or field.type.kind.value}, which only its server judges"
            )
        return exp.column(exp.to_identifier(field.name, quoted=True))

    def _field(self, node: Any) -> Field | None:
        name = node.name
        exact = node.this.quoted and self.source in ("postgresql", "")
        return self.fields.get(name) or (None if exact else self.folded.get(name.casefold()))

    def _duckdb(self, node: Any) -> Any:
        from sqlglot import exp

        match node:
            case exp.Anonymous() | exp.Func() if (made := self._function(node)) is not None:
                return made
            case exp.Cast():
                return self._cast(node)
            case exp.Like():
                return self._like(node)
            case exp.Glob() if self.source == "sqlite":
                return self._glob(node)
            case exp.JSONType() if self.source in ("sqlite", "mysql", "mariadb") and not node.args.get("expression"):
                return self._json_type(node)
            case exp.Div() if (
                self.source not in ("mysql", "mariadb") and self._whole(node.this) and self._whole(node.expression)
            ):
                return exp.IntDiv(this=node.this, expression=node.expression)
            case exp.RegexpLike() | exp.RegexpILike():
                return self._pattern(node)
        return node

    def _function(self, node: Any) -> Any:
        from sqlglot import exp

        name = (node.name if isinstance(node, exp.Anonymous) else node.sql_name()).lower()
        arguments = node.expressions if isinstance(node, exp.Anonymous) else [node.this] if node.this else []
        if self.source == "sqlite" and name in SQLITE_TIME:
            raise CannotSayError(f"SQLite's {name}() reads texts, which other engines do not")
        match name:
            case "num_nonnulls" | "num_nulls":
                test = "IS NOT NULL" if name == "num_nonnulls" else "IS NULL"
                return _raw(" + ".join(f"CAST(({a.sql(dialect='duckdb')}) {test} AS INTEGER)" for a in arguments))
            case "octet_length" | "byte_length" if arguments and not self._binary(arguments[0]):
                return exp.Anonymous(this="strlen", expressions=arguments)
            case "typeof" if self.source == "sqlite" and arguments:
                return self._sqlite_class(arguments[0])
            case "array_length" | "array_size" if self.source == "postgresql" and arguments:
                return _raw(f"nullif(len({arguments[0].sql(dialect='duckdb')}), 0)")
            case "length" | "char_length" if self.source in ("sqlite", "mysql", "mariadb") and not self._textual(
                node.this
            ):
                return _raw(f"length(CAST({node.this.sql(dialect='duckdb')} AS VARCHAR))")
        return None

    def _sqlite_class(self, argument: Any) -> Any:
        from sqlglot import exp

        field = self._field(argument) if isinstance(argument, exp.Column) else None
        word = SQLITE_CLASSES.get(field.type.kind) if field else None
        if word is None:
            raise CannotSayError("typeof() of this value is known to SQLite only")
        return _raw(f"CASE WHEN {argument.sql(dialect='duckdb')} IS NULL THEN 'null' ELSE '{word}' END")

    def _cast(self, node: Any) -> Any:
        from sqlglot import exp

        kind = node.args["to"]
        if kind.this == exp.DataType.Type.DECIMAL and not kind.expressions:
            return exp.Cast(this=node.this, to=exp.DataType.build(NUMERIC, dialect="duckdb"))
        if kind.this == exp.DataType.Type.USERDEFINED:
            said = kind.sql(dialect="postgres").replace('"', "").casefold()
            known = self.named.get(said) or self.named.get(said.rsplit(".", 1)[-1])
            if known is None:
                raise CannotSayError(f"the type {said} is known to its server only")
            return _raw(f"CAST({node.this.sql(dialect='duckdb')} AS {duck_type(known)})")
        return node

    def _like(self, node: Any) -> Any:
        """DuckDB's LIKE has no escape of its own; SQLite's and folded columns' know no case."""
        from sqlglot import exp

        caseless = self.source == "sqlite" or self._folds(node)
        made = (exp.ILike if caseless else exp.Like)(this=node.this, expression=node.expression)
        escapes = self.source in ("postgresql", "mysql", "mariadb", "") and "\\" in node.expression.sql()
        if isinstance(node.parent, exp.Escape) or not escapes:
            return made
        return exp.Escape(this=made, expression=exp.Literal.string("\\"))

    def _glob(self, node: Any) -> Any:
        """SQLite excludes characters with ``[^…]``, DuckDB with ``[!…]``."""
        from sqlglot import exp

        literal = node.expression
        if not isinstance(literal, exp.Literal):
            raise CannotSayError("its pattern is not a constant")
        words = literal.this.replace("[^", "[!")
        return node if words == literal.this else exp.Glob(this=node.this, expression=exp.Literal.string(words))

    def _json_type(self, node: Any) -> Any:
        """The words that SQLite and MySQL have for DuckDB's types of JSON values."""
        words = JSON_WORDS if self.source == "sqlite" else {k: w.upper() for k, w in MYSQL_JSON_WORDS.items()}
        subject = node.this.sql(dialect="duckdb")
        whens = " ".join(f"WHEN '{k}' THEN '{w}'" for k, w in words.items())
        return _raw(f"CASE json_type({subject}) {whens} ELSE lower(json_type({subject})) END")

    def _pattern(self, node: Any) -> Any:
        """Regular expressions for RE2: classes that PostgreSQL reads by locale, and folded columns."""
        from sqlglot import exp

        pattern = node.expression
        literal = next((x for x in pattern.find_all(exp.Literal) if x.is_string), None)
        if literal is None:
            raise CannotSayError("its pattern is not a constant")
        flags = "i" if isinstance(node, exp.RegexpILike) or self._folds(node) else ""
        words = exp.Literal.string(re2(literal.this))
        arguments = [node.this, words, *([exp.Literal.string(flags)] if flags else [])]
        return exp.Anonymous(this="regexp_matches", expressions=arguments)

    # ---- what columns are ---------------------------------------------------------------------------
    def _kinds(self, node: Any) -> list[Field | None]:
        from sqlglot import exp

        return [self._field(c) for c in node.find_all(exp.Column)]

    def _folds(self, node: Any) -> bool:
        return any(f is not None and f.type.folded for f in self._kinds(node))

    def _binary(self, node: Any) -> bool:
        return any(f is not None and f.type.kind is Kind.BINARY for f in self._kinds(node))

    def _textual(self, node: Any) -> bool:
        return all(f is None or f.type.kind in (Kind.TEXT, Kind.BINARY) for f in self._kinds(node))

    def _whole(self, node: Any) -> bool:
        """Whether an operand is a whole number for certain."""
        from sqlglot import exp

        match node:
            case exp.Paren() | exp.Neg():
                return self._whole(node.this)
            case exp.Literal():
                return bool(node.is_int)
            case exp.Column():
                field = self._field(node)
                return field is not None and field.type.kind is Kind.INTEGER
            case exp.Add() | exp.Sub() | exp.Mul() | exp.Mod():
                return self._whole(node.this) and self._whole(node.expression)
            case exp.Length():
                return True
        return False


def re2(pattern: str) -> str:
    """A POSIX or PostgreSQL pattern in RE2's words.

    >>> re2("^[[:alpha:]_]+$")
    '^[\\\\p{L}_]+$'
    """
    for name, class_ in CLASSES.items():
        pattern = pattern.replace(name, class_)
    if re.search(r"\\[mMyYAZ]|\(\?[=!<]|\\[1-9]", pattern):
        raise CannotSayError("its pattern uses what only PostgreSQL's expressions know")
    return re.sub(r"\\w(?![^\[]*\])", r"[\\p{L}\\p{Nd}_]", pattern)


def _null_test(node: Any) -> bool:
    """Whether a column stands under IS NULL (or counts nulls) and nowhere else."""
    from sqlglot import exp

    parent = node.parent
    while isinstance(parent, exp.Paren):
        parent = parent.parent
    if isinstance(parent, exp.Anonymous):
        return parent.name.lower() in ("num_nulls", "num_nonnulls")
    return isinstance(parent, exp.Is) and isinstance(parent.expression, exp.Null)


def _raw(sql: str) -> Any:
    """Text that is DuckDB's already."""
    from sqlglot import exp

    return exp.Paren(this=exp.Var(this=sql))
