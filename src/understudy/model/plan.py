"""The plan: no question left open, one content hash.

It is data: JSON, with artefacts as Arrow files beside it. It is what travels to workers.
"""

from __future__ import annotations

from enum import StrEnum

import msgspec

from understudy.model.artefact import Artefact
from understudy.model.expression import Node
from understudy.model.lesson import Lesson
from understudy.model.link import Link
from understudy.model.schema import Schema
from understudy.types import Type

ERA = 1
"""Generation of the rules that turn a plan into bytes (``seed_era``)."""


class Standing(StrEnum):
    """How a constraint is met."""

    CONSTRUCTION = "by construction"
    REPAIR = "by repair"
    DATABASE = "by the database"
    UNMET = "cannot be met"
    UNKNOWN = "not verifiable here"


class PlannedColumn(msgspec.Struct, frozen=True, omit_defaults=True):
    """How one column is made and why. ``hidden``: computed for others, never delivered.
    ``omitted``: left to the database (generated columns); ``expression`` then serves files only."""

    name: str
    type: Type
    expression: Node
    reason: str = ""
    meaning: str = ""
    hidden: bool = False
    omitted: bool = False


class Repair(msgspec.Struct, frozen=True, omit_defaults=True):
    """Columns (and links) that are redrawn together until ``predicate`` is not false, at most ``limit`` times.
    ``acceptance``: measured share of rows that pass at once. ``witnesses``: an artefact table with
    columns named as ``columns``; a row that never passed takes one of it. No witnesses: an error.
    Draws made inside these columns and links mix in the attempt."""

    name: str
    columns: tuple[str, ...]
    predicate: Node
    limit: int
    links: tuple[str, ...] = ()
    acceptance: float = 1.0
    witnesses: str = ""


class Run(msgspec.Struct, frozen=True, omit_defaults=True):
    """Hidden whole numbers that depend on the row before among the children of one parent (``Previous``), along an
    owned ``link``: they are made together, child after child. ``columns``: those that are asked of the row before;
    ``between``: others that they are made of and that depend on the row before in their turn, also links (``link:``
    and the name)."""

    link: str
    columns: tuple[str, ...]
    between: tuple[str, ...] = ()


class PlannedConstraint(msgspec.Struct, frozen=True, omit_defaults=True):
    """One constraint, its text, how it is met, and why one may believe it."""

    name: str
    kind: str
    text: str
    standing: Standing
    reason: str = ""


class Layout(msgspec.Struct, frozen=True, omit_defaults=True):
    """How row numbers factor: a root's rows are their own; an owned table's are (parent, ordinal) by ``owner``."""

    owner: str = ""


class PlannedTable(msgspec.Struct, frozen=True, omit_defaults=True):
    """One table. ``rows``: to be generated. ``existing``: rows already in the target that serve as
    parents, whose columns lie in artefact ``snapshot`` (a table; row k is parent index k). ``merge``: the key by
    which rows that a trigger has made are found, to be set to the planned values. ``partitions``: those that lack and
    are made before the load, by name and bound."""

    name: str
    rows: int
    columns: tuple[PlannedColumn, ...]
    layout: Layout = Layout()
    links: tuple[Link, ...] = ()
    repairs: tuple[Repair, ...] = ()
    constraints: tuple[PlannedConstraint, ...] = ()
    existing: int = 0
    snapshot: str = ""
    rows_reason: str = ""
    merge: tuple[str, ...] = ()
    runs: tuple[Run, ...] = ()
    partitions: tuple[tuple[str, str], ...] = ()

    def column(self, name: str) -> PlannedColumn:
        """The planned column of that name; KeyError if there is none."""
        for c in self.columns:
            if c.name == name:
                return c
        raise KeyError(f"{self.name}.{name}")

    @property
    def delivered(self) -> tuple[PlannedColumn, ...]:
        """The columns that a sink receives, in the source's order."""
        return tuple(c for c in self.columns if not c.hidden)


class LoadMethod(StrEnum):
    """How the tables of a step reach a database."""

    PLAIN = "plain"
    DEFERRED = "deferred"
    ONE_STATEMENT = "one_statement"
    CHECKS_OFF = "checks_off"


class LoadStep(msgspec.Struct, frozen=True, omit_defaults=True):
    """``tables`` are inserted in this order. ``later``: per table the columns that are inserted as null and
    set in a second pass after the step; ``again``: those that are inserted and set once more in that pass.
    ``reason``: why not plain."""

    tables: tuple[str, ...]
    method: LoadMethod = LoadMethod.PLAIN
    later: dict[str, tuple[str, ...]] = {}
    reason: str = ""
    again: dict[str, tuple[str, ...]] = {}

    def second(self, table: str) -> tuple[str, ...]:
        """The columns of a table that the second pass sets."""
        return tuple(dict.fromkeys((*self.later.get(table, ()), *self.again.get(table, ()))))


class Plan(msgspec.Struct, frozen=True, omit_defaults=True):
    """Everything generation needs. ``faces``: a table of documents per face (named ``kind/name``, one column of JSON
    text), which files take and databases do not. ``seed`` 64 bits; ``clock`` microseconds since 1970-01-01 UTC: the
    "now" of the data. ``batch_rows``: rows of a partition. ``unmet``: demands that cannot be met,
    one line each; a plan that has any is not generated unless told to. ``lessons``: what a rehearsal taught. ``real``:
    per table how many of its rows are real ones, given by the user; ``used``: what a model did with them.
    ``unseen``: tables that others refer to while they are made, and that nobody receives."""

    schema: Schema
    tables: tuple[PlannedTable, ...]
    load: tuple[LoadStep, ...]
    seed: int
    clock: int
    locale: str = "en_US"
    era: int = ERA
    batch_rows: int = 65536
    artefacts: tuple[Artefact, ...] = ()
    unmet: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    versions: dict[str, str] = {}
    faces: tuple[PlannedTable, ...] = ()
    lessons: tuple[Lesson, ...] = ()
    real: dict[str, int] = {}
    used: tuple[str, ...] = ()
    unseen: tuple[PlannedTable, ...] = ()

    @property
    def everything(self) -> tuple[PlannedTable, ...]:
        """Tables and faces."""
        return self.tables + self.faces

    def table(self, name: str) -> PlannedTable:
        """The planned table (or face, or unseen one) of that name; KeyError if there is none."""
        for t in (*self.everything, *self.unseen):
            if t.name == name:
                return t
        raise KeyError(name)
