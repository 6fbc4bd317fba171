"""Texts (or bytes) while evaluating: a pool of values and, per row, which of them.

Texts from a pool stay numbers for as long as possible: a function of a pool's text is computed once per
member, a choice between pools moves codes, and what is delivered is Arrow's dictionary form.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from understudy.kernels import native

Codes = NDArray[Any]

INLINE = 12
"""Bytes of a text that lie inside an Arrow view record; longer texts are referred to."""


class Pool:
    """Texts without nulls. ``static``: part of the plan, so that what is derived from it is worth keeping."""

    __slots__ = ("_array", "_kept", "_views", "static")

    def __init__(self, array: pa.Array | None, *, static: bool = False) -> None:
        self._array, self.static = array, static
        self._kept: dict[Any, Any] = {}
        self._views: Codes | None = None

    def __len__(self) -> int:
        return len(self.array)

    @property
    def array(self) -> pa.Array:
        """The texts, in Arrow's plain form."""
        return self._array

    def kept(self, name: Any, make: Callable[[], Any]) -> Any:
        """What ``make`` gives, remembered under ``name`` where the pool belongs to the plan."""
        if not self.static:
            return make()
        if name not in self._kept:
            self._kept[name] = make()
        return self._kept[name]

    @property
    def offsets(self) -> NDArray[np.int32]:
        """Where each text starts in :attr:`data`, and where the last ends."""
        if not len(self.array):
            return np.zeros(1, np.int32)
        first = self.array.offset
        return np.frombuffer(self.array.buffers()[1], np.int32, count=first + len(self.array) + 1)[first:]

    @property
    def data(self) -> NDArray[np.uint8]:
        """The bytes of all texts, one behind the other."""
        buffer = self.array.buffers()[2] if len(self.array) else None
        return np.zeros(0, np.uint8) if buffer is None else np.frombuffer(buffer, np.uint8)

    def views(self) -> Codes:
        """Arrow's 16-byte view records, (n, 4) int32: length and the text itself, or its start and its offset
        in :attr:`data`; the number of the buffer is left 0."""
        if self._views is None:
            made = view_records(self.data, self.offsets)
            if not self.static:
                return made
            self._views = made
        return self._views


class Windows(Pool):
    """Texts that lie within the bytes of others: Arrow's view records and the buffers that these refer to. A text of
    its own is written only where somebody asks for :attr:`array`; choosing between such texts moves records."""

    __slots__ = ("buffers", "records")

    def __init__(self, records: Codes, buffers: Sequence[pa.Buffer]) -> None:
        super().__init__(None)
        self.records, self.buffers = records, tuple(buffers)

    def __len__(self) -> int:
        return len(self.records)

    @property
    def array(self) -> pa.Array:
        """The texts written out."""
        if self._array is None:
            self._array = _written(self.viewed(None))
        return self._array

    def viewed(self, codes: Codes | int | None, valid: NDArray[np.bool_] | None = None, n: int = -1) -> pa.Array:
        """Arrow views of some of the texts (None: all; one number: that text ``n`` times)."""
        records = (
            self.records if codes is None else self.records[np.full(n, codes) if isinstance(codes, int) else codes]
        )
        buffers = [native.bitmap(valid), pa.py_buffer(np.ascontiguousarray(records)), *self.buffers]
        return pa.Array.from_buffers(pa.string_view(), len(records), buffers)


def _written(views: pa.Array) -> pa.Array:
    """Arrow views as plain texts, without a mask."""
    flat = native.cast(views, pa.string(), safe=False)
    return from_offsets(np.ascontiguousarray(native.offsets_of(flat)), flat.buffers()[2] or pa.py_buffer(b""))


class Words:
    """Texts of rows: ``codes`` into ``pool`` (one number: the same text everywhere; None: row by row)."""

    __slots__ = ("codes", "pool")

    def __init__(self, pool: Pool, codes: Codes | int | None = None) -> None:
        self.pool, self.codes = pool, codes

    @property
    def scalar(self) -> bool:
        """Whether all rows have the same text."""
        return isinstance(self.codes, int)

    def take(self, index: Codes) -> Words:
        """The texts of some rows."""
        if isinstance(self.codes, int):
            return self
        return Words(self.pool, index if self.codes is None else self.codes.take(index))

    def array(self, n: int) -> pa.Array:
        """Plain Arrow texts, ``n`` of them."""
        if self.codes is None:
            return self.pool.array
        if isinstance(self.pool, Windows):
            return _written(self.pool.viewed(self.codes, n=n))
        if isinstance(self.codes, int):
            return native.take(self.pool.array, np.full(n, self.codes, np.int32))
        return native.take(self.pool.array, self.codes)

    def compact(self, n: int) -> Words:
        """The same texts on a pool that is not much larger than the rows."""
        if self.codes is None or isinstance(self.codes, int) or self.pool.static or len(self.pool) <= 2 * n:
            return self
        return Words(Pool(self.array(n)))

    def mapped(self, name: Any, change: Callable[[pa.Array], pa.Array], n: int) -> Words:
        """``change`` applied to every text (to every member of the pool, once)."""
        own = self.compact(n)
        return Words(own.pool.kept(name, lambda: Pool(change(own.pool.array), static=own.pool.static)), own.codes)

    def measured(self, name: Any, measure: Callable[[pa.Array], NDArray[Any]], n: int) -> NDArray[Any]:
        """A number or truth per text; for one text everywhere, zero-dimensional."""
        own = self.compact(n)
        found = own.pool.kept(name, lambda: measure(own.pool.array))
        if own.codes is None:
            return found  # type: ignore[no-any-return]
        result: NDArray[Any] = found[own.codes]
        return result


def plain(array: pa.Array) -> Words:
    """Texts row by row."""
    return Words(Pool(array))


def constant(text: str | bytes) -> Words:
    """One text for all rows."""
    return Words(Pool(strings([text], binary=isinstance(text, bytes)), static=True), 0)


def strings(values: Iterable[str | bytes], *, binary: bool = False) -> pa.Array:
    """Python texts as an Arrow array (``pa.array`` would import pandas)."""
    raw = [v.encode() if isinstance(v, str) else v for v in values]
    offsets = np.zeros(len(raw) + 1, np.int32)
    np.cumsum([len(r) for r in raw], out=offsets[1:])
    return from_offsets(offsets, pa.py_buffer(b"".join(raw)), binary=binary)


def texts(array: pa.Array) -> list[Any]:
    """Arrow texts as Python's (for distinct values only)."""
    found: list[Any] = array.to_pylist()
    return found


def from_offsets(offsets: NDArray[np.int32], data: Any, *, binary: bool = False) -> pa.Array:
    """Arrow texts over their bytes."""
    kind = pa.binary() if binary else pa.string()
    return pa.Array.from_buffers(kind, offsets.size - 1, [None, pa.py_buffer(offsets), data])


def from_matrix(matrix: NDArray[np.uint8], *, binary: bool = False) -> pa.Array:
    """Arrow texts of one length from a matrix of bytes (rows, length)."""
    n, width = matrix.shape
    offsets = np.arange(n + 1, dtype=np.int32)
    offsets *= width
    return from_offsets(offsets, pa.py_buffer(np.ascontiguousarray(matrix)), binary=binary)


def view_records(data: NDArray[np.uint8], offsets: NDArray[np.int32]) -> Codes:
    """See :meth:`Pool.views`."""
    n = offsets.size - 1
    records = np.zeros((n, 4), np.int32)
    starts, lengths = offsets[:-1].astype(np.int64), np.diff(offsets)
    records[:, 0] = lengths
    padded = np.concatenate([data, np.zeros(INLINE, np.uint8)])
    reach = np.arange(INLINE)
    inside = padded[starts[:, None] + reach]
    inside[reach >= lengths[:, None]] = 0
    records[:, 1:] = inside.view(np.int32)
    long = lengths > INLINE
    records[long, 2] = 0
    records[long, 3] = starts[long]
    return records


def merged(pools: Sequence[Pool]) -> tuple[Pool, list[int]]:
    """One pool of all members, and where each pool's members start in it."""
    starts = np.cumsum([0, *(len(p) for p in pools)]).tolist()
    if any(isinstance(p, Windows) for p in pools):
        return _merged_windows(pools), starts[:-1]
    array = pa.concat_arrays([p.array for p in pools])
    return Pool(array, static=all(p.static for p in pools)), starts[:-1]


def _merged_windows(pools: Sequence[Pool]) -> Windows:
    """Records of all members; no text is copied."""
    records: list[Codes] = []
    buffers: list[pa.Buffer] = []
    for p in pools:
        own = p.buffers if isinstance(p, Windows) else [b for b in p.array.buffers()[2:] if b is not None]
        records.append(renumbered(p.records if isinstance(p, Windows) else p.views(), len(buffers)))
        buffers += own
    return Windows(np.concatenate(records), buffers)


def renumbered(records: Codes, first: int) -> Codes:
    """View records whose buffers are those from number ``first`` on."""
    long = records[:, 0] > INLINE
    if first == 0 or not long.any():
        return np.ascontiguousarray(records)
    made = records.copy()
    made[long, 2] += first
    return made
