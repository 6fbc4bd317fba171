"""From SQL text to an expression tree, whatever the dialect; what is not understood stays as words, as little as
possible.

sqlglot reads the text (:mod:`.plainly` what is plain beyond doubt), :mod:`.translating` turns its tree into ours.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import msgspec

from understudy.model.expression import Node, Opaque
from understudy.rules.plainly import NotPlainError, plainly
from understudy.rules.routines import NOTHING, Known
from understudy.rules.simplification import simplify
from understudy.rules.translating import Translator
from understudy.rules.trees import both, columns_of, either, opaque_texts
from understudy.types import Type

DIALECTS = {
    "postgresql": "postgres",
    "postgres": "postgres",
    "mysql": "mysql",
    "mariadb": "mysql",
    "sqlite": "sqlite",
    "duckdb": "duckdb",
}
"""Our names of dialects and sqlglot's."""

_QUOTES = frozenset("\"`[]'\\")
"""A name with one of these stands in a text otherwise than as it is."""

_TOKEN = re.compile(r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|`[^`]*`|\w+|[()\[\]]|\s+|.", re.DOTALL)
_CATALOG = re.compile(r"\bOPERATOR\s*\(\s*(?:\"?\w+\"?\s*\.\s*)?([~!@#%^&|`?+*/<>=-]+)\s*\)", re.IGNORECASE)
_CHECK = re.compile(r"CHECK\s*\(", re.IGNORECASE)
_POSITION = re.compile(r"\"position\"\s*\(")
_CHARSET = re.compile(r"(?<![\w`\"'])_(?:utf8mb4|utf8mb3|utf8|latin1|ascii|binary)\s*(?=\\?')", re.IGNORECASE)


class Understood(msgspec.Struct, frozen=True):
    """A rule as a tree; ``columns`` it reads; ``opaque``: the words in it that nobody understood."""

    predicate: Node
    columns: tuple[str, ...]
    opaque: tuple[str, ...]


def understand(text: str, dialect: str, types: Mapping[str, Type], known: Known = NOTHING) -> Understood:
    """The tree of a boolean or scalar SQL expression over columns of one row; never raises, whatever the text.

    ``types``: the table's columns; ``known``: functions of the schema, and the tables
    that they may ask. Numbers in the tree are what they are (1.5 is 1.5); dates are days, times,
    timestamps and intervals microseconds. The moment of execution is ``Column("$now")``, a timestamp that planning
    defines
    by the plan's clock; today is its ``to_date``.
    """
    folded = text.casefold()
    said = tuple((n, t) for n, t in types.items() if n.casefold() in folded or not _QUOTES.isdisjoint(n))
    if bool(said) == bool(types) and "select" not in folded and not any(n in folded for n in known.routines):
        return _alone(text, dialect, said)
    return _understand(text, dialect, types, known)


@lru_cache(4096)
def _alone(text: str, dialect: str, types: tuple[tuple[str, Type], ...]) -> Understood:
    """A text that speaks of nothing but these columns. Schemas say the same of many tables, and reading and planning
    ask for it in turn."""
    return _understand(text, dialect, dict(types), NOTHING)


def _understand(text: str, dialect: str, types: Mapping[str, Type], known: Known) -> Understood:
    words = _prepared(text, dialect)
    node = simplify(_read(words, dialect, types, known, depth=0))
    names = columns_of(node)
    read = tuple(n for n in names if n in types) if types else names
    return Understood(node, read, opaque_texts(node))


def _prepared(text: str, dialect: str) -> str:
    """The text without spellings that sqlglot does not read."""
    words = text.strip().rstrip(";")
    if _CHECK.match(words):  # the word, not a function whose name begins so
        words = words[5:].strip()
    if DIALECTS.get(dialect) == "postgres":
        words = _POSITION.sub("strpos_reversed(", _CATALOG.sub(r"\1", words))
        words = words.replace("<<=", "<@").replace(">>=", "@>")
        words = re.sub(r"\bNOT VALID\s*$|\bNO INHERIT\s*$", "", words, flags=re.IGNORECASE).strip()
    if DIALECTS.get(dialect) == "mysql":
        words = _CHARSET.sub("", words)
        if "\\'" in words and not re.search(r"(?<!\\)'", words):
            words = words.replace("\\'", "'")
    return words


def _read(text: str, dialect: str, types: Mapping[str, Type], known: Known, depth: int) -> Node:
    plain = plainly(text, DIALECTS.get(dialect, "postgres"), types)
    if plain is not None:
        try:
            return Translator(DIALECTS.get(dialect, "postgres"), types, known).predicate(plain)
        except NotPlainError:
            pass  # some of it is not understood: the parser has the words
    import sqlglot
    from sqlglot.errors import SqlglotError

    try:
        statement = sqlglot.parse_one(f"SELECT {text}\n", dialect=DIALECTS.get(dialect, "postgres"))
        tree = _only_expression(statement)
        return Translator(DIALECTS.get(dialect, "postgres"), types, known).predicate(tree)
    except (SqlglotError, RecursionError, ValueError, TypeError, AttributeError, KeyError, IndexError):
        # Whatever a stranger's text does to the parser, its words are kept, and so is every part that can be read.
        return _in_parts(text, dialect, types, known, depth)


def _only_expression(statement: Any) -> Any:
    """The one expression of ``SELECT expression``. Raises ValueError where the text says more than that."""
    said = {name for name, value in statement.args.items() if value}
    if statement.key != "select" or said != {"expressions"} or len(statement.expressions) != 1:
        raise ValueError("not one expression")
    return statement.expressions[0]


def _in_parts(text: str, dialect: str, types: Mapping[str, Type], known: Known, depth: int) -> Node:
    """A text that cannot be read as a whole, split at its outermost OR or AND; else its words."""
    inner = text.strip()
    while (bare := _unwrapped(inner)) is not None:
        inner = bare
    for word, join in (("OR", either), ("AND", both)):
        parts = _split(inner, word)
        if len(parts) > 1 and depth < 8 and all(p.strip() for p in parts):
            return join(*(_read(p, dialect, types, known, depth + 1) for p in parts))
    return Opaque(_with_quoted_names(text, types))


def _split(text: str, word: str) -> list[str]:
    """The text cut at a word outside brackets and strings (an AND of BETWEEN is no cut)."""
    parts, level, between = [""], 0, False
    for token in _TOKEN.findall(text):
        level += (token in "([") - (token in ")]") if len(token) == 1 else 0
        upper = token.upper()
        between = between or (level == 0 and upper == "BETWEEN")
        if level == 0 and upper == word and not (between and word == "AND"):
            parts.append("")
            continue
        if level == 0 and upper == "AND":
            between = False
        parts[-1] += token
    return parts


def _unwrapped(text: str) -> str | None:
    """The text inside one pair of brackets around all of it."""
    if not (text.startswith("(") and text.endswith(")")):
        return None
    level = 0
    tokens = _TOKEN.findall(text)
    for number, token in enumerate(tokens):
        level += (token == "(") - (token == ")")
        if level == 0 and number < len(tokens) - 1:
            return None
    return text[1:-1].strip() if level == 0 else None


def _with_quoted_names(text: str, types: Mapping[str, Type]) -> str:
    """The words, each known column quoted, so that later readers see which columns they speak of."""
    folded = {name.casefold(): name for name in types}

    def quoted(token: str) -> str:
        name = folded.get(token.casefold())
        return token if name is None else '"' + name.replace('"', '""') + '"'

    return "".join(quoted(t) for t in _TOKEN.findall(text))
