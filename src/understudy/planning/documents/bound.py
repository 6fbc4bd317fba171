"""Members of a document that show fields of a row: taken from the row itself, so that all faces of a system agree.

A face's table has one link, to the table that its records are about; what a record shows of a parent comes by a
hidden column of that table, and so does a list of its children: each child's own document is a hidden column of the
child. A member whose values a row cannot give (another kind, a value that the face refuses) is made as any other
member, and that is told.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping

import msgspec

from understudy.model.expression import Call, Case, Cast, Column, Const, Lookup, Node, Row, When
from understudy.model.link import Coded, Link
from understudy.model.plan import PlannedColumn, PlannedTable
from understudy.model.schema import Entity
from understudy.planning.documents import texts
from understudy.planning.documents.parts import Conj
from understudy.planning.documents.shape import Shape
from understudy.planning.documents.workshop import Workshop
from understudy.planning.doors import FOR_FACES
from understudy.planning.draft import Draft
from understudy.planning.listed import EACH, Listed, lists_in, rows_listed
from understudy.rules.trees import rebuild
from understudy.types import Kind, Type

ROW = "row"
"""The link from a face's table to the rows that its documents are about."""
TRIED = 64
TEXTUAL = frozenset({Kind.TEXT, Kind.UUID, Kind.ENUM, Kind.NETWORK, Kind.XML})
NUMERIC = frozenset({Kind.INTEGER, Kind.DECIMAL, Kind.MONEY, Kind.FLOAT, Kind.YEAR})
MOMENTS = {Kind.TIMESTAMP: "%Y-%m-%dT%H:%M:%SZ", Kind.DATE: "%Y-%m-%d"}


class Shown(msgspec.Struct, frozen=True):
    """A member's value, and whether it may be null."""

    node: Node
    nullable: bool


class Bound:
    """The bindings of one face, or of the elements of a list in it (``at``: its pointer, ``rows``: which rows they
    are). ``refused``: members whose value the face does not take, and why; ``notes``: what else is to be told;
    ``lists``: the lists that show rows."""

    def __init__(
        self,
        face: str,
        draft: Draft,
        about: str,
        bindings: Mapping[str, str],
        rows: Listed | None = None,
        outer: Bound | None = None,
        at: str = "",
    ) -> None:
        self.face, self.draft, self.about, self.bindings, self.at = face, draft, about, bindings, at
        self.rows = Listed(about) if rows is None else rows
        self.shown_at: set[str] = set() if outer is None else outer.shown_at
        self.refused: dict[str, str] = {} if outer is None else outer.refused
        self.notes: list[str] = [] if outer is None else outer.notes
        self.entities: Mapping[str, Entity] = (
            {e.name: e for e in draft.schema.entities} if outer is None else outer.entities
        )
        self.lists: dict[str, Bound] = {}
        for pointer, shown in lists_in(bindings).items():
            listed = rows_listed(self.entities, about, shown)
            place = at + pointer
            planned = draft.tables.get(listed.table)
            if listed.trouble:
                self.refused[place] = f"made anew: {listed.trouble}"
            elif planned is not None and planned.rows:
                self.lists[pointer] = Bound(face, draft, listed.table, shown, listed, self, place + EACH)

    @property
    def table(self) -> PlannedTable:
        """The table whose rows are shown, as it is planned by now."""
        return self.draft.tables[self.about]

    def keep(self, column: PlannedColumn) -> None:
        """Give the table a hidden column for the face."""
        if all(c.name != column.name for c in self.table.columns):
            self.draft.settle(msgspec.structs.replace(self.table, columns=(*self.table.columns, column)))

    def link(self, child: str) -> Link:
        """Document i is about row i (from the start again where there are more documents than rows)."""
        at = Call("+", (Call("%", (Row(), Const(max(self.table.rows, 1)))), Const(self.table.existing)))
        return Link(ROW, child, self.about, Coded(at), reason="a document about each row")

    def _pointer(self, use: str) -> str:
        """A place as these bindings name it."""
        return re.sub(r"/\|\d+", "", use)[len(self.at) :]

    def of(self, use: str) -> tuple[str, str] | None:
        """(table, column) that the member at a place shows."""
        pointer = self._pointer(use)
        target = self.bindings.get(pointer)
        if target is None or "*" in pointer:
            return None
        name, _, column = target.rpartition(".")
        return name, column

    def list_at(self, use: str) -> Bound | None:
        """The bindings of a list's elements, where the list at a place shows rows."""
        return self.lists.get(self._pointer(use))

    def shown(
        self, use: str, conj: Conj, shape: Shape, workshop: Workshop, obeys: Callable[[Conj, object], bool]
    ) -> Shown | None:
        """The row's own value for a member of one shape; None where there is none that the face takes."""
        found = self.of(use)
        if found is None:
            return None
        read = self._read(*found)
        if read is None:
            return None
        lookup, kind = read
        node = _spoken(lookup, kind, shape)
        if node is None:
            return None
        nullable = self._nullable(*found) or found[0] != self.about
        return self.tried(use, Shown(node, nullable), conj, workshop, obeys, f"value of {'.'.join(found)}")

    def tried(
        self,
        use: str,
        shown: Shown,
        conj: Conj,
        workshop: Workshop,
        obeys: Callable[[Conj, object], bool],
        what: str,
    ) -> Shown | None:
        """What a row shows, where the face takes it of the first rows."""
        drawn = workshop.texts("$document:bound", {"v": shown.node}, TRIED)["v"]
        wrong = next((t for t in drawn if t != "null" and not obeys(conj, json.loads(t))), None)
        if wrong is not None:
            self.refused[use] = f"the row's own {what} is not taken by this face ({wrong[:40]})"
            return None
        self.shown_at.add(use)
        return Shown(shown.node, shown.nullable or "null" in drawn)

    def told(self) -> list[str]:
        """Members that show the row in no shape, and why; lists that do not show all of it."""
        return [*(f"{use}: {why}" for use, why in self.refused.items() if use not in self.shown_at), *self.notes]

    def prepare(self) -> None:
        """Give the tables the hidden columns by which fields of parents are shown: before anything is tried."""
        for pointer, target in self.bindings.items():
            if EACH not in pointer:
                table, _, column = target.rpartition(".")
                self._read(table, column)
        for inner in self.lists.values():
            inner.prepare()

    def _nullable(self, table: str, column: str) -> bool:
        entity = self.entities.get(table)
        return entity is not None and any(f.name == column and f.nullable for f in entity.fields)

    def _read(self, table: str, column: str) -> tuple[Node, Type] | None:
        """A column of the row, or of its only parent in another table."""
        if table == self.about:
            planned = next((c for c in self.table.columns if c.name == column), None)
            return None if planned is None else (Lookup(ROW, column), planned.type)
        ways = [k for k in self.table.links if k.parent == table]
        target = self.draft.tables.get(table)
        planned = next((c for c in target.columns if c.name == column), None) if target is not None else None
        if len(ways) != 1 or planned is None or target is None or target.existing:
            return None
        name = f"{FOR_FACES}{ways[0].name}.{column}"
        self.keep(PlannedColumn(name, planned.type, Lookup(ways[0].name, column), hidden=True))
        return Lookup(ROW, name), planned.type


def in_the_row(node: Node) -> Node:
    """An expression of a document about a row, as the row itself computes it."""
    if isinstance(node, Lookup) and node.link == ROW:
        return Column(node.column)
    return rebuild(node, in_the_row)


def _spoken(node: Node, kind: Type, shape: Shape) -> Node | None:
    """A column's value as a member of a shape has it."""
    wanted = next(iter(shape.kinds))
    match wanted:
        case "string" if kind.kind in MOMENTS:
            form = next((texts.FORMATS[f] for f in shape.formats if f in texts.FORMATS), None)
            return texts.written(node, form.written if form is not None and form.written else MOMENTS[kind.kind])
        case "string" if kind.kind in TEXTUAL:
            return node
        case "string" if kind.kind in NUMERIC or kind.kind is Kind.TIME:
            return Cast(node, Type(Kind.TEXT))
        case "number" if kind.kind in NUMERIC:
            return Cast(node, Type(Kind.INTEGER)) if shape.whole and kind.kind is not Kind.INTEGER else node
        case "boolean" if kind.kind is Kind.BOOLEAN:
            return node
        case "boolean" if kind.kind is Kind.INTEGER:
            return Call("<>", (node, Const(0)))
    return None


def or_else(shown: Node, other: Node) -> Node:
    """The row's value, and where it has none another."""
    return Case((When(Call("is_null", (shown,)), other),), shown)
