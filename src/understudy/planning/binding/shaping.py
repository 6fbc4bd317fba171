"""Drawn values brought into the form that a rule wants of one column, where no domain says it.

``x = f(x)`` is met by ``f`` itself (the first of a month, a text in title case); a rule about the hour, weekday or day
of a moment by moving the moment; ``code LIKE kind || '-%'`` by putting the drawn text behind the column named.
What is drawn stays as it is where it keeps the rule already.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

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
    for column in sorted(free):
        unit = TRUNCATED.get(domains.get(column, Domain()).multiple or 0)
        if unit is not None and types[column].kind is Kind.TIMESTAMP:
            found.setdefault(column, []).append(("apply", Call("date_trunc", (Const(unit), Column(SELF)))))
    return found


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
