"""Faces planned: per door a table of one column, a valid document in each row."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

import msgspec

from understudy.errors import SourceError
from understudy.model.face import Face
from understudy.model.plan import Plan, PlannedColumn, PlannedConstraint, PlannedTable, Standing
from understudy.model.request import Request
from understudy.model.schema import Schema
from understudy.planning.documents.compile import Compiler
from understudy.planning.documents.parts import Book, Part
from understudy.planning.documents.workshop import JSON, SHUFFLE, Workshop
from understudy.planning.draft import Draft

DOCUMENTS = 100
"""Documents per face where nobody says how many: enough for every branch, and a description may have hundreds."""
COLUMN = "document"


def face_name(face: Face) -> str:
    """The name under which a plan holds a face's documents."""
    return f"{face.kind.value}/{face.name}"


class Wishes(msgspec.Struct, frozen=True):
    """The request's part for tables, and how many documents each chosen face gets."""

    request: Request
    rows: dict[str, int]


def split(schema: Schema, request: Request) -> Wishes:
    """Names of faces among those that the request chooses, leaves out or sizes; what is left speaks of tables. A face
    is named in full (``request/POST /owners``) or, where no table is called so, by its own name."""
    tables = {e.name for e in schema.entities} | {e.table for e in schema.entities}
    called: dict[str, list[str]] = {}
    for face in schema.faces:
        called.setdefault(face_name(face), []).append(face_name(face))
        if face.name not in tables:
            called.setdefault(face.name, []).append(face_name(face))
    only = [f for n in request.only for f in called.get(n, ())]
    excluded = {f for n in request.excluded for f in called.get(n, ())}
    asked = {f: rows for n, rows in request.rows.items() for f in called.get(n, ())}
    default = min(round(request.default_rows * request.scale), DOCUMENTS)
    chosen = [face_name(f) for f in schema.faces]
    if request.only:
        chosen = [n for n in chosen if n in only]
    rows = {n: asked.get(n, default) for n in chosen if n not in excluded}
    rest = msgspec.structs.replace(
        request,
        only=tuple(n for n in request.only if n not in called),
        excluded=tuple(n for n in request.excluded if n not in called),
        rows={n: r for n, r in request.rows.items() if n not in called},
    )
    return Wishes(rest, rows)


def plan_faces(draft: Draft, faces: Sequence[Face], rows: Mapping[str, int]) -> tuple[PlannedTable, ...]:
    """A planned table per face that has rows; what nothing can obey is told in the draft's ``unmet``."""
    shared: dict[str, tuple[str, ...]] = {}
    plan = Plan(Schema("", ()), (), (), draft.request.seed, draft.request.clock, draft.request.locale)
    workshop = Workshop(plan, draft.artefacts)
    found = [_planned(draft, workshop, f, rows[face_name(f)], shared) for f in faces if face_name(f) in rows]
    return tuple(t for t in found if t is not None)


def _planned(
    draft: Draft, workshop: Workshop, face: Face, rows: int, shared: dict[str, tuple[str, ...]]
) -> PlannedTable | None:
    name = face_name(face)
    book = Book(json.loads(face.document), where=name)
    compiler = Compiler(book, workshop, draft.request.locale, draft.request.clock, shared)
    try:
        node = compiler.document(book.conj(Part("#", book.document)), _subject(face))
    except SourceError as error:
        draft.warnings.append(f"{name}: {error.what}; no documents are made for it")
        return None
    if node is None:
        reasons = list(compiler.troubles)
        draft.unmet.append(
            f"{name}: no document obeys its schema: {reasons[-1] if reasons else 'it contradicts itself'}"
        )
        return None
    column = PlannedColumn(COLUMN, JSON, node, reason=f"a document as {face.origin.place or face.name} describes it")
    text = f"JSON Schema at {face.origin.place or face.name}"
    held = PlannedConstraint("schema", "document", text, Standing.CONSTRUCTION, "tried on a sample by a validator")
    return PlannedTable(
        name,
        rows,
        (column, SHUFFLE),
        constraints=(held,),
        rows_reason="" if rows != DOCUMENTS else "documents of a face",
    )


def _subject(face: Face) -> str:
    """What a record of the face is about, for meaning: the entity, or the last word of its name."""
    words = [w for w in face.name.replace("{", " ").replace("}", " ").replace("/", " ").split() if w.isidentifier()]
    return face.entity or (words[-1] if words else face.name)
