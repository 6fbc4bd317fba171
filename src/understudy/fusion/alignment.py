"""Which table a mention speaks of, and which column each of its fields is.

Tables first, by name and by what their fields share, rare names counting more; then fields one to one inside the
table; what remains is looked for around it: references under another name, lists of children, a parent's column,
figures computed from children. What is found nowhere is kept with the reason.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum

import msgspec
import numpy as np
from numpy.typing import NDArray

from understudy.fusion.assignment import assign
from understudy.fusion.founding import Founded, carries_others
from understudy.fusion.lexicon import listed
from understudy.fusion.mentions import Mention, Profile
from understudy.fusion.names import CARRIERS, HOLDERS, KEYS, core, likeness, own, without_key, words
from understudy.fusion.similarity import LEAST, Likeness, compare
from understudy.fusion.tables import Table
from understudy.fusion.technical import action, again, technical
from understudy.model.origin import SourceKind
from understudy.types import Kind


class Role(StrEnum):
    """What a mention's field is to the table."""

    FIELD = "field"
    REFERENCE = "reference"
    COLLECTION = "collection"
    PARENT = "parent"
    DERIVED = "derived"
    REPEAT = "repeat"
    TECHNICAL = "technical"
    ABSENT = "absent"


PLACED = (Role.FIELD, Role.REFERENCE, Role.COLLECTION, Role.PARENT, Role.DERIVED)


class Match(msgspec.Struct, frozen=True):
    """Field ``field`` of mention (``part``, ``entity``) is ``column`` of ``table``, in a role. For a collection
    ``table`` is where its rows stand and ``column`` is empty; for what was not found both are."""

    part: int
    entity: str
    field: str
    role: Role
    table: str = ""
    column: str = ""
    certainty: float = 1.0
    reasons: tuple[str, ...] = ()


class Place(msgspec.Struct, frozen=True):
    """The table that a mention speaks of, and how surely."""

    table: str
    certainty: float
    reasons: tuple[str, ...] = ()


class Alignment(msgspec.Struct, frozen=True):
    """``places``: mention → table; ``matches``: (part, entity, field) → match; ``homeless``: mention → why none."""

    places: dict[tuple[int, str], Place]
    matches: dict[tuple[int, str, str], Match]
    homeless: dict[tuple[int, str], str]


NONE: Mapping[tuple[int, str], Founded] = {}
SAME = 0.75
"""From here on fields whose names are the same words are the same field, whatever else would fit."""
SURE_PLACE = 0.45
"""Least likeness of a mention and a table."""
FIRM_PLACE = 0.7
"""From here on a mention's own name, not only its fields', says which table it is."""
MANY, FEW = 5, 3
STRANGE = 0.1
"""Share of its fields below which a mention of many is another thing, whatever its name shares."""
NAME_SHARE = 0.78
"""How far a name alone can place a mention, and what its fields share alone."""
ALIAS = 0.5
"""Worth of a name that columns of a table give it: by itself too little to place anything."""
LEAD = 0.62
"""Worth of a field that holds an object of the table that a column refers to, whatever both are called."""
CANDIDATES = 10
COMPUTED = listed("computed")
COLLECTIONS = (Kind.ARRAY, Kind.JSON, Kind.STRUCT, Kind.MAP)


def align(
    tables: Sequence[Table], mentions: Iterable[Mention], founders: Mapping[tuple[int, str], Founded] = NONE
) -> Alignment:
    """Every mention placed, every field of it matched, as far as they can be. ``founders``: mentions that founded a
    table, which stand where they stand."""
    aligner = _Aligner([t for t in tables if not t.view] or list(tables))
    matches: dict[tuple[int, str, str], Match] = {}
    homeless: dict[tuple[int, str], str] = {}
    told = list(mentions)
    for mention in told:
        founded = founders.get(mention.key)
        if founded is not None:
            aligner.places[mention.key] = Place(founded.name, 1.0, ("it is described there",))
            continue
        carrier = carries_others(mention)
        place = None if carrier else aligner.place(mention)
        if place is None:
            homeless[mention.key] = carrier or "no table is like it"
        else:
            aligner.places[mention.key] = place
    for mention in told:
        founded = founders.get(mention.key)
        if founded is not None:
            became = founded.became(mention)
            for field in mention.fields:
                matches[(*mention.key, field)] = _founding(mention, field, founded, became.get(field), aligner)
        elif mention.key in aligner.places:
            for match in aligner.fields(mention, aligner.places[mention.key]):
                matches[(*mention.key, match.field)] = match
    return Alignment(aligner.places, matches, homeless)


def _founding(mention: Mention, field: str, founded: Founded, column: str | None, aligner: _Aligner) -> Match:
    """A field of a mention that founded a table: the ``column`` that it became, or why it became none."""
    if column is not None:
        return Match(
            mention.part, mention.entity, field, Role.FIELD, founded.name, column, 1.0, ("it is described there",)
        )
    aside = aligner.aside(mention, field)
    return aside or Match(
        mention.part, mention.entity, field, Role.ABSENT, reasons=("it says what to do, not what is",)
    )


class _Aligner:
    def __init__(self, tables: list[Table]) -> None:
        self.tables = {t.name: t for t in tables}
        self.places: dict[tuple[int, str], Place] = {}
        self.about: dict[str, set[str]] = {}
        self.holding: dict[str, set[str]] = {}
        for table in tables:
            for word in table.words:
                self.about.setdefault(word, set()).add(table.name)
            for column in table.profiles:
                for word in own(table.name, column, True):
                    self.holding.setdefault(word, set()).add(table.name)
        self.children: dict[str, list[Table]] = {}
        for table in tables:
            for reference in table.references:
                kin = self.children.setdefault(reference.target, [])
                if table not in kin:
                    kin.append(table)

    # ---- tables -------------------------------------------------------------------------------------
    def place(self, mention: Mention) -> Place | None:
        """The table that a mention speaks of, None where none is like it."""
        if _exact(mention) and mention.entity in self.tables:
            return Place(mention.entity, 1.0, ("the table itself",))
        ranked = sorted(
            ((self._worth(mention, self.tables[t]), t) for t in self._candidates(mention)),
            key=lambda found: (-found[0].worth, found[1]),
        )
        if not ranked or ranked[0][0].worth < SURE_PLACE:
            return None
        best, table = ranked[0]
        rival = ranked[1][0].worth if len(ranked) > 1 else 0.0
        certainty = best.worth if best.worth - rival > 0.1 else best.worth * (0.8 + 2.0 * (best.worth - rival))
        return Place(table, round(certainty, 4), best.reasons)

    def _candidates(self, mention: Mention) -> list[str]:
        """The tables that share a word with the mention, those that share rare ones first."""
        worth: dict[str, float] = {}
        total = len(self.tables) + 1
        for word in core(mention.entity):
            close = {word} | {w for w in self.about if len(word) > 4 and len(w) > 4 and w[:4] == word[:4]}
            for found in sorted(close & self.about.keys()):
                for table in self.about[found]:
                    worth[table] = worth.get(table, 0.0) + 3.0 * math.log(total / len(self.about[found]) + 1.0)
        for field in mention.fields:
            for word in set(own(mention.entity, field)):
                for table in self.holding.get(word, ()):
                    worth[table] = worth.get(table, 0.0) + math.log(total / len(self.holding[word]) + 0.1)
        if total <= CANDIDATES:
            return list(self.tables)
        return sorted(worth, key=lambda t: (-worth[t], t))[:CANDIDATES]

    def _worth(self, mention: Mention, table: Table) -> Likeness:
        name = self._name_worth(mention, table)
        fields = [f for f in mention.fields if not technical(f) and not again(f, mention.fields) and not action(f)]
        reasons = [f"named {mention.entity}, as {table.name}"] if name > 0.5 else []
        if not fields:
            return Likeness(0.8 * name, tuple(reasons))
        grid = np.array([[self._pair(table, c, mention, f).worth for c in table.profiles] for f in fields])
        pairs = assign(grid, LEAST) if grid.size else []
        rarity = [self._rarity(mention.entity, f) for f in fields]
        forward = sum(float(grid[i, j]) * rarity[i] for i, j in pairs) / (sum(rarity) or 1.0)
        backward = sum(float(grid[i, j]) for i, j in pairs) / max(len(table.profiles), 1)
        shared = 0.75 * forward + 0.25 * min(1.0, 1.5 * backward)
        if len(fields) == 1:
            shared *= 0.7
        if name == 0.0 and len(pairs) < 2:
            shared *= 0.6  # one field alone does not tell a table
        told = mention.kind is SourceKind.CASE and len(fields) >= FEW  # named after a heading, not by itself
        if forward < STRANGE and (told or (len(fields) >= MANY and name < 1.0)):
            name *= 0.7
        if pairs:
            reasons.append(f"{len(pairs)} of its {len(fields)} fields are there")
        return Likeness(1.0 - (1.0 - NAME_SHARE * name) * (1.0 - NAME_SHARE * shared), tuple(reasons))

    def _name_worth(self, mention: Mention, table: Table) -> float:
        about = core(mention.entity)
        full = words(mention.entity)
        if len(full) > len(about) and full[-1] in HOLDERS and full[-1] in self.about:
            about = tuple(w for w in full if w not in CARRIERS)  # lists are things of this system
        best = max(likeness(about, table.words), 0.95 * likeness(words(mention.entity), table.words))
        if best < ALIAS and any(likeness(about, (word,)) >= SAME for word in table.aliases):
            best = ALIAS  # ``boat_name`` in a table of vessels
        bare = tuple(w for w in table.words if w not in HOLDERS)
        if bare and bare != table.words:
            best = max(best, 0.9 * likeness(about, bare))
        return best

    def _rarity(self, entity: str, field: str) -> float:
        """How much a field's name tells which table it is: 1 where no other table has it."""
        last = own(entity, field)[-1:]
        seen = len(self.holding.get(last[0], ())) if last else 0
        return 1.0 / (1.0 + math.log1p(max(seen - 1, 0)))

    # ---- fields -------------------------------------------------------------------------------------
    def _pair(self, table: Table, column: str, mention: Mention, field: str) -> Likeness:
        spoken, stored = mention.profiles[field], table.profiles[column]
        found = compare(table.name, stored, mention.entity, spoken)
        reference = table.reference(column)
        if reference is None or found.worth >= 0.95:
            return found
        target = self.tables.get(reference.target)
        about = without_key(column)
        names = [likeness(about, own(mention.entity, field)), 0.98 * likeness(about, without_key(field))]
        if target is not None:
            names.append(0.9 * likeness(target.words, own(mention.entity, field)))
            names.append(0.9 * likeness(target.words, without_key(field)))
            if spoken.target:
                names.append(0.7 * likeness(target.words, core(spoken.target)) + 0.28 * max(names))
        worth = 0.96 * max(names)
        last = words(field)[-1:]
        if self._leads(mention, spoken, reference.target):
            asked = stored.nullable is not None and stored.nullable is spoken.nullable
            worth = max(worth, LEAD + (0.96 - LEAD) * max(names) + (0.02 if asked else 0.0))
        elif (
            last
            and last[0] not in KEYS
            and likeness(last, about[-1:]) < 0.8
            and (target is None or likeness(last, target.words[-1:]) < 0.8)
        ):
            worth *= 0.8  # ``bookTitle`` tells of a book, but is not it
        if worth <= found.worth:
            return found
        return Likeness(worth, (f"{field} names what {column} refers to",))

    def _leads(self, mention: Mention, spoken: Profile, table: str) -> bool:
        """Whether a field holds one object of what stands in the table, or its key (``boatId``, where the same source
        has a Boat that stands there)."""
        place = self.places.get((mention.part, spoken.target)) if spoken.target else None
        stem = without_key(spoken.name)
        if place is None and stem != words(spoken.name):
            named = (p for (part, entity), p in self.places.items() if part == mention.part and core(entity) == stem)
            place = next(named, None)
        single = spoken.type is None or spoken.type.kind is not Kind.ARRAY
        return place is not None and place.table == table and single

    def fields(self, mention: Mention, place: Place) -> list[Match]:
        """What each field of a placed mention is."""
        table = self.tables[place.table]
        done: dict[str, Match] = {}
        for field in mention.fields:
            aside = self.aside(mention, field)
            if aside is not None:
                done[field] = aside
        open_ = [f for f in mention.fields if f not in done]
        columns = list(table.profiles)
        if _exact(mention) and mention.entity == table.name:
            for field in open_:
                role = Role.FIELD if field in table.profiles else Role.ABSENT
                done[field] = Match(
                    mention.part, mention.entity, field, role, table.name, field if role is Role.FIELD else ""
                )
            return [done[f] for f in mention.fields]
        grid = [[self._pair(table, c, mention, f) for c in columns] for f in open_]
        worth = np.array([[p.worth for p in row] for row in grid]) if grid and columns else np.zeros((0, 0))
        for i, j in _paired(worth, open_, columns, table, mention):
            found = self._judged(mention, table, open_[i], columns[j], worth, grid[i][j], i, j, place)
            if found is not None:
                done[open_[i]] = found
        for field in mention.fields:
            if field not in done:
                done[field] = self._around(mention, table, field, place)
        return [done[f] for f in mention.fields]

    def aside(self, mention: Mention, field: str) -> Match | None:
        """A field that belongs to the carrying or repeats another, None for any other."""
        reason = technical(field)
        if reason:
            return Match(mention.part, mention.entity, field, Role.TECHNICAL, reasons=(reason,))
        repeated = again(field, mention.fields)
        if repeated:
            return Match(mention.part, mention.entity, field, Role.REPEAT, reasons=(f"repeats {repeated}",))
        return None

    def _judged(
        self,
        mention: Mention,
        table: Table,
        field: str,
        column: str,
        worth: NDArray[np.float64],
        pair: Likeness,
        i: int,
        j: int,
        place: Place,
    ) -> Match | None:
        """A pair as a match; its certainty falls where another column or field fits nearly as well."""
        rivals = max([float(worth[i, k]) for k in range(worth.shape[1]) if k != j] or [0.0])
        certainty = pair.worth * (1.0 if pair.worth - rivals > 0.08 else 0.9)
        certainty *= 0.55 + 0.45 * place.certainty if pair.worth < 0.97 else 0.7 + 0.3 * place.certainty
        certainty *= min(1.0, place.certainty / FIRM_PLACE)  # where the place is a guess, so is all in it
        spoken, stored = mention.profiles[field], table.profiles[column]
        refers = table.reference(column) is not None
        other = spoken.type is not None and (stored.type is None or spoken.type.kind is not stored.type.kind)
        collection = spoken.type is not None and spoken.type.kind is Kind.ARRAY
        if refers and collection and stored.type is not None and stored.type.kind not in COLLECTIONS:
            return None  # many things are no single reference
        role = Role.REFERENCE if refers and (other or spoken.target) else Role.FIELD
        if action(field) and pair.worth < 0.95:
            return None
        return Match(mention.part, mention.entity, field, role, table.name, column, round(certainty, 4), pair.reasons)

    def _around(self, mention: Mention, table: Table, field: str, place: Place) -> Match:
        """A field that is no column of its table: a list of children, a parent's column, a computed figure, nothing."""
        spoken = mention.profiles[field]
        for found in (
            self._collection(mention, table, field, spoken),
            self._parent(mention, table, field, spoken),
            self._computed(mention, table, field, spoken),
        ):
            if found is not None:
                return msgspec.structs.replace(
                    found, certainty=round(found.certainty * (0.6 + 0.4 * place.certainty), 4)
                )
        reason = f"{table.name} has no such column"
        return Match(mention.part, mention.entity, field, Role.ABSENT, reasons=(reason,))

    def _relatives(self, table: Table) -> list[tuple[Table, tuple[tuple[str, ...], ...]]]:
        """Tables whose rows belong to a row of this one, with the names that they may go by."""
        found = []
        for child in self.children.get(table.name, ()):
            names = [
                child.words,
                own(table.name, child.name, True),
                tuple(w for w in child.words if w not in table.words),
            ]
            far = [r for r in child.references if r.target != table.name] if child.joins else []
            names += [self.tables[r.target].words for r in far if r.target in self.tables]
            if child.joins:
                names += [without_key(c) for r in child.references for c in r.columns]
            found.append((child, tuple(n for n in names if n)))
        return found

    def _collection(self, mention: Mention, table: Table, field: str, spoken: Profile) -> Match | None:
        if spoken.type is not None and spoken.type.kind not in COLLECTIONS and not spoken.target:
            return None
        about = [core(field), without_key(field), own(mention.entity, field)] + (
            [core(spoken.target)] if spoken.target else []
        )
        single = spoken.target and (spoken.type is None or spoken.type.kind is not Kind.ARRAY)
        best, where = 0.0, None
        for child, names in self._relatives(table):
            if single and not self._leads(mention, spoken, child.name):
                continue
            worth = max((likeness(n, a) for n in names for a in about), default=0.0)
            if worth > best:
                best, where = worth, child
        if where is None or best < 0.6:
            return None
        reason = f"the rows of {where.name} that belong to it"
        return Match(mention.part, mention.entity, field, Role.COLLECTION, where.name, "", best, (reason,))

    def _parent(self, mention: Mention, table: Table, field: str, spoken: Profile) -> Match | None:
        """``owner.firstName``, ``petName``: a column of a table that this one refers to."""
        found = own(mention.entity, field)
        best: Match | None = None
        for reference in table.references:
            target = self.tables.get(reference.target)
            if target is None or target.name == table.name:
                continue
            for stem in {target.words, without_key(reference.columns[0])}:
                if len(found) <= len(stem) or likeness(found[: len(stem)], stem) < 0.85:
                    continue
                rest = found[len(stem) :]
                for column, stored in target.profiles.items():
                    worth = likeness(rest, own(target.name, column, True))
                    fit = compare(target.name, stored, target.name, spoken)
                    worth *= 1.0 if not any("but" in r for r in fit.reasons) else 0.5
                    if worth >= 0.8 and (best is None or worth > best.certainty):
                        reason = f"{column} of the {target.name} that {reference.columns[0]} refers to"
                        best = Match(
                            mention.part,
                            mention.entity,
                            field,
                            Role.PARENT,
                            target.name,
                            column,
                            0.95 * worth,
                            (reason,),
                        )
        return best

    def _computed(self, mention: Mention, table: Table, field: str, spoken: Profile) -> Match | None:
        found = own(mention.entity, field)
        figure = [w for w in found if w in COMPUTED]
        truth = spoken.type is not None and spoken.type.kind is Kind.BOOLEAN
        rest = tuple(w for w in found if w not in COMPUTED and w not in ("is", "has", "num", "of"))
        if not rest or not (figure or truth):
            return None
        best, where = 0.0, None
        for child, names in self._relatives(table):
            worth = max((likeness(n, rest) for n in (*names, child.words[-1:])), default=0.0)
            if worth > best:
                best, where = worth, child
        if where is None or best < 0.7:
            return None
        what = "counted from" if figure else "whether there is one in"
        return Match(
            mention.part, mention.entity, field, Role.DERIVED, where.name, "", 0.9 * best, (f"{what} {where.name}",)
        )


def _paired(
    worth: NDArray[np.float64], fields: Sequence[str], columns: Sequence[str], table: Table, mention: Mention
) -> list[tuple[int, int]]:
    """One-to-one pairs: first those of the very same name, which nobody would give away for a better sum, then the
    best assignment of the rest."""
    named: dict[tuple[str, ...], int] = {}
    for j, column in enumerate(columns):
        named.setdefault(words(column), j)
    pairs: list[tuple[int, int]] = []
    for i, field in enumerate(fields):
        same = named.get(words(field))
        if same is not None and worth[i, same] >= SAME and same not in [j for _, j in pairs]:
            pairs.append((i, same))
    rows = [i for i in range(len(fields)) if i not in {i for i, _ in pairs}]
    left = [j for j in range(len(columns)) if j not in {j for _, j in pairs}]
    if rows and left:
        rest = assign(worth[np.ix_(rows, left)], LEAST)
        pairs += [(rows[a], left[b]) for a, b in rest]
    return sorted(pairs)


def _exact(mention: Mention) -> bool:
    """Whether a mention speaks in the schema's own names: what is stored, and what a model was asked about."""
    return mention.stored or mention.kind is SourceKind.LLM
