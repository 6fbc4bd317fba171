"""Numbers to text by tables: several symbols a gather, written straight into matrices of bytes."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

TABLE = 1 << 16
"""Entries of a table at most: with four symbols each it lies in the second-level cache."""

HEX = "0123456789abcdef"


@lru_cache(maxsize=64)
def symbols(alphabet: str) -> tuple[NDArray[Any], int]:
    """A table of all groups of k symbols, as records of k bytes, and k. ASCII alphabets only."""
    base, k = len(alphabet), 1
    while base ** (k + 1) <= TABLE and k < 8:
        k += 1
    letters = np.frombuffer(alphabet.encode("ascii"), np.uint8)
    index = np.arange(base**k)
    table = np.empty((base**k, k), np.uint8)
    for place in range(k - 1, -1, -1):
        table[:, place] = letters[index % base]
        index //= base
    kind: Any = {1: np.uint8, 2: np.uint16, 4: np.uint32, 8: np.uint64}.get(k, f"V{k}")
    return table.view(kind).ravel(), k


def write(values: NDArray[np.int64], alphabet: str, out: NDArray[np.uint8]) -> None:
    """Write ``values`` (0 <= v < base**width) into ``out`` (rows, width), zero-padded, last symbol last."""
    table, k = symbols(alphabet)
    size = len(alphabet) ** k
    width = out.shape[1]
    rest: Any = values.astype(np.uint32) if values.size and int(values.max()) < 1 << 32 else values.view(np.uint64)
    kind = rest.dtype.type
    end = width
    while end > 0:
        if end > k:
            above = rest // kind(size)
            group = rest - above * kind(size)
        else:
            above, group = rest, rest
        piece = table.take(group.astype(np.intp)).view(np.uint8).reshape(-1, k)
        start = max(0, end - k)
        out[:, start:end] = piece[:, k - (end - start) :]
        rest, end = above, start


def write_hex(bits: NDArray[np.uint64], out: NDArray[np.uint8]) -> None:
    """Write the 16 hexadecimal digits of each word, or the first ``out.shape[1]`` of them."""
    table, _ = symbols(HEX)
    lanes = (
        bits.reshape(-1, 1).view(np.uint16)
        if bits.flags.c_contiguous
        else np.ascontiguousarray(bits).reshape(-1, 1).view(np.uint16)
    )
    digits = table.take(lanes.astype(np.intp)).view(np.uint8).reshape(bits.size, 16)
    out[:] = digits[:, : out.shape[1]]
