"""Columns bent to what rules say of them: shares of a fixed sum, a column a bounded way behind another, and
columns that must lie on one side of an expression over the others.

All of it holds by construction where redrawing would hardly ever meet it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import ceil, floor

from understudy import rules
from understudy.model.domain import Domain
from understudy.model.expression import Call, Cast, Column, Const, Node, Uniform
from understudy.planning.solving.rulebook import Rulebook
from understudy.planning.trees import substitute
from understudy.rules import Branch, Relation
from understudy.types import Kind, Type

COUNTED = (Kind.INTEGER, Kind.DECIMAL)
BENDABLE = (*COUNTED, Kind.FLOAT, Kind.DATE, Kind.TIMESTAMP)
SIDES = {">=": ("greatest", 0), ">": ("greatest", 1), "<=": ("least", 0), "<": ("least", -1)}
"""How a column is kept on its side of an expression, and by how many units beyond."""

MIRRORED = {"<": ">", ">": "<", "<=": ">=", ">=": "<="}

COARSE = {Kind.TIMESTAMP: 60_000_000}
"""Distances between moments are whole minutes."""

Bend = tuple[str, Node]


def sole(book: Rulebook) -> Iterator[Branch]:
    """What holds of every row: the branches of components that have no alternative, and what all alternatives of the
    others have in common, of columns that none of them wants null."""
    for component in book.components:
        if not component.branches:
            continue
        first, *others = component.branches
        if not others:
            yield first
            continue
        absent = {c for b in component.branches for c, d in b.domains.items() if d.forbidden}
        yield Branch(
            relations=tuple(
                r for r in first.relations if not {r.left, r.right} & absent and all(r in b.relations for b in others)
            ),
            residue=tuple(
                r
                for r in first.residue
                if not set(rules.columns_of(r)) & absent and all(r in b.residue for b in others)
            ),
        )


def computed(
    book: Rulebook, types: Mapping[str, Type], domains: Mapping[str, Domain], free: frozenset[str]
) -> dict[str, Node]:
    """Columns of ``free`` as expressions that make fixed sums and bounded distances true."""
    found: dict[str, Node] = {}
    for branch in sole(book):
        for columns, total in _sums(branch, types):
            if set(columns) <= free - set(found) and (made := _shares(columns, total, types, domains)):
                found.update(made)
        for low, high in _distances(branch, types):
            later, earlier = low.right, low.left
            if later in free and later not in found and not _reads(found, earlier, later):
                found[later] = _behind(later, earlier, -int(low.offset), int(high.offset), types[later])
    return found


def bends(
    book: Rulebook, types: Mapping[str, Type], free: frozenset[str], given: Mapping[str, Node]
) -> dict[str, list[Bend]]:
    """Per column of ``free`` what keeps it on its side of expressions over others; ``given``: what is computed or
    pushed already, for no circle may arise."""
    found: dict[str, list[Bend]] = {}
    graph = dict(given)
    for branch in sole(book):
        for residue in branch.residue:
            match residue:
                case Call(function=sign, args=(Column(name=name), bound)) if sign in SIDES:
                    pass
                case Call(function=sign, args=(Call(function="to_timestamp", args=(Column(name=name),)), bound)) if (
                    sign in SIDES
                ):
                    bound = _outward(sign, bound)
                case Call(function=sign, args=(bound, Column(name=name))) if sign in MIRRORED:
                    sign = MIRRORED[sign]
                case Call(function=sign, args=(bound, Call(function="to_timestamp", args=(Column(name=name),)))) if (
                    sign in MIRRORED
                ):
                    sign = MIRRORED[sign]
                    bound = _outward(sign, bound)
                case _:
                    continue
            reads = rules.columns_of(bound)
            if name not in free or types[name].kind not in BENDABLE or not reads or name in reads:
                continue
            if any(_reads(graph, other, name) for other in reads):
                continue
            function, beyond = SIDES[sign]
            kept: Node = Call("+", (bound, Const(beyond))) if beyond else bound
            found.setdefault(name, []).append((function, Cast(kept, types[name])))
            graph[name] = Call("coalesce", (graph[name], bound)) if name in graph else bound
    return found


def _outward(sign: str, bound: Node) -> Node:
    """A moment as a day that lies on the same side of a day's beginning: the next day for what must be later."""
    match bound:
        case Call(function="add_months", args=(Call(function="to_timestamp", args=(Column() as day,)), months)):
            return Call("add_months", (day, months))  # months behind a day's beginning, a day begins
    return Call("+", (Call("to_date", (bound,)), Const(1))) if sign in (">=", ">") else Call("to_date", (bound,))


def bent(node: Node, by: list[Bend]) -> Node:
    """The expression brought into each form (``apply``), or kept on its side of each bend."""
    for function, bound in by:
        node = substitute(bound, {"$self": node}) if function == "apply" else Call(function, (node, bound))
    return node


def _reads(graph: Mapping[str, Node], start: str, goal: str) -> bool:
    """Whether ``start`` is computed, however far, from ``goal``."""
    todo, seen = [start], set()
    while todo:
        here = todo.pop()
        if here == goal:
            return True
        if here not in seen:
            seen.add(here)
            todo += rules.columns_of(graph[here]) if here in graph else ()
    return False


# ---- sums --------------------------------------------------------------------------------------
def _sums(branch: Branch, types: Mapping[str, Type]) -> Iterator[tuple[tuple[str, ...], int]]:
    """Columns whose sum is a constant, and the constant in their common unit."""
    for relation in branch.relations:
        pair = (relation.left, relation.right)
        factors = (relation.left_factor, relation.right_factor)
        if relation.op == "=" and factors == (1, -1) and _alike(pair, types) and isinstance(relation.offset, int):
            yield pair, relation.offset
    for residue in branch.residue:
        match residue:
            case Call(function="=", args=(Call(function="+") as term, Const(value=int() | float() as value))):
                columns = tuple(_terms(term))
            case _:
                continue
        if len(set(columns)) == len(columns) > 1 and "" not in columns and _alike(columns, types):
            total = value * 10 ** (types[columns[0]].scale or 0)
            if total == int(total):
                yield columns, int(total)


def _terms(node: Node) -> Iterator[str]:
    match node:
        case Call(function="+", args=args):
            for arg in args:
                yield from _terms(arg)
        case Cast(value=value):
            yield from _terms(value)
        case Column(name=name):
            yield name
        case _:
            yield ""


def _alike(columns: tuple[str, ...], types: Mapping[str, Type]) -> bool:
    found = {(types[c].kind, types[c].scale or 0) for c in columns if c in types}
    return len(found) == 1 and all(c in types and types[c].kind in COUNTED for c in columns)


def _shares(
    columns: tuple[str, ...], total: int, types: Mapping[str, Type], domains: Mapping[str, Domain]
) -> dict[str, Node]:
    """Each column a share of what the ones before leave, within its bounds; the last is the rest. Empty if the
    bounds leave no way."""
    unit = 10 ** (types[columns[0]].scale or 0)
    lows = [int(d.low) if (d := domains.get(c, Domain())).low is not None else 0 for c in columns]
    highs = [int(d.high) if (d := domains.get(c, Domain())).high is not None else max(total, 0) for c in columns]
    if any(domains.get(c, Domain()).values is not None for c in columns) or not sum(lows) <= total <= sum(highs):
        return {}
    found: dict[str, Node] = {}
    rest: Node = Const(total)
    for at, column in enumerate(columns[:-1]):
        after_low, after_high = sum(lows[at + 1 :]), sum(highs[at + 1 :])
        if isinstance(rest, Const):  # a draw between constants counts in the column's own unit
            first, last = max(lows[at], total - after_high), min(highs[at], total - after_low)
            found[column] = Uniform("share", Const(first), Const(last))
        else:
            least = Call("greatest", (Const(lows[at]), Call("-", (rest, Const(after_high)))))
            most = Call("least", (Const(highs[at]), Call("-", (rest, Const(after_low)))))
            share: Node = Uniform("share", least, most)
            found[column] = share if unit == 1 else Cast(Call("/", (share, Const(float(unit)))), types[column])
        whole: Node = Column(column)
        if unit > 1:
            whole = Cast(Call("*", (whole, Const(unit))), Type(Kind.INTEGER))
        rest = Call("-", (rest, whole))
    others = tuple(Column(c) for c in columns[:-1])
    value = total // unit if total % unit == 0 else total / unit
    left: Node = Const(value)
    for other in others:
        left = Call("-", (left, other))
    found[columns[-1]] = left
    return found


# ---- distances ---------------------------------------------------------------------------------
def _distances(branch: Branch, types: Mapping[str, Type]) -> Iterator[tuple[Relation, Relation]]:
    """Pairs ``a <= b + x`` and ``b <= a + y`` (a before b) that leave b a bounded way behind a."""
    upper = [r for r in branch.relations if r.op in ("<=", "<") and (r.left_factor, r.right_factor) == (1, 1)]
    for low in upper:
        for high in upper:
            if (low.left, low.right) != (high.right, high.left) or low.left not in types or low.right not in types:
                continue
            same = types[low.left].kind is types[low.right].kind and types[low.left].kind in BENDABLE
            whole = isinstance(low.offset, int) and isinstance(high.offset, int)
            if same and whole and types[low.left].kind is not Kind.FLOAT and 0 <= -low.offset <= high.offset:
                yield low, high


def _behind(later: str, earlier: str, low: int, high: int, t: Type) -> Node:
    """``earlier`` plus a drawn distance of low..high units."""
    grain = COARSE.get(t.kind, 1)
    first, last = ceil(low / grain), floor(high / grain)
    if first > last:
        grain, first, last = 1, low, high
    inner = (first + 1, last - 1) if last - first > 2 else (first, last)  # strict bounds keep off the ends
    distance: Node = Uniform("distance", Const(inner[0]), Const(inner[1]))
    if grain > 1:
        distance = Call("*", (distance, Const(grain)))
    if t.kind is Kind.DECIMAL and t.scale:
        distance = Call("/", (distance, Const(10.0**t.scale)))
        return Cast(Call("+", (Column(earlier), distance)), t)
    return Call("+", (Column(earlier), distance))
