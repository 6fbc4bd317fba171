"""One API description to evidence, whatever its kind."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from understudy.errors import SourceError
from understudy.model.evidence import Claim, Evidence, FacetKind
from understudy.model.face import Face, FaceKind
from understudy.model.flow import Flow
from understudy.model.origin import Origin, SourceKind
from understudy.model.schema import Remark
from understudy.sources.api.claims import Entities
from understudy.sources.api.described import read_described, schemas_of
from understudy.sources.api.faces import Faces, ordered
from understudy.sources.api.flows import flows
from understudy.sources.api.library import Library, Place
from understudy.sources.api.operations import Operation
from understudy.sources.api.schemas import definitions, read_schema
from understudy.sources.api.translate import Translator

Told = dict[tuple[str, str], None]


def read(location: str) -> Evidence:
    """What a description at a path says. SourceError where it cannot be read at all; what is wrong inside is told in
    remarks, with its place, and the rest is read."""
    library = Library.of_file(Path(location))
    return read_library(library, Path(location).name)


def read_library(library: Library, source: str) -> Evidence:
    """The evidence of a description whose first document is there."""
    told: Told = {}

    def warn(place: Place, text: str) -> None:
        told.setdefault((library.shown(place), text))

    document = library.document(library.root.address)
    if isinstance(document, dict) and ("openapi" in document or "swagger" in document):
        return _described(library, source, told, *read_described(library, source, warn))
    if isinstance(document, dict | bool):
        return _schema(library, source, told, *read_schema(library, source, warn))
    raise SourceError("this is JSON, but no description of an API", where=source, mend="Name the description.")


def _described(
    library: Library,
    source: str,
    told: Told,
    translator: Translator,
    faces: Faces,
    operations: list[Operation],
    schemas: Mapping[str, Any],
) -> Evidence:
    path, _ = schemas_of(library.document(library.root.address), translator.dialect)
    entities = Entities(library, source)
    shown: dict[tuple[FaceKind, str], tuple[Any, Place]] = {}
    for name, schema in schemas.items():
        place = library.root.below(*path, name)
        entities.named(name, schema, place)
        shown[FaceKind.COMPONENT, name] = (schema, place)
    about: dict[str, str] = {}
    for operation in operations:
        bodies = [(FaceKind.REQUEST, operation.title, c) for c in operation.bodies]
        bodies += [
            (FaceKind.RESPONSE, f"{operation.title} {status}", c)
            for status, contents in operation.responses
            for c in contents
            if status.startswith(("2", "d"))
        ]
        for kind, title, content in bodies:
            name = title if content.first else f"{title} {content.media}"
            entity = entities.body(content.schema, content.place, operation.path, content.examples)
            about[operation.title] = about.get(operation.title) or entity
            shown[kind, name] = (content.schema, content.place)
        entities.identified(operation, about.get(operation.title, ""))
    bound = _bound(faces, entities, shown)
    return _evidence(source, told, entities, bound, flows(operations, about))


def _schema(library: Library, source: str, told: Told, translator: Translator, faces: Faces) -> Evidence:
    document = library.document(library.root.address)
    entities = Entities(library, source)
    shown: dict[tuple[FaceKind, str], tuple[Any, Place]] = {}
    title = document.get("title") if isinstance(document, dict) else None
    name = str(title) if title else source.split(".", maxsplit=1)[0]
    shown[FaceKind.COMPONENT, "#"] = (document, library.root)
    entities.named(_word(name), document, library.root)
    for container, word in definitions(document):
        place = library.root.below(container, word)
        entities.named(word, document[container][word], place)
        shown[FaceKind.COMPONENT, word] = (document[container][word], place)
    return _evidence(source, told, entities, _bound(faces, entities, shown), ())


def _word(name: str) -> str:
    """A title as a name."""
    return "".join(w[:1].upper() + w[1:] for w in name.split()) if " " in name else name


def _bound(
    faces: Faces, entities: Entities, shown: Mapping[tuple[FaceKind, str], tuple[Any, Place]]
) -> tuple[Face, ...]:
    found = [entities.bound(f, *shown[key]) if key in shown else f for key, f in faces.found.items()]
    return tuple(ordered(found))


def _evidence(
    source: str, told: Told, entities: Entities, faces: tuple[Face, ...], found: tuple[Flow, ...]
) -> Evidence:
    remarks = tuple(
        Claim(FacetKind.REMARK, "", Remark(f"{source} {place}", text), Origin(SourceKind.API, source, place))
        for place, text in told
    )
    return Evidence(source, (*entities.claims.values(), *remarks), faces=faces, flows=found)
