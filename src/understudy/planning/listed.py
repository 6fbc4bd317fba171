"""Lists inside documents that show rows: of which table, and along which foreign key they belong to the document's row.

/pets/*/name → pets.name           in a document about an owner: the pets whose owner_id it is
/specialties/*/name → specialties  in one about a vet: by the table between, vet_specialties
/content/*/name → owners.name      in one about owners: a page of them
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from understudy.model.face import Face
from understudy.model.pointing import member
from understudy.model.schema import Entity, ForeignKey
from understudy.planning.doors import face_name
from understudy.planning.selection import Wanted

EACH = "/*"


class Listed(msgspec.Struct, frozen=True):
    """The rows of ``table`` whose foreign key ``key`` points at a row; without a key, any rows: a page of them.
    ``trouble``: why there is no saying which; then the rest is empty."""

    table: str = ""
    key: str = ""
    trouble: str = ""


def lists_in(bindings: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """Per outermost list (its pointer) the bindings of its elements, as seen from one."""
    found: dict[str, dict[str, str]] = {}
    for pointer, target in bindings.items():
        before, each, rest = pointer.partition(EACH)
        if each and (not rest or rest.startswith("/")):
            found.setdefault(before, {})[rest] = target
    return found


def rows_listed(entities: Mapping[str, Entity], subject: str, shown: Mapping[str, str]) -> Listed:
    """Whose rows a list in a document about ``subject`` has, by what its elements show."""
    own = dict.fromkeys(t.rpartition(".")[0] for p, t in shown.items() if EACH not in p)
    if subject in own:
        return Listed(subject)
    direct = [(t, k) for t in own for k in _to(entities, t, subject)]
    between = [] if direct else list(_between(entities, subject, own))
    found = direct or between
    if len(found) != 1:
        what = f"{', '.join(own)} and {subject}" if own else subject
        return Listed(trouble=f"{'several foreign keys lead' if found else 'no foreign key leads'} between {what}")
    return Listed(found[0][0], found[0][1].name)


def _to(entities: Mapping[str, Entity], child: str, parent: str) -> list[ForeignKey]:
    return [k for k in entities[child].foreign_keys if k.target == parent] if child in entities else []


def _between(entities: Mapping[str, Entity], subject: str, own: Iterable[str]) -> Iterable[tuple[str, ForeignKey]]:
    """Tables that hold hardly more than a reference to the subject and one to what the elements show."""
    for name, entity in entities.items():
        keys = _to(entities, name, subject)
        if len(keys) != 1 or not any(_to(entities, name, t) for t in own):
            continue
        referring = {c for k in entity.foreign_keys for c in k.columns}
        primary = {c for u in entity.uniques if u.primary for c in u.columns}
        if len([f for f in entity.fields if f.name not in referring | primary]) <= len(referring):
            yield name, keys[0]


class Bounds(msgspec.Struct):
    """How many children documents ask for: at least, at most (0: any number)."""

    least: int = 0
    most: int = 0


def asked_of_keys(
    entities: Mapping[str, Entity], faces: Iterable[Face], chosen: Iterable[str]
) -> dict[tuple[str, str], Bounds]:
    """Per (table, foreign key) what the chosen faces ask of it: that children can be told from the parent, and how many
    there may be."""
    found: dict[tuple[str, str], Bounds] = {}
    names = set(chosen)
    for face in faces:
        if face_name(face) in names and face.entity in entities and any(EACH in p for p in face.bindings):
            _asked(entities, face.entity, face.bindings, msgspec.json.decode(face.document), "", found)
    return found


def _asked(
    entities: Mapping[str, Entity],
    subject: str,
    bindings: Mapping[str, str],
    document: object,
    above: str,
    found: dict[tuple[str, str], Bounds],
) -> None:
    for pointer, shown in lists_in(bindings).items():
        rows = rows_listed(entities, subject, shown)
        if not rows.table:
            continue
        if rows.key:
            bounds = found.setdefault((rows.table, rows.key), Bounds())
            said = member(document, above + pointer)
            least, most = said.get("minItems"), said.get("maxItems")
            if isinstance(least, int):
                bounds.least = max(bounds.least, least)
            if isinstance(most, int) and most > 0:
                bounds.most = min(bounds.most or most, most)
        _asked(entities, rows.table, shown, document, above + pointer + EACH, found)


def bounded(wanted: dict[str, Wanted], asked: Mapping[tuple[str, str], Bounds]) -> dict[str, Wanted]:
    """The wishes for tables with as many children per parent as documents ask for, where the numbers of rows allow it
    and no person has said otherwise."""
    made = dict(wanted)
    for (table, name), bounds in asked.items():
        if table in made:
            keys = tuple(_with(k, bounds, made) if k.name == name else k for k in made[table].entity.foreign_keys)
            entity = msgspec.structs.replace(made[table].entity, foreign_keys=keys)
            made[table] = msgspec.structs.replace(made[table], entity=entity)
    return made


def _with(key: ForeignKey, bounds: Bounds, wanted: Mapping[str, Wanted]) -> ForeignKey:
    if key.target not in wanted:
        return key
    rows = next((w.rows for w in wanted.values() if any(k is key for k in w.entity.foreign_keys)), 0)
    parents = wanted[key.target].rows
    wish: dict[str, float] = {}
    if bounds.least and rows >= bounds.least * parents:
        wish["min"] = bounds.least
    if bounds.most and rows <= bounds.most * parents:
        wish["max"] = bounds.most
    return msgspec.structs.replace(key, fanout={**wish, **(key.fanout or {})}) if wish else key
