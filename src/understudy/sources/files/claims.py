"""From measures to claims: what a careful person would say of a file's columns, each with its place and certainty.

What was merely seen (extremes, lengths, shares) goes into a DISTRIBUTION; RANGE, LENGTH, ENUM and PATTERN claim what
looks like a rule: nothing below zero, five fixed letters, one of four words.
"""

from __future__ import annotations

import math
import re

from understudy.model.distribution import Distribution
from understudy.model.evidence import Bounds, Choices, Claim, FacetKind, Pattern, Samples, Value
from understudy.model.origin import Origin, SourceKind
from understudy.model.profile import ColumnProfile
from understudy.model.rule import Rule
from understudy.model.schema import Entity, KeyPart, Remark, Unique
from understudy.sources.files.keys import KEY_ENDING, primary_key
from understudy.sources.files.meaning import meanings
from understudy.sources.files.survey import Survey
from understudy.types import Kind, Type

UNSEEN = 0.005
"""Chance that the next value is a new one (Good and Turing: the share of values seen once) below which a list of words
is taken for complete."""
MOST_LABELS = 40
MOST_OPEN = 300
FEWEST_REPEATS = 4
MOST_SAMPLES = 200
PATTERN_SHARE = 0.995
FEWEST_FOR_PATTERN = 10
FEWEST_FOR_RANGE = 20
FEWEST_FOR_RULES = 100
MOST_RULES = 20
SINGLE = re.compile(r"[dmYyHMSbB](?:[-/. :,T]{1,2}[dmYyHMSbB])+")
"""A form of moments that is the only one in its column."""
FORMED = frozenset({"email", "url"})
"""Meanings that say how a text is built: what the ones seen happen to share is no rule beside it."""
NUMBERS = (Kind.INTEGER, Kind.DECIMAL, Kind.FLOAT)


class Claims:
    """Claims about one survey's table."""

    def __init__(self, found: Survey, source: str) -> None:
        self.found, self.source = found, source
        self.entity = found.sheet.name
        self.rows = found.profile.rows
        self.claims: list[Claim] = []

    def add(self, facet: FacetKind, value: Value, *, field: str = "", certainty: float = 1.0, raw: str = "") -> None:
        """One claim about the table, or, where ``field`` is given, about that column."""
        place = f"{self.found.sheet.place}, column {field}" if field else self.found.sheet.place
        origin = Origin(SourceKind.FILE, self.source, place)
        self.claims.append(Claim(facet, self.entity, value, origin, field, round(certainty, 4), raw))

    def all(self) -> tuple[Claim, ...]:
        """Everything, in the order of the columns."""
        head = Entity(self.entity, (), rows=self.rows, options=self._manner())
        self.add(FacetKind.ENTITY, head, raw=self.found.sheet.style)
        primary = primary_key(self.found)
        entity = Entity(self.entity, ())
        sheet = self.found.sheet
        for i, (column, kind) in enumerate(zip(self.found.profile.columns, self.found.types, strict=True)):
            raw = sheet.raw[i] if i < len(sheet.raw) else column.name
            self.add(FacetKind.FIELD, None, field=column.name, raw=raw)
            self._structure(column, kind)
            key = primary is not None and column.name in primary
            known = tuple(meanings(entity, column, kind))
            self._rules(column, kind, key, formed=any(m in FORMED and c >= 0.9 for m, c, _ in known))
            for meaning, certainty, why in known:
                self.add(FacetKind.MEANING, meaning, field=column.name, certainty=certainty, raw=why)
            self._values(column, kind)
        self._keys(primary)
        self._between()
        for fault in sheet.faults.told(sheet.place):
            self.add(FacetKind.REMARK, Remark(fault.place, fault.text, fault.severity))
        return tuple(self.claims)

    def _manner(self) -> dict[str, str]:
        """How a delimited text is written, so that rows made for it can be written likewise."""
        sheet = self.found.sheet
        if not sheet.delimiter:
            return {}
        made = {} if sheet.delimiter in (",", "\t") else {"delimiter": sheet.delimiter}
        for name, reading in sheet.readings.items():
            if reading.style == "decimal comma":
                made[f"form:{name}"] = reading.style
            elif reading.type.kind in (Kind.DATE, Kind.TIMESTAMP) and SINGLE.fullmatch(reading.style):
                made[f"form:{name}"] = re.sub(r"[A-Za-z]", r"%\g<0>", reading.style)
        return made

    # ---- type, null -----------------------------------------------------------------------------
    def _structure(self, column: ColumnProfile, kind: Type) -> None:
        sheet = self.found.sheet
        reading = sheet.readings.get(column.name)
        filled = column.rows - column.nulls
        certainty = 1.0 if reading is None else 0.6 if reading.doubt else _sure(filled, 0.97)
        if filled:
            self.add(FacetKind.TYPE, kind, field=column.name, certainty=certainty, raw=reading.style if reading else "")
        else:
            self.add(FacetKind.TYPE, kind, field=column.name, certainty=0.1, raw="no values")
        nullable = column.nulls > 0 or not column.rows
        self.add(
            FacetKind.NULLABILITY,
            nullable,
            field=column.name,
            certainty=1.0 if nullable else _sure(column.rows, 0.98),
            raw=f"{column.nulls:,} of {column.rows:,} rows are empty",
        )

    # ---- what looks like a rule ------------------------------------------------------------------
    def _rules(self, column: ColumnProfile, kind: Type, key: bool, *, formed: bool = False) -> None:
        filled = column.rows - column.nulls
        choices = None if key else enumeration(column, kind)
        if choices is not None:
            once = sum(1 for _, share in column.frequent if share * filled < 1.5)
            certainty = _sure(filled, 0.97) - once / max(filled, 1)
            self.add(FacetKind.ENUM, choices, field=column.name, certainty=certainty, raw=f"{column.distinct} values")
        bounds = None if key or KEY_ENDING.search(column.name) else natural_range(column, kind)
        if bounds is not None:
            self.add(
                FacetKind.RANGE,
                bounds,
                field=column.name,
                certainty=_sure(filled, 0.85),
                raw=f"seen from {column.low} to {column.high}",
            )
        if kind.kind is not Kind.TEXT or not filled:
            return
        lengths = column.lengths
        closed = choices is not None and not choices.open
        if lengths is not None and not closed and filled >= FEWEST_FOR_PATTERN:
            if lengths.low == lengths.high > 0:
                fixed = Bounds(low=lengths.low, high=lengths.high)
                self.add(FacetKind.LENGTH, fixed, field=column.name, certainty=_sure(filled, 0.9), raw="always so long")
            elif lengths.points and lengths.points[-2] == lengths.high >= 20 and column.distinct > 0.5 * filled:
                self.add(
                    FacetKind.LENGTH, Bounds(high=lengths.high), field=column.name, certainty=0.7, raw="cut off there"
                )
        if not closed and not formed and filled >= FEWEST_FOR_PATTERN:
            pattern = common_pattern(column)
            if pattern is not None:
                self.add(FacetKind.PATTERN, pattern, field=column.name, certainty=_sure(filled, 0.85))

    # ---- values ---------------------------------------------------------------------------------
    def _values(self, column: ColumnProfile, kind: Type) -> None:
        filled = column.rows - column.nulls
        if filled and column.samples:
            seen = Samples(column.samples[:MOST_SAMPLES], seen=filled)
            self.add(FacetKind.SAMPLE, seen, field=column.name)
        if column.rows:
            self.add(FacetKind.DISTRIBUTION, distribution(column, kind), field=column.name)

    # ---- what holds between columns --------------------------------------------------------------
    def _between(self) -> None:
        """Orders and sums without an exception in enough rows, as rules that nobody declared."""
        profile = self.found.profile
        if profile.rows < FEWEST_FOR_RULES:
            return
        keys = {c for k in profile.keys for c in k}
        said: list[tuple[str, tuple[str, ...]]] = [
            (f"{_quoted(o.lesser)} <= {_quoted(o.greater)}", (o.lesser, o.greater))
            for o in profile.orderings
            if o.share == 1.0 and not {o.lesser, o.greater} & keys
        ]
        said += [
            (f"{_quoted(s.total)} = {_quoted(s.left)} {s.sign} {_quoted(s.right)}", (s.total, s.left, s.right))
            for s in profile.sums
            if s.share == 1.0 and s.sign == "+" and not {s.total, s.left, s.right} & keys
        ]
        for text, columns in said[:MOST_RULES]:
            rule = Rule(f"{self.entity}_{'_'.join(columns)}", text, columns, enforced=False)
            why = f"in all of {profile.sampled or profile.rows:,} rows"
            self.add(FacetKind.CHECK, rule, certainty=_sure(profile.rows, 0.9), raw=why)

    # ---- keys -----------------------------------------------------------------------------------
    def _keys(self, primary: tuple[str, ...] | None) -> None:
        keys = self.found.profile.keys
        known = {c.name: (c, t) for c, t in zip(self.found.profile.columns, self.found.types, strict=True)}
        certainty = _sure(self.rows, 0.95)
        if primary is not None:
            parts = tuple(KeyPart(column=c) for c in primary)
            name = f"{self.entity}_pkey"
            self.add(FacetKind.UNIQUE, Unique(name, parts, primary=True), certainty=certainty, raw="no value twice")
        for key in keys:
            if key == primary or len(key) > 1:
                continue
            chance = _by_chance(*known[key[0]])
            if chance < 0.5:
                unique = Unique(f"{self.entity}_{key[0]}_key", (KeyPart(column=key[0]),))
                self.add(FacetKind.UNIQUE, unique, certainty=certainty * (1 - chance), raw="no value twice")
        for name in self.found.unsure:
            remark = Remark(
                self.found.sheet.place, f"{name} has no value twice as far as that could be verified", "info"
            )
            self.add(FacetKind.REMARK, remark, field=name)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _sure(count: int, most: float) -> float:
    """How sure so many values make: half of the rest at 3, nearly all at 1,000."""
    return most * (1.0 - 1.0 / (2.0 + math.sqrt(count)))


def _by_chance(column: ColumnProfile, kind: Type) -> float:
    """How likely a column without repetition is no key: measures and moments seldom repeat in small files."""
    filled = column.rows - column.nulls
    if filled < 8:
        return 0.9
    if kind.kind in (Kind.FLOAT, Kind.TIMESTAMP, Kind.DATE, Kind.TIME, Kind.DECIMAL, Kind.JSON, Kind.ARRAY):
        return 0.9
    if kind.kind is Kind.INTEGER:
        width = (column.high if isinstance(column.high, int) else 0) - (
            column.low if isinstance(column.low, int) else 0
        )
        return min(0.9, math.exp(-filled * filled / (2 * max(width, 1)))) if filled * 4 < width else 0.1
    if column.lengths is not None and column.lengths.mean > 60:
        return 0.8
    return 0.2


def enumeration(column: ColumnProfile, kind: Type) -> Choices | None:
    """The words (or few numbers) of which a column's values are one; None where there are too many, or too few rows."""
    filled = column.rows - column.nulls
    if kind.kind not in (Kind.TEXT, Kind.INTEGER) or not column.whole or column.distinct < 1:
        return None
    if filled < FEWEST_REPEATS * column.distinct or column.distinct > MOST_OPEN or filled < 8:
        return None
    once = sum(1 for _, share in column.frequent if share * filled < 1.5)
    values = tuple(v for v, _ in column.frequent)
    if kind.kind is Kind.INTEGER:
        if column.distinct > 12 or column.distinct == 1:
            return None
        ordered = tuple(sorted(v for v in values if isinstance(v, int)))
        return Choices(ordered, open=not (column.distinct == 2 and set(ordered) <= {0, 1, -1, 2}))
    if column.distinct == 1 and filled < 50:
        return None
    long = column.lengths is not None and column.lengths.high > 60
    complete = once <= UNSEEN * filled and column.distinct <= MOST_LABELS and filled >= 8 * column.distinct and not long
    return Choices(values, open=not complete)


SHARES = ("share", "ratio", "rate", "fraction", "probability", "prob", "score", "pct", "percent", "percentage")
PLACES = {"latitude": (-90, 90), "lat": (-90, 90), "longitude": (-180, 180), "lon": (-180, 180), "lng": (-180, 180)}


def natural_range(column: ColumnProfile, kind: Type) -> Bounds | None:
    """Bounds that look meant: nothing below zero, shares, percents, degrees, grades; None where there are none."""
    filled = column.rows - column.nulls
    low, high = column.low, column.high
    if kind.kind not in NUMBERS or not isinstance(low, int | float) or not isinstance(high, int | float):
        return None
    words = column.name.lower().replace("-", "_").replace(" ", "_").split("_")
    place = next((PLACES[w] for w in words if w in PLACES), None)
    if place is not None and place[0] <= low and high <= place[1]:
        return Bounds(*place)
    if filled < FEWEST_FOR_RANGE:
        return None
    step = column.digits.multiple if column.digits is not None and kind.kind is Kind.INTEGER else 0
    multiple = int(step) if step and step >= 5 and column.distinct > 5 else None
    if low < 0:
        return Bounds(multiple_of=multiple) if multiple else None
    if multiple:
        return Bounds(0 if low < multiple else multiple, multiple_of=multiple)
    if kind.kind is not Kind.INTEGER and high <= 1 and (high > 0.5 or any(w in SHARES for w in words)):
        return Bounds(0, 1)
    if any(w in SHARES[-3:] for w in words) and high <= 100:
        return Bounds(0, 100, multiple_of=multiple)
    contiguous = kind.kind is Kind.INTEGER and column.whole and column.distinct == high - low + 1
    if contiguous and column.distinct <= 31 and filled >= 10 * column.distinct and column.distinct > 2:
        return Bounds(low, high)
    return Bounds(0 if low < 1 or kind.kind is not Kind.INTEGER else 1, multiple_of=multiple)


def common_pattern(column: ColumnProfile) -> Pattern | None:
    """The pattern of (nearly) all texts, where they are codes of one form; None for words and prose."""
    if not column.shapes or column.shapes[0].share < PATTERN_SHARE or column.distinct < 5:
        return None
    text = column.shapes[0].pattern
    telling = "\\d" in text or any(sign in text for sign in "@-/:.#_") or ("{" in text and "," not in text)
    plain = text.startswith(("[a-z]", "[A-Z]")) and not telling
    return None if plain or " " in text.replace("{", " ").split("[")[0] else Pattern(f"^{text}$", "python", whole=True)


def distribution(column: ColumnProfile, kind: Type) -> Distribution:
    """How the values are spread, as a claim and a field of the schema hold it."""
    filled = column.rows - column.nulls
    frequent = column.frequent if column.whole else tuple((v, s) for v, s in column.frequent if s >= 0.005)
    if kind.kind in NUMBERS and column.points and not (column.whole and column.distinct <= 20):
        frequent = ()
    if kind.kind in (Kind.DATE, Kind.TIME, Kind.TIMESTAMP, Kind.YEAR):
        frequent = ()
    values = tuple(v for v, _ in frequent)
    weights = tuple(round(s * filled, 3) for _, s in frequent)
    whole = column.whole and bool(frequent)
    points = () if whole else column.points
    if not points and column.lengths is not None and not whole:
        points = column.lengths.points
    rest = 0.0 if whole else round(filled - sum(weights), 3)
    return Distribution(
        nulls=round(column.null_share, 6),
        values=values,
        weights=weights,
        rest=max(rest, 0.0),
        points=points,
        rows=filled,
    )
