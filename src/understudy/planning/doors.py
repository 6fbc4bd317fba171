"""Which faces a request speaks of, and how many documents each gets. What a document looks like is planned in
:mod:`understudy.planning.faces`, which a run without faces does not load."""

from __future__ import annotations

import math

import msgspec

from understudy.model.face import Face
from understudy.model.plan import PlannedTable
from understudy.model.request import Request
from understudy.model.schema import Schema

DOCUMENTS = 100
"""Documents per face where nobody says how many: enough for every branch, and a description may have hundreds."""
FOR_FACES = "$face:"
"""What names of hidden columns begin with that faces read."""


def face_name(face: Face) -> str:
    """The name under which a plan holds a face's documents."""
    return f"{face.kind.value}/{face.name}"


class Wishes(msgspec.Struct, frozen=True):
    """The request's part for tables, and how many documents each chosen face gets; ``named``: faces that the request
    names itself."""

    request: Request
    rows: dict[str, int]
    named: frozenset[str] = frozenset()


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
    wished = request.default_rows * request.scale
    default = min(round(wished), DOCUMENTS) if math.isfinite(wished) else DOCUMENTS  # tables tell what is no scale
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
    return Wishes(rest, rows, frozenset({*only, *asked}))


def shown_by_faces(table: PlannedTable) -> frozenset[str]:
    """Hidden columns of a table that faces read."""
    return frozenset(c.name for c in table.columns if c.name.startswith(FOR_FACES))
