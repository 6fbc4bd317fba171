"""The semantic types, read once from their data files.

Files are JSON because the whole catalogue must be there in a few milliseconds (YAML took ten times as long).
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import msgspec

from understudy.errors import InternalError, PluginError, RequestError
from understudy.model.schema import Entity
from understudy.semantics.guests import guests
from understudy.semantics.nouns import SemanticType

FAMILIES = (
    "contact",
    "people",
    "place",
    "organisation",
    "insurance",
    "telecom",
    "logistics",
    "education",
    "estate",
    "staff",
    "commerce",
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
    for guest, t in guests().types:
        if t.name in found:
            mend = f"Rename it in the package that offers {guest}, or remove that package."
            raise PluginError(f"semantic type {t.name} of {guest} is known already", where=guest, mend=mend)
        found[t.name] = t
    return found


@cache
def families() -> dict[str, tuple[str, ...]]:
    """Names of types by family: the file that describes them, or the guest that offers them."""
    folder = Path(__file__).parent / "types"
    found: dict[str, tuple[str, ...]] = {}
    for family in FAMILIES:
        types = msgspec.json.decode((folder / f"{family}.json").read_bytes(), type=list[SemanticType])
        found[family] = tuple(t.name for t in types)
    for guest, t in guests().types:
        found[guest] = (*found.get(guest, ()), t.name)
    return found


def check_meanings(entities: Iterable[Entity]) -> None:
    """RequestError where a field is given a meaning that does not exist (``value_set`` is one: its values say all)."""
    known = catalogue()
    for e in entities:
        for f in e.fields:
            if f.meaning and f.meaning not in known and f.meaning not in TOLD:
                near = nearest(f.meaning)
                hint = f"Did you mean {' or '.join(repr(n) for n in near)}?" if near else "See `understudy types`."
                where = f"{e.name}.{f.name}"
                raise RequestError(f"no semantic type is called {f.meaning!r}", where=where, mend=hint)


TOLD = frozenset({"value_set"})
"""Meanings that plans speak of without there being such a type."""


def nearest(name: str) -> list[str]:
    """Types that a misspelt name may have meant: alike in letters, or called so by columns."""
    tidy = name.strip().lower().replace("-", "_").replace(" ", "_")
    known = catalogue()
    if tidy in known:
        return [tidy]
    spoken = tidy.replace("_", " ")
    called = [t.name for t in known.values() if spoken in t.names]
    close = difflib.get_close_matches(tidy, known, 3, 0.6)
    return list(dict.fromkeys([*called, *close]))[:3]


@cache
def semantic_type(name: str) -> SemanticType | None:
    """The type of that name, None if there is none."""
    return catalogue().get(name)
