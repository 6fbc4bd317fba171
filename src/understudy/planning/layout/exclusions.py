"""Exclusion constraints by construction: what must not overlap lies in windows of its own.

An exclusion over ranges becomes a uniqueness like any other: of its key's columns and of a hidden number,
the window. Windows are disjoint by arithmetic, and a range is laid somewhere inside its row's window.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

import msgspec
import pyarrow as pa

from understudy.model.domain import Domain
from understudy.model.expression import Call, Cast, Column, Const, Join, Node, Uniform
from understudy.model.schema import Entity, Exclusion, Field, KeyPart, Unique
from understudy.model.snapshot import TableSnapshot
from understudy.planning import names
from understudy.planning.draft import flat
from understudy.planning.solving.parts import part_name
from understudy.types import Kind, Type

RANGES = ("int4range", "int8range", "numrange", "tsrange", "tstzrange", "daterange")
"""Functions that make a range of two bounds."""

DAY = 86_400_000_000
PAST = 3 * 365
"""Days before the clock at which windows begin, where nothing else says so."""

SPARE = 4
"""Windows for each row expected within one key: bookings have gaps, and keys differ in how many rows they have."""

LEAST = {Kind.DATE: 120, Kind.TIMESTAMP: 2048}
"""Windows of a key at least (days are scarce: nine days each in three years)."""

FINEST = {Kind.TIMESTAMP: 60_000_000}
"""The grain of windows: minutes; a day, a whole number elsewhere."""

STEP = 15
"""Minutes that starts and ends of appointments are multiples of, where windows are wide enough."""

HEXADECIMAL = "0123456789abcdef"

UUIDS = 1 << 48
"""UUIDs are told apart by their first twelve digits."""

ROOM = 3
"""Windows are so many times as wide as a range must be at least: it begins in the first third."""

GRID = 4096
"""Cells of a row of boxes."""


class Window(msgspec.Struct, frozen=True):
    """``name``: the hidden column with the row's window. ``kind``: of the bounds, or box, circle, address.
    ``span``: the column that holds the range, if there is one; ``start`` and ``end``: the columns of its ends."""

    name: str
    kind: str
    span: str = ""
    start: str = ""
    end: str = ""

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that it settles."""
        return (self.start, self.end) if self.start else (self.span,)


class Excluded(msgspec.Struct, frozen=True):
    """An exclusion as a uniqueness of ``columns`` (with the window's, if there is one)."""

    exclusion: Exclusion
    columns: tuple[str, ...]
    window: Window | None


def read_exclusions(entity: Entity) -> tuple[tuple[Excluded, ...], tuple[Exclusion, ...]]:
    """The exclusions that can be met by construction, and the others."""
    met: list[Excluded] = []
    rest: list[Exclusion] = []
    windows: dict[tuple[str, ...], Window] = {}
    for exclusion in entity.exclusions:
        found = _read(entity, exclusion, windows)
        if found is None:
            rest.append(exclusion)
        else:
            met.append(found)
    return tuple(met), tuple(rest)


def _read(entity: Entity, exclusion: Exclusion, windows: dict[tuple[str, ...], Window]) -> Excluded | None:
    columns: list[str] = []
    window: Window | None = None
    for text, operator in exclusion.elements:
        sign = operator.rsplit(".", 1)[-1].strip("()")
        if sign == "=":
            columns += _columns_of(entity, text)
        elif sign == "&&":
            window = window or _window(entity, text, windows)  # apart in one of them is apart
        elif sign != "<>":  # rows that agree on the key must agree there too: a key of its own for each row does it
            return None
    overlapping = any(o.rsplit(".", 1)[-1].strip("()") == "&&" for _, o in exclusion.elements)
    if window is None and (overlapping or not columns):
        return None
    return Excluded(exclusion, (*dict.fromkeys(columns), *([window.name] if window else [])), window)


def _columns_of(entity: Entity, text: str) -> list[str]:
    """The columns that a text speaks of."""
    plain = {f.name for f in entity.fields}
    bare = text.strip("()").strip()
    unquoted = bare[1:-1].replace('""', '"') if bare.startswith('"') and bare.endswith('"') else bare
    if unquoted in plain:
        return [unquoted]
    return [n for n in plain if re.search(rf'(?<![\w"]){re.escape(n)}(?![\w"])|"{re.escape(n)}"', text)]


def _window(entity: Entity, text: str, windows: dict[tuple[str, ...], Window]) -> Window | None:
    columns = _columns_of(entity, text)
    if len(columns) == 1 and (computed := entity.field(columns[0]).generated):
        text, columns = computed, _columns_of(entity, computed)
    made: Window | None = None
    name = f"$window:{len(windows)}"
    if len(columns) == 1:
        t = entity.field(columns[0]).type
        if t.kind is Kind.RANGE and t.element is not None:
            lower, upper = (part_name(columns[0], (end,)) for end in ("lower", "upper"))
            made = Window(name, t.element.kind.value, span=columns[0], start=lower, end=upper)
        elif t.kind is Kind.GEOMETRIC and t.variant in ("box", "circle"):
            made = Window(name, t.variant, span=columns[0])
        elif t.kind is Kind.NETWORK and t.variant in ("inet", "cidr"):
            made = Window(name, "address", span=columns[0])
    elif len(columns) == 2 and any(f"{r}(" in text.lower() for r in RANGES):
        start, end = sorted(columns, key=text.index)
        kinds = {entity.field(c).type.kind for c in (start, end)}
        if len(kinds) == 1 and kinds <= {Kind.DATE, Kind.TIMESTAMP, Kind.INTEGER, Kind.DECIMAL, Kind.FLOAT}:
            made = Window(name, kinds.pop().value, start=start, end=end)
    if made is None or any(entity.field(c).generated for c in made.columns):
        return None
    return windows.setdefault(made.columns, made)


def hidden_fields(excluded: tuple[Excluded, ...]) -> tuple[Field, ...]:
    """The windows as fields that keys can be made of."""
    found = {e.window.name for e in excluded if e.window is not None}
    return tuple(Field(n, Type(Kind.INTEGER), nullable=False) for n in sorted(found))


def unique_of(excluded: Excluded) -> Unique:
    """The uniqueness that stands for an exclusion."""
    return Unique(excluded.exclusion.name, tuple(KeyPart(c) for c in excluded.columns))


def windows_of(excluded: tuple[Excluded, ...]) -> Iterator[Window]:
    """Each window once."""
    yield from {e.window.name: e.window for e in excluded if e.window is not None}.values()


def count(window: Window, rows: int, keys: int) -> int:
    """How many windows there are, for ``rows`` over ``keys`` combinations of the key's other columns (1: none)."""
    kind = _kind(window)
    if keys <= 1:
        return max(rows, 1)
    return max(LEAST.get(kind, 1024) if kind is not None else 1024, SPARE * -(-rows // keys))


class Lane(msgspec.Struct, frozen=True):
    """``count`` windows of ``width`` grains from ``base`` on (in the column's own units). ``least`` and ``most``: how
    far the ends lie apart at least, and at most, in the column's units (0: as far as the window goes)."""

    base: int
    width: int
    count: int
    least: int = 0
    most: int = 0


def lane(
    window: Window,
    windows: int,
    domains: Mapping[str, Domain],
    clock: int,
    held: TableSnapshot | None,
    apart: tuple[int, int] = (0, 0),
) -> Lane:
    """Where the windows lie: behind what the target holds, within what rules permit, near the clock. ``apart``: the
    least and the most that rules let the ends lie apart (0: they say nothing)."""
    kind = _kind(window)
    grain = FINEST.get(kind, 1) if kind is not None else 1
    low, high = _bounds(window, domains)
    day = DAY if kind is Kind.TIMESTAMP else 1
    if kind in (Kind.DATE, Kind.TIMESTAMP):
        today = clock // DAY * day
        base = today - PAST * day if low is None else low
        top = high if high is not None else today + 60 * day
        if low is None:
            base = min(base, top - 2 * windows * grain)
        elif high is None:
            top = max(top, base + 2 * windows * grain)
    elif kind is Kind.UUID:
        base, top = 0, UUIDS
    else:
        base = 0 if low is None else low
        top = high if high is not None else base + 100 * windows
    if (after := _held(window, held)) is not None and after >= base:
        base, top = after + grain, max(top, after + grain + (top - base)) if high is None else top
    base = -(-base // grain) * grain
    if high is None:
        top = max(top, base + ROOM * apart[0] * windows)
    return Lane(base, max(2, (top - base) // grain // max(windows, 1)), windows, *apart)


def _bounds(window: Window, domains: Mapping[str, Domain]) -> tuple[int | None, int | None]:
    if _kind(window) is Kind.UUID:
        return None, None
    first, last = (domains.get(c, Domain()) for c in (window.columns[0], window.columns[-1]))
    lows = [int(d.low) for d in (first, last) if d.low is not None]
    highs = [int(d.high) for d in (first, last) if d.high is not None]
    return max(lows, default=None), min(highs, default=None)


def _kind(window: Window) -> Kind | None:
    return Kind(window.kind) if window.kind in set(Kind) else None


def _held(window: Window, held: TableSnapshot | None) -> int | None:
    """The greatest bound that the target already holds."""
    column = window.span or window.end
    if held is None or held.columns is None or column not in held.columns.column_names:
        return None
    import pyarrow.compute as pc

    values = flat(held.columns.column(column))
    kind = _kind(window)
    if window.span and kind is not None:
        parts = pc.extract_regex(
            pc.cast(values, pa.string()), r'^[\[(]"?(?P<low>[^",]*)"?,"?(?P<high>[^"\])]*)"?[\])]$'
        )
        texts = pc.coalesce(pc.struct_field(parts, [1]), pc.struct_field(parts, [0]))
        if kind is Kind.UUID:
            return max((int(t[:13].replace("-", ""), 16) + 1 for t in texts.to_pylist() if t), default=None)
        if kind is Kind.TIMESTAMP:
            texts = pc.replace_substring_regex(texts, r"(\.\d+)?([+-]\d\d)?(:?\d\d)?$", "")
        texts = texts.filter(pc.fill_null(pc.match_substring_regex(texts, r"^[-0-9.: ]+$"), False))
        values = texts.cast({Kind.DATE: pa.date32(), Kind.TIMESTAMP: pa.timestamp("us")}.get(kind, pa.float64()))
    if window.kind in ("box", "circle", "address"):
        return len(values)
    top = pc.max(values)
    if not top.is_valid:
        return None
    match kind:
        case Kind.DATE:
            return int(top.cast(pa.int32()).as_py())
        case Kind.TIMESTAMP:
            return int(top.cast(pa.int64()).as_py()) + DAY  # a day for the zones of what was read as text
        case _:
            return int(top.as_py()) + 1


def settled(window: Window, where: Lane, types: Mapping[str, Type]) -> dict[str, Node]:
    """The columns of a window, per name: a range, or its two ends, within the row's window."""
    code: Node = Column(names.code(window.name))
    if window.kind in ("box", "circle", "address"):
        return {window.span: _cell(window, Call("+", (code, Const(where.base))))}
    kind = Kind(window.kind)
    grain = FINEST.get(kind, 1)
    step = STEP if kind is Kind.TIMESTAMP and where.width >= 8 * STEP else 1
    width = where.width // step
    use = window.name.removeprefix("$")
    longest = max(1, width // 2 if kind is not Kind.TIMESTAMP or step == 1 else min(width // 2, 32))
    offset = Call("+", (Call("*", (code, Const(width))), Uniform(f"{use}.at", Const(0), Const(width // 3))))
    start = Call("+", (Call("*", (offset, Const(step * grain))), Const(where.base)))
    shortest = max(1, -(-where.least // (step * grain)))
    longest = max(shortest, min(longest, where.most // (step * grain)) if where.most else longest)
    length = Call("*", (Uniform(f"{use}.length", Const(shortest), Const(longest)), Const(step * grain)))
    end = Call("+", (start, length))
    return {c: _typed(types[c], node) for c, node in ((window.start, start), (window.end, end))}


def _typed(t: Type, node: Node) -> Node:
    if t.kind is Kind.UUID:
        return _uuid(node)
    return Cast(node, t) if t.kind in (Kind.DATE, Kind.TIMESTAMP) else node


def _uuid(number: Node) -> Node:
    """A UUID whose first twelve digits are the number's: greater numbers, greater UUIDs."""
    places = (Call("%", (Call("shift_right", (number, Const(4 * n))), Const(16))) for n in reversed(range(12)))
    digits = [Call("substring", (Const(HEXADECIMAL), Call("+", (p, Const(1))), Const(1))) for p in places]
    return Join((*digits[:8], Const("-"), *digits[8:], Const("-4000-8000-000000000000")), "")


def _cell(window: Window, cell: Node) -> Node:
    """A box or circle in a cell of a grid, or an address of its own."""
    if window.kind == "address":
        parts = (Call("/", (cell, Const(65536))), Call("/", (cell, Const(256))), cell)
        octets = tuple(Call("%", (p, Const(256))) for p in parts)
        return Join((Const("10"), *octets), ".")
    x, y = Call("%", (cell, Const(GRID))), Call("/", (cell, Const(GRID)))
    if window.kind == "circle":
        return Join((Const("<("), x, Const(","), y, Const("),0."), Uniform("radius", Const(1), Const(4)), Const(">")))
    far = Uniform("far", Const(5), Const(9))
    near = Uniform("near", Const(1), Const(4))
    return Join((Const("("), x, Const("."), far, Const(","), y, Const("."), far, Const("),("), x, Const("."), near,
                 Const(","), y, Const("."), near, Const(")")))  # fmt: skip
