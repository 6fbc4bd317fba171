"""Faces: the doors of a system through which records pass (a request body, a response, a form).

What a record at a door must be is said in one language for all kinds of doors: JSON Schema. Readers
translate their material into it; fusion says which member of the record is which field of the schema;
planning makes a document per row of it, from one compiler.
"""

from __future__ import annotations

from enum import StrEnum

import msgspec

from understudy.model.origin import Origin


class FaceKind(StrEnum):
    """What passes through the door."""

    COMPONENT = "component"
    REQUEST = "request"
    RESPONSE = "response"
    PARAMETERS = "parameters"
    VARIABLES = "variables"
    FORM = "form"


class Face(msgspec.Struct, frozen=True, omit_defaults=True):
    """One door. ``name``: unique within its source, as a person would call it (``POST /owners``, ``register.html
    #signup``). ``document``: JSON Schema 2020-12 as JSON text, self-contained (``$defs`` inside, local ``$ref`` only),
    dialects and nullability already translated, patterns in ECMA syntax. ``entity``: the entity that a record
    is about, where one is known; ``bindings``: JSON pointer of a member (``/address/city``, ``/tags/*`` for
    elements) → ``entity.field`` that it shows; both are proposed by the reader and settled by fusion."""

    name: str
    kind: FaceKind
    document: str
    origin: Origin
    entity: str = ""
    bindings: dict[str, str] = {}
