"""Members of documents as :class:`Part` nodes, and conditions on whole documents (``@>``, ``?``, JSON paths) as
conditions on their members.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from understudy.model.expression import Column, Const, Node, Part
from understudy.rules.coercion import NotUnderstoodError
from understudy.rules.kinds import BOOLEAN, DECIMAL, INTEGER, TEXT
from understudy.rules.trees import both, call, either, negation
from understudy.types import Kind, Type

if TYPE_CHECKING:
    from understudy.rules.translating import Translator

JSON = Type(Kind.JSON)

LIST = Type(Kind.ARRAY, element=TEXT)

_KEYS = re.compile(r"\$((?:\.(?:\w+|\"[^\"]+\"))*)")

_FILTER = re.compile(
    r"\$(?P<keys>(?:\.\w+)*)\s*(?:\?\s*\(\s*@)?\s*(?P<sign>==|<>|!=|<=|>=|<|>)\s*(?P<value>[^)]+?)\s*\)?$"
)


def member(t: Translator, base: Node, keys: tuple[str, ...], kind: Type) -> Node:
    """The member that ``keys`` lead to, below a document or a part of one."""
    match base:
        case Part(value=value, path=path):
            return Part(value, (*path, *keys), kind)
        case Column(name=name) if (t.types.get(name) or TEXT).kind in (Kind.JSON, Kind.TEXT, Kind.MAP):
            return Part(base, keys, kind)
    raise NotUnderstoodError("a member of what is no document")


def path_of(t: Translator, e: Any) -> tuple[str, ...]:
    """The keys of a JSON path (sqlglot's tree of it, ``'key'``, ``'$.a.b'`` or ``'{a,b}'``)."""
    while e.key in ("paren", "cast"):
        e = e.this
    if e.key == "jsonpath":
        keys = [x for x in e.expressions if x.key != "jsonpathroot"]
        if any(x.key != "jsonpathkey" or not isinstance(x.this, str) for x in keys):
            raise NotUnderstoodError("a place in a list")
        return tuple(x.this for x in keys)
    if e.key != "literal" or not e.is_string:
        raise NotUnderstoodError("a path that is no constant")
    text = str(e.this)
    if text.startswith("$"):
        return _dotted(text)
    if text.startswith("{") and text.endswith("}"):
        return tuple(k.strip().strip('"') for k in text[1:-1].split(",") if k.strip())
    return (text,)


def _dotted(text: str) -> tuple[str, ...]:
    found = _KEYS.fullmatch(text.strip())
    if found is None:
        raise NotUnderstoodError(text)
    return tuple(a or b for a, b in re.findall(r"\.(?:(\w+)|\"([^\"]+)\")", found[1]))


def extract(kind: Type) -> Callable[[Translator, Any], Node]:
    """``->``, ``->>``, ``#>``, ``#>>``, JSON_EXTRACT, JSON_VALUE."""
    return lambda t, e: member(t, t.value(e.this), path_of(t, e.expression), kind)


def called_extract(kind: Type) -> Callable[[Translator, list[Any]], Node]:
    """The same as a function of a document and keys."""

    def handle(t: Translator, args: list[Any]) -> Node:
        keys = tuple(k for a in args[1:] for k in path_of(t, a))
        return member(t, t.value(args[0]), keys, kind)

    return handle


def arrow(t: Translator, e: Any) -> Node:
    """``x -> 'key'`` where sqlglot takes it for a lambda."""
    (name,) = e.expressions
    base: Node = Column(next((c for c in t.types if c.casefold() == name.name.casefold()), name.name))
    return _below(t, base, e.this)


def _below(t: Translator, base: Node, e: Any) -> Node:
    if e.key in ("jsonextract", "jsonextractscalar"):
        inner = _below(t, base, e.this)
        return member(t, inner, path_of(t, e.expression), JSON if e.key == "jsonextract" else TEXT)
    return member(t, base, path_of(t, e), JSON)


def has_key(t: Translator, e: Any) -> Node:
    """``document ? 'key'``; of a list of texts, whether it is an element."""
    return _has(t, t.value(e.this), path_of(t, e.expression)[0])


def _has(t: Translator, base: Node, key: str) -> Node:
    return negation(call("is_null", member(t, base, (key,), JSON)))


def has_keys(join: Callable[..., Node]) -> Callable[[Translator, Any], Node]:
    """``?&`` and ``?|``."""

    def handle(t: Translator, e: Any) -> Node:
        keys = t._elements(e.expression)
        if keys is None:
            raise NotUnderstoodError("a list that is no constant")
        return join(*(_has(t, t.value(e.this), str(k.value)) for k in keys if isinstance(k, Const)))

    return handle


def path_exists(t: Translator, args: list[Any]) -> Node:
    """jsonb_path_exists(document, path), JSON_EXISTS, ``@?``: with a comparison behind the path at most."""
    return _searched(t, t.value(args[0]), args[1])


def path_match(t: Translator, args: list[Any]) -> Node:
    """jsonb_path_match(document, predicate), ``@@``."""
    return _searched(t, t.value(args[0]), args[1])


def _searched(t: Translator, base: Node, e: Any) -> Node:
    while e.key in ("paren", "cast"):
        e = e.this
    text = str(e.this).removeprefix("strict ").removeprefix("lax ").strip()
    if found := _FILTER.fullmatch(text):
        return _compared_member(t, base, _dotted("$" + found["keys"]), found["sign"], found["value"])
    return negation(call("is_null", member(t, base, _dotted(text), JSON)))


def _compared_member(t: Translator, base: Node, keys: tuple[str, ...], sign: str, word: str) -> Node:
    try:
        value = json.loads(word.replace("'", '"'))
    except ValueError as error:
        raise NotUnderstoodError(word) from error
    sign = {"==": "=", "!=": "<>"}.get(sign, sign)
    return t.compared(sign, member(t, base, keys, _json_kind(value)), Const(value))


def _json_kind(value: object) -> Type:
    match value:
        case bool():
            return BOOLEAN
        case int():
            return INTEGER
        case float():
            return DECIMAL
    return TEXT


def contains_document(t: Translator, base: Node, text: str) -> Node:
    """``document @> constant``, member by member."""
    try:
        value = json.loads(text)
    except ValueError as error:
        raise NotUnderstoodError(text) from error
    return _holding(t, base, (), value)


def _holding(t: Translator, base: Node, keys: tuple[str, ...], value: object) -> Node:
    match value:
        case dict():
            inner = [_holding(t, base, (*keys, k), v) for k, v in value.items()]
            return both(*inner) if inner else negation(call("is_null", base))
        case list():
            listed = member(t, base, keys, LIST) if keys else Part(base, (), LIST)
            if not all(isinstance(v, str) for v in value):
                raise NotUnderstoodError("a list of what is no text")
            return both(*(call("array_contains", listed, Const(v)) for v in value))
        case None:
            raise NotUnderstoodError("a member that is null")
    return t.compared("=", member(t, base, keys, _json_kind(value)), Const(value))  # type: ignore[arg-type]


def list_length(t: Translator, args: list[Any]) -> Node:
    """Elements of a list inside a document, or of the document that is one."""
    base = t.value(args[0])
    if len(args) > 1:
        base = member(t, base, path_of(t, args[1]), JSON)
    if isinstance(base, Part):
        return call("array_length", Part(base.value, base.path, LIST))
    if isinstance(base, Column):
        return call("array_length", Part(base, (), LIST))
    raise NotUnderstoodError("the length of what is no document")


def _unquoted(node: Node) -> Node:
    """A member as text."""
    return Part(node.value, node.path, TEXT) if isinstance(node, Part) else node


def _has_paths(t: Translator, args: list[Any]) -> Node:
    """JSON_CONTAINS_PATH(document, 'one' or 'all', path, …)."""
    join = both if str(args[1].this).lower() == "all" else either
    return join(*(negation(call("is_null", member(t, t.value(args[0]), path_of(t, a), JSON))) for a in args[2:]))


KEYED: dict[str, Callable[[Translator, Any], Node]] = {
    "jsonextract": extract(JSON), "jsonbextract": extract(JSON), "jsonextractscalar": extract(TEXT),
    "jsonbextractscalar": extract(TEXT), "jsonvalue": lambda t, e: member(t, t.value(e.this),
    path_of(t, e.args["path"]), TEXT), "lambda": arrow,
    "jsonbcontains": has_key, "jsonbcontainstopkey": has_key, "jsonbcontainsalltopkeys": has_keys(both),
    "jsonbcontainsanytopkeys": has_keys(either),
    "jsonbpathexists": lambda t, e: _searched(t, t.value(e.this), e.expression),
    "matchagainst": lambda t, e: _searched(t, t.value(e.expressions[0]), e.this),
}  # fmt: skip

NAMED: dict[str, Callable[[Translator, list[Any]], Node]] = {
    "jsonb_extract_path": called_extract(JSON), "json_extract_path": called_extract(JSON),
    "jsonb_extract_path_text": called_extract(TEXT), "json_extract_path_text": called_extract(TEXT),
    "json_extract_string": called_extract(TEXT),
    "jsonb_exists": lambda t, a: _has(t, t.value(a[0]), path_of(t, a[1])[0]),
    "json_unquote": lambda t, a: _unquoted(t.value(a[0])), "json_contains_path": _has_paths,
    "jsonb_path_exists": path_exists, "jsonb_path_match": path_match, "json_exists": path_exists,
    "jsonb_array_length": list_length, "json_array_length": list_length, "json_length": list_length,
}  # fmt: skip
