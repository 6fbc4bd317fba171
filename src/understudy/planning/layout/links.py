"""Foreign keys to links: which law finds the parent of a row."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import msgspec
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from understudy.model.expression import (
    Call,
    Case,
    Chance,
    Column,
    Const,
    Node,
    Ordinal,
    ParentRow,
    Permute,
    Row,
    Take,
    Uniform,
    When,
)
from understudy.model.learned import Chosen
from understudy.model.link import Coded, Drawn, Grouped, Link, Mode, Paired, Spread, Tree
from understudy.planning import names
from understudy.planning.draft import Draft
from understudy.planning.layout.chosen import grouped
from understudy.planning.layout.fanout import EXPONENT, most_children, owned
from understudy.planning.layout.keys import POSITION, Decoded, KeyPlan
from understudy.planning.layout.known import Wishes, counted
from understudy.planning.layout.room import space
from understudy.planning.layout.ties import Tie, owners

Indices = NDArray[np.int64]

TREE_DEPTH = 5
TREE_SHARE = 12
"""A forest has about a twelfth of its rows as roots and at most five levels: shops' categories, staff, threads."""


EARLIER = 1000
"""A second self-reference (a second parent) leads at most so many rows back."""

CHAIN = 6
RING = 4
"""Rows of a list (versions of a document, steps of a chain), on average; of a ring, exactly."""


class Choice(msgspec.Struct, frozen=True):
    """What a table's links depend on. ``absent``: per tie, where it has no parent; ``eligible``: per tie the
    parent indices that may be chosen (None: all); ``rooms``: distinct values per free column of a decoded key;
    ``forward``: self-references whose parent must come after the row; ``filled``: every parent needs a row;
    ``behind``: per parent of a tie how many numbers of a column its rows in the target use up; ``wishes``: how many
    rows the parents of a learned table want of it, along the tie that lays it out; ``chosen``: how others are."""

    table: str
    rows: int
    existing: int
    ties: tuple[Tie, ...]
    keys: KeyPlan
    absent: Callable[[Tie], Node | None]
    eligible: Mapping[str, Indices | None]
    rooms: Mapping[str, int]
    invertible: frozenset[str] = frozenset()
    forward: frozenset[str] = frozenset()
    filled: frozenset[str] = frozenset()
    behind: Callable[[Tie, str], Indices | None] = lambda tie, column: None
    wishes: Wishes | None = None
    chosen: Mapping[str, Chosen] = {}


class Links(msgspec.Struct, frozen=True):
    """``owner``: the link that lays the table out; ``hidden``: codes by name, for decoded keys."""

    links: tuple[Link, ...]
    owner: str
    codes: dict[str, tuple[Node, str]]


def first_self(ties: tuple[Tie, ...], table: str) -> Tie | None:
    """The first self-reference that stands for itself: it makes a forest."""
    return next((t for t in ties if t.key.target == table and not t.shared and not t.implied), None)


def build_links(choice: Choice, draft: Draft) -> Links:
    """The links of a table. Demands that cannot be met are noted in the draft."""
    return _Builder(choice, draft).build()


class _Builder:
    def __init__(self, choice: Choice, draft: Draft) -> None:
        self.c, self.draft = choice, draft
        self.ties = {t.name: t for t in choice.ties}
        self.owner = ""
        self.codes: dict[str, tuple[Node, str]] = {}
        self.digits: dict[str, Node] = {}
        self.links: list[Link] = []

    def build(self) -> Links:
        for decoded in self.c.keys.decoded:
            self._decode(decoded)
        for tie in self.c.ties:
            if tie.implied:
                continue
            mode, reason = self._mode(tie)
            absent = self.c.absent(tie)
            eligible = None if tie.name in self.c.keys.tuple_links else self.c.eligible.get(tie.name)
            name = "" if eligible is None else self._keep(("eligible", tie.name), eligible)
            self.links.append(Link(tie.name, self.c.table, tie.key.target, mode, absent, name, reason))
        return Links(tuple(self.links), self.owner, self.codes)

    def _keep(self, parts: tuple[str, ...], values: Indices) -> str:
        return self.draft.keep_indices(names.artefact(self.c.table, *parts), values)

    def _parents(self, tie: Tie) -> int:
        eligible = self.c.eligible.get(tie.name)
        if eligible is not None:
            return int(eligible.size)
        if tie.key.target == self.c.table:
            return self.c.existing + self.c.rows
        return self.draft.parents(tie.key.target)

    # ---- modes -----------------------------------------------------------------------------
    def _mode(self, tie: Tie) -> tuple[Mode, str]:
        keys = self.c.keys
        if tie.name in keys.tuple_links:
            taken = Take(names.artefact(self.c.table, "tuple", tie.name), Row())
            return Coded(taken), "combinations solved at plan time"
        if tie.name in self.digits:
            return Coded(self.digits[tie.name]), "decoded from the row's key"
        if tie.name in keys.paired and tie.key.target == self.c.table:
            return self._chain(tie)
        if tie.name in keys.paired:
            parents = self._parents(tie)
            return Paired(shuffled=parents > self.c.rows), "each row has a parent of its own"
        if tie.key.target == self.c.table:
            return self._self_reference(tie)
        if tie.shared:
            return self._grouped(tie)
        return self._free(tie)

    def _anchored(self, tie: Tie) -> int:
        """Codes per parent that keys leave to this link's ordinals; 0: no key counts within it."""
        spaces = [space(d, self._parent_counts(), self.c.rooms) for d in self.c.keys.decoded if d.anchor == tie.name]
        return min(spaces, default=0)

    def _parent_counts(self) -> dict[str, int]:
        return {name: self._parents(tie) for name, tie in self.ties.items()}

    def _free(self, tie: Tie) -> tuple[Mode, str]:
        parents = self._parents(tie)
        capacity = self._anchored(tie)
        most = most_children(tie.key, parents, self.c.rows)
        if most:
            capacity = min(capacity, most) if capacity else most
        known = self.c.wishes if self.c.wishes is not None and self.c.wishes.tie == tie.name else None
        wished = bool(tie.key.fanout) or tie.name in self.c.invertible or known is not None
        needed = self._needed_as_owner(tie)
        if (capacity or wished or needed) and parents:
            room = capacity or self.c.rows
            filled = tie.name in self.c.filled
            if filled and self.c.rows < parents:
                self.draft.unmet.append(f"{self.c.table}: {parents:,} rows of {tie.key.target} each need a row of it")
            if not self.owner and tie.required and self.c.absent(tie) is None and (known or self.c.wishes is None):
                self.owner = tie.name
                if known is not None:
                    told = counted(self.draft, self.c.table, known, self.c.rows, 1 if filled else 0, room)
                    return told, f"laid out by {tie.key.target}, as many each as were learned of it"
                learned = self.draft.learned(self.c.table)
                counts = () if learned is None or filled else learned.counts.get(tie.key.name, ())
                wish = {**(tie.key.fanout or {}), **({"min": 1} if filled else {})}
                law = owned(self.c.rows, parents, wish, room, counts)
                return law, f"laid out by {tie.key.target}, {law.minimum} to {law.maximum} each"
            if tie.name in self.c.chosen and not capacity and not filled:
                return self._chosen(tie)
            minimum = 1 if filled or (self.c.rows >= 3 * parents and self.c.absent(tie) is None) else 0
            return Spread(EXPONENT, minimum, capacity), f"spread over {tie.key.target}, a few have many"
        if tie.name in self.c.chosen:
            return self._chosen(tie)
        return Drawn(EXPONENT), f"drawn among {tie.key.target}, a few have many"

    def _chosen(self, tie: Tie) -> tuple[Mode, str]:
        mode = grouped(self.draft, self.c.table, tie, self.c.chosen[tie.name], self.c.eligible.get(tie.name))
        return mode, f"chosen among {tie.key.target} as was learned"

    def _needed_as_owner(self, tie: Tie) -> bool:
        """Whether a self-reference inside this tie's parents wants rows of one parent side by side."""
        return any(
            t.key.target == self.c.table and t.shared and set(t.shared) <= set(tie.own)
            for t in self.c.ties
            if not t.implied
        )

    def _chain(self, tie: Tie) -> tuple[Mode, str]:
        """A self-reference of which no row may be the goal twice: lists in which every row has one neighbour, or,
        where a neighbour is a must, rings (a row alone where rows are checked one by one)."""
        own: Node = Call("+", (Row(), Const(self.c.existing)))
        if tie.required and self.draft.schema.dialect not in ("", "postgresql"):
            return Coded(own), "each row refers to itself"
        if tie.required:
            place = Call("%", (Row(), Const(RING)))
            last = Call("or", (Call("=", (place, Const(RING - 1))), Call("=", (Row(), Const(self.c.rows - 1)))))
            back = Call("-", (own, place))
            return Coded(Case((When(last, back),), Call("+", (own, Const(1))))), f"rings of {RING} rows"
        forward = tie.name in self.c.forward
        edge = Call("=", (Row(), Const(self.c.rows - 1 if forward else 0)))
        ends = Call("or", (edge, Chance("end", 1 / CHAIN)))
        index = Case((When(ends, Const(-1)),), Call("+", (own, Const(1 if forward else -1))))
        return Coded(index), f"lists of about {CHAIN} rows, each refers to the {'next' if forward else 'one before'}"

    @property
    def _first_self(self) -> Tie | None:
        """The self-reference that makes the forest; the others choose freely."""
        return first_self(self.c.ties, self.c.table)

    def _earlier(self, tie: Tie) -> tuple[Mode, str]:
        """Some row before this one, so that there is no circle."""
        back = Uniform("earlier", Const(1), Call("least", (Call("greatest", (Row(), Const(1))), Const(EARLIER))))
        own: Node = Call("+", (Row(), Const(self.c.existing)))
        first = own if tie.required else Const(-1)
        index = Case((When(Call("=", (Row(), Const(0))), first),), Call("-", (own, back)))
        return Coded(index), "an earlier row"

    def _self_reference(self, tie: Tie) -> tuple[Mode, str]:
        if not tie.shared and tie is not self._first_self:
            return self._earlier(tie)
        if not tie.shared:
            roots = max(1, self._roots(tie))
            return Tree(roots, TREE_DEPTH, self_rooted=tie.required), f"{roots} trees, at most {TREE_DEPTH} levels"
        owner = self.ties.get(self.owner)
        if owner is None or not set(tie.shared) <= set(owner.own):
            if tie.required:
                self.draft.unmet.append(
                    f"{self.c.table}: {tie.name} must refer to a row of its own group; give the rows yourself"
                )
            return Coded(Const(-1)), "no row of the same group can be named"
        back = Uniform("sibling", Const(1), Call("greatest", (Ordinal(owner.name), Const(1))))
        first = Call("=", (Ordinal(owner.name), Const(0)))
        alone: Node = Row() if tie.required else Const(-1)
        index = Case((When(first, alone),), Call("-", (Row(), back)))
        shifted = Case((When(Call("<", (index, Const(0))), Const(-1)),), Call("+", (index, Const(self.c.existing))))
        return Coded(shifted if self.c.existing else index), f"an earlier row of the same {owner.key.target}"

    def _roots(self, tie: Tie) -> int:
        """How many rows refer to nobody: as many as somebody wished for, or a forest's usual share."""
        entity = self.draft.entity(self.c.table)
        wished = [s for c in tie.own if (s := entity.field(c).null_share) is not None]
        return round(self.c.rows * max(wished)) if wished else self.c.rows // TREE_SHARE

    # ---- decoded keys ----------------------------------------------------------------------
    def _decode(self, decoded: Decoded) -> None:
        """A code per key, and its digits: parents for links, codes for columns."""
        counts = self._parent_counts()
        size = space(decoded, counts, self.c.rooms)
        source: Node = Ordinal(decoded.anchor) if decoded.anchor else Row()
        per = ParentRow(decoded.anchor) if decoded.anchor else None
        plain = not decoded.links and len(decoded.columns) == 1 and decoded.columns[0] in self._counting
        if decoded.anchor and decoded.columns and decoded.columns[0] in self.c.keys.continued:
            plain, source = True, self._behind(decoded, source)
        hidden = names.artefact("$key", decoded.key)
        node = source if plain else Permute("code", source, Const(size), per)
        self.codes[hidden] = (node, f"key {decoded.key}: a code of {size}")
        stride = 1
        for part in (*decoded.links, *decoded.columns):
            width = counts[part] if part in decoded.links else self.c.rooms[part]
            digit: Node = Column(hidden) if stride == 1 else Call("/", (Column(hidden), Const(stride)))
            if stride * width < size:
                digit = Call("%", (digit, Const(width)))
            if part in decoded.links:
                self.digits[part] = digit
            else:
                self.codes[names.code(part)] = (digit, f"digit of key {decoded.key}")
            stride *= width

    def _behind(self, decoded: Decoded, ordinal: Node) -> Node:
        """Ordinals that count on behind the rows that a parent has."""
        used = self.c.behind(self.ties[decoded.anchor], decoded.columns[0])
        if used is None:
            return ordinal
        return Call("+", (ordinal, Take(self._keep(("behind", decoded.key), used), ParentRow(decoded.anchor))))

    @property
    def _counting(self) -> set[str]:
        return {c for d in self.c.keys.decoded for c in d.columns if POSITION.search(c)}

    # ---- shared columns --------------------------------------------------------------------
    def _grouped(self, tie: Tie) -> tuple[Mode, str]:
        """Among the parents that agree on the shared columns, which an earlier tie has settled."""
        settlers = {owners(self.c.ties)[c].name for c in tie.shared}
        if len(settlers) != 1 or tie.key.target not in self.draft.tables:
            self.draft.unmet.append(
                f"{self.c.table}: {tie.name} shares ({', '.join(tie.shared)}) with several foreign keys at once, "
                "which is not supported"
            )
            return Coded(Const(-1)), "not supported"
        settler = self.ties[next(iter(settlers))]
        group, offsets, members = group_members(self.draft, settler, tie, self.c.eligible.get(tie.name))
        artefact = self._keep(("groups", tie.name), group)
        mode = Grouped(
            Take(artefact, ParentRow(settler.name)),
            self._keep(("offsets", tie.name), offsets),
            self._keep(("members", tie.name), members),
        )
        return mode, f"among the {tie.key.target} of the same {', '.join(tie.shared)}"


def group_members(
    draft: Draft, settler: Tie, tie: Tie, eligible: Indices | None = None
) -> tuple[Indices, Indices, Indices]:
    """Per parent of ``settler`` the group of parents of ``tie`` that agree on the shared columns (-1: none);
    the groups' offsets and members (``eligible``: only these parents of ``tie``)."""
    left = draft.parent_values(settler.key.target, [settler.target_of(c) for c in tie.shared])
    right = draft.parent_values(tie.key.target, [tie.target_of(c) for c in tie.shared])
    a, b = common_codes(left, right)
    order = np.argsort(b, kind="stable").astype(np.int64)
    order = order[b[order] >= 0]
    if eligible is not None:
        order = order[np.isin(order, eligible)]
    values, starts = np.unique(b[order], return_index=True)
    offsets = np.append(starts, order.size).astype(np.int64)
    place = np.searchsorted(values, a)
    place = np.minimum(place, max(values.size - 1, 0))
    group = np.where((values.size > 0) & (a >= 0) & (values[place] == a if values.size else False), place, -1)
    return group.astype(np.int64), offsets, order


def common_codes(left: list[pa.Array], right: list[pa.Array]) -> tuple[Indices, Indices]:
    """Whole numbers that are equal where the tuples of both sides are equal; -1 where a part is null."""
    a = np.zeros(len(left[0]), np.int64)
    b = np.zeros(len(right[0]), np.int64)
    for x, y in zip(left, right, strict=True):
        both = pa.concat_arrays([x.cast(y.type) if x.type != y.type else x, y])
        encoded = both.dictionary_encode()
        part = _with_missing(encoded.indices)
        size = len(encoded.dictionary) + 1
        n = len(x)
        a = np.where((a < 0) | (part[:n] < 0), -1, a * size + part[:n])
        b = np.where((b < 0) | (part[n:] < 0), -1, b * size + part[n:])
        dense = np.unique(np.concatenate([a, b]), return_inverse=True)
        shift = 1 if dense[0].size and dense[0][0] < 0 else 0
        a, b = dense[1][:n].astype(np.int64) - shift, dense[1][n:].astype(np.int64) - shift
    return a, b


def _with_missing(indices: pa.Array) -> Indices:
    """Dictionary indices as int64, -1 where null."""
    filled: Indices = indices.cast(pa.int64()).fill_null(-1).to_numpy(zero_copy_only=False)
    return filled
