"""Constraints of other sources as rules in the words of the schema's own dialect.

A rule made here is met by planning and verified by validation like a CHECK of the database, but nobody enforces it:
``enforced=False``, and no structure carries it.
"""

from __future__ import annotations

import re
from datetime import date, datetime

from understudy.model.evidence import Bounds, Pattern
from understudy.model.rule import Rule
from understudy.types import Kind, Type

FUSED = "fused_"
"""What names of rules begin with that fusion made."""
NUMBERS = frozenset({Kind.INTEGER, Kind.DECIMAL, Kind.FLOAT, Kind.MONEY, Kind.YEAR})
WORDS = frozenset({Kind.TEXT, Kind.ENUM, Kind.UUID})
MYSQL = ("mysql", "mariadb")
PROPERTIES = {
    r"\p{L}": "[:alpha:]",
    r"\p{Letter}": "[:alpha:]",
    r"\p{Alpha}": "[:alpha:]",
    r"\p{Alphabetic}": "[:alpha:]",
    r"\p{Lu}": "[:upper:]",
    r"\p{Ll}": "[:lower:]",
    r"\p{N}": "[:digit:]",
    r"\p{Nd}": "[:digit:]",
    r"\p{P}": "[:punct:]",
    r"\d": "[:digit:]",
    r"\w": "[:alnum:]_",
    r"\s": "[:space:]",
}
"""Classes that PostgreSQL writes otherwise."""


class Speaker:
    """Writes conditions on one column in a dialect (``""``: standard words, as PostgreSQL reads them)."""

    def __init__(self, dialect: str) -> None:
        self.dialect = dialect

    def name(self, column: str) -> str:
        """The column, quoted."""
        if self.dialect in MYSQL:
            return "`" + column.replace("`", "``") + "`"
        return '"' + column.replace('"', '""') + '"'

    def literal(self, value: object, kind: Kind = Kind.TEXT) -> str:
        """A value as SQL writes it."""
        match value:
            case bool():
                return "TRUE" if value else "FALSE"
            case int() | float():
                return repr(value)
            case _:
                text = str(value).replace("'", "''")
                if self.dialect in MYSQL:
                    text = text.replace("\\", "\\\\")
                prefix = {Kind.DATE: "DATE ", Kind.TIMESTAMP: "TIMESTAMP "}.get(kind, "")
                return f"{'' if self.dialect == 'sqlite' else prefix}'{text}'"

    def required(self, column: str) -> str:
        """Never null."""
        return f"{self.name(column)} IS NOT NULL"

    def length(self, column: str, low: int | None, high: int | None) -> str:
        """Between so many characters."""
        call = "char_length" if self.dialect in MYSQL else "length"
        said = f"{call}({self.name(column)})"
        parts = [f"{said} >= {low}"] if low else []
        parts += [f"{said} <= {high}"] if high is not None else []
        return " AND ".join(parts)

    def range(self, column: str, t: Type, bounds: Bounds) -> str:
        """Within bounds; "" where the column's kind has none that can be said."""
        said = self.name(column)
        parts = []
        for value, sign in (
            (bounds.low, ">" + "=" * (not bounds.low_open)),
            (bounds.high, "<" + "=" * (not bounds.high_open)),
        ):
            shown = _bound(value, t)
            if shown is not None:
                parts.append(f"{said} {sign} {self.literal(shown, t.kind)}")
        step = bounds.multiple_of
        if step and t.kind in (Kind.INTEGER, Kind.DECIMAL, Kind.MONEY) and not _implied_step(step, t):
            start = bounds.low if isinstance(bounds.low, int | float) and bounds.low else 0
            over = f"({said} - {start!r})" if start else said
            parts.append(f"{over} % {step!r} = 0")
        return " AND ".join(parts)

    def among(self, column: str, values: tuple[object, ...], t: Type) -> str:
        """One of a set."""
        return f"{self.name(column)} IN ({', '.join(self.literal(v) for v in values)})"

    def pattern(self, column: str, pattern: Pattern) -> str:
        """Matching a regular expression."""
        text = f"^(?:{pattern.text})$" if pattern.whole else pattern.text
        said = self.name(column)
        match self.dialect:
            case "mysql" | "mariadb":  # whatever the column's collation folds, a specification minds case
                return f"CONVERT({said} USING utf8mb4) COLLATE utf8mb4_bin REGEXP {self.literal(text)}"
            case "sqlite":
                return f"{said} REGEXP {self.literal(text)}"
            case "duckdb":
                return f"regexp_matches({said}, {self.literal(text)})"
            case _:
                return f"{said} ~ {self.literal(posix(text))}"


def posix(pattern: str) -> str:
    """An ECMA pattern in PostgreSQL's words: classes of letters by name, the rest is read alike.

    >>> posix(r"^[\\p{L} ]+\\d$")
    '^[[:alpha:] ]+[[:digit:]]$'
    """
    out, at, inside = [], 0, False
    while at < len(pattern):
        known = next((p for p in PROPERTIES if pattern.startswith(p, at)), None)
        if known is not None:
            name = PROPERTIES[known]
            out.append(name if inside else f"[{name}]")
            at += len(known)
            continue
        char = pattern[at]
        if char == "\\" and at + 1 < len(pattern):
            following = pattern[at + 1]
            if inside and following in "[].*+?(){}|$@#%&!~,;:<>=/_ '\"-^":
                out.append(f"\\{following}")
            elif following in "/_@#%&!~,;:<>=\"' ":
                out.append(following)
            else:
                out.append(pattern[at : at + 2])
            at += 2
            continue
        inside = (inside or char == "[") and char != "]"
        out.append(char)
        at += 1
    return "".join(out)


def _implied_step(step: float, t: Type) -> bool:
    if t.kind is Kind.INTEGER:
        return step == 1 or (0 < step < 1)
    scale = t.scale if t.scale is not None else 2 if t.kind is Kind.MONEY else None
    return scale is not None and abs(round(10**scale * step) - 1) == 0 and abs(10**scale * step - 1) < 1e-9


def _bound(value: object, t: Type) -> int | float | str | None:
    """A bound in the column's terms, None where it says nothing about such a column."""
    if value is None:
        return None
    if t.kind in NUMBERS:
        number = _number(value)
        return int(number) if number is not None and number.is_integer() and abs(number) < 2**63 else number
    if t.kind in (Kind.DATE, Kind.TIMESTAMP) and isinstance(value, str):
        try:
            moment = datetime.fromisoformat(value.replace("Z", "+00:00"))
        except ValueError:
            return None
        if t.kind is Kind.DATE:
            return date(moment.year, moment.month, moment.day).isoformat()
        return moment.replace(tzinfo=None).isoformat(sep=" ", timespec="seconds")
    return None


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        return float(value)
    except ValueError:
        return None


def named(table: str, column: str, what: str) -> str:
    """A rule's name: unique in its table, and told apart from the database's own."""
    plain = re.sub(r"\W+", "_", f"{table.rsplit('.', 1)[-1]}_{column}_{what}")
    return f"{FUSED}{plain}"


def rule(table: str, column: str, what: str, text: str, dialect: str) -> Rule:
    """A rule over one column that nobody enforces."""
    return Rule(named(table, column, what), text, (column,), dialect, enforced=False)
