"""Constant folding and the few laws of three-valued logic that make trees smaller without changing what they say."""

from __future__ import annotations

from decimal import Decimal

from understudy.errors import UnderstudyError
from understudy.model.expression import Call, Case, Cast, Const, Node, Opaque, When
from understudy.rules.evaluation import EVALUATED, evaluate
from understudy.rules.kinds import PREDICATES, TWO_VALUED
from understudy.rules.trees import FALSE, NULL, TRUE, both, children, either, negation, rebuild
from understudy.types import Kind

FLIPPED = {"=": "<>", "<>": "=", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}
"""The comparison that is true where the other is false."""

_FOLDABLE = EVALUATED - {"and", "or", "not"}


def simplify(node: Node) -> Node:
    """An equal expression, smaller: constants folded, nested conjunctions flat, double negations gone."""
    node = rebuild(node, simplify)
    match node:
        case Call(function="and", args=args):
            return _junction(args, FALSE, TRUE, "and")
        case Call(function="or", args=args):
            return _junction(args, TRUE, FALSE, "or")
        case Call(function="not", args=(inner,)):
            return _negated(inner)
        case Call(function="is_true" | "is_false" as function, args=(inner,)) if _two_valued(inner):
            return inner if function == "is_true" else simplify(negation(inner))
        case Case(branches=branches, otherwise=otherwise):
            return _case(branches, otherwise)
        case Call(function="in", args=(first, *rest)) if len(rest) > 1:
            node = Call("in", (first, *dict.fromkeys(rest)))
    return _folded(node)


def _junction(args: tuple[Node, ...], absorbing: Const, neutral: Const, function: str) -> Node:
    join = both if function == "and" else either
    kept = [a for a in dict.fromkeys(args) if a != neutral]
    if absorbing in kept:
        return absorbing
    flat = join(*kept)
    if not kept:
        return neutral
    again = flat.args if isinstance(flat, Call) and flat.function == function else (flat,)
    return flat if len(again) == len(kept) else join(*dict.fromkeys(again))


def _negated(inner: Node) -> Node:
    match inner:
        case Const(value=None):
            return NULL
        case Const(value=value):
            return Const(not value)
        case Call(function="not", args=(node,)) if _boolean(node):
            return node
        case Call(function=function, args=args) if function in FLIPPED:
            return Call(FLIPPED[function], args)
    return Call("not", (inner,))


def _boolean(node: Node) -> bool:
    return isinstance(node, Call) and node.function in PREDICATES


def _two_valued(node: Node) -> bool:
    """Whether a predicate is certainly never null."""
    match node:
        case Const(value=bool()):
            return True
        case Call(function=function, args=args):
            return function in TWO_VALUED or (function in ("and", "or", "not") and all(map(_two_valued, args)))
    return False


def _case(branches: tuple[When, ...], otherwise: Node) -> Node:
    kept: list[When] = []
    for branch in branches:
        if branch.condition == TRUE:
            otherwise = branch.value
            break
        if not isinstance(branch.condition, Const):
            kept.append(branch)
    return Case(tuple(kept), otherwise) if kept else otherwise


def _folded(node: Node) -> Node:
    foldable = isinstance(node, Cast) or (isinstance(node, Call) and node.function in _FOLDABLE)
    if not foldable or not all(isinstance(c, Const) for c in children(node)):
        return node
    if isinstance(node, Cast) and node.type.kind in (Kind.ARRAY, Kind.BINARY, Kind.DECIMAL, Kind.FLOAT):
        return node
    try:
        return _constant(evaluate(node, {}), node)
    except (UnderstudyError, TypeError, ValueError, OverflowError, AttributeError):
        # The rule is wrong in itself ('x' < 5): the database will say so; the tree stays as it was written.
        return node


def _constant(value: object, node: Node) -> Node:
    match value:
        case Decimal() if Decimal(repr(float(value))) == value:
            return Const(float(value))
        case None | bool() | int() | str():
            return Const(value)
    return node


def understood(node: Node) -> bool:
    """Whether every part of the tree is understood."""
    return not isinstance(node, Opaque) and all(map(understood, children(node)))
