"""What the dialects' ways of declaring types have in common: names, numbers in brackets, zones, collations."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from understudy.sources.database.spelling import Spelling
from understudy.types import Kind, Type

NO_ENUMS: Mapping[str, tuple[str, ...]] = {}

NO_TYPES: Mapping[str, Type] = {}

MYSQL = ("mysql", "mariadb")

INTEGER_BITS = {
    "tinyint": 8,
    "int1": 8,
    "smallint": 16,
    "int2": 16,
    "smallserial": 16,
    "serial2": 16,
    "mediumint": 24,
    "int3": 24,
    "middleint": 24,
    "integer": 32,
    "int": 32,
    "int4": 32,
    "signed": 32,
    "serial": 32,
    "serial4": 32,
    "bigint": 64,
    "int8": 64,
    "bigserial": 64,
    "serial8": 64,
    "long": 64,
}

VARYING_TEXTS = frozenset(
    ["varchar", "character varying", "char varying", "national character varying", "national char varying", "nvarchar"]
)

FIXED_TEXTS = frozenset(["char", "character", "national character", "national char", "nchar", "bpchar"])


class Inner(Protocol):
    """Reads the types inside a type (elements, members) under the same terms."""

    @property
    def dialect(self) -> str:
        """The dialect that is read."""

    def read(self, text: str) -> Type:
        """The type that a text declares."""


def number(written: Spelling, index: int = 0) -> int | None:
    """A number in the brackets, None where there is none."""
    if index >= len(written.arguments):
        return None
    digits = written.arguments[index].split()[0] if written.arguments[index] else ""
    return int(digits) if digits.lstrip("-").isdigit() else None


def zoned(written: Spelling) -> bool:
    """Whether a time is declared with its zone."""
    return written.words[:1] == ("with",) or "local" in written.words


def folds(collation: str, dialect: str) -> bool:
    """Whether text of that collation compares without regard to case ("" is the dialect's default)."""
    name = collation.lower()
    if dialect in MYSQL:
        return not name or name.endswith("_ci") or "_ci_" in name or "_ai_ci" in name
    return name == "nocase" if dialect == "sqlite" else "nocase" in name


def decimal(t: Spelling) -> Type:
    """A decimal of the digits declared, of any digits where none are."""
    precision = number(t)
    return Type(Kind.DECIMAL, precision=precision, scale=None if precision is None else (number(t, 1) or 0))
