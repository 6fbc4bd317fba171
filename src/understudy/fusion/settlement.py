"""One field, many claims: what holds, which rules follow, and the account of it.

The storage is the database's own where one speaks; what the others ask of values is met within it: all at once where
that is possible, else without the claims of least weight, which are named.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import cast

import msgspec

from understudy.fusion.claims_text import bounds as bounds_words
from understudy.fusion.claims_text import said as words_of
from understudy.fusion.claims_text import shown_type
from understudy.fusion.feasibility import feasible, understood
from understudy.fusion.rulings import NUMBERS, WORDS, Speaker, rule
from understudy.fusion.saying import Said, account, sources_of
from understudy.model.distribution import Distribution
from understudy.model.evidence import Bounds, Choices, FacetKind, Pattern, Samples
from understudy.model.origin import SourceKind
from understudy.model.rule import Rule
from understudy.model.schema import Facet, Field, Standing
from understudy.types import Kind, Type, supports

AGREES = 0.5
"""Types that support each other this far say the same of a field."""

MEANT = 0.35
"""Least weight of claims that give a field its meaning."""
SHOWN_BY_VALUES = 0.8
"""Certainty from which on a file's values show a meaning; what only a name says is found again from the name."""

CONSTRAINTS = (FacetKind.LENGTH, FacetKind.RANGE, FacetKind.ENUM, FacetKind.PATTERN)
FORM_SHARE = 0.8
"""How far the common form of all samples is believed, measured by the samples themselves."""
FEWEST_FORMS, SHORTEST_FORM = 2, 4


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


def settle_field(field: Field, said: Mapping[FacetKind, Sequence[Said]], around: Context) -> Outcome:
    """Settle every facet of a field. ``field``: as a database declares it, or as it looks before the vote."""
    return _Settler(field, said, around).outcome()


class _Settler:
    def __init__(self, field: Field, said: Mapping[FacetKind, Sequence[Said]], around: Context) -> None:
        self.field, self.around = field, around
        self.said = {facet: _heard(claims) for facet, claims in said.items()}
        self.unheard = {facet: [s for s in claims if s not in self.said[facet]] for facet, claims in said.items()}
        self.subject = f"{around.table}.{field.name}"
        self.speak = Speaker(around.dialect)
        self.facets: list[Facet] = []
        self.rules: list[Rule] = []

    def outcome(self) -> Outcome:
        self._type()
        self._nullability()
        self._meaning()
        self._spread()
        self._formula()
        self._constraints()
        return Outcome(self.field, tuple(self.rules), tuple(self.facets))

    # ---- type ---------------------------------------------------------------------------------------
    def _type(self) -> None:
        claims = list(self.said.get(FacetKind.TYPE, ()))
        if not claims:
            return
        winner = self._decided(claims) or self._elected(claims)
        kind = cast(Type, winner.value)
        support = [s for s in claims if supports(cast(Type, s.value), kind) >= AGREES]
        against = [s for s in [*claims, *self.unheard.get(FacetKind.TYPE, ())] if s not in support]
        self.field = msgspec.structs.replace(self.field, type=kind)
        reason = ""
        if against:
            others = ", ".join(dict.fromkeys(f"{s.claim.origin.source} says {words_of(s.value)}" for s in against))
            stored = self.around.stored and not winner.person
            how = "is how it is stored" if stored else f"has the most weight ({sum(s.weight for s in support):.2f})"
            reason = f"{shown_type(kind)} {how}; {others}"
        elif len({words_of(s.value) for s in support}) > 1:
            reason = "the others' values fit into it"
        self.facets.append(account(self.subject, "type", shown_type(kind), support, (), against, reason))

    @staticmethod
    def _decided(claims: Sequence[Said]) -> Said | None:
        return next((s for s in claims if s.person), None)

    def _elected(self, claims: Sequence[Said]) -> Said:
        """The storage, where a database says one; else the type that most weight supports, the weightiest first."""
        if self.around.stored:
            return claims[0]

        def worth(candidate: Said) -> tuple[float, float]:
            kind = cast(Type, candidate.value)
            total = sum(s.weight * supports(cast(Type, s.value), kind) for s in claims)
            narrow = sum(supports(kind, cast(Type, s.value)) for s in claims) if kind.kind is not Kind.TEXT else 0.0
            return round(total + 0.05 * narrow, 6), candidate.weight

        specific = [s for s in claims if cast(Type, s.value).kind is not Kind.TEXT]
        best = max(claims, key=worth)
        if cast(Type, best.value).kind is Kind.TEXT and specific:
            narrow = max(specific, key=worth)  # "string" is said of dates and numbers as well
            plain = [s for s in claims if cast(Type, s.value).kind is Kind.TEXT]
            loose = all(supports(cast(Type, s.value), cast(Type, narrow.value)) >= AGREES for s in plain)
            if loose and sum(s.weight for s in specific) >= 0.5 * sum(s.weight for s in plain):
                return narrow
        return best

    # ---- null ---------------------------------------------------------------------------------------
    def _nullability(self) -> None:
        claims = [s for s in self.said.get(FacetKind.NULLABILITY, ()) if isinstance(s.value, bool)]
        if not claims:
            return
        decided = self._decided(claims)
        seen = [s for s in claims if s.claim.origin.kind is SourceKind.FILE and not s.value]
        if seen and any(s.value for s in claims):  # that no row was empty is no rule where another says rows may be
            claims = [s for s in claims if s not in seen]
        demanding = [s for s in claims if not s.value]
        lenient = [s for s in claims if s.value]
        required = not decided.value if decided else bool(demanding)
        reason = ""
        if required and not decided and lenient:
            reason = (
                f"{sources_of(demanding)} demands a value; {sources_of(lenient)} would permit none, and is met by one"
            )
        if required and self.around.optional and not decided and self.around.stored and lenient:
            reason = "it leads back to its own table: the first row has nothing to refer to"
            self._null_account("may be null", lenient, (), demanding, reason)
            return
        if not self.around.stored:
            self.field = msgspec.structs.replace(self.field, nullable=not required)
        elif required and self.field.nullable and not self.around.key and not self.around.made:
            self._add("required", self.speak.required(self.field.name))
        elif decided and not required and not self.field.nullable:
            self.field = msgspec.structs.replace(self.field, nullable=True)
        if required:
            self._null_account(
                "required", demanding, lenient if not decided else (), lenient if decided else (), reason
            )
        else:
            self._null_account("may be null", lenient, (), demanding, reason)

    def _null_account(
        self, value: str, support: Sequence[Said], looser: Sequence[Said], against: Sequence[Said], reason: str
    ) -> None:
        unheard = self.unheard.get(FacetKind.NULLABILITY, ())
        said = "required" if value == "required" else "may be null"
        agreeing = [s for s in unheard if words_of(s.value, "nullability") == said]
        against = [*against, *(s for s in unheard if s not in agreeing)]
        self.facets.append(account(self.subject, "nullability", value, [*support, *agreeing], looser, against, reason))

    # ---- meaning ------------------------------------------------------------------------------------
    def _meaning(self) -> None:
        from understudy.semantics.catalogue import semantic_type
        from understudy.semantics.recognition import GROUPS

        claims = [s for s in self.said.get(FacetKind.MEANING, ()) if isinstance(s.value, str)]
        groups = GROUPS.get(self.field.type.kind, ())
        described = {str(s.value): semantic_type(str(s.value)) for s in claims}
        fitting = {n for n, t in described.items() if t is not None and any(k in groups for k in t.kinds)}
        known = [s for s in claims if s.value in fitting]
        named = [s for s in known if s.claim.origin.kind is SourceKind.FILE and s.claim.certainty < SHOWN_BY_VALUES]
        known = [s for s in known if s not in named]
        if not known:
            return
        totals: dict[str, float] = {}
        for s in known:
            totals[str(s.value)] = totals.get(str(s.value), 0.0) + s.weight
        decided = self._decided(known)
        best = str(decided.value) if decided else max(totals, key=lambda m: (totals[m], m))
        support = [s for s in known if s.value == best]
        against = [s for s in [*known, *self.unheard.get(FacetKind.MEANING, ())] if s.value != best]
        if decided or totals[best] >= MEANT:
            self.field = msgspec.structs.replace(self.field, meaning=best)
        reason = f"{best} weighs {totals[best]:.2f}" if against else ""
        self.facets.append(account(self.subject, "meaning", best, support, (), against, reason))

    def _spread(self) -> None:
        """How values are spread, as the best witness saw it; no rule, and none of a reference's."""
        seen = [s for s in self.said.get(FacetKind.DISTRIBUTION, ()) if isinstance(s.value, Distribution)]
        if seen and not self.around.refers and not self.around.key:
            best = max(seen, key=lambda s: (s.person, s.weight))
            self.field = msgspec.structs.replace(self.field, distribution=cast(Distribution, best.value))
            rows = cast(Distribution, best.value).rows
            words = f"as seen in {rows:,} rows" if rows else "as described"
            others = [s for s in seen if s is not best]
            self.facets.append(account(self.subject, "distribution", words, [best], others))

    def _formula(self) -> None:
        """How the value follows from others: of a field that a database describes, a proposal only."""
        said = [s for s in self.said.get(FacetKind.FORMULA, ()) if isinstance(s.value, str)]
        if not said:
            return
        best = max(said, key=lambda s: s.rank)
        if self.around.stored and not best.person:
            reason = "the names in it are not the database's: it is not followed"
            self.facets.append(account(self.subject, "formula", "not followed", (), (), said, reason))
            return
        self.field = msgspec.structs.replace(self.field, derive=str(best.value))
        others = [s for s in said if s.value != best.value]
        self.facets.append(account(self.subject, "formula", str(best.value), [best], (), others))

    # ---- what values must be ------------------------------------------------------------------------
    def _constraints(self) -> None:
        demands = [d for facet in CONSTRAINTS for d in self._demands(facet)]
        types = {**self.around.types, self.field.name: self.field.type}
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
        masks = {_mask(v) for v in distinct}
        mask = masks.pop()
        if masks or len(mask) < SHORTEST_FORM or not re.fullmatch(r"[9A\-/. ]*9[9A\-/. ]*", mask) or _datelike(mask):
            return []
        if mask.count("9") < 3:
            return []
        pattern = Pattern("^" + _pattern_of(mask) + "$", "python")
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
        if self.around.made:  # nobody writes it: the database computes what it computes
            return
        self.rules.append(rule(self.around.table, self.field.name, what, text, self.around.dialect))


def _heard(claims: Sequence[Said]) -> list[Said]:
    """The claims that count: a language model's only where no other source speaks."""
    others = [s for s in claims if s.claim.origin.kind is not SourceKind.LLM]
    return others or list(claims)


def _essence(value: msgspec.Struct) -> bytes:
    if isinstance(value, Choices):
        value = msgspec.structs.replace(value, labels=())
    if isinstance(value, Pattern):
        value = _canonical(value)
    return msgspec.json.encode(value)


def _canonical(pattern: Pattern) -> Pattern:
    """The one form of patterns that say the same: anchors as ``whole``, ``\\d`` as a class, no dialect without need."""
    text, whole = pattern.text, pattern.whole
    if re.fullmatch(r"\^[^|]*[^\\|]\$", text):
        text, whole = text[1:-1], True
    text = CLASSES_AND_ESCAPES.sub(lambda m: "[0-9]" if m[0] == r"\d" else m[0], text)
    return Pattern(text, pattern.syntax if "\\" in text else "", whole)


CLASSES_AND_ESCAPES = re.compile(r"\[(?:\\.|[^\]\\])*\]|\\.")


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


def _mask(text: str) -> str:
    """Digits as 9, ASCII letters as A (upper) or a, others as they are."""
    return re.sub(r"[A-Z]", "A", re.sub(r"[a-z]", "a", re.sub(r"\d", "9", text)))


def _datelike(mask: str) -> bool:
    return bool(re.fullmatch(r"9{4}[-/.]9{1,2}[-/.]9{1,2}.*|9{1,2}[-/.]9{1,2}[-/.]9{2,4}.*", mask))


def _pattern_of(mask: str) -> str:
    out = []
    for run in re.finditer(r"9+|A+|.", mask):
        text = run.group()
        symbol = {"9": "[0-9]", "A": "[A-Z]"}.get(text[0], re.escape(text[0]))
        out.append(symbol + (f"{{{len(text)}}}" if len(text) > 1 else ""))
    return "".join(out)
