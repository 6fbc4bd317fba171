"""Drawn values brought into the form that a rule wants of one column, where no domain says it.

``x = f(x)`` is met by ``f`` itself (the first of a month, a text in title case); a rule about the hour, weekday or day
of a moment by moving the moment; ``code LIKE kind || '-%'`` by putting the drawn text behind the column named.
What is drawn stays as it is where it keeps the rule already.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from understudy import rules
from understudy.errors import UnderstudyError
from understudy.model.domain import Domain
from understudy.model.expression import Call, Case, Cast, Column, Const, Join, Node, Uniform, When
from understudy.planning.binding.bending import Bend, sole
from understudy.planning.solving.rulebook import Rulebook
from understudy.planning.trees import substitute
from understudy.rules.trees import both, rebuild, walk
from understudy.types import Kind, Type

SELF = "$self"
"""The value as it was drawn, inside a form."""

PARTS = {
    "hour": range(24),
    "minute": range(60),
    "second": range(60),
    "day_of_week": range(7),
    "month": range(1, 13),
    "day": range(1, 29),
}
"""Parts of a moment that can be set, and what they may be in every month."""

SECONDS = {"hour": 3600, "minute": 60, "second": 1}
DAY = 86_400_000_000
MOMENTS = (Kind.DATE, Kind.TIMESTAMP)
TRUNCATED = {DAY: "day", 3_600_000_000: "hour", 60_000_000: "minute", 1_000_000: "second"}


def forms(
    book: Rulebook, types: Mapping[str, Type], domains: Mapping[str, Domain], free: frozenset[str]
) -> dict[str, list[Bend]]:
    """Per column of ``free`` the forms that its drawn value is brought into, as expressions over :data:`SELF`."""
    found: dict[str, list[Bend]] = {}
    parted: dict[tuple[str, str], list[Node]] = {}
    for residue in (r for b in sole(book) for r in b.residue):
        if (told := _fixed(residue, types)) is not None and told[0] in free:
            found.setdefault(told[0], []).append(("apply", told[1]))
        elif (read := _one_part(residue, types)) is not None and read[0] in free:
            parted.setdefault(read, []).append(residue)
        elif (told := _written(residue, types)) is not None and told[0] in free:
            found.setdefault(told[0], []).append(("apply", told[1]))
    for (column, part), conditions in parted.items():
        if (form := _moved(column, part, conditions, types[column])) is not None:
            found.setdefault(column, []).append(("apply", form))
    for column, matched in _matches(book, types, free).items():
        found[column] = [("apply", form) for form in matched] + found.get(column, [])
    for column in sorted(free):
        unit = TRUNCATED.get(domains.get(column, Domain()).multiple or 0)
        if unit is not None and types[column].kind is Kind.TIMESTAMP:
            found.setdefault(column, []).append(("apply", Call("date_trunc", (Const(unit), Column(SELF)))))
    return found


def keyed_forms(
    book: Rulebook,
    types: Mapping[str, Type],
    domains: Mapping[str, Domain],
    distinct: Iterable[str],
    keys: Iterable[frozenset[str]],
) -> dict[str, list[Bend]]:
    """The forms of columns that carry uniqueness, as far as those leave them distinct: what is put before a text must
    be the same wherever the rest of its keys is."""
    found = {}
    within = {c: [k for k in keys if c in k] for c in distinct}
    for column, made in forms(book, types, domains, frozenset(within)).items():
        reads = {c for _, form in made for c in rules.columns_of(form)} - {SELF}
        endless = types[column].kind is Kind.TEXT and not types[column].length
        if reads and endless and all(reads <= key for key in within[column]):
            found[column] = made
    return found


# ---- moments whose parts are other columns ----------------------------------------------------------
ORDER = ("year", "month", "day", "hour", "minute", "second")


def _matches(book: Rulebook, types: Mapping[str, Type], free: frozenset[str]) -> dict[str, list[Node]]:
    """``extract(month from x) = other``, or so unless a condition over others holds: ``x`` moved to that month."""
    found: dict[str, list[tuple[int, Node]]] = {}
    for rule in (p for u in book.understood if not u.opaque for p in _conjuncts(u.predicate)):
        args = rule.args if isinstance(rule, Call) and rule.function == "or" else (rule,)
        for equal in args:
            read = _part_equal(equal, types)
            guards = tuple(a for a in args if a is not equal)
            if read is None or read[0] not in free or any(read[0] in rules.columns_of(g) for g in guards):
                continue
            column, part, value = read
            moved = _moved_to(part, value, types[column])
            form = Case((When(both_ways(guards), Column(SELF)),), moved) if guards else moved
            found.setdefault(column, []).append((ORDER.index(part), form))
    return {c: [form for _, form in sorted(made, key=lambda m: m[0])] for c, made in found.items()}


def both_ways(guards: tuple[Node, ...]) -> Node:
    """Any of these conditions."""
    return guards[0] if len(guards) == 1 else Call("or", guards)


def _conjuncts(node: Node) -> Iterator[Node]:
    match node:
        case Call(function="and", args=args):
            for arg in args:
                yield from _conjuncts(arg)
        case _:
            yield node


def _part_equal(node: Node, types: Mapping[str, Type]) -> tuple[str, str, Node] | None:
    match node:
        case Call(function="=", args=(one, other)):
            for side, value in ((one, other), (other, one)):
                while isinstance(side, Cast):
                    side = side.value
                if isinstance(side, Call) and side.function in ORDER:
                    column = _bare(side.args[0])
                    known = column in types and types[column].kind in MOMENTS
                    reads = rules.columns_of(value)
                    if known and reads and column not in reads:
                        return column, side.function, Cast(value, Type(Kind.INTEGER))
    return None


def _moved_to(part: str, value: Node, kind: Type) -> Node:
    drawn = Column(SELF)
    away = Call("-", (value, Call(part, (drawn,))))
    if part in ("year", "month"):
        months = Call("*", (away, Const(12))) if part == "year" else away
        return Cast(Call("add_months", (drawn, months)), kind)
    if part == "day":
        return Cast(Call("+", (drawn, away if kind.kind is Kind.DATE else Call("*", (away, Const(DAY))))), kind)
    return Cast(Call("+", (drawn, Call("*", (away, Const(SECONDS[part] * 1_000_000))))), kind)


# ---- fixed points ----------------------------------------------------------------------------------
def _fixed(residue: Node, types: Mapping[str, Type]) -> tuple[str, Node] | None:
    """``x = f(x)`` as ``f`` of what was drawn."""
    match residue:
        case Call(function="=", args=(one, other)):
            for side, form in ((one, other), (other, one)):
                column = _bare(side)
                if column in types and rules.columns_of(form) == (column,) and form != side:
                    return column, Cast(substitute(form, {column: Column(SELF)}), types[column])
    return None


def _bare(node: Node) -> str:
    """The column that a node is, but for a change of type; else empty."""
    match node:
        case Column(name=name):
            return name
        case Cast(value=value) | Call(function="to_timestamp" | "to_date", args=(value,)):
            return _bare(value)
    return ""


# ---- parts of a moment -----------------------------------------------------------------------------
def _one_part(residue: Node, types: Mapping[str, Type]) -> tuple[str, str] | None:
    """The column and the one part of it that a rule reads."""
    columns = rules.columns_of(residue)
    if len(columns) != 1 or columns[0] not in types or types[columns[0]].kind not in MOMENTS:
        return None
    parts = {n.function for n in walk(residue) if isinstance(n, Call) and n.function in PARTS and _bare(n.args[0])}
    seen = sum(1 for n in walk(residue) if isinstance(n, Column))
    read = sum(1 for n in walk(residue) if isinstance(n, Call) and n.function in PARTS and _bare(n.args[0]))
    return (columns[0], parts.pop()) if len(parts) == 1 and seen == read else None


def _moved(column: str, part: str, conditions: list[Node], kind: Type) -> Node | None:
    """The moment moved to a part that the conditions permit, unless it has one."""
    allowed = [v for v in PARTS[part] if all(_holds(c, part, v) for c in conditions)]
    if not allowed:
        return None
    drawn = Column(SELF)
    pick: Node = Uniform(f"part.{part}", Const(0), Const(len(allowed) - 1))
    if allowed[-1] - allowed[0] == len(allowed) - 1:
        chosen: Node = Call("+", (pick, Const(allowed[0])))
    else:
        chosen = Case(
            tuple(When(Call("=", (pick, Const(i))), Const(v)) for i, v in enumerate(allowed[:-1])), Const(allowed[-1])
        )
    away = Call("-", (chosen, Call(part, (drawn,))))
    if part == "month":
        moved: Node = Call("add_months", (drawn, away))
    elif part in SECONDS:
        moved = Call("+", (drawn, Call("*", (away, Const(SECONDS[part] * 1_000_000)))))
    else:
        moved = Call("+", (drawn, away if kind.kind is Kind.DATE else Call("*", (away, Const(DAY)))))
    kept = both(*(substitute(c, {column: drawn}) for c in conditions))
    return Case((When(kept, drawn),), Cast(moved, kind))


def _holds(condition: Node, part: str, value: int) -> bool:
    def put(node: Node) -> Node:
        if isinstance(node, Call) and node.function == part:
            return Const(value)
        return rebuild(node, put)

    try:
        return rules.evaluate(put(condition), {}) is not False
    except (UnderstudyError, KeyError):
        return False


# ---- texts that others begin -----------------------------------------------------------------------
def _written(residue: Node, types: Mapping[str, Type]) -> tuple[str, Node] | None:
    """``x LIKE a || '-%'`` and ``starts_with(x, a)`` as the drawn text behind what it must begin with."""
    match residue:
        case Call(function="like" | "ilike", args=(Column(name=name), pattern)) if name not in rules.columns_of(
            pattern
        ):
            pieces = tuple(_pieces(pattern))
            parts = _filled(pieces)
        case Call(function="starts_with", args=(Column(name=name), start)) if name not in rules.columns_of(start):
            parts = (start, Column(SELF))
        case _:
            return None
    kind = types.get(name)
    others = {c for p in parts for c in rules.columns_of(p)} - {SELF}
    if kind is None or kind.kind is not Kind.TEXT or not others or name in others:
        return None
    made: Node = Join(parts)
    return name, Call("left", (made, Const(kind.length))) if kind.length else made


def _pieces(pattern: Node) -> Iterator[Node]:
    match pattern:
        case Call(function="concat", args=args):
            for arg in args:
                yield from _pieces(arg)
        case Call(function="coalesce", args=(first, Const(value=""))):
            yield from _pieces(first)
        case _:
            yield pattern


def _filled(pieces: tuple[Node, ...]) -> tuple[Node, ...]:
    """Pieces of a pattern with the drawn text for the first ``%``, nothing for the others, ``x`` for ``_``."""
    found: list[Node] = []
    placed = False
    for piece in pieces:
        if not isinstance(piece, Const) or not isinstance(piece.value, str):
            found.append(piece)
            continue
        for at, word in enumerate(piece.value.split("%")):
            if at and not placed:
                found.append(Column(SELF))
                placed = True
            if word:
                found.append(Const(word.replace("_", "x")))
    return tuple(found)
