"""A collection's requests and what their tests expect, as fragments of flows: one per folder, in the order of a run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from understudy.model.face import Face, FaceKind
from understudy.model.flow import Fragment, Step, StepKind
from understudy.sources.api.exchanges import VARIABLE, Exchange, templated
from understudy.sources.api.infer import UNKNOWN
from understudy.sources.api.outcomes import ELEMENT, Expected

DEEPEST = 6
MOST_FIELDS = 100
"""Fields of one body that are told as steps."""
LONGEST = 500


def fragments_of(exchanges: Sequence[Exchange], faces: Sequence[Face], source: str) -> tuple[Fragment, ...]:
    """The fragments of requests that tests stand at, with those before them in the same folder."""
    known = {(f.kind, f.name): f for f in faces}
    folders: dict[tuple[str, ...], list[Exchange]] = {}
    for e in exchanges:
        folders.setdefault(e.folders, []).append(e)
    found = []
    for folder, group in folders.items():
        if any(e.outcome.expected for e in group):
            steps = list(_steps(group, known))
            name = " › ".join(folder) or source
            tested = [e for e in group if e.outcome.expected]
            found.append(
                Fragment(name, source, tuple(steps), group[0].place, negative=all(e.outcome.refused for e in tested))
            )
    return tuple(found)


def _steps(group: Sequence[Exchange], faces: Mapping[tuple[FaceKind, str], Face]) -> Iterator[Step]:
    kept: dict[str, int] = {}
    number = 0
    for e in group:
        title = f"{e.method.upper()} {templated(e.url) or e.url}"
        needs = sorted({kept[v] for v in VARIABLE.findall(e.url) if v in kept})
        yield Step(
            StepKind.REQUEST,
            e.name or title,
            title,
            values=tuple(title.split(" ", 1)),
            uses=tuple(needs),
            place=e.place,
        )
        number += 1
        for step in _sent(e, faces.get((FaceKind.REQUEST, title)), kept):
            yield step
            number += 1
        answer = _answer(faces, title, e.outcome.statuses)
        for expected in e.outcome.expected:
            yield _expected(expected, answer, e.place)
            number += 1
        for name, path in e.outcome.kept:
            kept[name] = number
            entity, field = _field(answer, path)
            text = f"{name} = {'.'.join(path)}"
            yield Step(StepKind.DO, text, name, entity, field, place=e.place)
            number += 1


def _sent(e: Exchange, face: Face | None, kept: Mapping[str, int]) -> Iterator[Step]:
    """A step per field of the body that is sent."""
    raw = e.raw if isinstance(e.raw, dict) else {}
    for path, value in list(_leaves(e.body))[:MOST_FIELDS]:
        entity, field = _field(face, path)
        if not field:
            continue
        named = VARIABLE.fullmatch(str(raw.get(path[-1], "")).strip()) if path else None
        uses = (kept[named[1]],) if named is not None and named[1] in kept else ()
        text = f"{'.'.join(path)}: {value}"[:LONGEST]
        values = () if uses or str(value).startswith(UNKNOWN) else (str(value)[:LONGEST],)
        yield Step(
            StepKind.FILL, text, ".".join(path), entity, field, values, e.outcome.refused, uses=uses, place=e.place
        )


def _leaves(value: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    if isinstance(value, dict) and len(path) < DEEPEST:
        for key, inner in value.items():
            yield from _leaves(inner, (*path, str(key)))
    elif isinstance(value, list) and len(path) < DEEPEST:
        for inner in value[:1]:
            yield from _leaves(inner, (*path, ELEMENT))
    elif isinstance(value, bool):
        yield path, str(value).lower()
    elif isinstance(value, str | int | float):
        yield path, value


def _answer(faces: Mapping[tuple[FaceKind, str], Face], title: str, statuses: Sequence[int]) -> Face | None:
    for status in (*statuses, 200, 201, "default"):
        found = faces.get((FaceKind.RESPONSE, f"{title} {status}"))
        if found is not None:
            return found
    return None


def _expected(e: Expected, face: Face | None, place: str) -> Step:
    entity, field = _field(face, e.path)
    said = ".".join(e.path) or ("status" if e.what == "status" else "")
    values = tuple(str(v).lower() if isinstance(v, bool) else str(v) for v in e.values)
    told = " ".join(x for x in (said, e.what, *values) if x)
    return Step(StepKind.EXPECT, e.title or told, said, entity, field, values, denied=e.denied, place=place)


def _field(face: Face | None, path: Sequence[str]) -> tuple[str, str]:
    """The entity and field that a member of a document shows."""
    if face is None or not path:
        return (face.entity if face is not None else ""), ""
    pointer = "".join("/*" if p == ELEMENT else "/" + p.replace("~", "~0").replace("/", "~1") for p in path)
    bound = face.bindings.get(pointer, "")
    entity, _, field = bound.rpartition(".")
    return (entity, field) if bound else (face.entity, "")
