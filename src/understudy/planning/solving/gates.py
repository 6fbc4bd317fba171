"""Partial uniques that only choose among rows: one active address per customer, one default in all.

Where the key's columns cannot be distinct on their own, the predicate is made true for the first
row of each group at most, and false for the others.
"""

from __future__ import annotations

import msgspec

from understudy.model.expression import Call, Const, Node, Ordinal, Row


class Gate(msgspec.Struct, frozen=True):
    """``predicate`` may be true only for the first row within ``anchor`` (a tie; empty: in the whole table)."""

    key: str
    predicate: Node
    columns: tuple[str, ...]
    anchor: str

    @property
    def open(self) -> Node:
        """Where the predicate may be true."""
        return Call("=", (Ordinal(self.anchor) if self.anchor else Row(), Const(0)))
