"""The body of a function as one expression: SQL's query, or PL/pgSQL's statements followed on every way at once."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

from understudy.model.expression import Case, Column, Const, Node, Part, When
from understudy.rules import times_read
from understudy.rules.coercion import NotUnderstoodError
from understudy.rules.routines import Routine
from understudy.rules.translating import Translator
from understudy.rules.trees import FALSE, NULL, TRUE, both, call, negation, walk
from understudy.types import Type

DEEPEST = 6
"""Calls within calls that are followed."""

WIDEST = 400
"""Nodes of a body's expression."""

_TOKEN = re.compile(r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|--[^\n]*|/\*.*?\*/|\w+|:=|<>|[<>!=]=|\s+|.", re.DOTALL)
Statement: TypeAlias = tuple[Any, ...]


class Scope(Translator):
    """A body's translation: ``bound`` are parameters and variables, ``row`` the columns of the table that is asked."""

    def __init__(self, outer: Translator, bound: Mapping[str, Node], depth: int) -> None:
        super().__init__(outer.dialect, outer.types, outer.known)
        self.bound = dict(bound)
        self.row: dict[str, Node] = {}
        self.depth = depth

    def _column(self, e: Any) -> Node:
        name = e.name.lower()
        found = self.row.get(name) if name in self.row else self.bound.get(name)
        if found is not None:
            return found
        word = times_read.WORDS.get(name)
        if word is not None:
            return word
        raise NotUnderstoodError(e.name)


def inlined(t: Translator, routine: Routine, args: Sequence[Any]) -> Node:
    """A call of a function of the schema as what its body says. Raises NotUnderstoodError."""
    depth = getattr(t, "depth", 0) + 1
    if depth > DEEPEST or len(args) != len(routine.parameters):
        raise NotUnderstoodError(routine.name)
    values = t.values(*args)
    bound = dict(zip(routine.parameters, values, strict=True))
    bound |= {f"${i}": v for i, v in enumerate(values, 1)}
    scope = Scope(t, bound, depth)
    node = _query(scope, routine.body) if routine.language == "sql" else _procedure(scope, routine.body)
    if sum(1 for _ in walk(node)) > WIDEST:
        raise NotUnderstoodError(routine.name)
    return node


# ---- queries ---------------------------------------------------------------------------------------
def _parsed(scope: Translator, text: str) -> Any:
    import sqlglot
    from sqlglot.errors import SqlglotError

    try:
        return sqlglot.parse_one(text, dialect=scope.dialect)
    except SqlglotError as error:
        raise NotUnderstoodError(text) from error


def _query(scope: Scope, text: str) -> Node:
    statements = [s for s in _split(text) if s.strip()]
    if len(statements) != 1:
        raise NotUnderstoodError("several statements")
    return selected(scope, _parsed(scope, statements[0]))


def _split(text: str) -> list[str]:
    parts = [""]
    for token in _TOKEN.findall(text):
        if token == ";":
            parts.append("")
        elif not token.startswith(("--", "/*")):
            parts[-1] += token
    return parts


def selected(scope: Translator, select: Any) -> Node:
    """The one value of a query: an expression, or a column of the row that a foreign key chooses."""
    if select.key != "select" or len(select.expressions) != 1:
        raise NotUnderstoodError("a query")
    said = {n for n, v in select.args.items() if v}
    if not said - {"expressions"}:
        return scope.value(select.expressions[0])
    inner, there, holds = _chosen(scope, select)
    wanted = select.expressions[0]
    while wanted.key == "alias":
        wanted = wanted.this
    if wanted.key == "count":
        return Case((When(both(there, holds), Const(1)),), Const(0))
    value = inner.value(wanted)
    return value if holds == TRUE else Case((When(both(there, holds), value),), NULL)


def exists(scope: Translator, select: Any) -> Node:
    """``EXISTS (SELECT … FROM parent WHERE key = column AND …)``."""
    _, there, holds = _chosen(scope, select)
    return both(there, call("is_true", holds)) if holds != TRUE else there


def _chosen(scope: Translator, select: Any) -> tuple[Scope, Node, Node]:
    """The scope in which the parent's columns are known; whether there is one; what else is asked of it."""
    said = {n for n, v in select.args.items() if v} - {"expressions", "from", "from_", "where", "limit", "kind"}
    source = select.args.get("from") or select.args.get("from_")
    where = select.args.get("where")
    if said or source is None or where is None or source.this.key != "table":
        raise NotUnderstoodError("a query of more than one table")
    name = source.this.name
    space = source.this.db
    columns = next((scope.known.tables[n] for n in (f"{space}.{name}", name) if n in scope.known.tables), None)
    table = next((n for n in (f"{space}.{name}", name) if n in scope.known.tables), "")
    if columns is None:
        raise NotUnderstoodError(name)
    conditions = list(where.this.flatten()) if where.this.key == "and" else [where.this]
    pairs: list[tuple[str, str]] = []
    rest = []
    for condition in (_bare(c) for c in conditions):
        pair = _pair(scope, condition, columns)
        if pair is None:
            rest.append(condition)
        else:
            pairs.append(pair)
    if not pairs:
        raise NotUnderstoodError("a query that names no row")
    inner = Scope(scope, getattr(scope, "bound", {}), getattr(scope, "depth", 0))
    path = (f"→{table}", "|".join(f"{a}={b}" for a, b in sorted(pairs)))
    first = sorted(pairs)[0][1]
    inner.row = {c.lower(): Part(Column(first), (*path, c), kind) for c, kind in columns.items()}
    there = both(*(negation(call("is_null", Column(b))) for _, b in pairs))
    return inner, there, both(*(inner.condition_of(c) for c in rest))


def _bare(e: Any) -> Any:
    while e.key == "paren":
        e = e.this
    return e


def _pair(scope: Translator, e: Any, columns: Mapping[str, Type]) -> tuple[str, str] | None:
    """``parent column = own column``."""
    if e.key != "eq":
        return None
    for one, other in ((e.this, e.expression), (e.expression, e.this)):
        name = next((c for c in columns if one.key == "column" and c.casefold() == one.name.casefold()), None)
        if name is None:
            continue
        try:
            value = scope.value(other)
        except NotUnderstoodError:
            continue
        if isinstance(value, Column) and value.name in scope.types:
            return name, value.name
    return None


# ---- statements ------------------------------------------------------------------------------------
def _procedure(scope: Scope, body: str) -> Node:
    tokens = [t for t in _TOKEN.findall(body) if not t.startswith(("--", "/*"))]
    words = [t.lower() for t in tokens]
    if "begin" not in words:
        raise NotUnderstoodError("a body without a beginning")
    begin = words.index("begin")
    for declaration in "".join(tokens[:begin]).split(";"):
        _declare(scope, declaration)
    reader = _Reader(tokens[begin + 1 :])
    return _followed(scope, reader.block())


_DECLARED = re.compile(
    r"\s*(?:declare\s+)?(\w+)\s+(?:constant\s+)?[^:=]+?(?:(?::=|=|default\b)\s*(.*))?$", re.IGNORECASE | re.DOTALL
)


def _declare(scope: Scope, text: str) -> None:
    found = _DECLARED.match(text)
    if found is not None:
        scope.bound[found[1].lower()] = _value(scope, found[2]) if found[2] else NULL


class _Reader:
    """Statements of PL/pgSQL as far as checks use them."""

    def __init__(self, tokens: list[str]) -> None:
        self.tokens, self.at = tokens, 0

    def word(self) -> str:
        while self.at < len(self.tokens) and self.tokens[self.at].isspace():
            self.at += 1
        return self.tokens[self.at].lower() if self.at < len(self.tokens) else ""

    def until(self, *ends: str) -> str:
        text = ""
        level = 0
        while self.at < len(self.tokens):
            token = self.tokens[self.at]
            lowered = token.lower()
            level += (token in "([") - (token in ")]") if len(token) == 1 else 0
            level += lowered == "case"
            if not level and lowered in ends:
                self.at += 1
                return text
            level -= lowered == "end" and level > 0
            text += token
            self.at += 1
        raise NotUnderstoodError("a statement without end")

    def block(self) -> list[Statement]:
        found: list[Statement] = []
        while (word := self.word()) not in ("end", "elsif", "elseif", "else", "exception", ""):
            found.append(self.statement(word))
        return found

    def statement(self, word: str) -> Statement:
        if word == "if":
            return self.choice()
        text = self.until(";").strip()
        lowered = text.lower()
        if word == "return":
            return ("return", text[6:].strip())
        if word == "raise":
            loud = not re.match(r"raise\s+(notice|warning|info|log|debug)\b", lowered)
            return ("raise",) if loud else ("null",)
        if word == "null":
            return ("null",)
        if word in ("select", "perform"):
            return ("select", text)
        if found := re.match(r"(\w+)\s*(?::=|=)\s*(.*)$", text, re.DOTALL):
            return ("assign", found[1].lower(), found[2])
        raise NotUnderstoodError(text)

    def choice(self) -> Statement:
        ways: list[tuple[str, list[Statement]]] = []
        otherwise: list[Statement] = []
        word = self.word()
        while word in ("if", "elsif", "elseif"):
            self.at += 1
            condition = self.until("then")
            ways.append((condition, self.block()))
            word = self.word()
        if word == "else":
            self.at += 1
            otherwise = self.block()
        self.until(";")
        return ("if", ways, otherwise)


def _followed(scope: Scope, statements: list[Statement]) -> Node:
    """What the statements return; FALSE where they raise, null where they end."""
    for number, statement in enumerate(statements):
        rest = statements[number + 1 :]
        match statement:
            case ("return", text):
                return _value(scope, text) if text else NULL
            case ("raise",):
                return FALSE
            case ("assign", name, text):
                scope.bound[name] = _value(scope, text)
            case ("select", text):
                _into(scope, text)
            case ("if", ways, otherwise):
                whens = []
                for condition, inner in ways:
                    test = scope.condition_of(_parsed(scope, f"SELECT {condition}").expressions[0])
                    whens.append(When(test, _followed(_copy(scope), [*inner, *rest])))
                return Case(tuple(whens), _followed(_copy(scope), [*otherwise, *rest]))
    return NULL


def _copy(scope: Scope) -> Scope:
    return Scope(scope, scope.bound, scope.depth)


def _value(scope: Scope, text: str) -> Node:
    return scope.value(_parsed(scope, f"SELECT {text}").expressions[0])


def _into(scope: Scope, text: str) -> None:
    """``SELECT a, b INTO x, y FROM …``; ``PERFORM 1 FROM …``: sets FOUND too."""
    text = re.sub(r"^perform\b", "SELECT", text, flags=re.IGNORECASE)
    found = re.search(r"\bINTO\s+(?:STRICT\s+)?(\w+(?:\s*,\s*\w+)*)", text, re.IGNORECASE)
    names = [n.strip().lower() for n in found[1].split(",")] if found else []
    select = _parsed(scope, text[: found.start()] + text[found.end() :] if found else text)
    said = {n for n, v in select.args.items() if v}
    if said == {"expressions"}:
        scope.bound |= {n: scope.value(e) for n, e in zip(names, select.expressions, strict=False)}
        return
    expressions = list(select.expressions)
    scope.bound["found"] = exists(scope, select)
    for name, expression in zip(names, expressions, strict=False):
        one = select.copy()
        one.set("expressions", [expression.copy()])
        scope.bound[name] = selected(scope, one)
