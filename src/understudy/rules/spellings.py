"""Functions that say what others say: a square root is a power, a part of a split text is what stands before a sign."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from understudy.model.expression import Call, Case, Const, Node, When
from understudy.rules.coercion import NotUnderstoodError, number
from understudy.rules.kinds import kind_of
from understudy.rules.trees import NULL, call
from understudy.types import Kind

if TYPE_CHECKING:
    from understudy.rules.translating import Translator

PRINTABLE = "".join(map(chr, range(1, 128)))
"""Characters by their ASCII number, from 1."""


def _word(node: Node) -> str:
    if isinstance(node, Const) and isinstance(node.value, str):
        return node.value
    raise NotUnderstoodError("a word that is no constant")


def _root(exponent: float) -> Callable[[Translator, Any], Node]:
    return lambda t, e: call("power", number(t.value(e.this), t.types), Const(exponent))


def _logarithm(t: Translator, e: Any) -> Node:
    """LOG(x) to the base of ten (PostgreSQL, DuckDB, SQLite) or natural (MySQL); LOG(base, x)."""
    if e.args.get("expression") is not None:
        base = t.value(e.this)
        if not isinstance(base, Const) or not isinstance(base.value, int | float) or base.value <= 1:
            raise NotUnderstoodError("a base that is no constant")
        return call("/", call("ln", number(t.value(e.expression), t.types)), Const(math.log(base.value)))
    natural = call("ln", number(t.value(e.this), t.types))
    return natural if t.dialect == "mysql" else call("/", natural, Const(math.log(10)))


def _bits(t: Translator, e: Any) -> Node:
    return call("*", call("octet_length", t.text(e.this)), Const(8))


def _split_part(t: Translator, e: Any) -> Node:
    """The n-th piece between the signs; empty where there are fewer."""
    subject, sign, which = t.text(e.this), t.value(e.args["delimiter"]), t.value(e.args["part_index"])
    if not isinstance(which, Const) or not isinstance(which.value, int) or not 1 <= which.value <= 4:
        raise NotUnderstoodError("a piece whose place is no constant")
    width = len(_word(sign))
    for _ in range(which.value - 1):
        at = call("position", sign, subject)
        rest = call("substring", subject, call("+", at, Const(width)))
        subject = Case((When(call(">", at, Const(0)), rest),), Const(""))
    at = call("position", sign, subject)
    return Case((When(call(">", at, Const(0)), call("left", subject, call("-", at, Const(1)))),), subject)


def _translated(t: Translator, e: Any) -> Node:
    node, signs, by = t.text(e.this), _word(t.value(e.args["from_"])), _word(t.value(e.args["to"]))
    if set(by) & set(signs) or len(signs) > 64:
        raise NotUnderstoodError("signs that are exchanged for each other")
    for at, sign in enumerate(signs):
        node = call("replace", node, Const(sign), Const(by[at] if at < len(by) else ""))
    return node


def _padded(t: Translator, e: Any) -> Node:
    fill = e.args.get("fill_pattern")
    parts = (t.text(e.this), t.value(e.expression), Const(" ") if fill is None else t.value(fill))
    if e.args.get("is_left"):
        return Call("lpad", parts)
    return call("reverse", Call("lpad", (call("reverse", parts[0]), *parts[1:])))


def _ascii(t: Translator, e: Any) -> Node:
    return call("position", call("left", t.text(e.this), Const(1)), Const(PRINTABLE))


def _replaced(t: Translator, e: Any) -> Node:
    """REGEXP_REPLACE of every place (PostgreSQL says so by its flag; once otherwise, which is not read)."""
    pattern, by = (
        _word(t.value(e.expression)),
        t.value(e.args["replacement"]) if e.args.get("replacement") else Const(""),
    )
    flags = e.args.get("modifiers")
    mode = _word(t.value(flags)) if flags is not None else "" if t.dialect in ("postgres", "duckdb") else "g"
    if mode != "g" or e.args.get("position") is not None:
        raise NotUnderstoodError("the first place only")
    from understudy.rules.translation import translatable

    if not translatable(pattern):
        raise NotUnderstoodError(pattern)
    return call("regex_replace", t.text(e.this), Const(pattern), by)


def _matches(t: Translator, args: list[Any]) -> Node:
    """``regexp_match(x, pattern)``, as far as its being null goes."""
    return Case((When(t._matched(t.text(args[0]), _word(t.value(args[1]))), Const(1)),), NULL)


def _without_nulls(t: Translator, e: Any) -> Node:
    if t.value(e.expression) != NULL:
        raise NotUnderstoodError("elements taken out")
    return t.value(e.this)


def _top(t: Translator, args: list[Any]) -> Node:
    subject = t.value(args[0])
    kind = kind_of(subject, t.types)
    if kind is None or kind.kind is not Kind.ARRAY or t.value(args[1]) != Const(1):
        raise NotUnderstoodError("a dimension")
    return call("nullif", call("array_length", subject), Const(0))


def _in_zone(t: Translator, e: Any) -> Node:
    """``AT TIME ZONE 'UTC'`` changes no moment here, where all are of that zone."""
    if _word(t.value(e.args["zone"])).lower() not in ("utc", "gmt", "etc/utc", "z", "+00", "+00:00"):
        raise NotUnderstoodError("a zone")
    return t.value(e.this)


KEYED: dict[str, Callable[[Translator, Any], Node]] = {
    "sqrt": _root(0.5), "cbrt": _root(1 / 3), "log": _logarithm, "bitlength": _bits, "splitpart": _split_part,
    "ln": lambda t, e: call("ln", number(t.value(e.this), t.types)), "translate": _translated, "pad": _padded,
    "exp": lambda t, e: call("exp", number(t.value(e.this), t.types)), "unicode": _ascii,
    "initcap": lambda t, e: call("initcap", t.text(e.this)), "ascii": _ascii, "regexpreplace": _replaced,
    "arrayremove": _without_nulls, "attimezone": _in_zone, "pi": lambda t, e: Const(math.pi),
    "bitwisenot": lambda t, e: call("-", call("-", number(t.value(e.this), t.types)), Const(1)),
}  # fmt: skip

NAMED: dict[str, Callable[[Translator, list[Any]], Node]] = {
    "regexp_match": _matches, "regexp_matches": _matches, "array_upper": _top,
    "array_lower": lambda t, a: Case((When(call(">", _top(t, a), Const(0)), Const(1)),), NULL),
    "regexp_like": lambda t, a: t._matched(t.text(a[0]), _word(t.value(a[1]))),
}  # fmt: skip
