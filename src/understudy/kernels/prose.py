"""Running text: windows of consecutive sentences cut from one tape, 70 ns a text however long it is."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from understudy.errors import InternalError
from understudy.kernels import forms, native
from understudy.kernels.program import Program
from understudy.kernels.vector import Vector
from understudy.kernels.words import INLINE, Pool, Windows, Words
from understudy.model import expression as e
from understudy.rng import streams

if TYPE_CHECKING:
    from understudy.kernels.evaluate import Scope
    from understudy.kernels.frame import Frame

BLANK = ord(" ")


class Tape:
    """Sentences with a separator behind each (a blank, or nothing), the first ones again at the end, so that every
    window lies in one piece.

    ``starts``: where each sentence begins (and the tape ends), in bytes. Characters are numbered too, for limits
    count characters."""

    def __init__(self, pool: Pool, most: int, separator: str) -> None:
        self.size = len(pool)
        again = -(-most // max(self.size, 1)) + 1
        sentences = pa.concat_arrays([pool.array] * again).slice(0, self.size + most)
        self.gap = len(separator)
        blank = native.text(separator)
        spaced = native.call("binary_join_element_wise", sentences, native.text(""), blank, options="JoinOptions")
        whole = Pool(spaced)
        self.starts = whole.offsets.astype(np.int64)
        self.data = np.concatenate([whole.data[: self.starts[-1]], np.zeros(INLINE, np.uint8)])
        self.buffer = pa.py_buffer(self.data)
        heads = np.ascontiguousarray(self.data[self.starts[:-1, None] + np.arange(4)])
        self.heads: NDArray[np.int32] = heads.view(np.int32).ravel()  # views repeat their first four bytes
        self._measure()

    def _measure(self) -> None:
        """Characters: where each begins, and how many stand before each sentence's and word's end."""
        body = self.data[: self.starts[-1]]
        begins = (body & 0xC0) != 0x80
        self.characters = np.append(np.flatnonzero(begins), body.size)
        before = np.zeros(body.size + 1, np.int64)
        np.cumsum(begins, out=before[1:])
        self.first_character = before[self.starts]
        self.sentence_ends = self.first_character[1:] - self.gap
        self.word_ends = np.append(
            before[np.flatnonzero(body == BLANK)], 1 << 60
        )  # never empty: scripts without blanks

    def cut(self, start: NDArray[np.int64], count: NDArray[np.int64], length: int | None) -> tuple[Any, Any]:
        """Bytes of windows of ``count`` sentences from sentence ``start`` on, of ``length`` characters at most."""
        first, end = self.starts.take(start), self.starts.take(start + count) - self.gap
        if length is None:
            return first, end
        limit = self.first_character.take(start) + length
        long = np.flatnonzero(self.sentence_ends.take(start + count - 1) > limit)
        if long.size:
            end[long] = self._shortened(start[long], limit[long])
        return first, end

    def _shortened(self, start: NDArray[np.int64], limit: NDArray[np.int64]) -> NDArray[np.int64]:
        """Where windows end: behind the last whole sentence, else the last whole word, else the last character."""
        last = np.searchsorted(self.sentence_ends, limit, side="right") - 1
        word = np.searchsorted(self.word_ends, limit, side="right") - 1
        word_end = self.word_ends.take(np.maximum(word, 0))
        ends = np.where(last >= start, self.sentence_ends.take(np.maximum(last, 0)), word_end)
        hard = (last < start) & ((word < 0) | (word_end <= self.first_character.take(start)))
        return self.characters.take(np.where(hard, limit, ends))


def prose(scope: Scope, node: e.Prose) -> Program:
    """Consecutive sentences, starting anywhere."""
    if not 1 <= node.minimum <= node.maximum:
        raise InternalError(f"{node.minimum} to {node.maximum} sentences are impossible", where=scope.table.name)
    pool = scope.runtime.pool(node.tape)
    if not len(pool):
        raise InternalError(f"the tape {node.tape} has no sentences", where=scope.table.name)
    tape = scope.runtime.kept(
        ("tape", node.tape, node.maximum, node.separator), lambda: Tape(pool, node.maximum, node.separator)
    )
    many = scope.bits(node, node.use, 1)
    key, owner = scope.key(node.use), scope.owner
    begin = Beginnings(tape.size, node.maximum, key)
    low, high, length = node.minimum, node.maximum, node.length

    def run(frame: Frame) -> Vector:
        start = begin.of(frame.rows, frame.attempt_of(owner))
        count = np.full(frame.n, low, np.int64) if low == high else streams.uniform(many(frame), low, high)
        first, end = tape.cut(start, count, length)
        return Vector(Words(_windows(tape, start, first, end)))

    return Program(forms.TEXT, run)


class Beginnings:
    """Where windows begin: those of ``count`` rows one behind the other lie apart, so that no sentence comes twice
    among
    them; then all begin elsewhere."""

    def __init__(self, size: int, most: int, key: streams.Key) -> None:
        self.size, self.most = size, min(most, size)
        self.count = max(size // self.most, 1)
        stride = max(self.count * 618 // 1000, 1)
        while math.gcd(stride, self.count) > 1:
            stride += 1
        self.stride, self.key = stride, key

    def of(self, rows: NDArray[np.int64], attempt: Any) -> NDArray[np.int64]:
        """The first sentence of each row's window."""
        block, place = np.divmod(rows, self.count)
        word = streams.bits_of_base(streams.base(block.astype(np.uint64)), self.key, attempt)
        turn = streams.below(word, self.size)
        first = place * self.stride % self.count * self.most
        return (first + turn) % self.size


def _windows(tape: Tape, start: NDArray[np.int64], first: NDArray[np.int64], end: NDArray[np.int64]) -> Windows:
    """The windows as texts: one view record each."""
    n = first.size
    records = np.zeros((n, 4), np.int32)
    size = end - first
    records[:, 0] = size
    records[:, 1] = tape.heads.take(start)
    records[:, 3] = first
    short = np.flatnonzero(size <= INLINE)
    if short.size:
        reach = np.arange(INLINE)
        inside = tape.data[first[short, None] + reach]
        inside[reach >= size[short, None]] = 0
        records[short, 1:] = inside.view(np.int32)
    return Windows(records, (tape.buffer,))
