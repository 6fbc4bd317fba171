"""Partial uniques that only choose among rows: one active address per customer, one default in all.

Where the key's columns cannot be distinct on their own, the predicate is made true for the first
row of each group at most, and false for the others.
"""

from __future__ import annotations

import msgspec

from understudy.model.expression import Call, Const, Node, Ordinal, ParentRow, Row


class Gate(msgspec.Struct, frozen=True):
    """``predicate`` may be true only for the first row within ``anchor`` (a tie; empty: in the whole table), and
    only for parents from index ``since`` on (-1: nowhere): the others may have such a row already."""

    key: str
    predicate: Node
    columns: tuple[str, ...]
    anchor: str
    since: int = 0

    @property
    def open(self) -> Node:
        """Where the predicate may be true."""
        if self.since < 0:
            return Const(False)
        first = Call("=", (Ordinal(self.anchor) if self.anchor else Row(), Const(0)))
        if not self.since:
            return first
        return Call("and", (first, Call(">=", (ParentRow(self.anchor), Const(self.since)))))
