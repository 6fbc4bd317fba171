"""One API description to evidence, whatever its kind."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import msgspec

from understudy.errors import SourceError
from understudy.model.evidence import Claim, Evidence, FacetKind
from understudy.model.face import Face, FaceKind
from understudy.model.flow import Flow, Transition
from understudy.model.origin import Origin, SourceKind
from understudy.model.schema import Remark
from understudy.sources.api import graphql, har, material, postman
from understudy.sources.api.cases import fragments_of
from understudy.sources.api.claims import Entities
from understudy.sources.api.described import read_described, schemas_of
from understudy.sources.api.exchanges import Gathered, gather
from understudy.sources.api.faces import Faces, ordered
from understudy.sources.api.fetching import Web, shown
from understudy.sources.api.flows import flows
from understudy.sources.api.library import Fetch, Library, Place
from understudy.sources.api.operations import Operation
from understudy.sources.api.schemas import definitions, read_schema
from understudy.sources.api.translate import Translator

Told = dict[tuple[str, str], None]
ENDINGS = frozenset({".json", ".yaml", ".yml", ".graphql", ".graphqls", ".gql", ".har"})
SDL = frozenset({".graphql", ".graphqls", ".gql"})
SDL_WORDS = re.compile(r"^\s*(?:type|input|interface|enum|schema)\b[^(]*\{", re.MULTILINE)
STANDING = re.compile(
    r'"(?:openapi|swagger)"\s*:|^(?:openapi|swagger)\s*:|getpostman\.com/json/collection|"_postman_id"|"__schema"\s*:|'
    r'"log"\s*:\s*\{',
    re.MULTILINE,
)
SDL_START = re.compile(
    r'(?:#[^\n]*\n|"""(?:.|\n)*?"""|\s)*(?:extend\s+)?(?:type|input|enum|interface|scalar|union|schema|directive)\s+[@\w{]'
    r"[^:\n]*\n"
)
MOST_FILES = 2000
"""Files of a folder that are looked at."""


def read(location: str, web: Fetch | None = None) -> Evidence:
    """What a description at a path or URL says, or all descriptions of a folder together; of ``graphql+https://…`` what
    the server there says of itself. ``web``: how documents at
    URLs are read (None: they are not). SourceError where it cannot be read at all; what is wrong inside is told in
    remarks, with its place, and the rest is read."""
    if location.startswith("graphql+"):
        return _endpoint(location, web)
    if re.match(r"https?://", location):
        if web is None:
            raise SourceError("documents on the web are not read from here", where=location, mend="Name a file.")
        return read_bytes(web(location), location, web)
    path = Path(location)
    if path.is_dir():
        return _folder(path, web)
    return read_bytes(material.read_bytes(path), str(path.absolute()), web)


def _endpoint(location: str, web: Fetch | None) -> Evidence:
    """A GraphQL server, asked by the query that all of them answer (introspection)."""
    import graphql as language

    url = location.removeprefix("graphql+")
    if not isinstance(web, Web):
        raise SourceError("servers on the web are not asked from here", where=url, mend="Name the schema's file.")
    question = msgspec.json.encode({"query": language.get_introspection_query(descriptions=True)})
    document = material.parse(web.ask(url, question), url)
    answer = document if isinstance(document, dict) else {}
    if "__schema" not in (answer.get("data") or {}):
        errors = answer.get("errors")
        said = [str(e.get("message")) for e in errors if isinstance(e, dict)] if isinstance(errors, list) else []
        what = f"the server does not describe itself ({said[0] if said else 'no schema is in its answer'})"
        raise SourceError(what, where=shown(url), mend="Allow introspection there, or name the schema's file.")
    return _graphql(document, "", url, ())


def read_bytes(data: bytes, address: str, web: Fetch | None = None, beside: Sequence[graphql.Call] = ()) -> Evidence:
    """The evidence of one document. ``beside``: GraphQL operations that were given with a schema."""
    source = address if "://" in address else Path(address).name
    if _is_sdl(data, source):
        return _graphql(None, material.decoded(data, source), source, beside)
    document = material.parse(data, source)
    if isinstance(document, dict) and "__schema" in document.get("data", document):
        return _graphql(document, "", source, beside)
    if postman.is_collection(document):
        return _collection(document, source)
    if postman.is_environment(document):
        what = "this is a Postman environment: values of variables, no description of an API"
        raise SourceError(what, where=source, mend="Name the collection.")
    if har.is_recording(document):
        return _recorded(gather(har.exchanges(document)), source)
    return read_library(Library(address, document, web), source)


def _is_sdl(data: bytes, source: str) -> bool:
    if source.lower().endswith((".graphql", ".graphqls", ".gql", ".sdl")):
        return True
    return SDL_START.match(data[:4096].decode("utf-8", "replace").lstrip("\ufeff")) is not None


def _folder(path: Path, web: Fetch | None) -> Evidence:
    """Descriptions that stand on their own; files that they refer to are read when they are referred to."""
    found: list[tuple[Path, bytes]] = []
    for place in sorted(p for p in path.rglob("*") if p.is_file() and p.suffix.lower() in ENDINGS)[:MOST_FILES]:
        found.append((place, material.read_bytes(place)))
    calls = [
        c for p, d in found if p.suffix in SDL for c in graphql.operations_of(d.decode("utf-8", "replace"), p.name)
    ]
    whole = [(p, d) for p, d in found if STANDING.search(d[:65536].decode("utf-8", "replace"))]
    whole += [(p, d) for p, d in found if p.suffix in SDL and SDL_WORDS.search(d.decode("utf-8", "replace"))]
    if not whole:
        whole = [(p, d) for p, d in found if b"json-schema.org" in d[:65536]]
    if not whole:
        raise SourceError("no description of an API is in this folder", where=str(path), mend="Name the file.")
    parts = [read_bytes(data, str(place.absolute()), web, calls) for place, data in whole]
    if len(parts) == 1:
        return parts[0]
    return Evidence(
        path.name,
        tuple(c for p in parts for c in p.claims),
        fragments=tuple(f for p in parts for f in p.fragments),
        faces=tuple({(f.kind, f.name): f for p in reversed(parts) for f in reversed(p.faces)}.values())[::-1],
        flows=tuple(f for p in parts for f in p.flows),
    )


def read_library(library: Library, source: str) -> Evidence:
    """The evidence of a description in OpenAPI, Swagger or JSON Schema whose first document is there."""
    told: Told = {}

    def warn(place: Place, text: str) -> None:
        told.setdefault((library.shown(place), text))

    document = library.document(library.root.address)
    if isinstance(document, dict) and ("openapi" in document or "swagger" in document):
        return _described(library, source, told, *read_described(library, source, warn))
    if isinstance(document, dict | bool):
        return _schema(library, source, told, *read_schema(library, source, warn))
    raise SourceError("this is no description of an API", where=source, mend="Name the description.")


def _graphql(document: Any, text: str, source: str, calls: Sequence[graphql.Call]) -> Evidence:
    described = graphql.Described(graphql.build(document, text, source), source)
    claims = described.describe()
    return Evidence(source, claims, faces=described.faces(calls))


def _recorded(found: Gathered, source: str) -> Evidence:
    """Recorded calls as a description, with places in the recording."""
    library = Library("", found.document)
    evidence = read_library(library, source)

    def placed(origin: Origin) -> Origin:
        base = next((p for p in found.places if origin.place == p or origin.place.startswith(p + "/")), "")
        return msgspec.structs.replace(origin, place=found.places[base]) if base else origin

    claims = tuple(msgspec.structs.replace(c, origin=placed(c.origin)) for c in evidence.claims)
    faces = tuple(msgspec.structs.replace(f, origin=placed(f.origin)) for f in evidence.faces)
    moves = tuple(Transition(a, b) for a, b in pairwise(found.order))
    whole = Flow(source, "", found.order, moves, found.order[0]) if len(found.order) > 1 else None
    return msgspec.structs.replace(
        evidence, claims=claims, faces=faces, flows=(*evidence.flows, *((whole,) if whole is not None else ()))
    )


def _collection(document: dict[str, Any], source: str) -> Evidence:
    """A Postman collection: its requests, and what their tests expect."""
    exchanges = list(postman.exchanges(document))
    evidence = _recorded(gather(exchanges), source)
    faults = tuple(
        Claim(
            FacetKind.REMARK,
            "",
            Remark(f"{source} {e.place}", f"line {e.outcome.faults[0]} of its tests does not parse; the rest is read"),
            Origin(SourceKind.API, source, e.place),
        )
        for e in exchanges
        if e.outcome.faults
    )
    fragments = fragments_of(exchanges, evidence.faces, source)
    return msgspec.structs.replace(evidence, claims=(*evidence.claims, *faults), fragments=fragments)


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
    name = _word(str(title or "")) or source.rsplit("/", 1)[-1].split(".", maxsplit=1)[0]
    shown[FaceKind.COMPONENT, "#"] = (document, library.root)
    entities.named(name, document, library.root)
    for container, word in definitions(document):
        place = library.root.below(container, word)
        entities.named(word, document[container][word], place)
        shown[FaceKind.COMPONENT, word] = (document[container][word], place)
    return _evidence(source, told, entities, _bound(faces, entities, shown), ())


ABOUT_ITSELF = re.compile(
    r"^(?:an?\s+)?json\s+schema\s+(?:for|of)\s+(?:the\s+)?|"
    r"(?:\s+config(?:uration)?)?(?:\s+(?:files?|schema|format|config(?:uration)?))?$|\.(?:json|ya?ml)\b",
    re.IGNORECASE,
)
LONGEST_NAME = 4
"""Words of a title that is a name; a longer one is a sentence."""


def _word(title: str) -> str:
    """A title as a name, without what it says of being a schema; "" where it is a sentence."""
    words = ABOUT_ITSELF.sub("", title).split()
    if not 0 < len(words) <= LONGEST_NAME:
        return ""
    return words[0] if len(words) == 1 else "".join(w[:1].upper() + w[1:] for w in words)


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
