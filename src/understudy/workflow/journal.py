"""The journal of a run that writes files: receipts, so that a killed run goes on where it stood."""

from __future__ import annotations

import os
from pathlib import Path

import msgspec

from understudy.model.bundle import Bundle
from understudy.model.receipt import Receipt


class Journal:
    """A JSON Lines file beside the target (``.understudy-journal``): the plan's hash, then a receipt a line.
    ``keep``: go on from an earlier run of the same plan; a journal of another plan is started anew."""

    def __init__(self, target: str, bundle: Bundle, *, keep: bool) -> None:
        self.path = None if "://" in target or target == "-" else _beside(Path(target))
        self.receipts: tuple[Receipt, ...] = ()
        self._file = None
        if self.path is None or not keep:
            return
        from understudy.storage.plans import plan_hash

        wanted = plan_hash(bundle)
        self.receipts = self._read(wanted)
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self._file = self.path.open("a" if self.receipts else "w", encoding="utf-8")
        if not self.receipts:
            self._write(wanted)

    def add(self, receipt: Receipt) -> None:
        """Record a receipt so that it survives a kill."""
        if self._file is not None:
            self._write(msgspec.json.encode(receipt).decode())

    def close(self) -> None:
        """The run is complete: nothing is left to resume."""
        if self._file is not None and self.path is not None:
            self._file.close()
            self.path.unlink(missing_ok=True)

    def _write(self, line: str) -> None:
        assert self._file is not None
        self._file.write(line + "\n")
        self._file.flush()
        os.fsync(self._file.fileno())

    def _read(self, wanted: str) -> tuple[Receipt, ...]:
        assert self.path is not None
        if not self.path.exists():
            return ()
        lines = self.path.read_text(encoding="utf-8").splitlines()
        if not lines or lines[0] != wanted:
            return ()
        found = []
        for line in lines[1:]:
            try:
                found.append(msgspec.json.decode(line, type=Receipt))
            except msgspec.DecodeError:
                break  # the line that the kill cut short
        return tuple(found)


def _beside(target: Path) -> Path:
    return target.parent / f".{target.name}.understudy-journal"
