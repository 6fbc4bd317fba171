"""The semantic types, read once from their data files.

Files are JSON because the whole catalogue must be there in a few milliseconds (YAML took ten times as long).
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import msgspec

from understudy.errors import InternalError
from understudy.semantics.nouns import SemanticType

FAMILIES = (
    "contact",
    "people",
    "place",
    "organisation",
    "commerce",
    "things",
    "culture",
    "health",
    "travel",
    "internet",
    "documents",
    "text",
    "numbers",
    "time",
    "flags",
)
"""Files of ``types/``, in the order in which they are asked where two types claim a name equally."""


@cache
def catalogue() -> dict[str, SemanticType]:
    """All semantic types by name."""
    found: dict[str, SemanticType] = {}
    folder = Path(__file__).parent / "types"
    for family in FAMILIES:
        place = folder / f"{family}.json"
        try:
            types = msgspec.json.decode(place.read_bytes(), type=list[SemanticType])
        except msgspec.MsgspecError as e:
            raise InternalError(f"semantic types cannot be read: {e}", where=f"types/{family}.json") from e
        for t in types:
            if t.name in found:
                raise InternalError(f"semantic type {t.name} is described twice", where=f"types/{family}.json")
            found[t.name] = t
    return found


def semantic_type(name: str) -> SemanticType | None:
    """The type of that name, None if there is none."""
    return catalogue().get(name)
