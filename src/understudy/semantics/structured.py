"""Kinds with a form of their own: intervals, networks, shapes, ranges, documents, bits, bytes, lists.

Every function answers with a draw per row and, where there is one, the injective way in the column's code.
"""

from __future__ import annotations

from collections.abc import Callable

from understudy.model.expression import (
    Call,
    Cast,
    Choice,
    Const,
    Digits,
    Document,
    Hexadecimal,
    Join,
    Listing,
    Node,
    Pool,
    Quantile,
    Record,
    Row,
    Slot,
    Uniform,
    Uuid,
    Zipf,
)
from understudy.semantics import exotic, moments, numbers
from understudy.semantics.codes import MOST, code_of, place
from understudy.semantics.loom import Loom, limits
from understudy.semantics.nouns import Coded, Want
from understudy.types import Kind, Type

HEX = "0123456789abcdef"
TIME = Type(Kind.TIME)
Made = tuple[Node, Coded | None]


def uuid(want: Want, use: str) -> Made:
    """A UUID; distinct per row of itself."""
    return Uuid(use), Coded(MOST, Uuid(use))


def interval(want: Want, use: str) -> Made:
    """Seconds to weeks as interval text; months where the type keeps nothing finer."""
    if want.field.type.raw.lower().endswith(("year", "month")):
        months = numbers.law(use, 1, 60, 12)
        return Join((Call("*", (months, Const(12))), Const(" mons"))), Coded(
            12 * 10_000, Join((Call("*", (code_of(want), Const(12))), Const(" mons")))
        )
    if want.domain.low is not None or want.domain.high is not None:
        low = -(-int(want.domain.low or 0) // 1_000_000)
        high = int(want.domain.high) // 1_000_000 if want.domain.high is not None else max(low * 10, low + 86_400)
        if low <= high:
            return _held_interval(want, use, low, high)
    drawn = Call("*", (numbers.law(use, 1, 60 * 24 * 60, 8 * 60, 1.4), Const(60)))
    return moments.interval(drawn), Coded(86_400 * 3650, moments.interval(code_of(want)))


def _held_interval(want: Want, use: str, low: int, high: int) -> Made:
    """From ``low`` to ``high`` seconds, in whole minutes where there is room."""
    grain = 60 if high - low >= 600 else 1
    first, last = -(-low // grain), high // grain
    drawn = Call("*", (Uniform(use, Const(first), Const(max(first, last))), Const(grain)))
    coded = Call("*", (Call("+", (code_of(want), Const(first))), Const(grain)))
    return moments.interval(drawn), Coded(max(last - first + 1, 1), moments.interval(coded))


def bits(want: Want, use: str) -> Made:
    """Bit strings of the type's length (8 where none is named), as 0 and 1."""
    length = want.field.type.length or 8
    head = max(0, length - 60)
    low = min(length, 60)
    parts: list[Node] = [
        Digits(Uniform(f"{use}.{k}", Const(0), Const((1 << min(60, head - k)) - 1)), min(60, head - k), "01")
        for k in range(0, head, 60)
    ]
    drawn = Digits(Uniform(use, Const(0), Const((1 << low) - 1)), low, "01")
    zeros: list[Node] = [Const("0" * head)] if head else []
    return _joined([*parts, drawn]), Coded(1 << low, _joined([*zeros, Digits(code_of(want), low, "01")]))


def _joined(parts: list[Node]) -> Node:
    return parts[0] if len(parts) == 1 else Join(tuple(parts))


def binary(want: Want, use: str) -> Made:
    """Random bytes: as many as the type fixes, else 8 to 32."""
    shortest, longest = limits(want)
    size = longest if want.field.type.fixed else max(shortest, min(longest, 20))
    cast = Type(Kind.BINARY, length=want.field.type.length)
    node = Cast(Hexadecimal(use, 2 * size), cast)
    if size >= 8:
        return node, Coded(MOST, node)
    return node, Coded(256**size, Cast(Digits(code_of(want), 2 * size, HEX), cast))


FULL_GROUP = (0x1000, 0xFFFF)
"""Groups of an IPv6 address without leading zeros: the address is written as the server writes it."""


def network(want: Want, use: str) -> Made:
    """Addresses of private networks: inet, inet4, inet6, cidr, macaddr, macaddr8."""
    code = code_of(want)
    variant = want.field.type.variant
    if variant.startswith("macaddr"):
        count = 5 if variant == "macaddr8" else 3
        drawn = [Digits(Uniform(f"{use}.{k}", Const(0), Const(255)), 2, HEX) for k in range(count)]
        coded = [Digits(place(code, 256 ** (count - 1 - k), 256), 2, HEX) for k in range(count)]
        return Join((Const("08:00:2b"), *drawn), ":"), Coded(256**count, Join((Const("08:00:2b"), *coded), ":"))
    if variant == "inet6":
        width = FULL_GROUP[1] - FULL_GROUP[0] + 1
        groups = [Digits(Uniform(f"{use}.{k}", *map(Const, FULL_GROUP)), 4, HEX) for k in range(4)]
        places = [Call("+", (place(code, width**k, width), Const(FULL_GROUP[0]))) for k in (1, 0)]
        halves = [Digits(p, 4, HEX) for p in places]
        return Join((Const("fd00:"), *groups), ":"), Coded(width**2, Join((Const("fd00::1"), *halves), ":"))
    octets = [Uniform(f"{use}.{k}", Const(0 if k < 2 else 1), Const(255 if k < 2 else 254)) for k in range(3)]
    if variant == "cidr":
        drawn_net = Join((Const("10"), octets[0], octets[1], Const("0/24")), ".")
        return drawn_net, Coded(
            1 << 16, Join((Const("10"), place(code, 256, 256), place(code, 1, 256), Const("0/24")), ".")
        )
    coded_ip = Join((Const("10"), place(code, 65_536, 256), place(code, 256, 256), place(code, 1, 256)), ".")
    return Join((Const("10"), *octets), "."), Coded(1 << 24, coded_ip)


def _coordinate(use: str, low: int = 0, high: int = 99) -> Node:
    return Join((Uniform(use, Const(low), Const(high)), Const("."), Digits(Uniform(use + "f", Const(0), Const(99)), 2)))


def _pair(x: Node, y: Node) -> Node:
    return Join((Const("("), x, Const(","), y, Const(")")))


def geometric(want: Want, use: str) -> Made:
    """Shapes of PostgreSQL in a plane of a hundred units, in the text form it reads."""
    code = code_of(want)
    x, y = _coordinate(use + ".x"), _coordinate(use + ".y")
    far_x, far_y = _coordinate(use + ".u", 100, 199), _coordinate(use + ".v", 100, 199)
    third_x, third_y = _coordinate(use + ".r", 0, 50), _coordinate(use + ".s", 200, 260)

    def shape(x: Node, y: Node) -> Node:
        near, far, third = _pair(x, y), _pair(far_x, far_y), _pair(third_x, third_y)
        match want.field.type.variant:
            case "box":
                return Join((far, near), ",")
            case "lseg":
                return Join((Const("["), near, Const(","), far, Const("]")))
            case "path":
                return Join((Const("["), Join((near, far, third), ","), Const("]")))
            case "polygon":
                return Join((Const("("), Join((near, far, third), ","), Const(")")))
            case "circle":
                return Join((Const("<"), near, Const(","), _coordinate(use + ".w", 1, 30), Const(">")))
            case "line":
                return Join((Const("{"), x, Const(",1,"), y, Const("}")))
            case _:
                return near

    whole = Join((place(code, 100_000, 10_000), Const("."), Digits(place(code, 1_000, 100), 2)))
    return shape(x, y), Coded(10**9, shape(whole, Join((place(code, 1, 1000), Const(".5")))))


def ranges(loom: Loom, want: Want, use: str) -> Made:
    """A half-open range of the element type: ``[a,b)``."""
    element = want.field.type.element or Type(Kind.INTEGER)
    code = code_of(want)
    drawn, coded = _ends(loom, element, use, None), _ends(loom, element, use, code)
    return Join((Const("["), *drawn, Const(")"))), Coded(
        _range_codes(element, loom), Join((Const("["), *coded, Const(")")))
    )


def multiranges(loom: Loom, want: Want, use: str) -> Made:
    """One range in a multirange."""
    one, coded = ranges(loom, want, use)
    assert coded is not None
    return Join((Const("{"), one, Const("}"))), Coded(coded.capacity, Join((Const("{"), coded.expression, Const("}"))))


def _range_codes(element: Type, loom: Loom) -> int:
    return 3650 if element.kind is Kind.DATE else 10**8


def _ends(loom: Loom, element: Type, use: str, code: Node | None) -> tuple[Node, ...]:
    today = loom.clock // moments.DAY
    match element.kind:
        case Kind.DATE:
            start = (
                Call("+", (code, Const(today - 3650))) if code is not None else moments.recent(use, today - 900, today)
            )
            end = Call("+", (start, numbers.law(use + ".gap", 1, 90, 10)))
            return tuple(
                Call("format_time", (Cast(d, Type(Kind.DATE)), Const("%Y-%m-%d"))) if i == 0 else d
                for i, d in _dated(start, end)
            )
        case Kind.TIMESTAMP:
            minute = (
                Call("*", (code, Const(60_000_000)))
                if code is not None
                else Call("*", (Uniform(use, Const(0), Const(900 * 1440)), Const(60_000_000)))
            )
            start = Call(
                "+",
                (minute, Const((today - (900 if code is None else 70_000 if today > 70_000 else today)) * moments.DAY)),
            )
            end = Call("+", (start, Call("*", (numbers.law(use + ".gap", 1, 96, 6), Const(15 * 60_000_000)))))
            return (Const('"'), moments.as_text(start), Const('","'), moments.as_text(end), Const('"'))
        case Kind.TIME:
            first = Uniform(use, Const(0), Const(700)) if code is None else Call("%", (code, Const(700)))
            second = Call("+", (first, Uniform(use + ".gap", Const(1), Const(700))))
            ends = [
                Call("format_time", (Cast(Call("*", (m, Const(60_000_000))), TIME), Const("%H:%M:%S")))
                for m in (first, second)
            ]
            return (Const('"'), ends[0], Const('","'), ends[1], Const('"'))
        case Kind.TEXT:
            word = Digits(Uniform(use, Const(0), Const(10**6)) if code is None else code, 9)
            return (word, Const(","), Join((word, Const("z"))))
        case Kind.DECIMAL | Kind.FLOAT:
            low = code if code is not None else numbers.law(use, 1, 5000, 120)
            high = Call("+", (low, numbers.law(use + ".gap", 1, 500, 25)))
            return (low, Const(".5,"), high, Const(".75"))
        case _:
            top = (1 << (min(element.bits, 62) - 1)) - 1
            low = code if code is not None else numbers.law(use, 1, min(5000, top // 2), 60)
            return (low, Const(","), Call("+", (low, numbers.law(use + ".gap", 1, 200, 15))))


def _dated(start: Node, end: Node) -> list[tuple[int, Node]]:
    return [(0, start), (1, Const(",")), (0, end)]


def document(loom: Loom, want: Want, use: str) -> Made:
    """A small plausible JSON object: what settings, payloads and attributes look like."""
    color, colors = loom.pool("general.color")
    tag, tags = loom.pool("general.tag")
    source, sources = loom.pool("general.channel")
    members: list[tuple[str, Node]] = [
        ("source", Pool(source, Zipf(use + ".source", sources, 0.8))),
        ("label", Pool(tag, Zipf(use + ".label", tags, 0.5))),
        ("color", Pool(color, Zipf(use + ".color", colors, 0.5))),
        ("count", numbers.law(use + ".count", 1, 200, 6)),
        ("enabled", Call("=", (Choice(use + ".on", (3.0, 7.0)), Const(1)))),
        ("tags", Listing(Pool(tag, Zipf(use + ".tag", tags, 0.5)), Choice(use + ".n", (2, 3, 2, 1)))),
    ]
    return Document(tuple(members)), Coded(10**12, Document((("id", code_of(want)), *members[:4])))


def xml(loom: Loom, want: Want, use: str) -> Made:
    """A small XML element with an attribute and text."""
    tag, tags = loom.pool("general.tag")
    title, titles = loom.pool("grammar:general.phrase")

    def element(number: Node) -> Node:
        parts = (
            Const('<entry id="'),
            number,
            Const('"><label>'),
            Pool(tag, Zipf(use + ".tag", tags, 0.5)),
            Const("</label><text>"),
            Pool(title, Uniform(use + ".text", Const(0), Const(titles - 1))),
            Const("</text></entry>"),
        )
        return Join(parts)

    return element(numbers.law(use + ".id", 1, 9999, 400)), Coded(10**12, element(code_of(want)))


def listing(want: Want, use: str, make: Callable[[Want, str], Made]) -> Made:
    """Zero to four elements (as many as a fixed length says), made as a column of the element's type would be."""
    element, exact = want.field.type.element, want.field.type.length if want.field.type.fixed else None
    assert element is not None
    inner_want = element_want(want, element)
    inner, coded = make(inner_want, use + ".e")
    if isinstance(inner, Pool) and isinstance(inner.index, Choice | Zipf):
        inner = Pool(inner.pool, _unlike(inner.index))
    least = 1 if (want.domain.shortest or 0) > 0 else 0
    sizes = (
        Call("+", (Choice(use + ".n", (1, 4, 3, 2, 1)[least:]), Const(least)))
        if least
        else Choice(use + ".n", (1, 4, 3, 2, 1))
    )
    one = Coded(coded.capacity, Listing(coded.expression, Const(exact or 1))) if coded is not None else None
    return Listing(inner, sizes if exact is None else Const(exact)), one


def _unlike(index: Choice | Zipf) -> Node:
    """Places in a pool that differ within a list: the row's own, and those behind it."""
    members = len(index.weights) if isinstance(index, Choice) else index.size
    start = Call("%", (Call("*", (Row(), Const(7919))), Const(members)))
    return Call("%", (Call("+", (start, Slot())), Const(members)))


def element_want(want: Want, element: Type) -> Want:
    """The want of one element of a list: same name, the element's type, no constraint of the whole."""
    import msgspec

    field = msgspec.structs.replace(want.field, type=element, nullable=False, values=())
    return Want(field=field)


def record(want: Want, use: str, make: Callable[[Want, str], Made]) -> Made:
    """A struct: every member as a column of its name and type would be."""
    import msgspec

    members: list[tuple[str, Node]] = []
    coded: Coded | None = None
    code = code_of(want)
    for name, t in want.field.type.fields:
        inner = Want(field=msgspec.structs.replace(want.field, name=name, type=t, nullable=False, values=()))
        members.append((name, make(inner, f"{use}.{name}")[0]))
    for at, (name, t) in enumerate(want.field.type.fields):
        inner = Want(field=msgspec.structs.replace(want.field, name=name, type=t, nullable=False, values=()))
        way = make(inner, f"{use}.{name}")[1]
        if way is not None and (coded is None or way.capacity > coded.capacity):
            renamed = _recoded(way.expression, code_of(inner), code)
            coded = Coded(way.capacity, Record((*members[:at], (name, renamed), *members[at + 1 :])))
    return Record(tuple(members)), coded


def _recoded(node: Node, old: Node, new: Node) -> Node:
    """The expression with another code column in place of ``old``."""
    import msgspec

    def walk(value: object) -> object:
        if value == old:
            return new
        if isinstance(value, msgspec.Struct):
            return msgspec.structs.replace(value, **{f: walk(getattr(value, f)) for f in value.__struct_fields__})
        if isinstance(value, tuple):
            return tuple(walk(v) for v in value)
        return value

    return walk(node)  # type: ignore[return-value]


def mapping(loom: Loom, want: Want, use: str, make: Callable[[Want, str], Made]) -> Made:
    """A map: a list of key and value, keys distinct by their position."""
    t = want.field.type
    assert t.key is not None
    assert t.element is not None
    start = Call("%", (Call("*", (Row(), Const(7))), Const(40)))  # of the row: an element's own draw could repeat a key
    position = Call("+", (start, Slot()))
    tag, tags = loom.pool("general.tag", unique=True)
    key: Node = position if t.key.kind is Kind.INTEGER else Pool(tag, Call("%", (position, Const(tags))))
    value = make(element_want(want, t.element), use + ".v")[0]
    whole = t.key.kind is Kind.INTEGER
    only: Node = code_of(want) if whole else Join((Const("key "), code_of(want)))
    coded = Coded(
        1 << (min(t.key.bits, 40) - 1) if whole else 10**12,
        Listing(Record((("key", only), ("value", value))), Const(1)),
    )
    return Listing(Record((("key", key), ("value", value))), Choice(use + ".n", (1, 3, 3, 2))), coded


ARTICLES = {"isbn": "978", "ismn": "9790", "issn": "977", "upc": "0", "ean": "400"}
"""Prefixes by which the numbers of books, music, serials and goods are told apart (EAN-13)."""


def opaque(loom: Loom, want: Want, use: str) -> Made | None:
    """Text forms of well-known extension types (hstore, ltree, cube, tsvector, isbn …); None if unknown."""
    t = want.field.type
    code = code_of(want)
    tag, tags = loom.pool("general.word", 2, 12, unique=True)
    first = Pool(tag, Zipf(use + ".a", tags, 0.4))
    second = Pool(tag, Zipf(use + ".b", tags, 0.4))
    third = Pool(tag, Zipf(use + ".c", tags, 0.4))
    variant = t.variant or t.raw.lower().split("(")[0]
    match variant:
        case "hstore":
            number = Quantile(use + ".q", tuple(range(1, 18)))
            return Join((Const('"kind"=>"'), first, Const('", "count"=>"'), number, Const('"'))), Coded(
                10**12, Join((Const('"kind"=>"'), first, Const('", "id"=>"'), code, Const('"')))
            )
        case "ltree":
            return Join((Const("top"), first, second), "."), Coded(
                10**12, Join((Const("top"), first, Join((Const("n"), code))), ".")
            )
        case "lquery":
            return Join((Const("*"), first, Const("*")), "."), Coded(10**12, Join((Const("*.n"), code, Const(".*"))))
        case "ltxtquery":
            return Join((first, Const(" & "), second)), Coded(10**12, Join((first, Const(" & n"), code)))
        case "tsquery":
            return Join((Const("'"), first, Const("' & '"), second, Const("'"))), Coded(
                10**12, Join((Const("'"), first, Const("' & 'n"), code, Const("'")))
            )
        case "tsvector":
            return Join((Const("'"), first, Const("':1 '"), second, Const("':2 '"), third, Const("':3"))), Coded(
                10**12, Join((Const("'"), first, Const("':1 'n"), code, Const("':2")))
            )
        case "cube":
            values = [Join((Uniform(f"{use}.{k}", Const(0), Const(99)), Const(".5"))) for k in range(3)]
            return Join((Const("("), Join(tuple(values), ", "), Const(")"))), Coded(
                10**12, Join((Const("("), code, Const(", 1, 2)")))
            )
        case "seg":
            low = Uniform(use, Const(0), Const(90))
            return Join((low, Const(" .. "), Call("+", (low, Const(5))))), Coded(
                10**9, Join((code, Const(" .. "), Call("+", (code, Const(5)))))
            )
        case "isbn" | "isbn13" | "ean13" | "upc" | "issn" | "issn13" | "ismn" | "ismn13":
            prefix = ARTICLES.get(variant.removesuffix("13"), "400")
            width = 12 - len(prefix)
            drawn = Call("ean", (Join((Const(prefix), Digits(Uniform(use, Const(0), Const(10**width - 1)), width))),))
            return drawn, Coded(10**width, Call("ean", (Join((Const(prefix), Digits(code, width))),)))
        case "pg_lsn":
            return Join((Const("16/"), Digits(Uniform(use, Const(0), Const(1 << 31)), 8, HEX.upper()))), Coded(
                1 << 32, Join((Const("16/"), Digits(code, 8, HEX.upper())))
            )
        case "xid" | "cid" | "oid" | "xid8" | "regclass":
            return numbers.law(use, 1, 10**6, 4000), Coded(10**9, Call("+", (code, Const(1))))
        case "jsonpath":
            return Join((Const("$."), first, Const("."), second)), Coded(10**12, Join((Const("$.n"), code)))
        case _:
            return exotic.exotic(want, use) or exotic.named(want, use)
