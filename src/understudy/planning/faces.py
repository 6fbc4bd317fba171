"""Faces planned: per door a table of one column, a valid document in each row."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from understudy.errors import SourceError
from understudy.model.expression import Node
from understudy.model.face import Face
from understudy.model.plan import Plan, PlannedColumn, PlannedConstraint, PlannedTable, Standing
from understudy.model.schema import Schema
from understudy.planning.documents.bound import Bound
from understudy.planning.documents.compile import Compiler
from understudy.planning.documents.parts import Book, Part
from understudy.planning.documents.workshop import JSON, SHUFFLE, Workshop
from understudy.planning.doors import DOCUMENTS, face_name
from understudy.planning.draft import Draft

COLUMN = "document"


def plan_faces(
    draft: Draft, faces: Sequence[Face], rows: Mapping[str, int], named: frozenset[str] = frozenset()
) -> tuple[PlannedTable, ...]:
    """A planned table per face that has rows. What nothing can obey is told before anything is made: a warning, for
    the other faces have nothing to do with it; a demand that cannot be met where the face was asked for by name."""
    shared: dict[str, tuple[str, ...]] = {}
    known: dict[tuple[str, str], Made] = {}
    about: dict[Any, tuple[Made, Bound]] = {}
    plan = Plan(Schema("", ()), (), (), draft.request.seed, draft.request.clock, draft.request.locale)
    workshop = Workshop(plan, draft.artefacts)
    tables: list[PlannedTable] = []
    for face in faces:
        if face_name(face) not in rows:
            continue
        document = json.loads(face.document)
        told = draft.unmet if face_name(face) in named else draft.warnings
        subject = draft.tables.get(face.entity)
        if subject is not None and subject.rows and face.bindings:
            tables += _about_rows(draft, face, document, subject, rows[face_name(face)], told, shared, about)
            continue
        key = (_subject(face, document), face.document)
        if key not in known:  # error responses are the same everywhere
            known[key] = _compiled(draft, workshop, document, key[0], shared)
        table = _planned(told, face, rows[face_name(face)], known[key])
        tables += [table] if table is not None else []
    return tuple(tables)


def _about_rows(
    draft: Draft,
    face: Face,
    document: Any,
    subject: PlannedTable,
    rows: int,
    told: list[str],
    shared: dict[str, tuple[str, ...]],
    known: dict[Any, tuple[Made, Bound]],
) -> list[PlannedTable]:
    """A face whose documents show rows of a table: document i shows row i. Faces that say the same of the same rows
    (what is asked for, made, changed) are compiled once."""
    name = face_name(face)
    key = (_subject(face, document), face.document, face.entity, tuple(face.bindings.items()))
    if key not in known:
        bound = Bound(name, draft, subject.name, face.bindings)
        bound.prepare()
        workshop = Workshop(draft.bundle().plan, draft.artefacts, bound.link)
        known[key] = _compiled(draft, workshop, document, key[0], shared, bound), bound
    made, bound = known[key]
    draft.warnings += [f"{name}: {text}" for text in bound.told()]
    table = _planned(told, face, min(rows, subject.rows), made)
    return [msgspec.structs.replace(table, links=(bound.link(name),))] if table is not None else []


class Made(msgspec.Struct, frozen=True):
    """An expression of documents, or why there is none (``broken``: the schema itself is at fault)."""

    node: Node | None
    trouble: str = ""
    broken: bool = False


def _compiled(
    draft: Draft,
    workshop: Workshop,
    document: Any,
    subject: str,
    shared: dict[str, tuple[str, ...]],
    bound: Bound | None = None,
) -> Made:
    book = Book(document)
    compiler = Compiler(book, workshop, draft.request.locale, draft.request.clock, shared)
    compiler.making.bound = bound
    try:
        node = compiler.document(book.conj(Part("#", document)), subject)
    except SourceError as error:
        return Made(None, error.what, broken=True)
    return Made(node, "" if node is not None else next(iter(compiler.troubles)))


def _planned(told: list[str], face: Face, rows: int, made: Made) -> PlannedTable | None:
    name, node = face_name(face), made.node
    if node is None:
        why = made.trouble if made.broken else f"no document obeys its schema: {made.trouble}"
        told.append(f"{name}: {why}")
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


def _subject(face: Face, document: Any) -> str:
    """What a record of the face is about, for meaning: the entity, what its schema is called, or the last word of its
    name."""
    reference = document.get("$ref") if isinstance(document, dict) else None
    if not face.entity and isinstance(reference, str):
        return reference.rsplit("/", 1)[-1]
    words = [w for w in face.name.replace("{", " ").replace("}", " ").replace("/", " ").split() if w.isidentifier()]
    return face.entity or (words[-1] if words else face.name)
