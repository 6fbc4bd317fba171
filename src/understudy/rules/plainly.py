"""Conditions so plain that no parser of SQL is needed: ``price > 0 AND price < 5000``, ``status IN ('new', 'open')``.

Most rules that schemas hold say no more, every dialect reads them alike, and to load a parser of SQL is a fifth of a
small run. Whatever is not plain beyond doubt is left to that parser: this one gives up, and never guesses. Its parts
answer to the same names as sqlglot's (``key``, ``this``, ``expression``, ``args``), so that one translator reads both.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Container
from typing import Any

import msgspec

TOKEN = re.compile(
    r"""\s*(?:(\d+(?:\.\d+)?)(?![\w.])|'([^'\\]*)'(?!')|"(\w+)"|([A-Za-z]\w*)|(<=|>=|<>|!=|[=<>()*,+-]))"""
)
COMPARED = {"=": "eq", "<>": "neq", "!=": "neq", "<": "lt", "<=": "lte", ">": "gt", ">=": "gte"}
SUMS, PRODUCTS = {"+": "add", "-": "sub"}, {"*": "mul"}
QUOTING = ("postgres", "duckdb", "sqlite")
"""Dialects in which double quotes stand around names."""
WORDS = frozenset({"and", "or", "between", "in", "is", "null", "length"})
LONGEST, DEEPEST = 20_000, 50


class NotPlainError(Exception):
    """The text says something that only a parser of its dialect can be sure of."""


class Part(msgspec.Struct):
    """A part of a condition, as sqlglot would give it."""

    key: str
    args: dict[str, Any] = {}
    name: str = ""
    is_string: bool = False
    table: str = ""

    @property
    def this(self) -> Any:
        """The first operand; of literals their words."""
        return self.args.get("this")

    @property
    def expression(self) -> Any:
        """The second operand."""
        return self.args.get("expression")

    @property
    def expressions(self) -> list[Any]:
        """Members of a list."""
        found: list[Any] = self.args.get("expressions", [])
        return found

    def sql(self, **_: Any) -> str:
        """Words of a part that was not understood: they are the parser's to give."""
        raise NotPlainError(self.key)


def plainly(text: str, dialect: str, names: Container[str]) -> Part | None:
    """A condition or formula over columns of these ``names``; None where it is not plain beyond doubt. ``dialect``:
    sqlglot's name."""
    if len(text) > LONGEST or "--" in text or "/*" in text:
        return None
    tokens: list[tuple[str, str]] = []
    at, end = 0, len(text.rstrip())
    while at < end:
        found = TOKEN.match(text, at)
        if found is None or found.lastindex is None:
            return None
        tokens.append((KINDS[found.lastindex], found[found.lastindex]))
        at = found.end()
    try:
        return _Reader(tokens, dialect, names).whole()
    except NotPlainError:
        return None


KINDS = ("", "number", "text", "quoted", "word", "sign")


class _Reader:
    def __init__(self, tokens: list[tuple[str, str]], dialect: str, names: Container[str]) -> None:
        self.tokens, self.dialect, self.names = tokens, dialect, names
        self.at = self.depth = 0

    def whole(self) -> Part:
        found = self._disjunction()
        if self.at < len(self.tokens):
            raise NotPlainError
        return found

    # ---- tokens ---------------------------------------------------------------------------------
    def _peek(self) -> tuple[str, str]:
        return self.tokens[self.at] if self.at < len(self.tokens) else ("", "")

    def _next(self) -> tuple[str, str]:
        found = self._peek()
        self.at += 1
        return found

    def _word(self, word: str) -> bool:
        """Whether that word comes next; it is taken."""
        kind, said = self._peek()
        taken = kind == "word" and said.lower() == word
        self.at += taken
        return taken

    def _sign(self, sign: str) -> None:
        if self._next() != ("sign", sign):
            raise NotPlainError

    # ---- conditions -----------------------------------------------------------------------------
    def _disjunction(self) -> Part:
        self.depth += 1
        if self.depth > DEEPEST:
            raise NotPlainError
        found = self._conjunction()
        while self._word("or"):
            found = _two("or", found, self._conjunction())
        self.depth -= 1
        return found

    def _conjunction(self) -> Part:
        found = self._condition()
        while self._word("and"):
            found = _two("and", found, self._condition())
        return found

    def _condition(self) -> Part:
        left = self._sum()
        kind, said = self._peek()
        if kind == "sign" and said in COMPARED:
            self.at += 1
            return _two(COMPARED[said], left, self._sum())
        if self._word("between"):
            low = self._sum()
            if not self._word("and"):
                raise NotPlainError
            return Part("between", {"this": left, "low": low, "high": self._sum()})
        if self._word("is"):
            if not self._word("null"):
                raise NotPlainError
            return _two("is", left, Part("null"))
        if self._word("in"):
            return Part("in", {"this": left, "expressions": self._listed()})
        return left

    def _listed(self) -> list[Part]:
        self._sign("(")
        found = [self._sum()]
        while self._peek() == ("sign", ","):
            self.at += 1
            found.append(self._sum())
        self._sign(")")
        return found

    # ---- values ---------------------------------------------------------------------------------
    def _sum(self) -> Part:
        return self._chain(SUMS, lambda: self._chain(PRODUCTS, self._factor))

    def _chain(self, signs: dict[str, str], operand: Callable[[], Part]) -> Part:
        found = operand()
        while (said := self._peek())[0] == "sign" and said[1] in signs:
            self.at += 1
            found = _two(signs[said[1]], found, operand())
        return found

    def _factor(self) -> Part:
        kind, said = self._next()
        match kind:
            case "number":
                return Part("literal", {"this": said}, said)
            case "text":
                return Part("literal", {"this": said}, said, is_string=True)
            case "quoted" if self.dialect in QUOTING and said in self.names:
                return _column(said, quoted=True)
            case "word" if said.lower() == "length" and self.dialect != "mysql" and self._peek() == ("sign", "("):
                self.at += 1
                inner = self._sum()
                self._sign(")")
                return Part("length", {"this": inner})
            case "word" if said in self.names and said.lower() not in LOADED and self._peek() != ("sign", "("):
                return _column(said, quoted=False)
            case "sign" if said == "-" and self._peek()[0] == "number":
                return Part("neg", {"this": self._factor()})
            case "sign" if said == "(":
                inner = self._disjunction()
                self._sign(")")
                return Part("paren", {"this": inner})
        raise NotPlainError


def _two(key: str, left: Part, right: Part) -> Part:
    return Part(key, {"this": left, "expression": right})


def _column(name: str, *, quoted: bool) -> Part:
    return Part("column", {"this": Part("identifier", {"this": name, "quoted": quoted}, name)}, name)


LOADED = WORDS | frozenset({
    "all", "any", "array", "as", "asc", "at", "binary", "both", "by", "case", "cast", "check", "collate",
    "column", "constraint", "convert", "create", "cross", "cube", "current", "current_catalog", "current_date",
    "current_role", "current_schema", "current_time", "current_timestamp", "current_user", "date", "datetime",
    "dec", "decimal", "default", "delete", "desc", "distinct", "div", "do", "double", "drop", "else", "end",
    "escape", "except", "exists", "extract", "false", "fetch", "filter", "float", "for", "foreign", "from",
    "full", "function", "glob", "grant", "group", "grouping", "having", "if", "ignore", "ilike", "inner",
    "insert", "int", "integer", "intersect", "interval", "into", "isnull", "join", "json", "kill", "lateral",
    "leading", "left", "like", "limit", "localtime", "localtimestamp", "map", "match", "mod", "natural", "next",
    "not", "notnull", "numeric", "object", "of", "offset", "on", "only", "order", "outer", "over", "overlaps",
    "overlay", "partition", "pivot", "position", "precision", "prior", "qualify", "range", "real", "recursive",
    "references", "regexp", "replace", "respect", "returning", "right", "rlike", "rollup", "row", "rows",
    "schema", "select", "session_user", "set", "show", "similar", "smallint", "some", "struct", "substring",
    "symmetric", "system_user", "table", "tablesample", "then", "time", "timestamp", "timestamptz", "to", "top",
    "trailing", "trim", "true", "truncate", "try_cast", "union", "unique", "unknown", "unnest", "unpivot",
    "update", "use", "user", "using", "value", "values", "varchar", "varying", "view", "when", "where",
    "window", "with", "within", "xor", "year", "zone",
})  # fmt: skip
"""Words that some dialect reads as more than a name."""
