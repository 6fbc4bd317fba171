"""The manifest: the load certificate."""

from __future__ import annotations

import msgspec

from understudy.model.lesson import Lesson
from understudy.model.receipt import Receipt


class TableManifest(msgspec.Struct, frozen=True, omit_defaults=True):
    """Per table: rows sent, accepted and rejected, rows before and after the load."""

    name: str
    sent: int
    accepted: int
    rejected: int = 0
    before: int | None = None
    after: int | None = None
    checksum: str = ""


class Certified(msgspec.Struct, frozen=True, omit_defaults=True):
    """Per constraint: its text, how the plan met it, how it was verified afterwards, violations found."""

    table: str
    kind: str
    name: str
    text: str
    met: str
    verified: str
    violations: int | None
    reason: str = ""


class Anomalous(msgspec.Struct, frozen=True, omit_defaults=True):
    """Rows of a table that were made to stand out: their ``number``, and their places among its rows, from 0 (of very
    many the first ones only)."""

    table: str
    number: int
    rows: tuple[int, ...]


class Manifest(msgspec.Struct, frozen=True, omit_defaults=True):
    """What was made, from what, and proof that it holds. ``rehearsed``: rows tried on the target before and rolled
    back; ``learned``: what that taught. ``real``: per table how many of its rows are real ones (mixed in, or completed
    by a model), nobody's stand-ins; ``used``: what the model did with them, a line each. ``anomalies``: rows that were
    made to stand out, as asked."""

    target: str
    plan_hash: str
    seed: int
    clock: int
    era: int
    started: str
    finished: str
    server: str = ""
    versions: dict[str, str] = {}
    tables: tuple[TableManifest, ...] = ()
    constraints: tuple[Certified, ...] = ()
    receipts: tuple[Receipt, ...] = ()
    structure_before: str = ""
    structure_after: str = ""
    unmet: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    rehearsed: int = 0
    learned: tuple[Lesson, ...] = ()
    anomalies: tuple[Anomalous, ...] = ()
    real: dict[str, int] = {}
    used: tuple[str, ...] = ()

    @property
    def holds(self) -> bool:
        """Nothing rejected, nothing violated, structure unchanged."""
        clean = all(not c.violations for c in self.constraints) and all(not t.rejected for t in self.tables)
        return clean and self.structure_before == self.structure_after
