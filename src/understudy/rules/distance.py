"""How far a row is from keeping a rule: 0 where it does, less the nearer it comes.

A rule that is false tells a search nothing; how false it is tells where to go. The measures are those of search-based
testing (B. Korel, "Automated software test data generation", IEEE TSE 1990; N. Tracey 1998): a comparison counts what
its sides lack, ``and`` adds, ``or`` takes the nearest.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from understudy.errors import UnderstudyError
from understudy.model.expression import Call, Node
from understudy.rules.evaluation import Row, compare, evaluate
from understudy.rules.trees import columns_of

FAR = 1e9
"""Of a row on which a rule cannot be evaluated."""

OPPOSITE = {"=": "<>", "<>": "=", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}


def distance(node: Node, row: Row, wanted: bool = True) -> float:
    """How far ``node`` is from being ``wanted`` on ``row``; null is as good as true, as in a CHECK."""
    try:
        return _distance(node, row, wanted)
    except (UnderstudyError, ArithmeticError, ValueError, TypeError, IndexError):
        return FAR


def _distance(node: Node, row: Row, wanted: bool) -> float:
    match node:
        case Call(function="not" | "is_false", args=(inner,)):
            return _distance(inner, row, not wanted)
        case Call(function="is_true", args=(inner,)):
            return _distance(inner, row, wanted)
        case Call(function="and" | "or" as word, args=args):
            parts = [_distance(a, row, wanted) for a in args]
            return sum(parts) if (word == "and") == wanted else min(parts)
        case Call(function="in", args=(first, *others)):
            equal = [Call("=", (first, o)) for o in others]
            parts = [_distance(e, row, wanted) for e in equal]
            return (min(parts) if wanted else sum(parts)) if parts else float(wanted)
        case Call(function="=" | "<>" | "<" | "<=" | ">" | ">=" as sign, args=(left, right)):
            a, b = evaluate(left, row), evaluate(right, row)
            return _unknown(node, row) if a is None or b is None else _lacking(sign if wanted else OPPOSITE[sign], a, b)
    value = evaluate(node, row)
    return _unknown(node, row) if value is None else float(bool(value) is not wanted)


def _unknown(node: Node, row: Row) -> float:
    """Of a null: as good as true where a column is null; else a text was not what it is read as."""
    return float(all(row[c] is not None for c in columns_of(node)))


def _lacking(sign: str, a: Any, b: Any) -> float:
    if compare(sign, a, b):
        return 0.0
    if sign == "<>":
        return 1.0
    if isinstance(a, str) and isinstance(b, str):
        return _apart(a, b) if sign == "=" else 1.0
    if isinstance(a, int | float | Decimal) and isinstance(b, int | float | Decimal):
        return abs(float(a) - float(b)) + (sign in ("<", ">"))
    return 1.0


def _apart(a: str, b: str) -> float:
    """Places at which two texts differ, how far the characters are apart there counting a little."""
    places = sum(1.0 + abs(ord(x) - ord(y)) / 1e6 for x, y in zip(a, b, strict=False) if x != y)
    return places + 2.0 * abs(len(a) - len(b))
