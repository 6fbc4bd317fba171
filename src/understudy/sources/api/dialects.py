"""Schema languages: whose they are, which way a record goes, and the words in which people name types."""

from __future__ import annotations

from enum import StrEnum


class Dialect(StrEnum):
    """Whose schema language it is."""

    DRAFT_4 = "draft 4"
    DRAFT_7 = "draft 6 or 7"
    LATER = "2019-09 or 2020-12"
    SWAGGER = "Swagger 2"
    OPENAPI_30 = "OpenAPI 3.0"
    OPENAPI_31 = "OpenAPI 3.1"


class Way(StrEnum):
    """Which way a record goes."""

    EITHER = ""
    REQUEST = "request"
    RESPONSE = "response"


OLD = frozenset({Dialect.DRAFT_4, Dialect.SWAGGER, Dialect.OPENAPI_30})
"""Where ``exclusiveMinimum`` is a truth."""
BESIDE_IGNORED = frozenset({Dialect.DRAFT_4, Dialect.DRAFT_7, Dialect.SWAGGER, Dialect.OPENAPI_30})
"""Where keywords beside ``$ref`` are not read."""
TYPES = {
    "null": "null", "boolean": "boolean", "integer": "integer", "number": "number", "string": "string",
    "array": "array", "object": "object", "file": "string", "int": "integer", "long": "integer", "float": "number",
    "double": "number", "decimal": "number", "bool": "boolean", "text": "string", "str": "string", "date": "string",
    "datetime": "string", "date-time": "string", "time": "string", "uuid": "string", "password": "string",
    "email": "string", "uri": "string", "url": "string", "byte": "string", "binary": "string", "list": "array",
    "dict": "object", "map": "object",
}  # fmt: skip
"""Types as people write them."""
FORMATS = frozenset({"date", "date-time", "time", "uuid", "email", "uri", "url", "byte", "binary", "password"})
"""Those of them that are formats of texts: as formats they say more than the type."""
STANDARD_TYPES = frozenset({"null", "boolean", "integer", "number", "string", "array", "object"})
INTEGERS = {"int8": 8, "int16": 16, "int32": 32, "uint8": 8, "uint16": 16, "uint32": 32}
