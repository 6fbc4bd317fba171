"""Making text: words of pools, digits, UUIDs, hexadecimal digits; what has one length goes into a matrix of bytes."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from understudy.errors import InternalError
from understudy.kernels import forms, native, tables
from understudy.kernels.casts import convert
from understudy.kernels.forms import TEMPORAL, WHOLE, Sort
from understudy.kernels.program import Program, literal
from understudy.kernels.vector import Vector, mask, spread
from understudy.kernels.words import Pool, Words, from_matrix, from_offsets, plain, strings
from understudy.model import expression as e
from understudy.rng import streams

if TYPE_CHECKING:
    from understudy.kernels.evaluate import Scope
    from understudy.kernels.frame import Frame

Write = Callable[["Frame", NDArray[np.uint8]], Any]


class TooWideError(Exception):
    """A number has more digits than were asked for; the text is then made the ragged way."""


class Fixed:
    """A way to write texts of ``width`` bytes into a matrix (rows, width); answers with what is valid."""

    __slots__ = ("width", "write")

    def __init__(self, width: int, write: Write) -> None:
        self.width, self.write = width, write

    def texts(self, frame: Frame) -> Vector:
        """The texts as a vector."""
        matrix = np.empty((frame.n, self.width), np.uint8)
        valid = self.write(frame, matrix)
        return Vector(plain(from_matrix(matrix)), valid)


def pool(scope: Scope, node: e.Pool) -> Program:
    """A word of a pool."""
    from understudy.kernels.evaluate import checked_index

    index, members, name = scope.compile(node.index), scope.runtime.pool(node.pool), node.pool
    size, what = len(members), f"pool {name}"

    def run(frame: Frame) -> Vector:
        at = index.run(frame)
        return Vector(Words(members, checked_index(at, size, frame, what)), at.valid)

    return Program(forms.TEXT, run, pool=members)


# ---- digits ------------------------------------------------------------------------------------
def digits(scope: Scope, node: e.Digits) -> Program:
    """A number in the symbols of an alphabet."""
    source = scope.compile(node.input)
    if source.form.sort not in WHOLE | TEMPORAL | {Sort.DECIMAL, Sort.NULL}:
        raise InternalError(f"{source.form.sort.value} cannot be written in digits", where=scope.table.name)
    alphabet, width = node.alphabet, node.width
    if len(alphabet) < 2:
        raise InternalError("an alphabet needs two symbols at least", where=scope.table.name)
    if not alphabet.isascii():
        return _foreign_digits(source, width, alphabet)
    if width <= 0:
        return Program(forms.TEXT, lambda frame: _ragged_digits(source, frame, 0, alphabet))
    most = len(alphabet) ** width

    def write(frame: Frame, out: NDArray[np.uint8]) -> Any:
        data, known = _natural(source, frame)
        if data.size and int(data.max()) >= most:
            raise TooWideError
        tables.write(data, alphabet, out)
        return known

    fixed = Fixed(width, write)

    def run(frame: Frame) -> Vector:
        try:
            return fixed.texts(frame)
        except TooWideError:
            return _ragged_digits(source, frame, width, alphabet)

    return Program(forms.TEXT, run, fixed=fixed)


def _natural(source: Program, frame: Frame) -> tuple[NDArray[np.int64], Any]:
    """Whole numbers, 0 under nulls; InternalError where one is negative."""
    v = source.run(frame)
    data, known = spread(v.data, frame.n), mask(v.valid, frame.n)
    if known is not None:
        data = np.where(known, data, 0)
    if data.size and int(data.min()) < 0:
        row = int(frame.rows[int(np.argmin(data))])
        raise InternalError(
            f"row {row}: the negative number {int(data.min())} cannot be written in digits", where=frame.table.name
        )
    return data.astype(np.int64, copy=False), known


def _ragged_digits(source: Program, frame: Frame, width: int, alphabet: str) -> Vector:
    """As many symbols as needed, at least ``width``."""
    data, known = _natural(source, frame)
    base, wide = len(alphabet), 1
    while base**wide <= int(data.max(initial=0)):
        wide += 1
    wide = max(wide, width)
    matrix = np.empty((frame.n, wide), np.uint8)
    tables.write(data, alphabet, matrix)
    zeros = np.argmax(matrix != ord(alphabet[0]), axis=1)
    zeros[data == 0] = wide - 1
    first = np.minimum(zeros, wide - max(width, 1))
    kept = matrix[np.arange(wide) >= first[:, None]]
    offsets = np.zeros(frame.n + 1, np.int32)
    np.cumsum(wide - first, out=offsets[1:])
    return Vector(plain(from_offsets(offsets, pa.py_buffer(kept))), known)


def _foreign_digits(source: Program, width: int, alphabet: str) -> Program:
    """Alphabets beyond ASCII: by their positions, symbol by symbol."""
    symbols, base = Pool(strings(alphabet), static=True), len(alphabet)

    def run(frame: Frame) -> Vector:
        data, known = _natural(source, frame)
        wide = max(width, 1)
        while base**wide <= int(data.max(initial=0)):
            wide += 1
        blank = literal("").run(frame).data.array(frame.n)
        parts: list[Any] = []
        rest = data
        for place in range(wide):
            some = symbols.array.take(native.numbers(rest % base))
            shown = (rest > 0) | (place < max(width, 1))
            both_ = pa.concat_arrays([some, blank])
            parts.insert(0, native.take(both_, np.where(shown, np.arange(frame.n), frame.n)) if frame.n else some)
            rest = rest // base
        empty = native.text("")
        return Vector(plain(native.call("binary_join_element_wise", *parts, empty, options="JoinOptions")), known)

    return Program(forms.TEXT, run)


# ---- random identifiers ------------------------------------------------------------------------
def _lanes(scope: Scope, node: Any, count: int) -> Callable[[Frame], list[NDArray[np.uint64]]]:
    """Words keyed by row numbers (not identities): each is a bijection of the row, so distinct rows stay distinct."""
    scope.claim(node.use, node)
    keys, owner = [scope.key(node.use, lane) for lane in range(count)], scope.owner

    def bits(frame: Frame) -> list[NDArray[np.uint64]]:
        base = frame.kept("dense words", lambda: streams.base(frame.dense))
        return [streams.bits_of_base(base, key, frame.attempt_of(owner)) for key in keys]

    return bits


def hexadecimal(scope: Scope, node: e.Hexadecimal) -> Program:
    """Random hexadecimal digits."""
    length = node.length
    if length < 1:
        return literal("")
    bits = _lanes(scope, node, -(-length // 16))

    def write(frame: Frame, out: NDArray[np.uint8]) -> Any:
        for lane, word in enumerate(bits(frame)):
            tables.write_hex(word, out[:, lane * 16 : lane * 16 + 16])

    fixed = Fixed(length, write)
    return Program(forms.TEXT, fixed.texts, fixed=fixed)


VARIANT = np.frombuffer(b"89ab", np.uint8)


def uuid(scope: Scope, node: e.Uuid) -> Program:
    """UUIDs of version 4 or 7. All 64 bits of the first word are shown, so that distinct rows differ."""
    if node.version not in (4, 7) or (node.version == 7 and node.time is None):
        raise InternalError(f"UUIDs of version {node.version} need another recipe", where=scope.table.name)
    bits = _lanes(scope, node, 2)
    time = None if node.time is None or node.version == 4 else convert(scope.compile(node.time), forms.TIMESTAMP)

    def write(frame: Frame, out: NDArray[np.uint8]) -> Any:
        first, second = bits(frame)
        valid = None
        a, b = np.empty((frame.n, 16), np.uint8), np.empty((frame.n, 16), np.uint8)
        tables.write_hex(first, a)
        tables.write_hex(second, b)
        out[:, 8] = out[:, 13] = out[:, 18] = out[:, 23] = ord("-")
        out[:, 14] = ord("0") + node.version
        out[:, 19] = VARIANT.take((second & np.uint64(3)).astype(np.intp))
        if time is None:
            out[:, 0:8], out[:, 9:13], out[:, 15:18] = a[:, 0:8], a[:, 8:12], a[:, 12:15]
            out[:, 20:23] = b[:, 0:3]
            out[:, 24:35], out[:, 35] = b[:, 3:14], a[:, 15]
        else:
            valid = _write_time(time.run(frame), frame, out)
            out[:, 15:18], out[:, 20:23], out[:, 24:34] = a[:, 0:3], a[:, 3:6], a[:, 6:16]
            out[:, 34:36] = b[:, 0:2]
        return valid

    fixed = Fixed(36, write)
    return Program(forms.TEXT, fixed.texts, fixed=fixed)


def _write_time(v: Vector, frame: Frame, out: NDArray[np.uint8]) -> Any:
    """48 bits of milliseconds; moments before 1970 count as its beginning."""
    known = mask(v.valid, frame.n)
    us = np.maximum(spread(v.data if known is None else np.where(known, v.data, 0), frame.n), 0)
    digits_ = np.empty((frame.n, 12), np.uint8)
    tables.write(us // 1000 % (1 << 48), tables.HEX, digits_)
    out[:, 0:8], out[:, 9:13] = digits_[:, 0:8], digits_[:, 8:12]
    return known
