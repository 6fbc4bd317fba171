"""Check digits agree with numbers that the issuing authorities print, in the kernels and in the rules alike."""

from __future__ import annotations

import numpy as np
import pytest

from understudy.kernels.checksums import completed
from understudy.model.checking import check
from understudy.model.checks import SCHEMES, TURNED

KNOWN = {
    "isbn10": "0306406152", "issn": "03785955", "iso7064-11-2": "11010519491231002X", "orcid": "0000000218250097",
    "vin": "1M8GDM9AXKP042788", "cpf": "52998224725", "cnpj": "11222333000181", "dni": "12345678Z",
    "pesel": "44051401359", "nip": "1234563218", "bsn": "111222333", "nhs": "9434765919", "nir": "255081416802538",
    "codice_fiscale": "RSSMRA85T10A562S", "tckn": "10000000146", "my_number": "123456789018", "aba": "021000021",
    "dea": "AB1234563", "sedol": "B0YBKJ7", "imo": "9074729", "steuer_id": "47036892816", "verhoeff": "2363",
    "isin": "AU0000XVGZA3",
}  # fmt: skip
LONG = {"cpf": 2, "cnpj": 2, "tckn": 2, "nir": 2}


def body(text: str, scheme: str) -> str:
    """A printed number without its check digits."""
    return text[:8] + text[9:] if scheme == "vin" else text[: -LONG.get(scheme, 1)]


@pytest.mark.parametrize("scheme", sorted(KNOWN))
def test_a_printed_number_is_completed_as_its_authority_prints_it(scheme: str) -> None:
    given = body(KNOWN[scheme], scheme)
    matrix = np.frombuffer(given.encode(), np.uint8).reshape(1, -1).copy()
    assert completed(matrix, scheme).to_pylist() == [KNOWN[scheme]]
    assert check(given, scheme) == KNOWN[scheme]


def test_every_scheme_has_a_printed_number() -> None:
    assert set(KNOWN) == set(SCHEMES) | set(TURNED)


@pytest.mark.parametrize("scheme", ["nip", "bsn", "nhs"])
def test_inputs_without_a_check_digit_are_moved_on_and_stay_apart(scheme: str) -> None:
    width = len(SCHEMES[scheme][0].weights)
    texts = [f"{n:0{width - 1}d}0" for n in range(3000)]
    matrix = np.array([list(t.encode()) for t in texts], np.uint8)
    made = completed(matrix, scheme).to_pylist()
    assert made == [check(t, scheme) for t in texts]
    assert len(set(made)) == len(made)
    assert all("?" not in t for t in made)
