"""What every sink promises."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from enum import StrEnum
from typing import Protocol, runtime_checkable

import msgspec

from understudy.model.batch import Batch
from understudy.model.capability import Capability
from understudy.model.event import Listener
from understudy.model.plan import LoadStep, Plan
from understudy.model.receipt import Receipt


class WriteMode(StrEnum):
    """What may happen to rows that are already there."""

    CREATE = "create"
    APPEND = "append"
    REPLACE = "replace"


class Part(msgspec.Struct, frozen=True):
    """A unit of writing and of resuming: rows ``start``..``stop`` of a table, at one place."""

    table: str
    start: int
    stop: int
    place: str


Stream = Callable[[str, int, int], Iterator[Batch]]
"""(table, start, stop) → the batches of those rows, in order."""


@runtime_checkable
class PartSink(Protocol):
    """Files: parts are independent, may be written by any process, and appear whole or not at all.
    The sink is picklable."""

    capability: Capability

    def open(self, plan: Plan, mode: WriteMode, *, resumed: bool = False) -> None:
        """Check and make the place; TargetError where it holds data and ``mode`` is CREATE. ``resumed``: what is
        there are parts of this same load."""

    def parts(self, plan: Plan) -> tuple[Part, ...]:
        """The units of work; their boundaries depend on the plan only."""

    def write(self, part: Part, batches: Iterator[Batch]) -> Receipt:
        """Write one part under a temporary name, then rename it."""

    def commit(self, receipts: tuple[Receipt, ...]) -> None:
        """All parts are there: what belongs to the whole (joined single files, load scripts) is made."""

    def abort(self) -> None:
        """Remove what this run wrote."""


@runtime_checkable
class StepSink(Protocol):
    """Databases: tables are loaded in the plan's order over one connection."""

    capability: Capability

    def open(self, plan: Plan, mode: WriteMode) -> None:
        """Connect, compare structure, create it where missing, empty tables where REPLACE; TargetError
        where tables hold rows and ``mode`` is CREATE."""

    def load(self, step: LoadStep, stream: Stream, listen: Listener) -> tuple[Receipt, ...]:
        """Load the tables of one step with every constraint and trigger on."""

    def version(self) -> str:
        """Name and version of the server, while the sink is open."""

    def fingerprint(self) -> str:
        """Digest of everything that can reject a row (constraints, unique indexes, triggers and whether
        they are enabled), for the certificate."""

    def count(self, table: str) -> int:
        """Rows that the table holds now."""

    def commit(self) -> None:
        """Make the load permanent; identity columns and sequences continue behind the loaded values."""

    def abort(self) -> None:
        """Leave the target as it was."""
