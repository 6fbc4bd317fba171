"""Operations of a described API in one form, whatever the dialect: what each takes and gives."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import msgspec

from understudy.errors import SourceError
from understudy.sources.api.library import Library, Place
from understudy.sources.api.values import Warn

METHODS = ("get", "put", "post", "delete", "patch", "head", "options", "trace", "query")


class Parameter(msgspec.Struct, frozen=True):
    """``where``: path, query, header or cookie."""

    name: str
    where: str
    required: bool
    schema: Any
    place: Place


class Content(msgspec.Struct, frozen=True):
    """A body of one media type. ``first``: the one that a person means who names none."""

    media: str
    schema: Any
    place: Place
    first: bool = True
    examples: tuple[Any, ...] = ()


class Operation(msgspec.Struct, frozen=True):
    """``path`` with its parameters in braces. ``responses`` by status."""

    method: str
    path: str
    place: Place
    name: str = ""
    tags: tuple[str, ...] = ()
    parameters: tuple[Parameter, ...] = ()
    bodies: tuple[Content, ...] = ()
    responses: tuple[tuple[str, tuple[Content, ...]], ...] = ()
    links: tuple[tuple[str, str], ...] = ()

    @property
    def title(self) -> str:
        """``POST /owners``."""
        return f"{self.method.upper()} {self.path}"


class Reader:
    """Reads the operations of one document."""

    def __init__(self, library: Library, swagger: bool, warn: Warn) -> None:
        self.library, self.swagger, self.warn = library, swagger, warn

    def operations(self) -> Iterator[Operation]:
        """All of them, in the document's order; a fault in one is told and the others are read."""
        document = self.library.document(self.library.root.address)
        for section in ("paths", "webhooks"):
            paths = document.get(section)
            if not isinstance(paths, dict):
                if paths is not None:
                    self.warn(self.library.root.below(section), f"{section} should be an object; it is left out")
                continue
            for path, item in paths.items():
                if path.startswith("x-"):
                    continue
                place = self.library.root.below(section, path)
                yield from self._item(path, item, place)

    def _item(self, path: str, item: Any, place: Place) -> Iterator[Operation]:
        try:
            if isinstance(item, dict) and isinstance(item.get("$ref"), str):
                found, at = self.library.resolved(item, place)
                own = {k: v for k, v in item.items() if k != "$ref"}
                item, place = ({**found, **own} if isinstance(found, dict) else found), at
        except SourceError as error:
            self.warn(place, f"the path leads nowhere: {error.what}")
            return
        if not isinstance(item, dict):
            self.warn(place, "a path should be an object; it is left out")
            return
        for method in METHODS:
            if method not in item:
                continue
            try:
                operation, at = self.library.resolved(item[method], place.below(method))
                if not isinstance(operation, dict):
                    raise SourceError("an operation should be an object")
                yield self._operation(method, path, item, operation, at, place)
            except SourceError as error:
                self.warn(place.below(method), f"the operation is left out: {error.what}")

    def _operation(
        self, method: str, path: str, item: dict[str, Any], operation: dict[str, Any], place: Place, above: Place
    ) -> Operation:
        raw = list(self._listed(operation, place)) + list(self._listed(item, above))
        parameters, forms, bodies = [], [], []
        seen: set[tuple[str, str]] = set()
        for value, at in raw:
            key = (str(value.get("in")), str(value.get("name")))
            if key in seen:
                continue
            seen.add(key)
            match value.get("in"):
                case "body":
                    schema = value.get("schema", True)
                    bodies.append(Content("application/json", schema, at.below("schema")))
                case "formData":
                    forms.append((value, at))
                case "path" | "query" | "header" | "cookie" if isinstance(value.get("name"), str):
                    parameters.append(self._parameter(value, at))
                case other:
                    self.warn(at, f"a parameter in {other!r} is not read")
        if forms:
            bodies.append(self._form(operation, forms, place))
        if not self.swagger:
            bodies += self._request(operation, place)
        responses, links = self._responses(operation, place)
        return Operation(
            method,
            path,
            place,
            str(operation.get("operationId", "")),
            tuple(t for t in operation.get("tags") or () if isinstance(t, str)),
            tuple(parameters),
            tuple(bodies),
            tuple(responses),
            tuple(links),
        )

    def _listed(self, holder: dict[str, Any], place: Place) -> Iterator[tuple[dict[str, Any], Place]]:
        found = holder.get("parameters")
        if isinstance(found, dict):
            found = list(found.values())
        for i, value in enumerate(found or ()):
            try:
                value, at = self.library.resolved(value, place.below("parameters", i))
            except SourceError as error:
                self.warn(place.below("parameters", i), f"a parameter is left out: {error.what}")
                continue
            if isinstance(value, dict):
                yield value, at

    def _parameter(self, value: dict[str, Any], place: Place) -> Parameter:
        schema, at = value.get("schema"), place.below("schema")
        if schema is None and isinstance(value.get("content"), dict) and value["content"]:
            media = next(iter(value["content"]))
            holder = value["content"][media]
            schema = holder.get("schema") if isinstance(holder, dict) else None
            at = place.below("content", media, "schema")
        if schema is None:
            schema, at = _bare(value), place
        required = value.get("required") is True or value["in"] == "path"
        return Parameter(value["name"], value["in"], required, schema, at)

    def _form(self, operation: dict[str, Any], forms: list[tuple[dict[str, Any], Place]], place: Place) -> Content:
        document = self.library.document(self.library.root.address)
        consumes = operation.get("consumes") or document.get("consumes") or ["application/x-www-form-urlencoded"]
        media = next((m for m in consumes if "form" in str(m)), "application/x-www-form-urlencoded")
        members = {str(v.get("name")): _bare(v) for v, _ in forms}
        required = [str(v.get("name")) for v, _ in forms if v.get("required") is True]
        schema = {"type": "object", "properties": members, **({"required": required} if required else {})}
        return Content(str(media), schema, place)

    def _request(self, operation: dict[str, Any], place: Place) -> list[Content]:
        if "requestBody" not in operation:
            return []
        try:
            body, at = self.library.resolved(operation["requestBody"], place.below("requestBody"))
        except SourceError as error:
            self.warn(place.below("requestBody"), f"the request body is left out: {error.what}")
            return []
        return self._contents(body, at) if isinstance(body, dict) else []

    def _contents(self, holder: dict[str, Any], place: Place) -> list[Content]:
        content = holder.get("content")
        if not isinstance(content, dict):
            return []
        first = next((m for m in content if "json" in m), next(iter(content), None))
        found = []
        for media, value in content.items():
            if isinstance(value, dict) and "schema" in value:
                at = place.below("content", media)
                found.append(Content(media, value["schema"], at.below("schema"), media == first, _examples(value)))
        return found

    def _responses(
        self, operation: dict[str, Any], place: Place
    ) -> tuple[list[tuple[str, tuple[Content, ...]]], list[tuple[str, str]]]:
        found: list[tuple[str, tuple[Content, ...]]] = []
        links: list[tuple[str, str]] = []
        responses = operation.get("responses")
        for status, value in responses.items() if isinstance(responses, dict) else ():
            if str(status).startswith("x-"):
                continue
            try:
                response, at = self.library.resolved(value, place.below("responses", status))
            except SourceError as error:
                self.warn(place.below("responses", status), f"the response is left out: {error.what}")
                continue
            if not isinstance(response, dict):
                continue
            if self.swagger:
                contents = []
                if "schema" in response:
                    told = response.get("examples")
                    examples = tuple(told.values()) if isinstance(told, dict) else ()
                    contents = [Content("application/json", response["schema"], at.below("schema"), True, examples)]
            else:
                contents = self._contents(response, at)
            found.append((str(status), tuple(contents)))
            for link in (response.get("links") or {}).values() if isinstance(response.get("links"), dict) else ():
                if isinstance(link, dict) and (link.get("operationId") or link.get("operationRef")):
                    links.append((str(status), str(link.get("operationId") or link.get("operationRef"))))
        return found, links


NOT_SCHEMA = frozenset(
    {"name", "in", "required", "description", "collectionFormat", "allowEmptyValue", "style", "explode"}
)


def _bare(value: dict[str, Any]) -> dict[str, Any]:
    """A parameter that is its own schema (Swagger 2)."""
    return {k: v for k, v in value.items() if k not in NOT_SCHEMA}


def _examples(value: dict[str, Any]) -> tuple[Any, ...]:
    found = [value["example"]] if "example" in value else []
    named = value.get("examples")
    if isinstance(named, dict):
        found += [v["value"] for v in named.values() if isinstance(v, dict) and "value" in v]
    return tuple(found)


def path_parameters(path: str) -> list[str]:
    """Names in braces, in order."""
    return re.findall(r"\{([^{}]+)\}", path)
