"""Unique texts: injective in the column's code, distinct even where case and accents do not count.

A code is taken apart in mixed radix: words first, then digits, as few digits as the rows need. Where the
length is tight, tiers (word + digits that fill the length) count exactly what fits, and letters with digits
are the last resort.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

from understudy.model.expression import Call, Case, Column, Const, Digits, Join, Node, Pool, Uniform, When
from understudy.semantics.loom import UNLIMITED, Loom, limits
from understudy.semantics.nouns import Coded, Want, code_name
from understudy.semantics.pools import plain

ROOM = 16
"""A way is roomy when it has this many codes per row: rows may be added later without another way."""

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
BASE36 = "0123456789" + LETTERS
BASE62 = BASE36 + LETTERS.lower()
MOST = 1 << 62


def code_of(want: Want) -> Column:
    """The code of the want's column."""
    return Column(code_name(want.field.name))


def place(code: Node, stride: int, size: int, *, last: bool = False) -> Node:
    """Digit ``(code / stride) % size`` of a mixed-radix code (the last one needs no remainder)."""
    node = code if stride == 1 else Call("/", (code, Const(stride)))
    return node if last else Call("%", (node, Const(size)))


def digits_for(rows: int, share: int = 1) -> int:
    """Decimal digits that give the rows room when ``share`` other combinations multiply them (at least 1)."""
    width = 1
    while share * 10**width < ROOM * rows and width < 15:
        width += 1
    return width


def mixture(loom: Loom, code: Node, parts: Iterable[str], digits: int = 0) -> Coded | None:
    """Words of pools and literal texts one behind the other: ``parts`` are ``=literal`` or artefact names
    (distinct words), and ``#`` the digits: behind a blank a number from 1 on, else all of them. None if a pool is
    empty."""
    stride = 1
    nodes: list[Node] = []
    slots: list[tuple[int, str, int, int]] = []
    for part in parts:
        if part.startswith("="):
            nodes.append(Const(part[1:]))
            continue
        alone = part == "#" and isinstance(nodes[-1], Const) and str(nodes[-1].value).endswith(" ")
        size = 10**digits - alone if part == "#" else len(loom.artefacts[part]) if part else 0
        if size == 0:
            return None
        slots.append((len(nodes), part, stride, size))
        nodes.append(Const(""))
        stride *= size
    for at, part, step, size in slots:
        index = place(code, step, size)
        if part != "#":
            nodes[at] = Pool(part, index)
        else:
            nodes[at] = Digits(index, digits) if size == 10**digits else Digits(Call("+", (index, Const(1))), 0)
    return Coded(min(stride, MOST), Join(tuple(nodes)) if len(nodes) > 1 else nodes[0])


def roomiest(loom: Loom, want: Want, ways: Iterable[Coded | None]) -> Coded | None:
    """The first way that fits the lengths and has room for the rows; else the one with the most codes."""
    best: Coded | None = None
    for way in ways:
        if way is None or not loom.fits(want, way.expression):
            continue
        if way.capacity >= ROOM * loom.rows or (way.capacity >= loom.rows and not numbered(way.expression)):
            return way
        if best is None or way.capacity > best.capacity:
            best = way
    return best


def numbered(node: Node) -> bool:
    """Whether a text ends in a number that nobody would write: words alone are better, if they suffice."""
    match node:
        case Digits() | Uniform():
            return True
        case Join(parts=parts):
            return any(numbered(p) for p in parts) or (len(parts) > 1 and isinstance(parts[-1], Call))
        case Case(branches=branches, otherwise=otherwise):
            return any(numbered(b.value) for b in branches) or numbered(otherwise)
        case _:
            return False


def worded(loom: Loom, want: Want, pool: str, separator: str = " ") -> Iterable[Coded | None]:
    """Words of a pool alone, then with as many digits as needed."""
    shortest, longest = limits(want)
    code = code_of(want)
    if " " in separator or separator:
        name, size = loom.pool(pool, shortest, longest, unique=True)
        if size:
            yield mixture(loom, code, [name])
    for room in (1, 1000):
        digits = digits_for(loom.rows * room, 1)
        left = longest - digits - len(separator)
        name, size = (
            loom.pool(pool, max(0, shortest - digits - len(separator)), left, unique=True) if left > 0 else ("", 0)
        )
        if size:
            digits = digits_for(loom.rows * room, size)
            kept = plain(loom.words[name])
            if len(kept) < size:
                name = loom.keep(name + ":plain", kept) if kept else ""
            yield mixture(loom, code, [name, "=" + separator, "#"], digits) if name else None


def last_resort(loom: Loom, want: Want) -> Iterable[Coded | None]:
    """What every text column can hold: tiers of short words and digits, then letters with digits."""
    shortest, longest = limits(want)
    if longest <= 0:
        return
    code = code_of(want)
    folded = want.field.type.folded
    width = min(longest, 8 if longest >= 8 else longest)
    width = max(width, min(shortest, longest))
    if width >= 4:
        yield tiers(loom, code, min(width, 8)) if shortest <= width <= 8 else None
    head = min(3, max(1, width - digits_for(loom.rows)))
    if width > head:
        tail = min(width - head, 15)
        node = Join((Digits(place(code, 10**tail, 26**head), head, LETTERS), Digits(place(code, 1, 10**tail), tail)))
        yield Coded(min(26**head * 10**tail, MOST), node) if head + tail == width else None
    if width <= 3:
        yield alphabet(code, width, LETTERS)
        yield alphabet(code, width, LETTERS + LETTERS.lower()) if not folded else None
    yield alphabet(code, width, BASE36)
    if not folded:
        yield alphabet(code, width, BASE62)
    if longest < UNLIMITED and longest > width:
        yield alphabet(code, longest, BASE36)


def alphabet(code: Node, width: int, letters: str) -> Coded:
    """Codes of ``width`` symbols; the front is filled up where 62 bits hold fewer symbols."""
    symbols = width
    while len(letters) ** symbols > MOST:
        symbols -= 1
    node: Node = Digits(code, symbols, letters)
    if symbols < width:
        node = Join((Const(letters[-1] * (width - symbols)), node))
    return Coded(len(letters) ** symbols, node)


@cache
def _short_words(members: tuple[str, ...]) -> dict[int, tuple[str, ...]]:
    """Words of ASCII letters by their length."""
    found: dict[int, list[str]] = {}
    for word in dict.fromkeys(w.lower() for w in members):
        if word.isascii() and word.isalpha():
            found.setdefault(len(word), []).append(word)
    return {size: tuple(kept) for size, kept in found.items()}


def tiers(loom: Loom, code: Node, width: int) -> Coded | None:
    """Word + digits, together exactly ``width`` characters: Σ words(l)·10^(width−l) codes (no word has a digit)."""
    capacity, branches, last = 0, [], None
    by_length = _short_words(loom.members("general.short_words"))
    for size in range(2, width):
        members = by_length.get(size)
        if not members:
            continue
        spare = width - size
        name = loom.keep(f"pool:en_US:general.short_words:={size}", members)
        inner = Call("-", (code, Const(capacity))) if capacity else code
        last = Join(
            (Pool(name, Call("/", (inner, Const(10**spare)))), Digits(Call("%", (inner, Const(10**spare))), spare))
        )
        capacity += len(members) * 10**spare
        branches.append(When(Call("<", (code, Const(capacity))), last))
    if last is None:
        return None
    return Coded(capacity, Case(tuple(branches[:-1]), last) if len(branches) > 1 else last)
