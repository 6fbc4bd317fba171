"""Languages: what a pattern permits, as something to count, to number and to draw from.

A pattern is turned into *shapes*: rows of sets of characters, one set per position. ``[A-Z]{2}\\d+`` has the shapes
``AA0``, ``AA00``, … A shape is a product, so its strings are numbered by mixed radix; shapes that share no string are
numbered one behind the other. Two patterns on one column are met position by position, which is exact.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache, reduce
from math import prod

import msgspec

from understudy.model.expression import Call, Case, Choice, Const, Digits, Join, Node, Uniform, When
from understudy.rules import texts
from understudy.rules.expressions import Anchor, Chain, Look, Options, Pattern, Repeat, read
from understudy.rules.shapes import Shape, greatest_length, least_length, readable, shapes_of
from understudy.rules.translation import written

LIMIT = 2**62
"""Codes are int64."""

SPARE = 8
"""Characters that an open quantifier may add to the least length."""

FEW = 1000
"""A language that has fewer strings is widened at its open ends, where it has any."""

MOST_SHAPES = 48
"""Shapes kept for sampling: a node has a branch for each."""

PROBES = 12
"""Strings of each shape that are verified against the pattern itself before the shape is trusted."""


class Language(msgspec.Struct, frozen=True):
    """Strings that match every one of ``patterns`` (Python's syntax), of ``shortest`` to ``longest`` characters.

    ``shapes``: pairwise disjoint; each position lists the characters that may stand there, in order. ``exact``:
    every string
    of the shapes matches; False where a pattern looks around or names word edges, which shapes cannot say: then all
    that was
    probed matches, but a rare string may not, and what is made of it must be verified.
    """

    patterns: tuple[str, ...]
    shapes: tuple[tuple[str, ...], ...]
    shortest: int
    longest: int
    exact: bool = True

    @property
    def size(self) -> int:
        """How many strings can be numbered, at most 2**62."""
        return min(sum(map(_size, self.shapes)), LIMIT)

    def matches(self, text: str) -> bool:
        """Whether ``text`` is in the language, judged by the patterns themselves."""
        fits = self.shortest <= len(text) <= self.longest
        return fits and all(re.search(p, text) is not None for p in self.patterns)

    def expression(self, code: Node | None, use: str) -> Node:
        """A node giving a string: number ``code`` of [0, size), each another one; or, without a code, drawn by streams
        whose names begin with ``use``."""
        if code is None:
            return _drawn(self.shapes, use)
        return _numbered(self.shapes, code, use)

    def text(self, code: int) -> str:
        """String number ``code`` of [0, size), as :meth:`expression` gives it wherever nothing is drawn."""
        for shape in self.shapes:
            if code < _size(shape):
                return _spelled(shape, code)
            code -= _size(shape)
        raise IndexError(code)


def compile(
    pattern: str, flags: str = "", *, dialect: str = "", shortest: int = 0, longest: int | None = None
) -> Language | None:
    """The language of one pattern; None where it is not understood or holds nothing of that length.

    ``flags``: ``i`` folds case. ``dialect``: ``like``, ``glob``, ``similar`` for those; else a regular expression.
    """
    return intersection(((_regular(pattern, dialect), flags),), shortest=shortest, longest=longest)


def _regular(pattern: str, dialect: str) -> str:
    match dialect:
        case "like":
            return texts.like_to_regex(pattern)
        case "glob":
            return texts.glob_to_regex(pattern)
        case "similar":
            return texts.similar_to_regex(pattern)
    return pattern


def lengths(patterns: Iterable[tuple[str, str]]) -> tuple[int, int | None]:
    """The fewest and the most characters of texts that match all ``patterns``; None: no end is known."""
    known = [p for p in (read(p, f) for p, f in patterns) if p is not None]
    ends = [n for n in map(greatest_length, known) if n is not None]
    return max((least_length(p) or 0 for p in known), default=0), min(ends, default=None)


@lru_cache(maxsize=512)
def intersection(
    patterns: tuple[tuple[str, str], ...], *, shortest: int = 0, longest: int | None = None
) -> Language | None:
    """The strings that match all ``patterns`` (each with its flags); None where one is not understood or none is
    found."""
    parsed = [read(p, f) for p, f in patterns]
    known = [p for p in parsed if p is not None]
    if not known or len(known) < len(parsed):
        return None
    top = longest if longest is not None else 10_000
    spoken = tuple(written(p) for p in known)
    shortest = max(shortest, *(least_length(p) or 0 for p in known))  # what one leaves open another may ask for
    best: list[tuple[str, ...]] = []
    for widened in (False, True):
        sets = [shapes_of(p, shortest, top, spare=SPARE, widened=widened) for p in known]
        met = reduce(_met, sets)
        found = _trusted(_disjoint(_readable(s) for s in _spread(met)), spoken)
        if sum(map(_size, found)) > sum(map(_size, best)):
            best = found
        if sum(map(_size, best)) >= FEW:
            break
    exact = not any(_looks(p.tree) for p in known)
    return Language(spoken, tuple(best), shortest, top, exact) if best else None


def _looks(node: Pattern) -> bool:
    match node:
        case Look():
            return True
        case Anchor(kind=kind):
            return kind in ("b", "B")
        case Chain(items=items):
            return any(map(_looks, items))
        case Options(options=options):
            return any(map(_looks, options))
        case Repeat(item=item):
            return _looks(item)
    return False


def _met(one: Sequence[Shape], other: Sequence[Shape]) -> list[Shape]:
    """The shapes that two patterns share."""
    lengths: dict[int, list[Shape]] = {}
    for shape in other:
        lengths.setdefault(len(shape), []).append(shape)
    pairs = (tuple(x & y for x, y in zip(a, b, strict=True)) for a in one for b in lengths.get(len(a), ()))
    return list(dict.fromkeys(s for s in pairs if all(s)))


def _readable(shape: Shape) -> tuple[str, ...]:
    return tuple(readable(position) for position in shape)


def _spread(shapes: Sequence[Shape]) -> list[Shape]:
    """At most a few hundred shapes, taken evenly."""
    most = MOST_SHAPES * 8
    return list(shapes) if len(shapes) <= most else [shapes[i * len(shapes) // most] for i in range(most)]


def _disjoint(shapes: Iterable[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """Shapes that share no string, larger ones first, in order of length."""
    kept: list[tuple[str, ...]] = []
    for shape in sorted(dict.fromkeys(shapes), key=lambda s: (-_size(s), len(s), s)):
        if len(kept) < MOST_SHAPES and all(_apart(shape, k) for k in kept):
            kept.append(shape)
    return sorted(kept, key=lambda s: (len(s), s))


def _apart(a: tuple[str, ...], b: tuple[str, ...]) -> bool:
    return len(a) != len(b) or any(not set(x) & set(y) for x, y in zip(a, b, strict=True))


def _trusted(shapes: list[tuple[str, ...]], patterns: tuple[str, ...]) -> list[tuple[str, ...]]:
    """Shapes whose probes all match: word edges and what looks around are not in the shapes themselves."""

    def holds(shape: tuple[str, ...]) -> bool:
        size = _size(shape)
        probes = {_spelled(shape, i * (size - 1) // (PROBES - 1)) for i in range(PROBES)}
        probes |= {"".join(p[(i * 7 + n) % len(p)] for n, p in enumerate(shape)) for i in range(PROBES)}
        return all(re.search(p, text) is not None for p in patterns for text in probes)

    return [s for s in shapes if holds(s)]


def _size(shape: tuple[str, ...]) -> int:
    return prod(map(len, shape))


def _spelled(shape: tuple[str, ...], code: int) -> str:
    out: list[str] = []
    for alphabet in reversed(shape):
        code, digit = divmod(code, len(alphabet))
        out.append(alphabet[digit])
    return "".join(reversed(out))


def _drawn(shapes: tuple[tuple[str, ...], ...], use: str) -> Node:
    written_shapes = [
        _join([_draw(p, f"{use}.{i}.{n}") for n, p in enumerate(_pieces(s))]) for i, s in enumerate(shapes)
    ]
    if len(written_shapes) == 1:
        return written_shapes[0]
    pick = Choice(f"{use}.shape", tuple(float(min(_size(s), FEW)) for s in shapes))
    whens = tuple(When(Call("=", (pick, Const(i))), w) for i, w in enumerate(written_shapes[:-1]))
    return Case(whens, written_shapes[-1])


class Piece(msgspec.Struct, frozen=True):
    """Part of a shape: a fixed ``text``, or ``width`` symbols of ``alphabet``."""

    alphabet: str
    width: int
    text: str = ""

    @property
    def size(self) -> int:
        """How many strings it has."""
        return 1 if self.text else int(len(self.alphabet) ** self.width)


def _pieces(shape: tuple[str, ...]) -> list[Piece]:
    """A shape as fixed texts and runs of one alphabet, each run small enough for an int64."""
    out: list[Piece] = []
    for alphabet in shape:
        last = out[-1] if out else None
        if len(alphabet) == 1:
            fixed = last is not None and last.text
            piece = Piece("", 0, (last.text if last and fixed else "") + alphabet)
            out = [*out[:-1], piece] if fixed else [*out, piece]
        elif last is not None and last.alphabet == alphabet and last.size * len(alphabet) <= LIMIT:
            out[-1] = Piece(alphabet, last.width + 1)
        else:
            out.append(Piece(alphabet, 1))
    return out


def _draw(piece: Piece, use: str) -> Node:
    if piece.text:
        return Const(piece.text)
    return Digits(Uniform(use, Const(0), Const(piece.size - 1)), piece.width, piece.alphabet)


def _join(parts: list[Node]) -> Node:
    return parts[0] if len(parts) == 1 else Join(tuple(parts)) if parts else Const("")


def _numbered(shapes: tuple[tuple[str, ...], ...], code: Node, use: str) -> Node:
    whens: list[When] = []
    start = 0
    for number, shape in enumerate(shapes):
        inner = code if start == 0 else Call("-", (code, Const(start)))
        text = _coded(_pieces(shape), inner, f"{use}.{number}")
        start += _size(shape)
        if number == len(shapes) - 1 or start >= LIMIT:
            return Case(tuple(whens), text) if whens else text
        whens.append(When(Call("<", (code, Const(start))), text))
    return Const(None)


def _coded(pieces: list[Piece], code: Node, use: str) -> Node:
    """The code in mixed radix, the last piece least significant; what lies beyond the codes is drawn."""
    parts: list[Node] = []
    weight = 1
    for number, piece in reversed(list(enumerate(pieces))):
        if piece.text:
            parts.append(Const(piece.text))
        elif weight >= LIMIT:
            parts.append(_draw(piece, f"{use}.{number}"))
        else:
            digit: Node = code if weight == 1 else Call("/", (code, Const(weight)))
            if weight * piece.size < LIMIT:
                digit = Call("%", (digit, Const(piece.size)))
            parts.append(Digits(digit, piece.width, piece.alphabet))
            weight *= piece.size
    return _join(parts[::-1])
