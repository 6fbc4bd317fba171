"""From a pattern's tree to shapes: for each length, rows of sets of characters.

The table grows by length (a convolution over the items of a chain), so that limits of length are met exactly and
nothing explodes: at most ``WIDTH`` shapes of a length are carried.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import TypeAlias

from understudy.rules.expressions import ANY, Anchor, Chain, Look, Members, Options, Parsed, Pattern, Repeat

Shape: TypeAlias = tuple[frozenset[str], ...]
Table: TypeAlias = dict[int, list[Shape]]

WIDTH = 64
"""Shapes carried per length."""

EXTRA_CHARACTERS = 96
"""Characters taken of one range beyond ASCII."""

_PRINTABLE = frozenset(map(chr, range(0x20, 0x7F)))
_LOWER, _UPPER, _DIGITS = (
    frozenset("abcdefghijklmnopqrstuvwxyz"),
    frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZ"),
    frozenset("0123456789"),
)
_PUNCT = _PRINTABLE - _LOWER - _UPPER - _DIGITS - {" "}
_NAMED = {
    "digit": _DIGITS, "word": _LOWER | _UPPER | _DIGITS | {"_"}, "space": frozenset(" \t\n"), "letter": _LOWER | _UPPER,
    "alnum": _LOWER | _UPPER | _DIGITS, "upper": _UPPER, "lower": _LOWER, "blank": frozenset(" \t"), "punct": _PUNCT,
    "xdigit": _DIGITS | frozenset("abcdef"), "print": _PRINTABLE, "graph": _PRINTABLE - {" "}, "cntrl": frozenset("\t"),
}  # fmt: skip
_PAD = Repeat(ANY, 0, None)
_NEVER = Options(())


def readable(position: frozenset[str]) -> str:
    """The characters of a position that people like to read, in order: letters and digits before signs, one case
    where everything is allowed."""
    everything = len(position) > len(_LOWER | _UPPER | _DIGITS)
    for wanted in (_LOWER, _UPPER, _DIGITS) if everything else (_LOWER | _UPPER | _DIGITS,):
        if kept := position & wanted:
            return "".join(sorted(kept))
    return "".join(sorted(position & (_PRINTABLE - {" "}) or position))


def shapes_of(parsed: Parsed, shortest: int, longest: int, *, spare: int, widened: bool) -> list[Shape]:
    """Shapes of the strings that match, of permitted length, shorter ones first. ``widened``: ends that the pattern
    leaves open take text too; otherwise they add nothing."""
    tree = Options(tuple(_whole(chain) for chain in _alternatives(parsed.tree)))
    least = _least(tree)
    if least is None or least > longest:
        return []
    top = min(longest, max(least, shortest) + spare)
    table = _table(tree if widened else _unpadded(tree), top, parsed.folded)
    return [shape for length in sorted(table) if shortest <= length <= top for shape in table[length]]


def _alternatives(tree: Pattern) -> list[tuple[Pattern, ...]]:
    """The pattern as chains in which no place (``^``, ``$``) stands inside an alternative any more."""
    if isinstance(tree, Options):
        return [chain for option in tree.options for chain in _alternatives(option)]
    chains: list[tuple[Pattern, ...]] = [()]
    for item in tree.items if isinstance(tree, Chain) else (tree,):
        spread = _alternatives(item) if isinstance(item, Options | Chain) and _placed(item) else [(item,)]
        chains = [c + s for c in chains for s in spread][:WIDTH]
    return chains


def _placed(node: Pattern) -> bool:
    match node:
        case Anchor(kind="^" | "$"):
            return True
        case Chain(items=items):
            return any(map(_placed, items))
        case Options(options=options):
            return any(map(_placed, options))
        case Repeat(item=item):
            return _placed(item)
    return False


def _whole(chain: tuple[Pattern, ...]) -> Pattern:
    """A chain that speaks of the whole string: an end that is not held is padded; a place in the middle never holds."""
    items = [i for i in chain if not isinstance(i, Look) and not (isinstance(i, Anchor) and i.kind in "bB")]
    started, ended = bool(items) and items[0] == Anchor("^"), bool(items) and items[-1] == Anchor("$")
    while items and items[0] == Anchor("^"):
        items = items[1:]
    while items and items[-1] == Anchor("$"):
        items = items[:-1]
    if any(map(_placed, items)):
        return _NEVER
    wanted = _demands(chain) if started else ()
    padded = ([] if started else [_PAD]) + items + ([] if ended else [_PAD])
    return _demanded(Chain(tuple(padded)), wanted)


def _demands(chain: tuple[Pattern, ...]) -> tuple[Pattern, ...]:
    """What the looks ahead at the beginning demand somewhere: the ``X`` of ``(?=.*X)``."""
    found: list[Pattern] = []
    for item in chain:
        match item:
            case Look(
                item=Chain(items=(Repeat(low=0, high=None), Members() as wanted, *_)), negative=False, behind=False
            ):
                found.append(wanted)
            case Look() | Anchor():
                continue
            case _:
                break
    return tuple(found)


def _demanded(chain: Chain, wanted: tuple[Pattern, ...]) -> Pattern:
    """``.{8,}`` that must hold a capital and a digit begins with one of each: what is asked, in the order asked."""
    match chain.items:
        case (Repeat(item=Members(), low=low, high=high) as rest, *more) if wanted and (
            high is None or high >= len(wanted)
        ):
            left = Repeat(rest.item, max(low - len(wanted), 0), None if high is None else high - len(wanted))
            return Chain((*wanted, left, *more))
    return chain


def _unpadded(node: Pattern) -> Pattern:
    match node:
        case Options(options=options):
            return Options(tuple(map(_unpadded, options)))
        case Chain(items=items):
            return Chain(tuple(i for i in items if i is not _PAD))
    return node


def least_length(parsed: Parsed) -> int | None:
    """The fewest characters that a match has; None where nothing matches."""
    return _least(parsed.tree)


def _least(node: Pattern) -> int | None:
    """The least length of a match; None if nothing matches."""
    match node:
        case Members():
            return 1
        case Chain(items=items):
            sizes = [_least(i) for i in items]
            return None if None in sizes else sum(s for s in sizes if s is not None)
        case Options(options=options):
            return min((s for s in map(_least, options) if s is not None), default=None)
        case Repeat(item=item, low=low):
            size = _least(item)
            return 0 if low == 0 else None if size is None else low * size
    return 0


def greatest_length(parsed: Parsed) -> int | None:
    """The most characters that a text has which matches as a whole; None where there is no end, or where the pattern is
    not bound to both ends of the text."""
    match parsed.tree:
        case Chain(items=(Anchor(kind="^"), *_, Anchor(kind="$"))):
            return _most(parsed.tree)
    return None


def _most(node: Pattern) -> int | None:
    match node:
        case Members():
            return 1
        case Chain(items=several):
            sizes = [_most(i) for i in several]
            return None if None in sizes else sum(s for s in sizes if s is not None)
        case Options(options=several):
            sizes = [_most(i) for i in several]
            return None if None in sizes else max(s for s in sizes if s is not None)
        case Repeat(item=item, high=high):
            size = _most(item)
            return None if size is None or high is None else high * size
    return 0


def _table(node: Pattern, top: int, folded: bool) -> Table:
    """For each length up to ``top`` the shapes of that length."""
    match node:
        case Members():
            members = _characters(node, folded)
            return {1: [(members,)]} if members and top >= 1 else {}
        case Chain(items=items):
            return _chained(items, top, folded)
        case Options(options=options):
            return _merged(_table(o, top, folded) for o in options)
        case Repeat(item=Members() as item, low=low, high=high):
            members = _characters(item, folded)
            most = top if high is None else min(high, top)
            return {n: [(members,) * n] for n in range(low, most + 1) if members or n == 0}
        case Repeat():
            return _repeated(node, top, folded)
    return {0: [()]}


def _chained(items: tuple[Pattern, ...], top: int, folded: bool) -> Table:
    """Items one behind the other, knowing how much room those still to come need."""
    needs = [_least(i) or 0 for i in items]
    table: Table = {0: [()]}
    for number, item in enumerate(items):
        room = top - sum(needs[number + 1 :])
        table = _joined(table, _table(item, room - min(table, default=0), folded), room)
    return table


def _repeated(node: Repeat, top: int, folded: bool) -> Table:
    inner = {n: s for n, s in _table(node.item, top, folded).items() if n > 0}
    table: Table = {0: [()]}
    found: list[Table] = [table] if node.low == 0 else []
    most = node.high if node.high is not None else max(node.low, top)
    for count in range(1, most + 1):
        table = _joined(table, inner, top)
        if not table:
            break
        if count >= node.low:
            found.append(table)
    return _merged(found)


def _joined(left: Table, right: Table, top: int) -> Table:
    out: dict[int, list[list[Shape]]] = {}
    for a, firsts in left.items():
        for b, seconds in right.items():
            if a + b <= top:
                most = max(WIDTH // len(seconds), 1)
                out.setdefault(a + b, []).append([x + y for x in firsts[:most] for y in seconds])
    return {n: _mixed(lists) for n, lists in out.items()}


def _merged(tables: Iterable[Table]) -> Table:
    out: dict[int, list[list[Shape]]] = {}
    for table in tables:
        for length, shapes in table.items():
            out.setdefault(length, []).append(shapes)
    return {n: _mixed(lists) for n, lists in out.items()}


def _mixed(lists: list[list[Shape]]) -> list[Shape]:
    """At most ``WIDTH`` of the shapes, some of every list."""
    longest = max(map(len, lists))
    turns = (shapes[i] for i in range(longest) for shapes in lists if i < len(shapes))
    return list(dict.fromkeys(turns))[:WIDTH]


@lru_cache(maxsize=4096)
def _characters(members: Members, folded: bool) -> frozenset[str]:
    """The characters that may stand there: printable ASCII, and those named expressly."""
    found = frozenset(chr(p) for a, b in members.ranges for p in range(a, min(b, a + 0x7F + EXTRA_CHARACTERS) + 1))
    for name in members.names:
        found |= _PRINTABLE - _NAMED[name[4:]] if name.startswith("not ") else _NAMED[name]
    if folded:
        found |= frozenset(s for c in found for s in (c.lower(), c.upper()) if len(s) == 1)
    return _PRINTABLE - found if members.negated else found
