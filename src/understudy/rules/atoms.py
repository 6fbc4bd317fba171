"""One small condition as what it asks of columns: a domain, a relation, a definition, or nothing that those can say."""

from __future__ import annotations

from fractions import Fraction

from understudy.model.domain import Domain
from understudy.model.expression import Call, Column, Const, Node
from understudy.rules.branch import Definition, Relation
from understudy.rules.demands import MIRRORED, Demand, Types, balanced, only
from understudy.rules.kinds import NUMERIC, TEXTUAL
from understudy.rules.linear import linear
from understudy.rules.measures import fixed_point, of_function
from understudy.rules.simplification import FLIPPED
from understudy.rules.texts import escaped, glob_to_regex, like_to_regex
from understudy.rules.trees import NOW, columns_of


def demand(node: Node, types: Types) -> Demand | None:
    """What a condition asks of the values that are not null; None where domains and relations say nothing of it."""
    match node:
        case Column(name=name) if name in types:
            return only(name, Domain(values=(True,)))
        case Call(function="not", args=(Column(name=name),)) if name in types:
            return only(name, Domain(values=(False,)))
        case Call(function="in", args=(subject, *choices)):
            return _membership(subject, choices, types, inside=True)
        case Call(function="not", args=(Call(function="in", args=(subject, *choices)),)):
            return _membership(subject, choices, types, inside=False)
        case Call(function=sign, args=(left, right)) if sign in FLIPPED:
            return _compared(sign, left, right, types)
    return _matching(node, types)


# ---- comparisons -----------------------------------------------------------------------------------
def _compared(sign: str, left: Node, right: Node, types: Types) -> Demand | None:
    if isinstance(left, Const) and not isinstance(right, Const):
        return _compared(MIRRORED[sign], right, left, types)
    if (
        isinstance(right, Const)
        and isinstance(left, Column)
        and (found := _plain(sign, left.name, right, types)) is not None
    ):
        return found
    one, other = linear(left, types), linear(right, types)
    if (
        one is not None
        and other is not None
        and (found := balanced(sign, one.plus(other, Fraction(-1)), types)) is not None
    ):
        return found
    if isinstance(right, Const) and (found := of_function(sign, left, right, types)) is not None:
        return found
    return _of_columns(sign, left, right, types)


def _plain(sign: str, name: str, constant: Const, types: Types) -> Demand | None:
    """A column that is no number against a constant: equal or not."""
    kind = types.get(name)
    value = constant.value
    if kind is None or value is None or kind.kind in NUMERIC or not isinstance(value, str | bool):
        return None
    if isinstance(value, bool):
        return only(name, Domain(values=tuple(b for b in (False, True) if _holds(sign, b, value))))
    match sign:
        case "=":
            return only(name, Domain(values=(value,)))
        case "<>" if value == "" and kind.kind in TEXTUAL:
            return only(name, Domain(shortest=1))
        case "<>":
            return only(name, Domain(refused=(value,)), exact=not (kind.folded and value.lower() != value.upper()))
    return None


def _holds(sign: str, a: bool, b: bool) -> bool:
    return {"=": a == b, "<>": a != b, "<": a < b, "<=": a <= b, ">": a > b, ">=": a >= b}[sign]


def _of_columns(sign: str, left: Node, right: Node, types: Types) -> Demand | None:
    """Columns of other kinds against each other, or a column equal to an expression of others."""
    if isinstance(left, Column) and isinstance(right, Column) and left.name in types and right.name in types:
        if left == right:
            return Demand(exact=sign in ("=", "<=", ">=")) if sign in ("=", "<=", ">=") else None
        return Demand(relation=Relation(left.name, sign, right.name)) if sign in ("=", "<>") else None
    if sign != "=":
        return None
    for column, other in ((left, right), (right, left)):
        if isinstance(column, Column) and column.name in types and NOW not in _names(other):
            names = columns_of(other)
            if names and column.name not in names:
                return Demand(definition=Definition(column.name, other))
            if names == (column.name,):
                return fixed_point(other, column.name, types)
    return None


def _names(node: Node) -> tuple[str, ...]:
    from understudy.rules.trees import walk

    return tuple(p.name for p in walk(node) if isinstance(p, Column))


# ---- sets and patterns -----------------------------------------------------------------------------
def _membership(subject: Node, choices: list[Node], types: Types, *, inside: bool) -> Demand | None:
    """IN over constants; nulls among them never match (and make NOT IN never true)."""
    if not all(isinstance(c, Const) for c in choices):
        return None
    values = [c for c in choices if isinstance(c, Const) and c.value is not None]
    parts = [_compared("=" if inside else "<>", subject, c, types) for c in values]
    known = [p for p in parts if p is not None and len(p.domains) == 1]
    if len(known) < len(parts) or not parts or len({next(iter(p.domains)) for p in known}) > 1:
        return None
    name = next(iter(known[0].domains))
    domains = [p.domains[name] for p in known]
    if inside:
        if any(d.values is None for d in domains):
            return None
        merged = Domain(values=tuple(dict.fromkeys(v for d in domains for v in d.values or ())))
    else:
        merged = Domain()
        for domain in domains:
            merged = merged.intersect(domain)
    return Demand({name: merged}, exact=all(p.exact for p in known))


def _matching(node: Node, types: Types) -> Demand | None:
    """Patterns that must match."""
    match node:
        case Call(function="like" | "ilike" as f, args=(Column(name=name), Const(value=str() as text))) if (
            name in types
        ):
            if f == "like" and not set(text) & set("%_\\"):
                return only(name, Domain(values=(text,)))
            pattern = like_to_regex(text)
            return only(name, Domain(patterns=((pattern, "i" if f == "ilike" else ""),)) if pattern else Domain())
        case Call(function="glob", args=(Column(name=name), Const(value=str() as text))) if name in types:
            pattern = glob_to_regex(text)
            return only(name, Domain(patterns=((pattern, ""),)) if pattern else Domain())
        case Call(function="regex" | "iregex" as f, args=(Column(name=name), Const(value=str() as text))) if (
            name in types
        ):
            return only(name, Domain(patterns=((text, "i" if f == "iregex" else ""),)))
        case Call(function="starts_with", args=(Column(name=name), Const(value=str() as text))) if name in types:
            return only(name, Domain(patterns=((f"^{escaped(text)}", ""),)))
        case Call(function="not", args=(Call(function="regex", args=(Column(name=name), Const(value=str() as text))),)):
            return refused_class(name, text)
        case Call(
            function="not", args=(Call(function="like", args=(Column(name=name), Const(value=str() as text))),)
        ) if name in types and len(text) == 3 and text[0] == text[2] == "%" and text[1] not in "%_\\":
            return only(name, Domain(patterns=((f"^[^{escaped(text[1])}]*$", ""),)))
        case Call(
            function="not", args=(Call(function="glob", args=(Column(name=name), Const(value=str() as text))),)
        ) if name in types:
            return refused_class(name, glob_to_regex(text))
    return None


def refused_class(name: str, text: str) -> Demand | None:
    """A single class of characters that must not occur anywhere: each character is another."""
    from understudy.rules.expressions import Members, read

    parsed = read(text)
    if parsed is None or not isinstance(parsed.tree, Members) or not (text.startswith("[") and text.endswith("]")):
        return None
    inner = text[1:-1]
    return only(name, Domain(patterns=((f"^[{inner[1:] if inner.startswith('^') else '^' + inner}]*$", ""),)))
