"""Uniqueness without remembering values: which column or link makes each unique key injective.

Four ways, the first that fits: a free column with room takes a code of the row number; a single
link pairs child and parent; an ordinal within a parent is decoded into the other parts; else
tuples are solved at plan time.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import msgspec

from understudy.model.expression import Node
from understudy.model.schema import Entity, Identity, Unique
from understudy.planning.layout.ties import Tie, owners
from understudy.rules.trees import columns_of
from understudy.types import Kind

POSITION = re.compile(
    r"(^|_)(position|pos|ordinal|ord|seq|sequence|line|line_?n(o|um|umber|r)|row_?n(o|um)?|rank|idx|index|step|"
    r"item_?n(o|um|r)|sort(_?order)?|order_?index|version|revision|num|number|slot|level|page|part|chapter)$",
    re.IGNORECASE,
)
"""Columns that people count within something: 1, 2, 3 … per parent."""


CONTINUED = 1 << 14
"""Numbers that a column within a parent must have for rows to be added behind those that are there."""


class Key(msgspec.Struct, frozen=True):
    """A unique constraint reduced to columns. ``strict``: none of them may be null (nulls would clash, or an
    expression hides them). ``windowed``: it stands for an exclusion, and one of its columns numbers windows that
    no row of the target lies in. ``computed``: values it is on that different inputs may share (``a + b``), by name;
    ``columns`` holds their inputs."""

    unique: Unique
    columns: frozenset[str]
    strict: bool = False
    windowed: bool = False
    computed: tuple[tuple[str, Node], ...] = ()

    @property
    def distinct_on(self) -> frozenset[str]:
        """What no two rows may have in common: computed values in place of their inputs."""
        inputs = {c for _, node in self.computed for c in columns_of(node)}
        return (self.columns - inputs) | {name for name, _ in self.computed}


class Decoded(msgspec.Struct, frozen=True):
    """A code decoded into parts: ``links`` and ``columns``. ``anchor``: the link whose ordinal is the code
    (empty: the row number is). ``joins``: rows may join parents that have rows already."""

    key: str
    anchor: str
    links: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    joins: bool = False


class KeyPlan(msgspec.Struct, frozen=True):
    """``coded``: columns distinct on their own. ``paired``: links with one child at most per parent.
    ``decoded``: see :class:`Decoded`. ``tuples``: links and columns to be solved as witnesses, for ``tuple_keys``.
    ``computed``: what those are on that is no column of its own.
    ``continued``: columns that count on within their parent behind the rows it has.
    ``how``: per key's name a sentence."""

    coded: tuple[str, ...] = ()
    paired: tuple[str, ...] = ()
    decoded: tuple[Decoded, ...] = ()
    tuple_links: tuple[str, ...] = ()
    tuple_columns: tuple[str, ...] = ()
    tuple_keys: tuple[frozenset[str], ...] = ()
    computed: dict[str, Node] = {}
    continued: tuple[str, ...] = ()
    how: dict[str, str] = {}

    @property
    def distinct(self) -> set[str]:
        """Free columns that carry uniqueness."""
        return {*self.coded, *self.tuple_columns, *(c for d in self.decoded for c in d.columns)}


class Situation(msgspec.Struct, frozen=True):
    """What key planning looks at. ``room``: distinct values per free column. ``rows``: rows wanted.
    ``tangled``: pairs of columns that rules compare (their links cannot be decoded independently)."""

    entity: Entity
    ties: tuple[Tie, ...]
    room: Mapping[str, int]
    rows: int
    held: int = 0
    tangled: tuple[frozenset[str], ...] = ()


def plan_keys(keys: Sequence[Key], situation: Situation) -> KeyPlan:
    """Decide for every key how it is made injective."""
    return _Planner(situation).plan(sorted(keys, key=lambda k: (len(k.columns), not k.unique.primary, k.unique.name)))


class _Planner:
    def __init__(self, situation: Situation) -> None:
        self.s = situation
        self.owner = owners(situation.ties)
        self.coded: list[str] = []
        self.paired: list[str] = []
        self.decoded: list[Decoded] = []
        self.tuples: list[Key] = []
        self.solved: list[frozenset[str]] = []
        self.how: dict[str, str] = {}

    def plan(self, keys: list[Key]) -> KeyPlan:
        for key in keys:
            self.how[key.unique.name] = self._settle(key)
        return self._finish()

    # ---- one key ---------------------------------------------------------------------------
    def _settle(self, key: Key) -> str:
        if not key.computed and (by := next((s for s in self.solved if s <= key.columns), None)):
            return f"({', '.join(sorted(by))}) is distinct already"
        if key.computed:
            self.tuples.append(key)
            return "combinations solved at plan time, by what is computed of them"
        inside = self._links_inside(key)
        free = [c for c in key.columns if c not in self.owner]
        alone = len(free) == 1 and not inside
        if (alone or not key.windowed) and (column := self._roomy(free, bool(inside))):
            self.coded.append(column)
            self.solved.append(frozenset({column}))
            return f"every row has its own {column}"
        if self._simple(key, inside, free):
            return self._decode(key, inside, sorted(free))
        self.tuples.append(key)
        self.solved.append(key.columns)
        return "combinations solved at plan time"

    def _links_inside(self, key: Key) -> list[Tie]:
        """Ties whose columns all lie in the key, without those that another of them contains."""
        inside = [t for t in self.s.ties if set(t.key.columns) <= key.columns]
        wide = [t for t in inside if not any(set(t.key.columns) < set(o.key.columns) for o in inside)]
        return list({frozenset(t.key.columns): t for t in reversed(wide)}.values())[::-1]

    def _roomy(self, free: list[str], linked: bool) -> str:
        """The free column that can be distinct on its own and looks best so; empty if none."""
        if len(free) == 1 and not linked:
            return free[0]  # a key by itself; where it has less room than rows are wanted, the rows are fewer
        need = self.s.rows + self.s.held
        fits = [c for c in free if self.s.room.get(c, 0) >= need]
        if linked or len(free) > 1:
            fits = [c for c in fits if not self._counted(c) and self.s.room[c] >= 8 * need]
        return min(fits, key=lambda c: (self.s.entity.field(c).nullable, *self._preference(c)), default="")

    def _counted(self, column: str) -> bool:
        field = self.s.entity.field(column)
        whole = field.type.kind in (Kind.INTEGER, Kind.DECIMAL) and not field.identity
        return whole and bool(POSITION.search(column))

    def _preference(self, column: str) -> tuple[int, str]:
        field = self.s.entity.field(column)
        if field.identity is not Identity.NONE:
            return 0, column
        kinds = (Kind.UUID, Kind.INTEGER, Kind.TEXT, Kind.TIMESTAMP, Kind.DECIMAL, Kind.BINARY, Kind.DATE)
        return (kinds.index(field.type.kind) + 1 if field.type.kind in kinds else len(kinds) + 1), column

    def _simple(self, key: Key, inside: list[Tie], free: list[str]) -> bool:
        """Whether the key can be decoded from a row number or an ordinal."""
        covered = set(free).union(*(t.key.columns for t in inside))
        if covered != key.columns or any(t.shared for t in inside):
            return False
        if any(t.key.target == self.s.entity.name for t in inside) and (free or len(inside) > 1):
            return False
        if any(len(pair & key.columns) > 1 for pair in self.s.tangled):
            return False
        if self.s.held and not key.windowed and not (inside and len(inside) == 1 and not free):
            return self._continued(inside, free)
        taken = {c for d in self.decoded for c in d.columns}
        return not taken & set(free)

    def _continued(self, inside: list[Tie], free: list[str]) -> bool:
        """Whether a key is one whole number within a parent, which can count on where the parent's rows end."""
        if len(inside) != 1 or len(free) != 1 or any(free[0] in d.columns for d in self.decoded):
            return False
        kind = self.s.entity.field(free[0]).type.kind
        return kind is Kind.INTEGER and self.s.room.get(free[0], 0) >= CONTINUED

    def _decode(self, key: Key, inside: list[Tie], free: list[str]) -> str:
        self.solved.append(key.columns)
        frozen = {name for d in self.decoded for name in d.links} | set(self.paired)
        anchors = {d.anchor for d in self.decoded}
        if len(inside) == 1 and not free and inside[0].name not in frozen | anchors:
            self.paired.append(inside[0].name)
            return f"one row for each parent of {inside[0].key.target}"
        anchor = _anchor(inside, frozen, anchors, key.unique.columns)
        if inside and (anchor is None or not (free or len(inside) > 1)):
            self.tuples.append(key)
            return "combinations solved at plan time"
        others = tuple(t.name for t in inside if t is not anchor)
        joins = key.windowed or bool(self.s.held and anchor and self._continued(inside, free))
        self.decoded.append(Decoded(key.unique.name, anchor.name if anchor else "", others, tuple(free), joins))
        parts = ", ".join(sorted(key.columns - set(anchor.key.columns if anchor else ())))
        within = f"numbered within each {anchor.key.target}" if anchor else "a code of the row number"
        return f"{within}, decoded into ({parts})"

    # ---- tuples ----------------------------------------------------------------------------
    def _finish(self) -> KeyPlan:
        """Whatever shares a link or a column with a key solved as tuples is solved with it."""
        ties = {t.name: t for t in self.s.ties}
        keys = [k.columns for k in self.tuples]
        links = {self.owner[c].name for k in keys for c in k if c in self.owner}
        columns = {c for k in keys for c in k if c not in self.owner}
        decoded, changed = list(self.decoded), True
        while changed:
            touched = [d for d in decoded if ({d.anchor, *d.links} & links) or set(d.columns) & columns]
            for d in touched:
                decoded.remove(d)
                parts = [n for n in (d.anchor, *d.links) if n]
                links |= set(parts)
                columns |= set(d.columns)
                keys.append(frozenset(d.columns).union(*(ties[n].key.columns for n in parts)))
            changed = bool(touched)
        for name in (p for p in self.paired if p in links):
            keys.append(frozenset(ties[name].key.columns))
        keys += [frozenset({c}) for c in self.coded if c in columns]
        solved = {k.columns: k.distinct_on for k in self.tuples if k.computed}
        return KeyPlan(
            coded=tuple(c for c in self.coded if c not in columns),
            paired=tuple(p for p in self.paired if p not in links),
            decoded=tuple(decoded),
            tuple_links=tuple(t.name for t in self.s.ties if t.name in links),
            tuple_columns=tuple(sorted(columns)),
            tuple_keys=tuple(dict.fromkeys(solved.get(k, k) for k in keys)),
            computed={name: node for k in self.tuples for name, node in k.computed},
            continued=tuple(
                d.columns[0] for d in decoded if self.s.held and d.joins and not d.columns[0].startswith("$")
            ),
            how=self.how,
        )


def _anchor(inside: list[Tie], frozen: set[str], anchors: set[str], order: tuple[str, ...]) -> Tie | None:
    """The link to count within: its ordinal must be readable, the others must still be free to be decoded."""

    def rank(tie: Tie) -> tuple[bool, bool, int]:
        first = min((order.index(c) for c in tie.key.columns if c in order), default=0)
        return tie.name not in anchors, not tie.required, first

    for tie in sorted(inside, key=rank):
        if tie.name not in frozen and all(o is tie or o.name not in frozen | anchors for o in inside):
            return tie
    return None
