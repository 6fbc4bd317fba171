"""OpenAPI 3.0 and 3.1 and Swagger 2: one reader, for they differ in spelling."""

from __future__ import annotations

from typing import Any

from understudy.errors import SourceError
from understudy.sources.api.dialects import Dialect
from understudy.sources.api.faces import Faces
from understudy.sources.api.library import Library
from understudy.sources.api.operations import Operation, Reader
from understudy.sources.api.translate import Translator
from understudy.sources.api.values import Warn


def dialect_of(document: Any, where: str) -> Dialect:
    """The dialect by the version that the document names; SourceError for versions that nobody knows."""
    swagger, openapi = str(document.get("swagger", "")), str(document.get("openapi", ""))
    if swagger:
        if not swagger.startswith("2"):
            mend = "Swagger 2.0 and OpenAPI 3 are read."
            raise SourceError(f"Swagger {swagger} is not known", where=where, mend=mend)
        return Dialect.SWAGGER
    if openapi.startswith("3.0"):
        return Dialect.OPENAPI_30
    if openapi.startswith("3."):
        return Dialect.OPENAPI_31
    raise SourceError(f"OpenAPI {openapi or 'without a version'} is not known", where=where, mend="OpenAPI 3 is read.")


def schemas_of(document: dict[str, Any], dialect: Dialect) -> tuple[tuple[str, ...], dict[str, Any]]:
    """Where the named schemas stand, and those schemas."""
    path = ("definitions",) if dialect is Dialect.SWAGGER else ("components", "schemas")
    found: Any = document
    for step in path:
        found = found.get(step) if isinstance(found, dict) else None
    return path, found if isinstance(found, dict) else {}


def read_described(
    library: Library, source: str, warn: Warn
) -> tuple[Translator, Faces, list[Operation], dict[str, Any]]:
    """The translator, faces, operations and named schemas of a description."""
    document = library.document(library.root.address)
    dialect = dialect_of(document, source)
    translator = Translator(library, dialect, warn)
    faces = Faces(translator, source)
    path, schemas = schemas_of(document, dialect)
    for name, schema in schemas.items():
        faces.component(name, schema, library.root.below(*path, name))
    operations = list(Reader(library, dialect is Dialect.SWAGGER, warn).operations())
    for operation in operations:
        faces.operation(operation)
    return translator, faces, operations, schemas
