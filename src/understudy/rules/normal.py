"""Rules rewritten so that only AND, OR and small conditions are left, without changing when they are true, false or
null.

CASE becomes guarded alternatives; COALESCE and NULLIF become CASE; equality of conditions becomes two alternatives;
NOT goes
down to the conditions; a test for null of an expression becomes tests for null of columns.
"""

from __future__ import annotations

from collections.abc import Mapping

from understudy.model.expression import Call, Case, Cast, Column, Const, Node, When
from understudy.rules.kinds import PREDICATES, kind_of
from understudy.rules.simplification import FLIPPED, simplify
from understudy.rules.trees import NULL, both, call, children, either, negation, rebuild, walk
from understudy.types import Kind, Type

Types = Mapping[str, Type]

_STRICT = frozenset({
    "+", "-", "*", "abs", "sign", "round", "floor", "ceil", "trunc", "=", "<>", "<", "<=", ">", ">=", "length",
    "octet_length",
    "lower", "upper", "initcap",
    "regex_replace", "exp", "trim", "ltrim", "rtrim", "concat", "substring", "left", "right", "position", "replace",
    "like", "ilike", "glob",
    "regex", "iregex", "starts_with", "year", "month", "day", "hour", "minute", "second", "day_of_week",
    "day_of_year", "epoch",
    "to_date", "to_timestamp", "to_time", "date_trunc", "add_months", "array_length", "json_valid", "bit_and",
    "bit_or", "bit_xor",
})  # fmt: skip
"""Functions that are null exactly where an argument is."""

_COMPARING = frozenset(
    {"=", "<>", "<", "<=", ">", ">=", "in", "like", "ilike", "regex", "iregex", "glob", "starts_with"}
)
LARGEST = 400
"""Nodes of a rewritten rule; a rule that would grow beyond is kept as it is."""


def normal(node: Node, types: Types) -> Node:
    """The rule in negation normal form over small conditions; equal to it in three-valued logic."""
    tree = simplify(_expanded(simplify(node), types))
    if sum(1 for _ in walk(tree)) > LARGEST:
        tree = simplify(node)
    return simplify(_pushed(tree, False, types))


def _expanded(node: Node, types: Types) -> Node:
    """Conditions with CASE, COALESCE, NULLIF inside as alternatives; from the top down."""
    match node:
        case Call(function="and" | "or" | "not" | "is_true" | "is_false", args=args):
            return Call(node.function, tuple(_expanded(a, types) for a in args))
        case Case(branches=branches, otherwise=otherwise) if _is_condition(node, types):
            return _expanded(_guarded(branches, otherwise), types)
        case Call(function="coalesce", args=(first, *rest)) if rest and _is_condition(node, types):
            return _expanded(
                _guarded((When(negation(call("is_null", first)), first),), Call("coalesce", tuple(rest))), types
            )
        case Call(function="coalesce", args=(only,)):
            return _expanded(only, types)
        case Call(function="is_null", args=(inner,)):
            return _null_test(inner, types)
        case Call(function="is_distinct", args=(a, b)):
            return _distinct(a, b, types)
        case Call(function="=" | "<>" as sign, args=(a, b)) if _is_condition(a, types) and _is_condition(b, types):
            return _equivalence(sign, a, b, types)
        case Call(function=function, args=args) if function in _COMPARING:
            lifted = _lifted(function, args, types)
            return node if lifted is None else _expanded(lifted, types)
    return node


def _is_condition(node: Node, types: Types) -> bool:
    match node:
        case Call(function=function) if function in PREDICATES:
            return True
        case Case(branches=branches, otherwise=otherwise):
            values = [v for v in (*(b.value for b in branches), otherwise) if v != NULL]
            return bool(values) and all(_is_condition(v, types) for v in values)
    kind = kind_of(node, types)
    return kind is not None and kind.kind is Kind.BOOLEAN


def _guarded(branches: tuple[When, ...], otherwise: Node) -> Node:
    """CASE as a disjunction: each value under its condition and under none of those before."""
    parts: list[Node] = []
    before: list[Node] = []
    for branch in branches:
        parts.append(both(*before, call("is_true", branch.condition), branch.value))
        before.append(negation(call("is_true", branch.condition)))
    return either(*parts, both(*before, otherwise))


def _lifted(function: str, args: tuple[Node, ...], types: Types) -> Node | None:
    """A comparison with a CASE in an argument as a CASE of comparisons; None where there is none."""
    for place, arg in enumerate(args):
        found = _inner_case(arg)
        if found is None:
            continue
        case, around = found

        def put(value: Node, place: int = place, around: Node = around) -> Node:
            return simplify(Call(function, (*args[:place], _replaced(around, value), *args[place + 1 :])))

        return Case(tuple(When(b.condition, put(b.value)) for b in case.branches), put(case.otherwise))
    return None


_HOLE = Column("$hole")


def _inner_case(node: Node) -> tuple[Case, Node] | None:
    """The first CASE (or COALESCE, NULLIF of simple arguments) inside a scalar, and the scalar with a hole in its
    place."""
    as_case = _as_case(node)
    if as_case is not None:
        return as_case, _HOLE
    if not isinstance(node, Call | Cast):
        return None
    for child in children(node):
        found = _inner_case(child)
        if found is not None:
            done = [False]

            def swap(c: Node, child: Node = child, hole: Node = found[1], done: list[bool] = done) -> Node:
                if c is child and not done[0]:
                    done[0] = True
                    return hole
                return c

            return found[0], rebuild(node, swap)
    return None


def _as_case(node: Node) -> Case | None:
    match node:
        case Case():
            return node
        case Call(function="coalesce", args=(first, *rest)) if rest:
            other = rest[0] if len(rest) == 1 else Call("coalesce", tuple(rest))
            return Case((When(negation(call("is_null", first)), first),), other)
        case Call(function="nullif", args=(a, b)):
            return Case((When(call("=", a, b), NULL),), a)
    return None


def _replaced(around: Node, value: Node) -> Node:
    return value if around == _HOLE else rebuild(around, lambda c: _replaced(c, value))


def _null_test(inner: Node, types: Types) -> Node:
    match inner:
        case Const(value=value):
            return Const(value is None)
        case Call(function="coalesce", args=args):
            return both(*(_null_test(a, types) for a in args))
        case Call(function="is_null" | "is_true" | "is_false" | "is_distinct" | "num_nulls" | "num_nonnulls"):
            return Const(False)
        case Call(function="in", args=(first, *rest)) if all(
            isinstance(r, Const) and r.value is not None for r in rest
        ):
            return _null_test(first, types)
        case Call(function="not", args=(arg,)):
            return _null_test(arg, types)
        case Call(function="greatest" | "least", args=args):
            return both(*(_null_test(a, types) for a in args))
        case Call(function=function, args=args) if function in _STRICT:
            return either(*(_null_test(a, types) for a in args))
        case Case() | Call(function="nullif"):
            case = _as_case(inner)
            assert case is not None
            tests = tuple(When(b.condition, _null_test(b.value, types)) for b in case.branches)
            return _expanded(_guarded(tests, _null_test(case.otherwise, types)), types)
    return call("is_null", inner)


def _distinct(a: Node, b: Node, types: Types) -> Node:
    if isinstance(b, Const) and b.value is not None:
        return either(_null_test(a, types), call("is_true", _expanded(call("<>", a, b), types)))
    one, other = _null_test(a, types), _null_test(b, types)
    return either(
        both(one, negation(other)), both(negation(one), other), call("is_true", _expanded(call("<>", a, b), types))
    )


def _equivalence(sign: str, a: Node, b: Node, types: Types) -> Node:
    if isinstance(a, Column) and isinstance(b, Column):
        return Call(sign, (a, b))
    if isinstance(b, Const) and isinstance(b.value, bool):
        return _expanded(a if b.value == (sign == "=") else negation(a), types)
    if isinstance(a, Const) and isinstance(a.value, bool):
        return _equivalence(sign, b, a, types)
    one, other = _expanded(a, types), _expanded(b if sign == "=" else negation(b), types)
    return either(both(one, other), both(negation(one), negation(other)))


def _pushed(node: Node, negate: bool, types: Types) -> Node:
    """NOT pushed down to the conditions."""
    match node:
        case Const(value=bool() as value):
            return Const(value != negate)
        case Const(value=None):
            return node
        case Call(function="and" | "or" as function, args=args):
            join = both if (function == "and") != negate else either
            return join(*(_pushed(a, negate, types) for a in args))
        case Call(function="not", args=(inner,)):
            return _pushed(inner, not negate, types)
        case Call(function="is_true" | "is_false" as function, args=(inner,)):
            positive = _pushed(inner, function == "is_false", types)
            return negation(call("is_true", positive)) if negate else call("is_true", positive)
        case Call(function=function, args=args) if negate and function in FLIPPED:
            return Call(FLIPPED[function], args)
    return negation(node) if negate else node
