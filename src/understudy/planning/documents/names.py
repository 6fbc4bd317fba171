"""Which members an object has: those that are declared, those that are required, and as many more as are wanted."""

from __future__ import annotations

import json

from understudy.planning.documents.making import INLINE, MAP_NAMES, Maker, Making, Place
from understudy.planning.documents.parts import NEVER, joined
from understudy.planning.documents.shape import Shape, member
from understudy.planning.documents.texts import found, language

FREE = 4
"""Members of an object of which nothing is said."""
PATTERNED = 2
"""Members added beside the declared ones where names have patterns."""
LONGEST_NAME = 24
MOST_SPARE = 300


def names(making: Making, maker: Maker, shape: Shape, place: Place) -> list[str] | None:
    """Declared members in their order, required ones that nobody declared, and as many more as are needed; None
    where one that is required is forbidden."""
    declared = [n for rule in shape.members for n in rule.named]
    listed = list(dict.fromkeys([*declared, *sorted(shape.required)]))
    listed = [n for n in listed if member(shape, n, found) != NEVER]
    if shape.names:
        listed = [n for n in listed if making.judge.obeys(shape.names, n)]
    if not shape.required <= set(listed):
        missing = sorted(shape.required - set(listed))[0]
        making.troubles[
            f"member {missing} is required, and forbidden (or read-only) as well: take one of them back"
        ] = None
        return None
    free = not declared and not shape.required
    wanted = max(shape.least_members - len(listed), (FREE if not place.least else 0) if free else 0)
    open_ = any(rule.patterns or rule.rest is not None for rule in shape.members) or not shape.members
    if wanted > 0 and (open_ or shape.least_members > len(listed)):
        listed += _more(making, maker, shape, listed, wanted)
    elif not place.least and any(rule.patterns for rule in shape.members):
        listed += _more(making, maker, shape, listed, PATTERNED, patterned=True)
    return listed


def _more(
    making: Making, maker: Maker, shape: Shape, taken: list[str], count: int, patterned: bool = False
) -> list[str]:
    """Names for members that nobody declared, as their patterns and limits want them."""
    candidates: list[str] = []
    for rule in shape.members:
        for pattern, conj in rule.patterns:
            if conj != NEVER:
                known = language((pattern,), 0, LONGEST_NAME)
                if known is not None:
                    candidates += [known.text(i * 7919 % known.size) for i in range(min(known.size, count * 2))]
    candidates += [] if patterned else [*MAP_NAMES]
    if shape.names and not patterned:
        text = making.book.conj(making.book.made({"type": "string"}))
        leaf = Place("", "key", "key", INLINE)
        candidates = [json.loads(t) for t in maker.pool(joined(shape.names, text), leaf)] + candidates
    candidates += [] if patterned else [f"key_{i + 1}" for i in range(min(count, MOST_SPARE))]
    out: list[str] = []
    for name in dict.fromkeys(candidates):
        if len(out) >= count:
            break
        fits = isinstance(name, str) and name not in taken and member(shape, name, found) != NEVER
        if fits and (not shape.names or making.judge.obeys(shape.names, name)):
            out.append(name)
    return out
