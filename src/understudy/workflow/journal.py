"""The journal of a run that writes files: receipts, so that a killed run goes on where it stood."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import BinaryIO

import msgspec

from understudy.errors import RequestError
from understudy.model.receipt import Receipt
from understudy.ports.sink import Part


class Journal:
    """A JSON Lines file beside the target (``.NAME.understudy-journal``): what the load is, then a receipt a line.

    ``load``: digest of everything that decides the files (plan, format, options, mode). ``interrupted``: an earlier
    run of the same load did not come to its end. RequestError where ``resume`` finds one of another load.
    """

    def __init__(self, target: str, load: str, *, resume: bool) -> None:
        self.path = None if "://" in target or target == "-" else _beside(Path(target))
        self.load = load
        self._file: BinaryIO | None = None
        lines = _lines(self.path)
        self.interrupted = bool(lines) and lines[0] == load.encode()
        if resume and lines and not self.interrupted:
            raise RequestError(
                "the load that was interrupted here was another one: its plan, format, options or mode differ",
                where=target,
                mend="Repeat the same command with --resume (and --clock, if the day changed), or start anew.",
            )
        self._kept = _receipts(lines[1:]) if resume and self.interrupted else []

    def receipts(self, parts: Iterable[Part]) -> dict[str, Receipt]:
        """By place: the parts that are written already, and still there in full size."""
        known = {(r.table, r.start, r.stop): r for r in self._kept}
        found = {p.place: known.get((p.table, p.start, p.stop)) for p in parts}
        return {place: r for place, r in found.items() if r is not None and _stands(r, place)}

    def begin(self, receipts: Sequence[Receipt]) -> None:
        """Write down what is there; to be called when the target is open."""
        if self.path is None:
            return
        fresh = self.path.with_name(self.path.name + "~")
        fresh.parent.mkdir(parents=True, exist_ok=True)
        self._file = fresh.open("wb")
        self._write(b"".join(_line(x) for x in (self.load.encode(), *map(msgspec.json.encode, receipts))))
        os.replace(fresh, self.path)

    def add(self, receipt: Receipt) -> None:
        """Record a receipt so that it survives a kill."""
        if self._file is not None:
            self._write(_line(msgspec.json.encode(receipt)))

    def leave(self) -> None:
        """Stop writing; what was recorded stays for a run that resumes."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def close(self) -> None:
        """Nothing is left to resume."""
        self.leave()
        if self.path is not None:
            self.path.unlink(missing_ok=True)

    def _write(self, data: bytes) -> None:
        assert self._file is not None
        self._file.write(data)
        self._file.flush()
        os.fsync(self._file.fileno())


def _line(data: bytes) -> bytes:
    return data + b"\n"


def _lines(path: Path | None) -> list[bytes]:
    """The whole lines of the file: a kill may have cut the last one short."""
    if path is None or not path.exists():
        return []
    return path.read_bytes().split(b"\n")[:-1]


def _receipts(lines: Sequence[bytes]) -> list[Receipt]:
    found = []
    for line in lines:
        try:
            found.append(msgspec.json.decode(line, type=Receipt))
        except msgspec.DecodeError:
            break  # a page that a power cut kept from the disk: what stands behind it is made again
    return found


def _stands(receipt: Receipt, place: str) -> bool:
    """Whether the file of a receipt is that of ``place``, and whole (it was renamed after it reached the disk)."""
    path, wanted = Path(receipt.place), Path(place).parts
    return path.parts[-len(wanted) :] == wanted and path.is_file() and path.stat().st_size == receipt.size_bytes


def _beside(target: Path) -> Path:
    return target.parent / f".{target.name}.understudy-journal"
