"""Evidence of a described API: entities from named schemas and bodies, a field per member, what each face shows.

An object written out inside another is part of it (``address_street``); a reference to another entity is a relation;
a list of objects written out inside is an entity of its own. Faces are told which member is which field.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

import msgspec

from understudy.model.evidence import Claim, FacetKind, Samples, Value
from understudy.model.face import Face, FaceKind
from understudy.model.origin import Origin, SourceKind
from understudy.model.schema import ForeignKey, KeyPart, Unique
from understudy.semantics.words import singular
from understudy.sources.api.facets import facets, type_of
from understudy.sources.api.infer import ONLY_NULL, UNKNOWN
from understudy.sources.api.library import Library, Place
from understudy.sources.api.members import Member, Seen, is_object, items, look, members
from understudy.sources.api.operations import Operation, path_parameters
from understudy.sources.api.outcomes import NAMED
from understudy.types import Kind, Type

RAW = 200
DEEPEST = 4
"""Objects within objects that are followed."""
KEYS = ("id", "uuid", "guid", "_id")
CARRIERS = frozenset(
    {"data", "result", "results", "items", "records", "payload", "response", "body", "content", "page"}
)
FIELDS_OF_PAGES = re.compile(
    r"(?i)^(?:page|total|count|size|limit|offset|per_?page|next|prev(?:ious)?|links?|_links|meta|pagination|cursor|href|"
    r"has_?more|total_?(?:pages|count|elements|results|items)|page_?(?:size|number|count)|status|success|message|code|"
    r"error|errors|warnings|kind|object|self|first|last|.*count)$"
)
"""Members of what carries a list, not of what it carries."""


Carried = tuple[Seen, Place, str]
"""An object that a body carries, its place, and the member that holds it."""


class Entities:
    """Collects claims; each schema is looked at once."""

    def __init__(self, library: Library, source: str) -> None:
        self.library, self.source = library, source
        self.claims: dict[tuple[str, str, FacetKind, str], Claim] = {}
        self.names: dict[Place, str] = {}
        self.taken: dict[str, Place] = {}
        self.keys: dict[str, str] = {}
        self._looked: dict[tuple[int, Place], tuple[Any, Seen]] = {}
        self._held: dict[int, tuple[Seen, list[Member]]] = {}

    def _look(self, schema: Any, place: Place) -> Seen:
        """A schema seen whole, looked at once: the same one stands below many bodies."""
        key = (id(schema), place)
        if key not in self._looked:
            self._looked[key] = (schema, look(self.library, schema, place))  # kept, so that its identity is
        return self._looked[key][1]

    def _members_of(self, seen: Seen) -> list[Member]:
        if id(seen) not in self._held:
            self._held[id(seen)] = (seen, members(self.library, seen))
        return self._held[id(seen)][1]

    # ---- entities --------------------------------------------------------------------------
    def named(self, name: str, schema: Any, place: Place) -> str:
        """The entity of a named schema; "" where it describes none (words, lists, carriers)."""
        if place in self.names:
            return self.names[place]
        seen = self._look(schema, place)
        if not is_object(seen) or self._carrier(seen):
            self.names[place] = ""
            return ""
        self.names[place] = self._free(name, place)
        self._entity(self.names[place], seen, place)
        return self.names[place]

    def _free(self, name: str, place: Place) -> str:
        chosen, number = name, 2
        while self.taken.get(chosen, place) != place:
            chosen, number = f"{name}{number}", number + 1
        self.taken[chosen] = place
        return chosen

    def _carrier(self, seen: Seen) -> bool:
        """Whether an object only carries others: pages of lists, envelopes, errors."""
        found = self._members_of(seen)
        carried = [m for m in found if self._target(self._look(m.schema, m.place))[1] is not None]
        rest = [m for m in found if m not in carried]
        return bool(carried) and all(FIELDS_OF_PAGES.match(m.name) for m in rest) and len(carried) <= 2

    def _entity(self, name: str, seen: Seen, place: Place) -> None:
        about = seen.said("description") or seen.said("title") or ""
        self._claim(FacetKind.ENTITY, name, "", None, place, raw=str(about)[:RAW])
        self._members(name, "", seen, 0)
        key = next((k for k in (*KEYS, f"{name}Id", f"{name}_id") if (name, k, FacetKind.FIELD, "") in self.claims), "")
        key = key or next((f for e, f, k, _ in self.claims if e == name and f.lower() == f"{name.lower()}id"), "")
        if key:
            self.keys[name] = key
            self._claim(
                FacetKind.UNIQUE,
                name,
                "",
                Unique(f"{name}_pkey", (KeyPart(key),), primary=True),
                place,
                sure=0.8,
                tag=key,
            )

    def _members(self, entity: str, prefix: str, seen: Seen, deep: int) -> None:
        for m in self._members_of(seen):
            inner = self._look(m.schema, m.place)
            field = f"{prefix}{m.name}"
            if self._inline(inner) and deep < DEEPEST:
                self._members(entity, f"{field}_", inner, deep + 1)
                continue
            self._field(entity, field, m, inner, deep > 0)

    def _inline(self, seen: Seen) -> bool:
        """Whether an object is written out where it stands."""
        own = any(p.get("properties") for p, _ in seen.parts)
        return not seen.names and is_object(seen) and (own or not seen.alternatives)

    def _field(self, entity: str, field: str, m: Member, seen: Seen, nested: bool) -> None:
        raw = json.dumps(m.schema, ensure_ascii=False, default=str)[:RAW]
        self._claim(FacetKind.FIELD, entity, field, None, m.place, sure=m.sure, raw=raw)
        shown, target = self._target(seen)
        for facet, value, sure in facets(self.library, seen, m.required and not nested):
            if target is not None and facet is FacetKind.TYPE:
                value = Type(Kind.ARRAY, element=Type(Kind.JSON)) if shown else Type(Kind.JSON)
            self._claim(
                facet, entity, field, value, m.place, sure=round(sure * m.sure, 3), raw=raw, tag=_tag(facet, value)
            )
        if target is not None:
            name = self._named_target(entity, field, target)
            if name:
                key = ForeignKey(f"{entity}_{field}", (field,), name, (self.keys.get(name, "id"),), enforced=False)
                self._claim(FacetKind.FOREIGN_KEY, entity, field, key, m.place, sure=0.8 * m.sure, raw=raw)

    def _target(self, seen: Seen) -> tuple[bool, tuple[Any, Place, Seen] | None]:
        """(whether it is a list, the object that a member refers to); None where it refers to none."""
        if is_object(seen) and (seen.names or seen.alternatives):
            part, place = seen.parts[0] if seen.parts else ({}, seen.names[0])
            return False, (part, seen.names[0] if seen.names else place, seen)
        inner = items(seen) if "array" in seen.types or items(seen) is not None else None
        if inner is None:
            return False, None
        element = self._look(*inner)
        if not is_object(element):
            return True, None
        return True, (inner[0], element.names[0] if element.names else inner[1], element)

    def _named_target(self, entity: str, field: str, target: tuple[Any, Place, Seen]) -> str:
        _, place, seen = target
        if place in self.names:
            return self.names[place]
        if seen.names:
            return self.named(place.last, self.library.at(place), place)
        if place.pointer.count("/") > 40:
            return ""
        word = singular(field.rsplit("_", 1)[-1])
        name = self._free(f"{entity}{word[:1].upper()}{word[1:]}", place)
        self.names[place] = name
        self._entity(name, seen, place)
        return name

    # ---- bodies ----------------------------------------------------------------------------
    def body(self, schema: Any, place: Place, path: str, examples: Sequence[Any] = ()) -> str:
        """The entity that a body is about: named, or called after the path."""
        _, found = self._inner(self._look(schema, place), place, "")
        if found is None:
            return ""
        seen, at, _ = found
        if at in self.names:
            name = self.names[at]
        elif not seen.names and not self._speaks(seen):
            return ""
        elif seen.names:
            name = self.named(seen.names[0].last, self.library.at(seen.names[0]), seen.names[0])
        else:
            name = self._free(called_after(path), at)
            self.names[at] = name
            self._entity(name, seen, at)
        if name:
            self._samples(name, schema, place, examples)
        return name

    def _speaks(self, seen: Seen) -> bool:
        """Whether an object written out in a body has members that are something (calls carry ``{"params": null}``), or
        that somebody has named on purpose."""
        found = self._members_of(seen)
        if any(isinstance(m.schema, dict) and m.schema.get(NAMED) for m in found):
            return True
        held = [self._look(m.schema, m.place) for m in found]
        kinds = [type_of(self.library, h) for h in held]
        named = [
            m for m, k in zip(found, kinds, strict=True) if k is None and m.schema != ONLY_NULL and _blank(m.schema)
        ]
        return len(named) > 1 or any(
            is_object(h) or (k is not None and k.kind is not Kind.JSON) for h, k in zip(held, kinds, strict=True)
        )

    def _inner(
        self, seen: Seen, place: Place, pointer: str, deep: int = 0
    ) -> tuple[str, tuple[Seen, Place, str] | None]:
        """What a body carries at last: (pointer of it, (the object, its place, the member that held it))."""
        if "array" in seen.types or items(seen) is not None:
            inner = items(seen)
            return (
                self._inner(self._look(*inner), inner[1], f"{pointer}/*", deep + 1)
                if inner and deep < 6
                else ("", None)
            )
        if not is_object(seen):
            return pointer, None
        found = self._members_of(seen)
        carried = [(m, self._look(m.schema, m.place)) for m in found]
        objects = [(m, s) for m, s in carried if self._target(s)[1] is not None or self._inline(s)]
        rest = [m for m, _ in carried if m not in [o for o, _ in objects]]
        alone = len(objects) == 1 and all(FIELDS_OF_PAGES.match(m.name) for m in rest)
        if alone and deep < 6 and (len(found) == 1 or rest or objects[0][0].name in CARRIERS):
            m, held = objects[0]
            return self._inner(held, m.place, f"{pointer}/{_step(m.name)}", deep + 1)
        return pointer, (seen, seen.names[0] if seen.names else place, pointer.rsplit("/", 1)[-1])

    def _samples(self, entity: str, schema: Any, place: Place, examples: Sequence[Any]) -> None:
        """Values of examples, member by member."""
        pointer, _ = self._inner(self._look(schema, place), place, "")
        values: dict[str, list[Any]] = {}
        for example in examples:
            for record in _reached(example, [p for p in pointer.split("/") if p]):
                for name, value in record.items() if isinstance(record, dict) else ():
                    if isinstance(value, str | int | float | bool) and not str(value).startswith(UNKNOWN):
                        values.setdefault(name, []).append(value)
        for name, seen in values.items():
            if (entity, name, FacetKind.FIELD, "") in self.claims:
                distinct = tuple(dict.fromkeys(seen))[:RAW]
                self._claim(FacetKind.SAMPLE, entity, name, Samples(distinct, seen=len(seen)), place, tag="body")

    # ---- faces -----------------------------------------------------------------------------
    def bound(self, face: Face, schema: Any, place: Place) -> Face:
        """A face with its entity and, per member, the field that it shows."""
        pointer, found = self._inner(self._look(schema, place), place, "")
        if found is None:
            return face
        seen, at, _ = found
        entity = self.names.get(at) or next((self.names[p] for p in seen.names if self.names.get(p)), "")
        if not entity:
            return face
        bindings: dict[str, str] = {}
        self._bind(entity, "", seen, pointer, bindings, (at,))
        return msgspec.structs.replace(face, entity=entity, bindings=bindings)

    def _bind(
        self, entity: str, prefix: str, seen: Seen, pointer: str, out: dict[str, str], inside: tuple[Place, ...]
    ) -> None:
        for m in self._members_of(seen):
            inner = self._look(m.schema, m.place)
            at, field = f"{pointer}/{_step(m.name)}", f"{prefix}{m.name}"
            if self._inline(inner) and len(inside) <= DEEPEST:
                self._bind(entity, f"{field}_", inner, at, out, (*inside, m.place))
                continue
            listy, target = self._target(inner)
            if target is None:
                if (entity, field, FacetKind.FIELD, "") in self.claims:
                    out[at] = f"{entity}.{field}"
                continue
            _, where, other = target
            name = self.names.get(where, "")
            if name and where not in inside and len(inside) < DEEPEST:
                self._bind(name, "", other, f"{at}/*" if listy else at, out, (*inside, where))

    # ---- operations ------------------------------------------------------------------------
    def identified(self, operation: Operation, entity: str) -> None:
        """An id in the path of an operation on one thing is that thing's key."""
        names = path_parameters(operation.path)
        if not entity or not names or not operation.path.rstrip("/").endswith("}"):
            return
        last = names[-1]
        known = [f for e, f, k, _ in self.claims if e == entity and k is FacetKind.FIELD]
        key = next((f for f in known if f.lower() == last.lower()), "")
        key = key or (next((f for f in known if f in KEYS), "") if re.search(r"(?i)(?:id|uuid|guid)$", last) else "")
        if key:
            unique = Unique(f"{entity}_pkey", (KeyPart(key),), primary=True)
            self._claim(FacetKind.UNIQUE, entity, "", unique, operation.place, sure=0.95, tag=f"{key} path")

    # ---- claims ----------------------------------------------------------------------------
    def _claim(
        self,
        facet: FacetKind,
        entity: str,
        field: str,
        value: Value,
        place: Place,
        *,
        sure: float = 1.0,
        raw: str = "",
        tag: str = "",
    ) -> None:
        origin = Origin(SourceKind.API, self.source, self.library.shown(place))
        claim = Claim(facet, entity, value, origin, field=field, certainty=sure, raw=raw)
        self.claims.setdefault((entity, field, facet, tag), claim)


def _blank(schema: Any) -> bool:
    """Whether nothing is said of a value but that there is one."""
    beside = {"example", "examples", "description", "title"}
    return isinstance(schema, dict) and schema != ONLY_NULL and not schema.keys() - beside


def _tag(facet: FacetKind, value: Value) -> str:
    return str(value) if facet is FacetKind.PATTERN else ""


def _step(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")


def _reached(value: Any, steps: list[str]) -> list[Any]:
    """The values that a pointer with ``*`` for elements leads to."""
    if not steps:
        return [value]
    if steps[0] == "*":
        return [v for element in (value if isinstance(value, list) else ()) for v in _reached(element, steps[1:])]
    name = steps[0].replace("~1", "/").replace("~0", "~")
    return _reached(value[name], steps[1:]) if isinstance(value, dict) and name in value else []


def called_after(path: str) -> str:
    """The name of a thing by the path where it is kept: ``/users/{id}/orders`` keeps an Order."""
    words = [
        w
        for w in path.split("?", maxsplit=1)[0].split("/")
        if w and "{" not in w and not re.fullmatch(r"v?\d+(?:\.\d+)*|api", w)
    ]
    word = re.sub(r"[^A-Za-z0-9]+(.)?", lambda m: (m[1] or "").upper(), words[-1]) if words else "Body"
    word = singular(word)
    return word[:1].upper() + word[1:] if word else "Body"


def shows(kind: FaceKind) -> bool:
    """Whether faces of a kind carry records of entities."""
    return kind in (FaceKind.COMPONENT, FaceKind.REQUEST, FaceKind.RESPONSE)


def described_type(library: Library, schema: Any, place: Place) -> Type | None:
    """The logical type of a schema."""
    return type_of(library, look(library, schema, place))
