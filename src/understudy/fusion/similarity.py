"""How likely two fields, of a table and of a mention, are the same: by name, type, values, constraints, meaning.

The name carries most; the others confirm or doubt it, and can stand in for it where it says nothing.
"""

from __future__ import annotations

from functools import cache

import msgspec

from understudy.fusion.lexicon import listed
from understudy.fusion.mentions import Profile
from understudy.fusion.names import core, ending_apart, field_likeness, own
from understudy.model.schema import Entity, Field
from understudy.types import Kind, Type, likeness

LEAST = 0.58
"""Below this two fields are taken for different ones."""

MISFIT = 0.55
"""What is left of a likeness where the types have no value in common."""

SURE_MEANING = 0.85
GENERAL = listed("general meanings")
"""Meanings that many fields of a system share: they confirm nothing."""


class Likeness(msgspec.Struct, frozen=True):
    """``worth`` between 0 and 1, and the reasons that made it."""

    worth: float
    reasons: tuple[str, ...] = ()


def compare(table: str, stored: Profile, entity: str, spoken: Profile) -> Likeness:
    """The likeness of a table's field and a mention's."""
    name = field_likeness(table, stored.name, entity, spoken.name)
    name = max(name, ending_apart(table, stored.name, entity, spoken.name, _endings(stored, spoken)))
    if stored.unique and spoken.unique:
        name = max(name, _keyed(own(table, stored.name, True), own(entity, spoken.name)))
    worth, reasons = name, [_named(stored.name, spoken.name, name)]
    meaning = _shared_meaning(table, stored, entity, spoken)
    if meaning and worth < 0.8:
        worth = max(worth, 0.62) + 0.1 * worth
        reasons.append(f"both mean {meaning}")
    values, said = _values(stored, spoken)
    if said:
        reasons.append(said)
        worth = worth + (1.0 - worth) * 0.55 * values if values > 0 and (name > 0 or values > 0.6) else worth * 0.85
    shape = _shape(stored, spoken)
    if shape and name > 0:
        worth += (1.0 - worth) * 0.2 * shape
        reasons.append("the same limits")
    if stored.type is not None and spoken.type is not None:
        fit = likeness(stored.type, spoken.type)
        if fit == 0.0:
            worth *= MISFIT if name < 1.0 else 0.8
            reasons.append(f"but {_kind(spoken.type)} is no {_kind(stored.type)}")
        elif fit < 0.3 and name < 0.95:
            worth *= 0.92
    return Likeness(round(min(worth, 1.0), 4), tuple(r for r in reasons if r))


MOMENTS, FIGURES = listed("moments"), listed("figures")
TEMPORAL = (Kind.DATE, Kind.TIMESTAMP, Kind.TIME)
KEYED = 0.8
NUMBERED = frozenset({"id", "identifier", "number", "code"})
"""Worth of two names that only say that they tell rows apart, where both do."""


def _endings(stored: Profile, spoken: Profile) -> frozenset[str]:
    """What names of the kind that both are of end in without saying more."""
    kinds = {p.type.kind for p in (stored, spoken) if p.type is not None}
    if kinds & set(TEMPORAL):
        return MOMENTS if kinds <= {*TEMPORAL, Kind.TEXT} else frozenset()
    return FIGURES


def _keyed(stored: tuple[str, ...], spoken: tuple[str, ...]) -> float:
    return KEYED if len(stored) == len(spoken) == 1 and {*stored, *spoken} <= NUMBERED else 0.0


def _named(stored: str, spoken: str, worth: float) -> str:
    if stored == spoken:
        return "named alike"
    if worth >= 0.95:
        return f"{spoken} and {stored} are the same words"
    return f"named {spoken}, as {stored} (likeness {worth:.2f})" if worth > 0.3 else ""


def _kind(t: Type) -> str:
    return t.kind.value


@cache
def meaning_of(entity: str, field: str, kind: Kind) -> str:
    """The meaning that a field's name tells for certain; "" where it does not."""
    from understudy.semantics import matches

    words = " ".join(core(entity)) or entity
    found = matches(Entity(words, ()), Field(field.rsplit(".", 1)[-1].rsplit("/", 1)[-1], Type(kind)))
    return found[0].meaning if found and found[0].certainty >= SURE_MEANING else ""


def _shared_meaning(table: str, stored: Profile, entity: str, spoken: Profile) -> str:
    mine = stored.meanings | {meaning_of(table, stored.name, stored.type.kind if stored.type else Kind.TEXT)}
    theirs = spoken.meanings | {meaning_of(entity, spoken.name, spoken.type.kind if spoken.type else Kind.TEXT)}
    shared = sorted((mine & theirs) - GENERAL - {""})
    return shared[0] if shared else ""


def _values(a: Profile, b: Profile) -> tuple[float, str]:
    """How far the values permitted or seen agree, and in words; "" where nothing can be compared."""
    if a.choices and b.choices:
        shared = len(a.choices & b.choices)
        share = shared / min(len(a.choices), len(b.choices))
        return share, f"{shared} of {min(len(a.choices), len(b.choices))} permitted values are shared"
    for choices, samples in ((a.choices, b.samples), (b.choices, a.samples)):
        if choices and samples:
            inside = sum(s.lower() in choices for s in samples)
            return inside / len(samples), f"{inside} of {len(samples)} values seen are permitted"
    if len(a.samples) >= 2 and len(b.samples) >= 2:
        shared = len(a.samples & b.samples)
        if shared:
            return shared / min(len(a.samples), len(b.samples)), f"{shared} values seen in both"
    return 0.0, ""


def _shape(a: Profile, b: Profile) -> float:
    """How far limits coincide that few fields have: an odd length, a pattern, a range."""
    if set(a.patterns) & set(b.patterns):
        return 1.0
    if a.longest is not None and a.longest == b.longest and a.longest not in (255, 256):
        return 0.8
    if a.low is not None and (a.low, a.high) == (b.low, b.high) and a.high is not None:
        return 0.8
    return 0.0
