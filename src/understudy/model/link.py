"""Links: which parent row a child row points to, as a law instead of a list.

Parents are numbered: rows that were in the target before come first (0 .. existing-1), generated
rows follow (existing + row). ``mode`` says how the parent is found; only owned, spread and
one-to-one links can also be read from the parent's side (ordinal, siblings, aggregates).
"""

from __future__ import annotations

from typing import TypeAlias

import msgspec

from understudy.model.expression import Node


class _Mode(msgspec.Struct, frozen=True, omit_defaults=True, tag_field="mode"):
    """Common shape of the modes."""


class Known(msgspec.Struct, frozen=True):
    """Counts that the parent's hidden ``column`` of whole numbers holds (null: none). ``natural``: their sum, to which
    they are scaled where the rows are another number; ``blocks``: artefact of the first child of each block of 4,096
    parents, and the total. ``settled``: artefact of the counts, where there are few parents and planning has settled
    them; the column then only said who has more."""

    column: str
    natural: int
    blocks: str
    settled: str = ""


class Owned(_Mode, frozen=True, tag="owned"):
    """Children laid out parent by parent. ``minimum``..``maximum`` children each, drawn by ``weights``
    (relative, of minimum, minimum+1, …), exact in total (binary splitting over blocks of 4,096 parents).
    ``known``: the counts are not drawn but lie in a column of the parent."""

    minimum: int
    maximum: int
    weights: tuple[float, ...]
    known: Known | None = None


class Spread(_Mode, frozen=True, tag="spread"):
    """Skewed and readable in both directions: each parent has at least ``minimum``, the rest by a bounded
    power law of ``exponent`` (0: even). ``capacity``: at most so many each (0: no limit)."""

    exponent: float
    minimum: int = 0
    capacity: int = 0


class Drawn(_Mode, frozen=True, tag="drawn"):
    """An independent draw per row: power law of ``exponent`` over a keyed order of the parents (0: uniform)."""

    exponent: float = 0.0


class Paired(_Mode, frozen=True, tag="paired"):
    """One to one: distinct children get distinct parents. ``shuffled``: by a permutation, else in order."""

    shuffled: bool = False


class Tree(_Mode, frozen=True, tag="tree"):
    """A self-reference as a forest: ``roots`` trees, at most ``depth`` levels, parents before children.
    ``self_rooted``: a root refers to itself (where null is forbidden) instead of to nobody."""

    roots: int
    depth: int
    self_rooted: bool = False


class Coded(_Mode, frozen=True, tag="coded"):
    """The parent's index is the value of ``index`` (a code decoded by planning)."""

    index: Node


class Grouped(_Mode, frozen=True, tag="grouped"):
    """Among the parents that agree with the row on some columns. ``group`` gives the row's group
    number (int64, -1: none fits); artefacts ``offsets`` (groups+1) and ``members`` (parent indices
    ordered by group) list each group's parents. ``member`` chooses: an expression giving a whole
    number >= 0, taken modulo the group's size; absent: an independent draw."""

    group: Node
    offsets: str
    members: str
    member: Node | None = None


Mode: TypeAlias = Owned | Spread | Drawn | Paired | Tree | Coded | Grouped


class Link(msgspec.Struct, frozen=True, omit_defaults=True):
    """``name`` is unique within the child table (usually the foreign key's). ``absent``: where true, the
    row has no parent. ``eligible``: artefact of the parent indices that may be chosen (sorted int64);
    the mode then counts positions in it instead of parents."""

    name: str
    child: str
    parent: str
    mode: Mode
    absent: Node | None = None
    eligible: str = ""
    reason: str = ""
