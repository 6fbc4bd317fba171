"""What several sources ask of a field's values: met all at once where that is possible, and each told with its say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import cast

import msgspec

from understudy.fusion.claims_text import bounds as bounds_words
from understudy.fusion.claims_text import said as words_of
from understudy.fusion.feasibility import feasible, understood
from understudy.fusion.forms import canonical, common_form
from understudy.fusion.rulings import NUMBERS, WORDS, Speaker, rule
from understudy.fusion.saying import Said, account, sources_of
from understudy.model.evidence import Bounds, Choices, FacetKind, Pattern, Samples
from understudy.model.rule import Rule
from understudy.model.schema import Facet, Field, Standing
from understudy.types import Kind, Type

CONSTRAINTS = (FacetKind.LENGTH, FacetKind.RANGE, FacetKind.ENUM, FacetKind.PATTERN)
FORM_SHARE = 0.8
"""How far the common form of all samples is believed, measured by the samples themselves."""
FEWEST_FORMS = 2


class Outcome(msgspec.Struct, frozen=True):
    """The field as it stands, the rules that others ask of it, and the accounts."""

    field: Field
    rules: tuple[Rule, ...]
    facets: tuple[Facet, ...]


class Demand(msgspec.Struct, frozen=True):
    """A condition on values, said by one or several alike."""

    facet: FacetKind
    value: msgspec.Struct
    said: tuple[Said, ...]
    text: str

    @property
    def rank(self) -> tuple[bool, float]:
        """By its best speaker."""
        return max(s.rank for s in self.said)


class Context(msgspec.Struct, frozen=True):
    """What is known around the field: its ``table``, whether a database ``stored`` it, whether nulls must stay
    possible (``optional``: a reference back into a cycle), whether it ``refers``, is part of the ``key`` or ``made`` by
    the database itself, the types and rules beside it."""

    table: str
    dialect: str
    stored: bool
    types: Mapping[str, Type]
    optional: bool = False
    refers: bool = False
    declared: tuple[Rule, ...] = ()
    key: bool = False
    made: bool = False


def asked(around: Context, field: str, what: str, text: str) -> list[Rule]:
    """The rule that a condition of others makes; none where the database itself computes the value."""
    return [] if around.made else [rule(around.table, field, what, text, around.dialect)]


class Demands:
    """What is ``said`` of a field, and what a model said that others spoke of (``unheard``)."""

    def __init__(
        self,
        field: Field,
        said: Mapping[FacetKind, Sequence[Said]],
        unheard: Mapping[FacetKind, Sequence[Said]],
        around: Context,
    ) -> None:
        self.field, self.said, self.unheard, self.around = field, said, unheard, around
        self.subject = f"{around.table}.{field.name}"
        self.speak = Speaker(around.dialect)
        self.facets: list[Facet] = []
        self.rules: list[Rule] = []

    def outcome(self) -> Outcome:
        """All of them at once where that is possible; else the claims of least weight are set aside, and told."""
        demands = [d for facet in CONSTRAINTS for d in self._demands(facet)]
        types = {self.field.name: self.field.type}  # of no other does any of this speak
        declared = tuple(r for r in self.around.declared if r.columns == (self.field.name,))
        kept, aside = list(demands), []
        for demand in demands:
            if demand.text and not understood(demand.text, self.around.dialect, types):
                kept.remove(demand)
                aside.append((demand, "is not understood: it is left to the door itself"))
        while kept and not feasible(
            self.field.name, types, [d.text for d in kept if d.text], self.around.dialect, declared
        ):
            movable = [d for d in kept if d.text and not self._physical(d)]
            if not movable:
                break
            least = min(reversed(movable), key=lambda d: d.rank)
            kept.remove(least)
            aside.append((least, "cannot hold together with the others"))
        for facet in CONSTRAINTS:
            self._account(facet, [d for d in kept if d.facet is facet], [(d, w) for d, w in aside if d.facet is facet])
        return Outcome(self.field, tuple(self.rules), tuple(self.facets))

    def _physical(self, demand: Demand) -> bool:
        """Whether the storage itself says so."""
        return self.around.stored and all(s.claim.facet is FacetKind.FIELD for s in demand.said)

    def _demands(self, facet: FacetKind) -> list[Demand]:
        claims = list(self.said.get(facet, ()))
        if facet is FacetKind.PATTERN:
            claims += self._forms()
        if decided := [s for s in claims if s.person]:
            claims = [*decided, *(s for s in claims if s.claim.facet is FacetKind.FIELD)]
        if facet is FacetKind.ENUM and self.around.refers:
            claims = [s for s in claims if s.person]  # a list of what there is to refer to changes with the rows
        grouped: dict[bytes, list[Said]] = {}
        for s in claims:
            if isinstance(s.value, msgspec.Struct) and not (isinstance(s.value, Choices) and s.value.open):
                grouped.setdefault(_essence(s.value), []).append(s)
        found = []
        for group in grouped.values():
            value = cast(msgspec.Struct, group[0].value)
            text = self._text(facet, value)
            if text is not None:
                found.append(Demand(facet, value, tuple(group), text))
        return found

    def _text(self, facet: FacetKind, value: msgspec.Struct) -> str | None:
        """The condition in SQL; None where it says nothing of a column of this kind."""
        name, t = self.field.name, self.field.type
        match facet, value:
            case FacetKind.LENGTH, Bounds(low=low, high=high) if t.kind is Kind.TEXT:
                whole_low, whole_high = _whole(low), _whole(high)
                return self.speak.length(name, whole_low, whole_high) or None
            case FacetKind.RANGE, Bounds():
                return self.speak.range(name, t, value) or None
            case FacetKind.ENUM, Choices(values=values):
                permitted = _permitted(values, t)
                return self.speak.among(name, permitted, t) if permitted else None
            case FacetKind.PATTERN, Pattern() if t.kind is Kind.TEXT:
                return self.speak.pattern(name, value)
        return None

    def _forms(self) -> list[Said]:
        """A pattern that all values seen share, where they are codes of one form: digits, letters in fixed places."""
        if self.field.type.kind is not Kind.TEXT or self.around.refers or self.said.get(FacetKind.ENUM):
            return []
        told = {s.claim.origin.source for s in self.said.get(FacetKind.PATTERN, ())}
        seen = [
            s
            for s in self.said.get(FacetKind.SAMPLE, ())
            if not (isinstance(s.value, Samples) and s.value.invalid) and s.claim.origin.source not in told
        ]
        values = [
            (str(v), s) for s in seen for v in (s.value.values if isinstance(s.value, Samples) else (s.value,)) if v
        ]
        distinct = {v for v, _ in values}
        if len(distinct) < FEWEST_FORMS:
            return []
        pattern = common_form(distinct)
        if pattern is None:
            return []
        best = max((s for _, s in values), key=lambda s: s.weight)
        return [Said(best.claim, best.weight * FORM_SHARE, pattern, best.asset)]

    def _account(self, facet: FacetKind, kept: list[Demand], aside: Sequence[tuple[Demand, str]]) -> None:
        if not kept and not aside:
            return
        against = [s for d, _ in aside for s in d.said] + list(self.unheard.get(facet, ()))
        why = "; ".join(dict.fromkeys(f"{sources_of(d.said)} ({words_of(d.value, facet.value)}) {w}" for d, w in aside))
        if not kept:
            best = max(against, key=lambda s: s.rank)
            self.facets.append(
                account(self.subject, facet.value, "nothing", (), (), against, why, Standing.SET_ASIDE)
            ) if best else None
            return
        match facet:
            case FacetKind.LENGTH | FacetKind.RANGE:
                value, support, text = self._bounded(facet, kept)
            case FacetKind.ENUM:
                value, support, text = self._among(kept)
            case _:
                value, support, text = self._patterned(kept)
        looser = [s for d in kept for s in d.said if s not in support]
        reason = why
        if looser:
            reason = "; ".join(filter(None, [f"{sources_of(support)} asks most, and the others are met by it", why]))
        differing = facet is FacetKind.PATTERN and len(kept) > 1 and not against
        if differing:
            reason = "all hold at once"
        standing = Standing.RESOLVED if differing and not any(s.person for s in support) else None
        self.facets.append(account(self.subject, facet.value, value, support, looser, against, reason, standing))
        if text:
            self._add(facet.value, text)

    def _bounded(self, facet: FacetKind, kept: list[Demand]) -> tuple[str, list[Said], str]:
        said = [cast(Bounds, d.value) for d in kept]
        lows = [(b.low, b.low_open) for b in said if b.low is not None]
        highs = [(b.high, b.high_open) for b in said if b.high is not None]
        low = max(lows, key=lambda b: (_order(b[0]), b[1]), default=(None, False))
        high = min(highs, key=lambda b: (_order(b[0]), not b[1]), default=(None, False))
        steps = [b.multiple_of for b in said if b.multiple_of]
        merged = Bounds(low[0], high[0], low[1], high[1], max(steps) if steps else None)
        if facet is FacetKind.LENGTH and not merged.low:
            merged = msgspec.structs.replace(merged, low=None)
        full: list[Said] = []
        some: list[Said] = []
        for d, b in zip(kept, said, strict=True):
            meets_low = b.low is not None and (b.low, b.low_open) == low and (facet is FacetKind.RANGE or bool(b.low))
            meets_high = b.high is not None and (b.high, b.high_open) == high
            silent_low = b.low is None or (facet is FacetKind.LENGTH and not b.low)
            if meets_low or meets_high:
                some += d.said
                full += d.said if (meets_low or silent_low) and (meets_high or b.high is None) else ()
        support = full or some or [s for d in kept for s in d.said]
        if facet is FacetKind.LENGTH:
            t = self.field.type
            most = _whole(merged.high)
            beyond = most is not None and (t.length is None or most < t.length or self.around.dialect == "sqlite")
            text = self.speak.length(self.field.name, _whole(merged.low), most if beyond else None)
            return bounds_words(merged, "length"), support, text
        parts = [self.speak.range(self.field.name, self.field.type, msgspec.structs.replace(merged, multiple_of=None))]
        for d in kept:
            step = cast(Bounds, d.value)
            if step.multiple_of:
                stepped = self.speak.range(self.field.name, self.field.type, step)
                parts += [p for p in stepped.split(" AND ") if "%" in p]
        return bounds_words(merged), support, " AND ".join(dict.fromkeys(p for p in parts if p))

    def _among(self, kept: list[Demand]) -> tuple[str, list[Said], str]:
        t = self.field.type
        sets = [_permitted(cast(Choices, d.value).values, t) for d in kept]
        common = tuple(v for v in sets[0] if all(v in s for s in sets[1:]))
        support = [s for d, own in zip(kept, sets, strict=True) for s in d.said if set(own) == set(common)]
        support = support or [s for d in kept for s in d.said]
        value = words_of(Choices(common))
        if not self.around.stored and t.kind is Kind.TEXT and all(isinstance(v, str) for v in common):
            labels = tuple(str(v) for v in common)
            self.field = msgspec.structs.replace(self.field, type=Type(Kind.ENUM, labels=labels))
            return value, support, ""
        if t.kind is Kind.ENUM and set(common) >= set(t.labels):
            return value, support, ""
        return value, support, self.speak.among(self.field.name, common, t)

    def _patterned(self, kept: list[Demand]) -> tuple[str, list[Said], str]:
        for number, demand in enumerate(kept[1:], 2):
            self._add(f"pattern_{number}", demand.text)
        value = " and ".join(dict.fromkeys(words_of(d.value) for d in kept))
        return value, [s for d in kept for s in d.said], kept[0].text

    def _add(self, what: str, text: str) -> None:
        self.rules += asked(self.around, self.field.name, what, text)


def _essence(value: msgspec.Struct) -> bytes:
    if isinstance(value, Choices):
        value = msgspec.structs.replace(value, labels=())
    if isinstance(value, Pattern):
        value = canonical(value)
    return msgspec.json.encode(value)


def _whole(value: object) -> int | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return int(value)


def _order(value: object) -> tuple[int, float | str]:
    if isinstance(value, int | float):
        return 0, float(value)
    try:
        return 0, float(str(value))
    except ValueError:
        return 1, str(value)


def _permitted(values: Sequence[object], t: Type) -> tuple[str | int | float, ...]:
    """The values that a column of this type can hold, as it holds them; none where the list is of another kind."""
    real = [v for v in values if v is not None and v != ""]
    if t.kind in NUMBERS:
        found: list[str | int | float] = []
        for v in real:
            try:
                number = float(str(v))
            except ValueError:
                return ()
            found.append(int(number) if number.is_integer() else number)
        return tuple(dict.fromkeys(found))
    if t.kind is Kind.ENUM and t.labels:
        exact = {label.lower(): label for label in t.labels}
        return tuple(dict.fromkeys(exact[str(v).lower()] for v in real if str(v).lower() in exact))
    if t.kind in WORDS:
        return tuple(dict.fromkeys(str(v) if not isinstance(v, bool) else str(v).lower() for v in real))
    return ()
