"""What all parts of one document's compilation share: where an expression stands, and what is known so far."""

from __future__ import annotations

from typing import Protocol

import msgspec

from understudy.model.expression import Node
from understudy.planning.documents.bound import Bound
from understudy.planning.documents.heights import Heights
from understudy.planning.documents.judge import Judge
from understudy.planning.documents.leaves import Leaves
from understudy.planning.documents.parts import Book, Conj
from understudy.planning.documents.spread import Spread
from understudy.planning.documents.workshop import Workshop

INLINE = 3
"""Objects within objects that are made anew in each row."""
SCALARS = frozenset({"null", "boolean", "number", "string"})
MAP_NAMES = ("primary", "secondary", "default", "north", "south", "extra", "alpha", "beta")


class Place(msgspec.Struct, frozen=True):
    """Where an expression stands: ``use`` prefix of its streams, ``name`` of the member, ``owner`` the object's name,
    ``depth`` objects above it; ``least``: only what must be there; ``above``: the conjunctions that it stands in."""

    use: str
    name: str
    owner: str
    depth: int = 0
    least: bool = False
    above: frozenset[tuple[str, ...]] = frozenset()

    def inner(self, step: str, name: str, owner: str, deeper: int = 0) -> Place:
        """A place below."""
        return Place(f"{self.use}/{step}", name, owner, self.depth + deeper, self.least, self.above)


class Making:
    """``bound``: the row's own values, where documents are about rows; ``absent``: when what a member shows is missing;
    ``spent``: members made anew in each row so far; ``drawing``: pools being filled, the outermost first."""

    def __init__(self, book: Book, workshop: Workshop, locale: str, clock: int) -> None:
        self.book, self.workshop = book, workshop
        self.judge = Judge(book)
        self.spread = Spread(book, self.judge)
        self.leaves = Leaves(workshop, self.judge, locale, clock)
        self.heights = Heights(self.spread)
        self.bound: Bound | None = None
        self.troubles: dict[str, None] = {}
        self.absent: dict[str, Node] = {}
        self.drawing: list[tuple[tuple[str, ...], bool]] = []
        self.spent = 0


class Maker(Protocol):
    """Makes what stands inside objects and lists."""

    def value(self, conj: Conj, place: Place) -> Node | None:
        """Any value, anew in each row."""
        ...

    def deep(self, conj: Conj, place: Place) -> Node | None:
        """An object or list, anew or from a pool."""
        ...

    def pool(self, conj: Conj, place: Place) -> tuple[str, ...]:
        """Values as JSON texts."""
        ...


def step(name: str) -> str:
    """A member's name as a step of a pointer."""
    return name.replace("~", "~0").replace("/", "~1")


def singular(name: str) -> str:
    """What one element of a list of that name is called."""
    from understudy.semantics.words import singular as one

    return one(name) if name else name
