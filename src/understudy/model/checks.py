"""Check digits by weighted sums: the schemes of ``check(text, scheme)``, as data.

A step appends (or puts at ``place``) the symbol at (Σ weight · value) mod the number of symbols, digits
counting as themselves and letters as ``values`` say. ``?`` among the symbols: no check digit exists, and the last digit
before it is moved on by one (so that inputs that differ elsewhere stay apart).
"""

from __future__ import annotations

import msgspec

DIGITS = "0123456789"
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
COUNTED = {c: i for i, c in enumerate(DIGITS + LETTERS)}
"""Digits as themselves, letters as 10 to 35."""
FIGURES = {**{c: int(c) for c in DIGITS}, **dict.fromkeys(LETTERS, 0)}


class Step(msgspec.Struct, frozen=True):
    """``weights``: one per character from the left. ``symbols``: what stands for each remainder."""

    weights: tuple[int, ...]
    symbols: tuple[str, ...]
    place: int | None = None
    values: tuple[dict[str, int], ...] = (FIGURES,)
    """Value of each character; several: by position in turn."""


def _powers(base: int, modulus: int, size: int) -> tuple[int, ...]:
    return tuple(pow(base, size - 1 - i, modulus) for i in range(size))


_ODD = dict(
    zip(
        DIGITS + LETTERS,
        (
            1,
            0,
            5,
            7,
            9,
            13,
            15,
            17,
            19,
            21,
            1,
            0,
            5,
            7,
            9,
            13,
            15,
            17,
            19,
            21,
            2,
            4,
            18,
            20,
            11,
            3,
            6,
            8,
            12,
            14,
            16,
            10,
            22,
            25,
            24,
            23,
        ),
        strict=True,
    )
)
_EVEN = {**{c: int(c) for c in DIGITS}, **{c: i for i, c in enumerate(LETTERS)}}
_VIN = dict(
    zip(
        DIGITS + LETTERS,
        (*range(10), 1, 2, 3, 4, 5, 6, 7, 8, 0, 1, 2, 3, 4, 5, 0, 7, 0, 9, 2, 3, 4, 5, 6, 7, 8, 9),
        strict=True,
    )
)
_DOWN = tuple("0987654321")
_CPF = tuple("00987654321")

SCHEMES: dict[str, tuple[Step, ...]] = {
    "isbn10": (Step(tuple(range(10, 1, -1)), tuple("0X987654321")),),
    "issn": (Step(tuple(range(8, 1, -1)), tuple("0X987654321")),),
    "iso7064-11-2": (Step(tuple(pow(2, 17 - i, 11) for i in range(17)), tuple("10X98765432")),),
    "orcid": (Step(tuple(pow(2, 15 - i, 11) for i in range(15)), tuple("10X98765432")),),
    "vin": (Step((8, 7, 6, 5, 4, 3, 2, 10, 9, 8, 7, 6, 5, 4, 3, 2), tuple("0123456789X"), 8, (_VIN,)),),
    "cpf": (Step(tuple(range(10, 1, -1)), _CPF), Step(tuple(range(11, 1, -1)), _CPF)),
    "cnpj": (
        Step((5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2), _CPF),
        Step((6, 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2), _CPF),
    ),
    "dni": (Step(_powers(10, 23, 8), tuple("TRWAGMYFPDXBNJZSQVHLCKE")),),
    "pesel": (Step((1, 3, 7, 9, 1, 3, 7, 9, 1, 3), _DOWN),),
    "nip": (Step((6, 5, 7, 2, 3, 4, 5, 6, 7), tuple("0123456789?")),),
    "bsn": (Step(tuple(range(9, 1, -1)), tuple("0123456789?")),),
    "nhs": (Step(tuple(range(10, 1, -1)), tuple("0?987654321")),),
    "nir": (Step(_powers(10, 97, 13), tuple(f"{97 - i:02d}" for i in range(97))),),
    "codice_fiscale": (Step((1,) * 15, tuple(LETTERS), None, (_ODD, _EVEN)),),
    "tckn": (Step((7, 9, 7, 9, 7, 9, 7, 9, 7), tuple(DIGITS)), Step((1,) * 10, tuple(DIGITS))),
    "my_number": (Step((6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2), _CPF),),
    "aba": (Step((3, 7, 1, 3, 7, 1, 3, 7), _DOWN),),
    "dea": (Step((0, 0, 1, 2, 1, 2, 1, 2), tuple(DIGITS)),),
    "sedol": (Step((1, 3, 1, 7, 3, 9), _DOWN, None, (COUNTED,)),),
    "imo": (Step((7, 6, 5, 4, 3, 2), tuple(DIGITS)),),
}
"""Sources: ISO 2108, ISO 3297, ISO 7064, ISO 3779 with 49 CFR 565, and the issuing authorities' own publications."""

TURNED = ("steuer_id", "verhoeff", "isin")
"""Schemes that are no weighted sum: ISO 7064 MOD 11,10; Verhoeff's dihedral group; ISO 6166's doubled letters."""
