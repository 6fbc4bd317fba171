"""A person's decisions: found, read, changed, kept."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import msgspec

from understudy.errors import RequestError, SourceError, TargetError
from understudy.model.overrides import Decision, Overrides, bounds
from understudy.model.schema import Facet, Schema, Standing
from understudy.types import Kind, Type

FILE = "overrides.yaml"
SURE = 0.8
"""Below this confidence a facet is worth a person's look."""
LIKELY = 0.6
"""The same for what a field means: a name alone tells no more."""
FACETS = ("type", "nullable", "length", "range", "enum", "pattern", "meaning")


def place_of(named: str | None = None) -> Path:
    """Where decisions are kept: where they are said to be, else beside the project file, else here."""
    if named:
        return Path(named)
    from understudy.workflow.settings import project_folder

    return (project_folder() or Path.cwd()) / FILE


def decisions(place: Path) -> Overrides:
    """The decisions in a file, none where there is no such file; SourceError with the line of the first fault."""
    if not place.is_file():
        return Overrides()
    from understudy.model.editable import from_yaml

    found = from_yaml(place.read_bytes() or b"{}", Overrides, where=str(place))
    return checked(found, str(place))


def checked(found: Overrides, where: str) -> Overrides:
    """The decisions with their types read; SourceError for what is none."""
    from understudy.sources.database.declared import declared_type

    types: dict[str, Type] = {}
    for subject, decision in found.fields.items():
        if "." not in subject:
            raise SourceError(f"{subject!r} is no field", where=where, mend="Write entity.field.")
        for text in filter(None, (decision.length, decision.range)):
            try:
                bounds(text)
            except ValueError as e:
                raise SourceError(f"{subject}: {e}", where=where, mend="Write 1..40, ..40 or 1..") from e
        if decision.pattern is not None:
            _compiled(subject, decision.pattern, where)
        if decision.type is not None:
            kind = declared_type(decision.type, "")
            if kind.kind is Kind.OPAQUE:
                mend = "Write it as SQL does, such as varchar(40)."
                raise SourceError(f"{subject}: {decision.type!r} is no type", where=where, mend=mend)
            types[subject] = kind
    return msgspec.structs.replace(found, types=types)


def _compiled(subject: str, pattern: str, where: str) -> None:
    try:
        re.compile(re.sub(r"\\p\{\w+\}", r"\\w", pattern))
    except re.error as e:
        raise SourceError(f"{subject}: {pattern!r} is no pattern: {e}", where=where, mend="Mend it.") from e


def decided(known: Overrides, schema: Schema, wishes: Sequence[str], accept: Sequence[str] = ()) -> Overrides:
    """Decisions with more of them: ``entity.field.facet=value``, and facets accepted as they are
    (``entity.field.facet``, ``entity.field`` for all of its own). RequestError for what does not exist."""
    fields = dict(known.fields)
    for wish in wishes:
        subject, facet, value = _wish(wish, schema)
        before = fields.get(subject, Decision())
        fields[subject] = msgspec.structs.replace(before, **{facet: value})
    for subject, facets in _accepted(accept, schema):
        before = fields.get(subject, Decision())
        merged = tuple(dict.fromkeys((*before.accepted, *facets)))
        fields[subject] = msgspec.structs.replace(before, accepted=merged)
    return checked(Overrides(fields), "--set")


def _wish(wish: str, schema: Schema) -> tuple[str, str, object]:
    left, equals, text = wish.partition("=")
    subject, _, facet = left.strip().rpartition(".")
    mend = f"Write entity.field.facet=value; facets are {', '.join(FACETS)}."
    facet = {"nullability": "nullable", "required": "nullable"}.get(facet, facet)
    if not equals or facet not in FACETS:
        raise RequestError(f"{wish!r} decides nothing", where="--set", mend=mend)
    _field(subject, schema)
    match facet:
        case "nullable":
            said = left.strip().endswith("required")
            if text.lower() not in ("true", "false", "yes", "no"):
                raise RequestError(f"{text!r} is neither true nor false", where="--set", mend="Write true or false.")
            return subject, facet, (text.lower() in ("true", "yes")) != said
        case "enum":
            return subject, facet, tuple(w.strip() for w in text.split(",") if w.strip())
        case _:
            return subject, facet, text
    raise AssertionError(facet)


def _field(subject: str, schema: Schema) -> None:
    import difflib

    known = [f"{e.name}.{f.name}" for e in schema.entities for f in e.fields]
    if subject not in known:
        near = difflib.get_close_matches(subject, known, 1)
        mend = f"Did you mean {near[0]!r}?" if near else "See `understudy inspect`."
        raise RequestError(f"there is no field {subject!r}", where="--set", mend=mend)


def _accepted(accept: Sequence[str], schema: Schema) -> list[tuple[str, tuple[str, ...]]]:
    found: list[tuple[str, tuple[str, ...]]] = []
    for text in accept:
        if text == "all":
            found += [(f.subject, (f.facet,)) for f in to_review(schema)]
            continue
        whole = tuple(f.facet for f in schema.facets if f.subject == text and f.standing)
        subject, _, facet = text.rpartition(".")
        if whole:
            found.append((text, whole))
        elif any(f.subject == subject and f.facet == facet for f in schema.facets):
            found.append((subject, (facet,)))
        else:
            raise RequestError(f"nothing is said of {text!r}", where="--accept", mend="See `understudy review`.")
    return found


def keep(overrides: Overrides, place: Path) -> None:
    """Write decisions as YAML; TargetError where that is not possible."""
    from understudy.model.editable import to_yaml

    head = "# Decisions about what the sources say; honoured on every run, and shown as such.\n"
    try:
        text = to_yaml(msgspec.structs.replace(overrides, types={}))
        place.write_text(head + text, encoding="utf-8")
    except OSError as e:
        raise TargetError(
            f"cannot be written: {e.strerror or e}", where=str(place), mend="Choose another place with --overrides."
        ) from e


def to_review(schema: Schema) -> list[Facet]:
    """The facets worth a person's look: contradictions first, then what is least sure."""
    open_ = [
        f
        for f in schema.facets
        if f.standing not in (Standing.DECIDED.value, Standing.UNPLACED.value, "")
        and (f.standing == Standing.SET_ASIDE.value or f.confidence < (SURE if f.facet != "meaning" else LIKELY))
        and "." in f.subject
    ]
    return sorted(open_, key=lambda f: (f.standing != Standing.SET_ASIDE.value, f.confidence, f.subject, f.facet))
