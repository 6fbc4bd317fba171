"""``check(text, scheme)``: texts completed by their check digits, whole columns at a time."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

from understudy.errors import InternalError
from understudy.kernels.words import from_matrix
from understudy.model.checks import SCHEMES, Step

_DIHEDRAL = np.array(
    [
        [0, 1, 2, 3, 4, 5, 6, 7, 8, 9], [1, 2, 3, 4, 0, 6, 7, 8, 9, 5], [2, 3, 4, 0, 1, 7, 8, 9, 5, 6],
        [3, 4, 0, 1, 2, 8, 9, 5, 6, 7], [4, 0, 1, 2, 3, 9, 5, 6, 7, 8], [5, 9, 8, 7, 6, 0, 4, 3, 2, 1],
        [6, 5, 9, 8, 7, 1, 0, 4, 3, 2], [7, 6, 5, 9, 8, 2, 1, 0, 4, 3], [8, 7, 6, 5, 9, 3, 2, 1, 0, 4],
        [9, 8, 7, 6, 5, 4, 3, 2, 1, 0],
    ]
)  # fmt: skip
_TURN = np.array([1, 5, 7, 6, 2, 8, 3, 0, 9, 4])
_INVERSE = np.array([0, 4, 3, 2, 1, 5, 6, 7, 8, 9])
NINE, ZERO = ord("9"), ord("0")


def completed(matrix: Any, scheme: str) -> pa.Array:
    """Texts of one length (a matrix of bytes) with their check digits."""
    if scheme in SCHEMES:
        for step in SCHEMES[scheme]:
            matrix = _stepped(matrix, step, scheme)
        return from_matrix(np.ascontiguousarray(matrix))
    turned = {"steuer_id": _steuer, "verhoeff": _verhoeff, "isin": _isin}.get(scheme)
    if turned is None:
        raise InternalError(f"no check digit scheme is called {scheme}")
    return from_matrix(_with(matrix, turned(matrix)))


def _with(matrix: Any, digit: Any) -> Any:
    return np.concatenate([matrix, (digit + ZERO).astype(np.uint8)[:, None]], axis=1)


def _stepped(matrix: Any, step: Step, scheme: str) -> Any:
    size = matrix.shape[1]
    if size != len(step.weights):
        raise InternalError(f"{scheme} takes {len(step.weights)} characters, not {size}")
    rest = _remainder(matrix, step)
    if "?" in step.symbols:
        lacking = np.flatnonzero(rest == step.symbols.index("?"))
        if lacking.size:
            matrix = matrix.copy()
            last = matrix[lacking, -1]
            matrix[lacking, -1] = np.where(last == NINE, ZERO, last + 1)
            rest[lacking] = _remainder(matrix[lacking], step)
    symbols = np.array([[ord(c) for c in s] for s in step.symbols], np.uint8)
    place = size if step.place is None else step.place
    return np.concatenate([matrix[:, :place], symbols[rest], matrix[:, place:]], axis=1)


def _remainder(matrix: Any, step: Step) -> Any:
    total = np.zeros(matrix.shape[0], np.int64)
    for at, weight in enumerate(step.weights):
        total += weight * _table(step, at)[matrix[:, at]]
    return total % len(step.symbols)


def _table(step: Step, at: int) -> Any:
    values = np.zeros(256, np.int64)
    for symbol, value in step.values[at % len(step.values)].items():
        values[ord(symbol)] = value
    return values


def _steuer(matrix: Any) -> Any:
    product = np.full(matrix.shape[0], 10, np.int64)
    for at in range(matrix.shape[1]):
        total = (matrix[:, at].astype(np.int64) - ZERO + product) % 10
        product = np.where(total == 0, 10, total) * 2 % 11
    return (11 - product) % 10


def _verhoeff(matrix: Any) -> Any:
    check = np.zeros(matrix.shape[0], np.int64)
    for at in range(matrix.shape[1]):
        turned = matrix[:, -1 - at].astype(np.int64) - ZERO
        for _ in range((at + 1) % 8):
            turned = _TURN[turned]
        check = _DIHEDRAL[check, turned]
    return _INVERSE[check]


def _isin(matrix: Any) -> Any:
    """Luhn over the text with letters written as two digits; its parity runs from the right, so row by column."""
    rows = matrix.shape[0]
    total, doubled = np.zeros(rows, np.int64), np.ones(rows, bool)
    for at in range(matrix.shape[1] - 1, -1, -1):
        letter = matrix[:, at] >= ord("A")
        value = np.where(letter, matrix[:, at].astype(np.int64) - ord("A") + 10, matrix[:, at].astype(np.int64) - ZERO)
        for digit, here in ((value % 10, np.ones(rows, bool)), (value // 10, letter)):
            twice = digit * 2
            worth = np.where(doubled, np.where(twice > 9, twice - 9, twice), digit)
            total += np.where(here, worth, 0)
            doubled = np.where(here, ~doubled, doubled)
    return -total % 10
