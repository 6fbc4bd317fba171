"""Pages to claims: what each form says about the entity and its fields, and where."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import msgspec

from understudy.model.evidence import Bounds, Choices, Claim, FacetKind, Pattern, Samples, Value
from understudy.model.face import Face, FaceKind
from understudy.model.origin import Origin, SourceKind
from understudy.model.schema import Entity, Field
from understudy.semantics.recognition import matches
from understudy.sources.ui.autofill import TYPES, meaning_of
from understudy.sources.ui.document import choices, demanded, document, length_of, member_label
from understudy.sources.ui.grouping import members
from understudy.sources.ui.naming import Named, named
from understudy.sources.ui.nouns import Control, Form, Member, Page
from understudy.sources.ui.patterns import read_pattern
from understudy.sources.ui.said import lengths_said, range_said
from understudy.sources.ui.steps import numbers, plain_number, span, spelled
from understudy.types import Kind, Type

KINDS = {
    "number": Kind.DECIMAL,
    "range": Kind.DECIMAL,
    "date": Kind.DATE,
    "month": Kind.TEXT,
    "week": Kind.TEXT,
    "time": Kind.TIME,
    "datetime-local": Kind.TIMESTAMP,
    "checkbox": Kind.BOOLEAN,
    "file": Kind.TEXT,
}
SURE, LIKELY, HINTED, GUESSED = 1.0, 0.8, 0.6, 0.4
"""How surely: the browser enforces it; the page says it; it holds sometimes or is said in words; it is guessed."""
LEAST_MEANING = 0.75
"""Recognisers of names below this are not worth a claim: fusion asks them again with all names at hand."""


class Reading(msgspec.Struct, frozen=True):
    """What one page yields."""

    claims: tuple[Claim, ...]
    faces: tuple[Face, ...]


def claims_of(page: Page) -> Reading:
    """All claims and faces of a page's forms."""
    claims: list[Claim] = []
    faces: list[Face] = []
    for form in page.forms:
        group = members_of(page, form)
        if not any(m.role in ("field", "part", "unfilled", "confirmation") for m in group[1]):
            continue
        said = _Form(page, form, *group)
        claims += said.claims()
        face = said.face()
        if face is not None:
            faces.append(face)
        claims += said.remarks
    claims += [
        Claim(FacetKind.REMARK, "", text, Origin(SourceKind.UI, page.source, place)) for place, text in page.remarks
    ]
    return Reading(tuple(claims), tuple(faces))


def members_of(page: Page, form: Form) -> tuple[Named, tuple[Member, ...]]:
    """What a form is called and the members of its record."""
    name = named(page, form)
    return name, members(form, name.fields)


def face_name(page: Page, form: Form) -> str:
    """As a person would call it: ``register.html #signup``, ``register.html form 2``."""
    last = re.split(r"[/\\]", page.source.rstrip("/\\"))[-1] or page.source
    if form.index < 0:
        return f"{last} (outside any form)" if len(page.forms) > 1 else last
    if form.id:
        return f"{last} #{form.id}"
    return f"{last} form {form.index + 1}" if sum(f.index >= 0 for f in page.forms) > 1 else last


class _Form:
    def __init__(self, page: Page, form: Form, name: Named, group: tuple[Member, ...]) -> None:
        self.page, self.form, self.name, self.members = page, form, name, group
        self.entity = name.entity
        self.remarks: list[Claim] = []

    def face(self) -> Face | None:
        """The form's door; None where nothing in it can be filled in by the browser's own controls."""
        text, told = document(self.form, self.members, self._title(), bool(self.page.framework))
        for line in told:
            self.remarks.append(self._claim(FacetKind.REMARK, line, None))
        if '"properties": {}' in text:
            return None
        origin = Origin(SourceKind.UI, self.page.source, self._place(None))
        bindings = {
            "/" + m.key.replace("~", "~0").replace("/", "~1"): f"{self.entity}.{m.field}"
            for m in self.members
            if m.role == "field" and m.first.type != "password"  # what is typed is not what is kept
        }
        return Face(face_name(self.page, self.form), FaceKind.FORM, text, origin, self.entity, bindings)

    def _title(self) -> str:
        return next((h.text for h in self.form.headings if len(h.text) <= 80), "") or self.page.title

    def claims(self) -> list[Claim]:
        """Claims about the entity and every field."""
        origin = Origin(SourceKind.UI, self.page.source, self._place(None))
        found = [
            Claim(
                FacetKind.ENTITY,
                self.entity,
                Entity(self.entity, ()),
                origin,
                certainty=self.name.certainty,
                raw=self.name.why,
            )
        ]
        seen: set[str] = set()
        for member in self.members:
            match member.role:
                case "field" | "unfilled":
                    found += self._field(member)
                case "hidden":
                    found += self._hidden(member)
                case "part" if member.whole not in seen:
                    seen.add(member.whole)
                    found += self._whole(member.whole)
                case "confirmation":
                    self._remark(member, f"repeats {member.same_as}: no field of its own, the same value again")
                case "trap":
                    self._remark(member, f"left empty: {member.first.trap}")
                case "captcha":
                    self._remark(member, "a riddle against robots: no field")
                case "token":
                    self._remark(member, "a token of the page: no field")
                case _:
                    pass
        return found

    # ---- one field ----------------------------------------------------------------------------------
    def _field(self, member: Member) -> Iterator[Claim]:
        c = member.first
        label = member_label(member)
        yield self._claim(FacetKind.FIELD, None, member, certainty=SURE if c.own_name else LIKELY, raw=label or c.label)
        yield self._claim(FacetKind.TYPE, _type(member), member, certainty=_type_certainty(c), raw=c.type)
        yield from self._null(member)
        yield from self._sizes(member)
        yield from self._values(member)
        yield from self._pattern(member)
        yield from self._meaning(member, label)
        yield from self._sample(member)
        if "data-us-said" in member.first.attributes:
            self._remark(member, f"a script refuses some values: {member.first.attributes['data-us-said']}")

    def _null(self, member: Member) -> Iterator[Claim]:
        c = member.first
        if demanded(member):
            if c.type != "checkbox" or len(member.controls) > 1:
                yield self._claim(FacetKind.NULLABILITY, False, member, raw="required")
            return
        starred = any("*" in x.text for x in c.labels) or "aria-required" in c.attributes
        if "required" in c.maybe or starred:
            yield self._claim(FacetKind.NULLABILITY, False, member, certainty=HINTED, raw="required in some cases")
        elif c.type not in ("checkbox", "range", "color", "radio") and self.page.framework != "angular":
            yield self._claim(FacetKind.NULLABILITY, True, member, certainty=HINTED, raw="not required")

    def _sizes(self, member: Member) -> Iterator[Claim]:
        c = member.first
        low, high = length_of(c, "minlength"), length_of(c, "maxlength")
        if low is not None or high is not None:
            words = " ".join(f"{k}={c.attributes[k]}" for k in ("minlength", "maxlength") if k in c.attributes)
            yield self._claim(FacetKind.LENGTH, Bounds(low, high), member, raw=words)
        elif c.type in ("text", "password", "textarea", "tel", "search") and (
            told := lengths_said(c.help or c.placeholder)
        ):
            yield self._claim(FacetKind.LENGTH, told, member, certainty=HINTED, raw=c.help or c.placeholder)
        if c.type in ("number", "range"):
            yield from self._numbers(member)
        elif c.type in ("date", "month", "week", "time", "datetime-local"):
            s = span(c.type, c.attributes, c.value)
            if s.low is not None or s.high is not None:
                bounds = Bounds(_spelled(c.type, s.low), _spelled(c.type, s.high))
                yield self._claim(FacetKind.RANGE, bounds, member, raw=_words(c, "min", "max", "step"))

    def _numbers(self, member: Member) -> Iterator[Claim]:
        c = member.first
        n = numbers(c.attributes, c.value, c.type)
        given = {k for k in ("min", "max", "step") if k in c.attributes}
        if given or c.type == "range":
            low = plain_number(n.low) if n.low is not None else None
            high = plain_number(n.high) if n.high is not None else None
            step = plain_number(n.step) if n.step is not None and "step" in given else None
            yield self._claim(
                FacetKind.RANGE, Bounds(low, high, multiple_of=step), member, raw=_words(c, "min", "max", "step")
            )
        elif told := range_said(f"{c.help} {c.placeholder}"):
            yield self._claim(FacetKind.RANGE, told, member, certainty=HINTED, raw=c.help or c.placeholder)

    def _values(self, member: Member) -> Iterator[Claim]:
        c = member.first
        if c.type == "select":
            options = choices(c)
            if options:
                labels = tuple(o.label for o in options)
                value = Choices(tuple(o.value for o in options), labels, open=c.fluid)
                yield self._claim(FacetKind.ENUM, value, member, raw=" | ".join(labels)[:200])
        elif c.type == "radio" or (c.type == "checkbox" and len(member.controls) > 1):
            controls = [x for x in member.controls if x.value]
            if controls:
                value = Choices(
                    tuple(x.value for x in controls),
                    tuple(x.label for x in controls),
                    open=any(x.fluid for x in controls),
                )
                yield self._claim(FacetKind.ENUM, value, member, raw=" | ".join(x.label for x in controls)[:200])
        elif c.suggestions:
            value = Choices(tuple(o.value for o in c.suggestions), tuple(o.label for o in c.suggestions), open=True)
            yield self._claim(FacetKind.ENUM, value, member, certainty=HINTED, raw="datalist")

    def _pattern(self, member: Member) -> Iterator[Claim]:
        c = member.first
        text = c.attributes.get("pattern")
        if text is None or c.type not in ("text", "search", "tel", "url", "email", "password"):
            return
        read = read_pattern(text)
        if read.meant:
            yield self._claim(
                FacetKind.PATTERN,
                Pattern(text, whole=True),
                member,
                certainty=SURE if read.anchored else HINTED,
                raw=text,
            )

    def _meaning(self, member: Member, label: str) -> Iterator[Claim]:
        c = member.first
        told = meaning_of(c.autocomplete)
        if told:
            yield self._claim(FacetKind.MEANING, told, member, raw=f"autocomplete={c.autocomplete}")
        elif c.type in TYPES:
            yield self._claim(FacetKind.MEANING, TYPES[c.type], member, certainty=0.9, raw=f"type={c.type}")
        elif "email" in c.attributes.get("data-us-demand", "").split():
            yield self._claim(FacetKind.MEANING, "email", member, certainty=LIKELY, raw="a message about e-mail")
        kind = _type(member)
        if kind.kind is not Kind.TEXT or c.type == "password" or not label:
            return
        found = matches(Entity(self.entity, ()), Field(re.sub(r"\W+", "_", label).strip("_"), kind))
        if found and found[0].certainty >= LEAST_MEANING and found[0].meaning != told:
            yield self._claim(
                FacetKind.MEANING,
                found[0].meaning,
                member,
                certainty=round(found[0].certainty, 3),
                raw=f"labelled '{label}'",
            )

    def _sample(self, member: Member) -> Iterator[Claim]:
        c = member.first
        if (
            c.type
            in (
                "text",
                "search",
                "tel",
                "url",
                "email",
                "number",
                "date",
                "time",
                "datetime-local",
                "month",
                "week",
                "textarea",
            )
            and c.value.strip()
        ):
            yield self._claim(
                FacetKind.SAMPLE, Samples((c.value.strip()[:500],)), member, certainty=HINTED, raw="value"
            )
        example = re.match(
            r"(?:e\.?\s?g\.?|for example|ex\.?|z\.\s?b\.|example)[:,]?\s*(.+)", c.placeholder, re.IGNORECASE
        )
        if example:
            yield self._claim(
                FacetKind.SAMPLE, Samples((example[1].strip(),)), member, certainty=HINTED, raw=c.placeholder
            )

    # ---- hidden ones and split ones -----------------------------------------------------------------
    def _hidden(self, member: Member) -> Iterator[Claim]:
        if any(
            m.role in ("field", "part") and (m.field == member.field or m.whole == member.field) for m in self.members
        ):
            return
        yield self._claim(FacetKind.FIELD, None, member, certainty=GUESSED, raw="hidden")

    def _whole(self, whole: str) -> Iterator[Claim]:
        parts = [m for m in self.members if m.role == "part" and m.whole == whole]
        first = msgspec.structs.replace(parts[0], field=whole)
        names = {m.part for m in parts}
        heading = parts[0].first.heading or parts[0].first.label
        yield self._claim(FacetKind.FIELD, None, first, raw=heading)
        kind = Type(Kind.DATE) if names == {"day", "month", "year"} else Type(Kind.TEXT)
        yield self._claim(FacetKind.TYPE, kind, first, certainty=LIKELY, raw=" ".join(m.first.type for m in parts))
        required = any(demanded(m) for m in parts)
        yield self._claim(
            FacetKind.NULLABILITY,
            not required,
            first,
            certainty=SURE if required else HINTED,
            raw="required" if required else "not required",
        )
        lengths = [length_of(m.first, "maxlength") for m in parts]
        if kind.kind is Kind.TEXT and names - {"month", "year"} and all(n is not None for n in lengths):
            yield self._claim(
                FacetKind.LENGTH,
                Bounds(None, sum(n for n in lengths if n is not None)),
                first,
                raw="maxlength of its parts",
            )
        told = meaning_of(
            parts[0]
            .first.autocomplete.replace("bday-day", "bday")
            .replace("bday-month", "bday")
            .replace("bday-year", "bday")
        )
        if told:
            yield self._claim(FacetKind.MEANING, told, first, raw=parts[0].first.autocomplete)
        listed = ", ".join(m.key for m in parts)
        self._remark(first, f"typed into {len(parts)} controls ({listed})")

    # ---- places -------------------------------------------------------------------------------------
    def _place(self, member: Member | None) -> str:
        line = member.first.line if member is not None else self.form.line
        words = [f"line {line}"] if line else []
        if member is not None:
            words.append(member.first.own_name or member.first.path)
        elif self.form.id:
            words.append(f"#{self.form.id}")
        return " ".join(words)

    def _claim(
        self, facet: FacetKind, value: Value, member: Member | None, *, certainty: float = SURE, raw: str = ""
    ) -> Claim:
        origin = Origin(SourceKind.UI, self.page.source, self._place(member))
        return Claim(
            facet,
            self.entity,
            value,
            origin,
            field=member.field if member is not None else "",
            certainty=certainty,
            raw=raw,
        )

    def _remark(self, member: Member, text: str) -> None:
        self.remarks.append(self._claim(FacetKind.REMARK, f"{member.key}: {text}", member))


def _spelled(kind: str, number: int | None) -> str | None:
    return spelled(kind, number) if number is not None else None


def _words(control: Control, *names: str) -> str:
    return " ".join(f"{n}={control.attributes[n]}" for n in names if n in control.attributes)


def _type(member: Member) -> Type:
    """The logical type that a control's values have."""
    c = member.first
    if c.type == "checkbox" and len(member.controls) > 1:
        return Type(Kind.ARRAY, element=Type(Kind.TEXT))
    if c.type == "select":
        values = [o.value for o in choices(c)]
        one = (
            Type(Kind.INTEGER)
            if values and all(re.fullmatch(r"-?(?:0|[1-9]\d{0,17})", v) for v in values)
            else Type(Kind.TEXT)
        )
        return Type(Kind.ARRAY, element=one) if c.multiple else one
    if c.type in ("number", "range"):
        n = numbers(c.attributes, c.value, c.type)
        if n.step is not None and n.step == n.step.to_integral_value() and n.base == n.base.to_integral_value():
            return Type(Kind.INTEGER)
        scale = -int(n.step.normalize().as_tuple().exponent) if n.step is not None else None
        return Type(Kind.DECIMAL, scale=scale)
    kind = KINDS.get(c.type, Kind.TEXT)
    return Type(kind, length=length_of(c, "maxlength")) if kind is Kind.TEXT else Type(kind)


def _type_certainty(c: Control) -> float:
    """A text box says little about the type of what is kept; a date picker says much."""
    if c.type in ("date", "datetime-local", "time", "number", "checkbox"):
        return SURE
    return HINTED if c.type in ("text", "search", "textarea", "hidden") else LIKELY


def sequence(parts: Sequence[Reading]) -> Reading:
    """Readings one after the other."""
    return Reading(tuple(c for p in parts for c in p.claims), tuple(f for p in parts for f in p.faces))
