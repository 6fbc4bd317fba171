"""Faces of a described API: one per component, body, response and set of parameters."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from understudy.model.face import Face, FaceKind
from understudy.model.origin import Origin, SourceKind
from understudy.sources.api.dialects import Dialect, Way
from understudy.sources.api.directions import barred_and_required
from understudy.sources.api.library import Place
from understudy.sources.api.operations import Content, Operation
from understudy.sources.api.translate import Translator, text_of


class Faces:
    """Collects faces, each name once per kind."""

    def __init__(self, translator: Translator, source: str) -> None:
        self.translator, self.source = translator, source
        self.found: dict[tuple[FaceKind, str], Face] = {}

    def add(self, name: str, kind: FaceKind, document: Any, place: Place) -> None:
        """A face of a translated, self-contained document."""
        origin = Origin(SourceKind.API, self.source, self.translator.library.shown(place))
        self.found.setdefault((kind, name), Face(name, kind, text_of(document), origin))

    def component(self, name: str, schema: Any, place: Place) -> None:
        """A named schema. In OpenAPI 3.0 it is taken as part of a request: what is read-only is not in it; unless it is
        required, too: then nothing but a response can be that."""
        way = Way.REQUEST if self.translator.dialect is Dialect.OPENAPI_30 else Way.EITHER
        document = self._component(schema, place, way)
        if way is Way.REQUEST and barred_and_required(document):
            document = self._component(schema, place, Way.RESPONSE)
        self.add(name, FaceKind.COMPONENT, document, place)

    def _component(self, schema: Any, place: Place, way: Way) -> dict[str, Any]:
        at = self.translator.definition(schema, place, way)
        made = self.translator.discriminators.called({"$ref": f"#/$defs/{at}"}, schema, place)
        return self.translator.bound(made, way)

    def operation(self, operation: Operation) -> None:
        """Everything that passes through one operation."""
        for content in operation.bodies:
            self._body(operation.title, FaceKind.REQUEST, content, Way.REQUEST)
        for status, contents in operation.responses:
            for content in contents:
                self._body(f"{operation.title} {status}", FaceKind.RESPONSE, content, Way.RESPONSE)
        if operation.parameters:
            self.add(operation.title, FaceKind.PARAMETERS, self._parameters(operation), operation.place)

    def _body(self, title: str, kind: FaceKind, content: Content, way: Way) -> None:
        name = title if content.first else f"{title} {content.media}"
        document = self.translator.document(content.schema, content.place, way)
        for member in barred_and_required(document):
            word, other = ("read-only", "response") if way is Way.REQUEST else ("write-only", "request")
            what = f"{name}: {member} is required, and {word}: nothing can be sent; require it beside its {word} mark, "
            self.translator.warn(content.place, f"{what}for then it counts in the {other} only")
        self.add(name, kind, document, content.place)

    def _parameters(self, operation: Operation) -> Any:
        """An object per place (path, query, header, cookie) with a member per parameter."""
        members: dict[str, Any] = {}
        needed: list[str] = []
        for where in ("path", "query", "header", "cookie"):
            mine = [p for p in operation.parameters if p.where == where]
            if not mine:
                continue
            required = [p.name for p in mine if p.required]
            inner = {p.name: self.translator.schema(p.schema, p.place, Way.REQUEST) for p in mine}
            members[where] = {"type": "object", "properties": inner, "additionalProperties": False}
            if required:
                members[where]["required"] = required
                needed.append(where)
        whole = {"type": "object", "properties": members, "required": needed, "additionalProperties": False}
        return self.translator.bound(whole, Way.REQUEST)


def ordered(faces: Iterable[Face]) -> Iterator[Face]:
    """Components first, then what goes in, what comes out, parameters."""
    order = [FaceKind.COMPONENT, FaceKind.REQUEST, FaceKind.RESPONSE, FaceKind.PARAMETERS, FaceKind.VARIABLES]
    yield from sorted(faces, key=lambda f: order.index(f.kind))
