"""A table as it lies in a file, whatever the format: names, rows in batches (again and again), faults with places."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Protocol

import msgspec
import pyarrow as pa

from understudy.sources.files.reading import Reading


class Fault(msgspec.Struct, frozen=True):
    """Something wrong in the material: where, and what. ``severity``: warning, or info for what was understood
    nevertheless."""

    place: str
    text: str
    severity: str = "warning"


class Faults:
    """Faults of one file: the first few with their places, the others counted."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.found: list[Fault] = []
        self.counts: dict[str, int] = {}

    def add(self, kind: str, place: str, text: str, severity: str = "warning") -> None:
        """Note one. ``kind``: what it is one of, for counting."""
        self.counts[kind] = self.counts.get(kind, 0) + 1
        if self.counts[kind] <= self.most:
            self.found.append(Fault(place, text, severity))

    def more(self, kind: str, count: int) -> None:
        """Count some that are not told one by one."""
        self.counts[kind] = self.counts.get(kind, 0) + count

    def told(self, where: str) -> tuple[Fault, ...]:
        """All of them, and how many were not told."""
        rest = [Fault(where, f"{n - self.most:,} more: {kind}") for kind, n in self.counts.items() if n > self.most]
        return (*self.found, *rest)


class Stream(Protocol):
    """Yields a table's rows; ``columns``: only these (None: all), in that order."""

    def __call__(self, columns: Sequence[str] | None = None) -> Iterator[pa.RecordBatch]:
        """The rows from the first on."""
        ...


class Sheet:
    """One table of a file.

    ``name``: what the entity is called; ``place``: where it lies, in a person's words; ``schema``: of the batches;
    ``texts``: the columns of texts that are still to be read as values, by ``readings`` once they are found;
    ``loose``: numbers and truth values may stand there as well (in JSON digits in quotes are text); ``raw``: the
    columns' names in the file's own words; ``lines``: data row (from 0) → where it stands; ``size_bytes``: about how
    much is to be read; ``parent``: the sheet whose rows these belong to and the columns of this one that say which;
    ``key``: columns that tell the rows apart by their making; ``delimiter``: what stands between cells
    of a text."""

    def __init__(
        self,
        name: str,
        place: str,
        schema: pa.Schema,
        stream: Stream,
        faults: Faults,
        *,
        texts: Sequence[str] = (),
        loose: bool = True,
        size_bytes: int,
        raw: Sequence[str] = (),
        lines: Callable[[int], str] | None = None,
        parent: tuple[str, tuple[tuple[str, str], ...]] | None = None,
        style: str = "",
        comma: bool | None = None,
        delimiter: str = "",
    ) -> None:
        self.name, self.place, self.schema, self.stream, self.faults = name, place, schema, stream, faults
        self.texts, self.loose, self.size_bytes, self.parent, self.style = (
            tuple(texts),
            loose,
            size_bytes,
            parent,
            style,
        )
        self.raw = tuple(raw) or tuple(schema.names)
        self.lines = lines or (lambda row: f"row {row + 1}")
        self.comma, self.delimiter = comma, delimiter
        self.readings: dict[str, Reading] = {}
        self.keep: object = None
        self.key: tuple[str, ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns' names."""
        return tuple(self.schema.names)


def distinct_names(raw: Sequence[str], faults: Faults, place: str) -> tuple[str, ...]:
    """Names of columns of which no two are alike: nameless ones are numbered, repeated ones too."""
    taken: set[str] = set()
    lower = {r.strip().casefold() for r in raw}
    found = []
    for i, name in enumerate(raw, 1):
        clean = " ".join(name.replace("\ufeff", "").split())
        said = clean or f"column_{i}"
        if not clean:
            faults.add("columns without a name", place, f"column {i} has no name: it is called {said}", "info")
        if said.casefold() in taken:
            number = 2
            while f"{said}_{number}".casefold() in taken | lower:
                number += 1
            other = f"{said}_{number}"
            faults.add(
                "columns of one name", place, f"column {i} is called {said!r} as one before: it is called {other}"
            )
            said = other
        taken.add(said.casefold())
        found.append(said)
    return tuple(found)
