"""The journal of a resumable load: a local file of JSON lines, one per intent and one per receipt.

An intent is written before a unit is sent, its receipt after the commit. After a kill, the last intent without a
receipt is in doubt, and the target is asked.
"""

from __future__ import annotations

import os
from pathlib import Path

import msgspec

from understudy.errors import TargetError
from understudy.model.receipt import Receipt


class Began(msgspec.Struct, frozen=True, tag="began"):
    """The load of a plan (its digest) into a target began."""

    plan: str
    target: str


class Intent(msgspec.Struct, frozen=True, tag="intent"):
    """A unit is about to be sent."""

    unit: str


class Done(msgspec.Struct, frozen=True, tag="done"):
    """A unit was committed, with these receipts."""

    unit: str
    receipts: tuple[Receipt, ...] = ()


Line = Began | Intent | Done


class Journal:
    """``done``: units with receipts; ``doubtful``: the unit whose receipt is missing, or ''."""

    def __init__(self, path: Path, plan: str, target: str) -> None:
        self.path = path
        self.done: dict[str, tuple[Receipt, ...]] = {}
        self.doubtful = ""
        self.resumed = False
        if path.exists() and path.stat().st_size:
            self._read(plan, target)
        else:
            self._append(Began(plan, target))

    def intend(self, unit: str) -> None:
        """Tell what is about to be sent."""
        self._append(Intent(unit))

    def record(self, unit: str, receipts: tuple[Receipt, ...] = ()) -> None:
        """Tell that it was committed."""
        self._append(Done(unit, receipts))
        self.done[unit] = receipts
        self.doubtful = "" if self.doubtful == unit else self.doubtful

    def remove(self) -> None:
        """The load is finished; nothing is left to resume."""
        self.path.unlink(missing_ok=True)

    def _append(self, line: Line) -> None:
        with open(self.path, "ab") as file:
            file.write(msgspec.json.encode(line) + b"\n")
            file.flush()
            os.fsync(file.fileno())

    def _read(self, plan: str, target: str) -> None:
        data = self.path.read_bytes()
        lines = data.split(b"\n")
        torn = lines.pop()
        try:
            read = [msgspec.json.decode(line, type=Line) for line in lines]
        except msgspec.MsgspecError as e:
            raise TargetError("it is not a load journal", where=str(self.path), mend="Name another journal.") from e
        began = read[0] if read else None
        if not isinstance(began, Began) or began.plan != plan or began.target != target:
            mend = "Remove the journal to start anew, or load the plan it belongs to."
            raise TargetError("the journal belongs to another plan or target", where=str(self.path), mend=mend)
        if torn:
            with open(self.path, "r+b") as file:
                file.truncate(len(data) - len(torn))
        self.resumed = True
        for line in read[1:]:
            match line:
                case Intent(unit):
                    self.doubtful = unit
                case Done(unit, receipts):
                    self.done[unit] = receipts
                    self.doubtful = ""
