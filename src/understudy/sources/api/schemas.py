"""Bare JSON Schemas: the document itself is a door, and so is each of its definitions."""

from __future__ import annotations

from typing import Any

from understudy.model.face import FaceKind
from understudy.sources.api.dialects import Dialect, Way
from understudy.sources.api.faces import Faces
from understudy.sources.api.library import Library, Place
from understudy.sources.api.translate import Translator
from understudy.sources.api.values import Warn


def dialect_of(document: Any) -> Dialect:
    """The draft by ``$schema``, else by keywords that only later drafts have."""
    said = str(document.get("$schema", "")) if isinstance(document, dict) else ""
    if "draft-04" in said or "draft-03" in said:
        return Dialect.DRAFT_4
    if "draft-06" in said or "draft-07" in said:
        return Dialect.DRAFT_7
    if "2019-09" in said or "2020-12" in said or not isinstance(document, dict):
        return Dialect.LATER
    old = "definitions" in document and "$defs" not in document
    return Dialect.DRAFT_7 if old else Dialect.LATER


def definitions(document: Any) -> list[tuple[str, str]]:
    """(container, name) of each definition."""
    held = document if isinstance(document, dict) else {}
    return [(c, n) for c in ("$defs", "definitions") if isinstance(held.get(c), dict) for n in held[c]]


def read_schema(library: Library, source: str, warn: Warn) -> tuple[Translator, Faces]:
    """The translator and the faces: ``#`` and every definition."""
    document = library.document(library.root.address)
    translator = Translator(library, dialect_of(document), warn)
    faces = Faces(translator, source)
    says = document if isinstance(document, bool) else {k for k in document if k not in ABOUT}
    if says is not False and (says or not definitions(document)):
        faces.add(
            "#",
            FaceKind.COMPONENT,
            translator.document(document, Place(library.root.address), Way.EITHER),
            library.root,
        )
    for container, name in definitions(document):
        held = document[container][name]
        if isinstance(held, dict | bool):
            faces.component(name, held, library.root.below(container, name))
    return translator, faces


ABOUT = frozenset({"$schema", "$id", "id", "$comment", "title", "description", "$defs", "definitions", "$vocabulary"})
"""Keywords that say nothing about a value."""
