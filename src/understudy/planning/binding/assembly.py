"""Structured values made of the columns of their parts: ranges of their ends, documents of their members.

The parts are made first (see :mod:`understudy.planning.solving.parts`), by rules, keys and semantics like any column.
"""

from __future__ import annotations

from collections.abc import Callable

from understudy.model.domain import Domain
from understudy.model.expression import (
    Call,
    Case,
    Cast,
    Chance,
    Column,
    Const,
    Digits,
    Document,
    Join,
    Listing,
    Node,
    Record,
    Slot,
    Uniform,
    When,
)
from understudy.planning.solving.parts import Path, Whole
from understudy.semantics import maps
from understudy.types import Kind, Type

TEXT, JSON = Type(Kind.TEXT), Type(Kind.JSON)
LENGTHS = (0, 4)
"""Elements of a list about which nothing is said."""

OWN = 0.6
"""Share of a list's elements that are of those that rules ask for, where the list is free to have others."""


def assembled(
    whole: Whole,
    domain: Domain,
    domains: Callable[[str], Domain],
    element: Callable[[str], Node],
    natural: Callable[[], Node],
    wanted: tuple[Const, ...] = (),
) -> Node:
    """The whole as an expression over its parts' columns. ``domains``: of part columns; ``element``: how one element of
    the list is drawn, given its column's name; ``natural``: the whole as it would be without parts; ``wanted``:
    elements that rules ask whether the list has them."""
    match whole.field.type.kind:
        case Kind.RANGE:
            return _range(whole)
        case Kind.STRUCT:
            return _record(whole, whole.field.type, ())
        case Kind.ARRAY:
            return listed(whole, domain, element, wanted)
        case Kind.NETWORK:
            return _network(whole, domains)
        case Kind.GEOMETRIC:
            return _shape(whole)
        case Kind.SPATIAL:
            return _on_map(whole, domains, natural())
    return _document(whole, (), natural())


# ---- ranges ----------------------------------------------------------------------------------------
def _range(whole: Whole) -> Node:
    lower, upper = (Column(whole.name((end,))) for end in ("lower", "upper"))
    kind = whole.field.type.element or Type(Kind.INTEGER)
    opening, closing = (
        Case((When(Column(whole.name((f"{end}_inc",))), Const(shut)),), Const(open_))
        if (f"{end}_inc",) in whole.parts
        else Const(shut if end == "lower" else open_)
        for end, shut, open_ in (("lower", "[", "("), ("upper", "]", ")"))
    )
    return Join((opening, bound(lower, kind), Const(","), bound(upper, kind), closing))


def bound(column: Node, kind: Type) -> Node:
    """One end of a range as the server reads it; nothing where there is none."""
    match kind.kind:
        case Kind.DATE:
            text: Node = Call("format_time", (column, Const("%Y-%m-%d")))
        case Kind.TIMESTAMP:
            form = "%Y-%m-%d %H:%M:%S"
            text = Call("format_time", (column, Const(form)))
            text = Join((Const('"'), text, Const('+00"' if kind.zoned else '"')))
        case Kind.INTEGER | Kind.DECIMAL | Kind.FLOAT:
            text = Cast(column, TEXT)
        case _:
            text = Join((Const('"'), Cast(column, TEXT), Const('"')))
    return Call("coalesce", (text, Const("")))


# ---- composites and documents ----------------------------------------------------------------------
def _record(whole: Whole, kind: Type, base: Path) -> Node:
    members: list[tuple[str, Node]] = []
    for name, member in kind.fields:
        path = (*base, name)
        made: Node = Column(whole.name(path)) if path in whole.parts else _record(whole, member, path)
        members.append((name, made))
    return Record(tuple(members))


def _document(whole: Whole, base: Path, natural: Node | None = None) -> Node:
    if base in whole.parts:
        return _member(whole, base)
    depth = len(base)
    keys = list(dict.fromkeys(p[depth] for p in whole.parts if p[:depth] == base and len(p) > depth))
    members = [(k, _document(whole, (*base, k))) for k in keys]
    others = natural.members if isinstance(natural, Document) else ()
    shown = [(k, Call("not", (Call("is_null", (m,)),))) for k, m in members if (*base, k) in whole.doubtful]
    return Document((*members, *(m for m in others if m[0] not in keys)), tuple(shown))


def _member(whole: Whole, path: Path) -> Node:
    column = Column(whole.name(path))
    kind = whole.parts[path]
    if not path and kind.kind is Kind.TEXT:
        return Join((Const('"'), column, Const('"')))
    if not path and kind.kind is not Kind.JSON:
        return Cast(Cast(column, JSON), whole.field.type if whole.field.type.kind is Kind.TEXT else JSON)
    return column


# ---- lists -----------------------------------------------------------------------------------------
def listed(whole: Whole, domain: Domain, element: Callable[[str], Node], wanted: tuple[Const, ...]) -> Node:
    """Elements named by their place first, the others alike; those that rules ask for often among them."""
    places = sorted((int(p[0][1:-1]), p) for p in whole.parts if p[0].startswith("["))
    drawn = element(whole.name(("*",)) if ("*",) in whole.parts else "")
    if wanted:
        some = Call("%", (Uniform("some", Const(0), Const(10_000 * len(wanted) - 1)), Const(len(wanted))))
        given: Node = Case(tuple(When(Call("=", (some, Const(i))), w) for i, w in enumerate(wanted[:-1])), wanted[-1])
        drawn = Case((When(Chance("asked", OWN), given),), drawn)
    for place, path in reversed(places):
        drawn = Case((When(Call("=", (Slot(), Const(place - 1))), Column(whole.name(path))),), drawn)
    least = max(domain.shortest or 0, places[-1][0] if places else 0, 1 if wanted else 0)
    most = max(least, domain.longest if domain.longest is not None else max(least, LENGTHS[1]))
    most = min(most, least + 8)
    size: Node = Const(least) if least == most else Uniform("size", Const(least), Const(most))
    return Listing(drawn, size)


# ---- networks --------------------------------------------------------------------------------------
def _network(whole: Whole, domains: Callable[[str], Domain]) -> Node:
    """An address of four numbers (or six groups where rules say so), with the mask that rules ask for."""
    families = domains(whole.name(("family",)))
    six = families.values == (6,) or (families.low is not None and families.low > 4)
    cidr = whole.field.type.variant == "cidr"
    mask: Node | None = Column(whole.name(("masklen",))) if ("masklen",) in whole.parts else None
    if six:
        groups = tuple(Uniform(f"group.{k}", Const(0x1000), Const(0xFFFF)) for k in range(3))
        hexed = tuple(_hex(g) for g in groups)
        address: Node = Join((Const("fd00"), *hexed), ":")
        return Join((address, Const("::/64"))) if cidr else Join((address, Const("::1")))
    number: Node = Column(whole.name(("address",))) if ("address",) in whole.parts else _private()
    if cidr:
        mask = Const(24) if mask is None else mask
        wide = Call("-", (Const(32), mask))
        number = Call("shift_left", (Call("shift_right", (number, wide)), wide))
    octets = tuple(
        Call("%", (Call("shift_right", (number, Const(s))), Const(256))) if s else Call("%", (number, Const(256)))
        for s in (24, 16, 8, 0)
    )
    text = Join(octets, ".")
    return text if mask is None else Join((text, mask), "/")


def _private() -> Node:
    return Uniform("address", Const(10 << 24), Const((10 << 24) + (1 << 24) - 1))


def _hex(number: Node) -> Node:
    return Digits(number, 4, "0123456789abcdef")


def _on_map(whole: Whole, domains: Callable[[str], Domain], natural: Node) -> Node:
    """A shape of the kind and reference system that rules name; a point where its numbers are asked for."""
    told = [v for p in ("shape", "st_shape") for v in domains(whole.name((p,))).values or () if (p,) in whole.parts]
    shape, further = maps.shape_of(whole.field.type)
    if told:
        word = str(told[0]).lower().removeprefix("st_")
        shape = word if word in maps.SHAPES else shape
    if ("x",) in whole.parts or ("y",) in whole.parts:
        ends = [
            Cast(Column(whole.name((n,))), TEXT) if (n,) in whole.parts else Uniform(n, Const(1), Const(40))
            for n in "xy"
        ]
        made: Node = Join((Const("POINT("), ends[0], Const(" "), ends[1], Const(")")))
    elif told:
        x, y = (Uniform(f"at.{n}", Const(low), Const(low + 19)) for n, low in (("x", 2), ("y", 37)))
        digits = [Digits(Uniform(f"digits.{n}", Const(0), Const(9999)), 4) for n in "xy"]
        made = maps.written(shape, further, (x, digits[0]), (y, digits[1]))
    else:
        made = natural
    srid = domains(whole.name(("srid",))).values if ("srid",) in whole.parts else None
    return Join((Const(f"SRID={srid[0]};"), made)) if srid else made


# ---- shapes ----------------------------------------------------------------------------------------
def _shape(whole: Whole) -> Node:
    kind = whole.field.type.variant

    def part(name: str, low: int, high: int) -> Node:
        if (name,) in whole.parts:
            return Cast(Column(whole.name((name,))), TEXT)
        return Join(
            (Uniform(f"{name}.w", Const(low), Const(high)), Const("."), Uniform(f"{name}.f", Const(1), Const(9)))
        )

    match kind:
        case "circle":
            return Join(
                (
                    Const("<("),
                    part("x", 0, 99),
                    Const(","),
                    part("y", 0, 99),
                    Const("),"),
                    part("radius", 1, 30),
                    Const(">"),
                )
            )
        case "box":
            width, height = (
                Column(whole.name((n,))) if (n,) in whole.parts else Uniform(n, Const(1), Const(40))
                for n in ("width", "height")
            )
            x, y = Uniform("x", Const(0), Const(99)), Uniform("y", Const(0), Const(99))
            far = [Cast(Call("+", (a, b)), TEXT) for a, b in ((x, width), (y, height))]
            return Join((Const("("), far[0], Const(","), far[1], Const("),("), x, Const(","), y, Const(")")))
        case "path":
            corners = Join(
                tuple(
                    Join((Const("("), part(f"x{k}", 50 * k, 50 * k + 9), Const(","), part(f"y{k}", 10, 90), Const(")")))
                    for k in range(3)
                ),
                ",",
            )
            shut = Column(whole.name(("closed",)))
            return Case((When(shut, Join((Const("("), corners, Const(")")))),), Join((Const("["), corners, Const("]"))))
    return Join((Const("("), part("x", 0, 99), Const(","), part("y", 0, 99), Const(")")))
