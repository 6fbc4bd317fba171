"""SDV's synthesizers as guests, where the user has installed SDV (Business Source Licence; no extra brings it).

They see what every learner sees, whole numbers and categories, and answer with a frozen pool: the schema's constraints
are kept by planning as for any table.
"""

from __future__ import annotations

import contextlib
import io
import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from understudy.errors import InputError
from understudy.learning.columns import NULL, NUMBERS, Represented, natural

TABLE = "rows"
SYNTHESIZERS = {"copula": "GaussianCopulaSynthesizer", "ctgan": "CTGANSynthesizer", "tvae": "TVAESynthesizer"}
EPOCHS = {"ctgan": 100, "tvae": 100}
"""A third of SDV's own: 10,000 rows take minutes then, not a quarter of an hour."""


def sampled(columns: list[Represented], rows: int, seed: int, synthesizer: str) -> dict[str, NDArray[np.int64]]:
    """Fit one of SDV's synthesizers and draw ``rows``. InputError where SDV is not installed."""
    single = guest("single_table")
    frame = shown(columns)
    more = {"epochs": EPOCHS[synthesizer]} if synthesizer in EPOCHS else {}
    with quietly(seed):
        made = getattr(single, SYNTHESIZERS[synthesizer])(metadata(columns), enforce_rounding=False, **more)
        made.fit({TABLE: frame})
        drawn = made.sample(num_rows=rows)[TABLE]
    return {c.name: numbers_of(c, drawn[c.name]) for c in columns}


def guest(room: str) -> Any:
    """A module of SDV."""
    import importlib

    try:
        return importlib.import_module(f"sdv.{room}")
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] != "sdv":
            raise
        raise InputError(
            "SDV is not installed", where="--model", mend="pip install sdv, if its Business Source Licence suits you."
        ) from error


@contextlib.contextmanager
def quietly(seed: int) -> Iterator[None]:
    """SDV draws from global generators, and talks: both as before afterwards."""
    import torch

    from understudy.learning.deep.alone import alone

    state = np.random.get_state()
    np.random.seed(seed % (1 << 32))
    try:
        with alone(seed), warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()), torch.enable_grad():
            warnings.simplefilter("ignore")
            yield
    finally:
        np.random.set_state(state)


# ---- what a guest sees ---------------------------------------------------------------------------
def is_number(column: Represented) -> bool:
    """Whether a guest sees numbers."""
    return column.type.kind in NUMBERS


def shown(columns: list[Represented]) -> Any:
    """A pandas frame: numbers in their smallest unit, categories by their codes."""
    import pandas as pd

    told = {}
    for c in columns:
        numbers = natural(c) if is_number(c) else c.numbers
        null = c.numbers == NULL
        if is_number(c):
            told[c.name] = pd.Series(np.where(null, np.nan, numbers.astype(np.float64)))
        else:
            words = np.array([f"c{v}" for v in numbers], object)
            words[null] = None
            told[c.name] = pd.Series(words, dtype=object)
    return pd.DataFrame(told)


def metadata(columns: list[Represented]) -> Any:
    """What SDV wants to be told of it."""
    made = guest("metadata").Metadata()
    made.add_table(TABLE)
    for c in columns:
        made.add_column(c.name, TABLE, sdtype="numerical" if is_number(c) else "categorical")
    return made


def numbers_of(column: Represented, values: Any) -> NDArray[np.int64]:
    """A guest's values as the column counts them, within what was seen."""
    if not is_number(column):
        return np.array([int(v[1:]) if isinstance(v, str) else NULL for v in values], np.int64)
    told = np.asarray(values, np.float64)
    null = ~np.isfinite(told)
    seen = natural(column)
    known = seen[seen != NULL]
    low, high = int(known.min()), int(known.max())
    unit = 1 if column.coded else column.unit
    whole = (np.rint(np.where(null, 0, told) / unit) * unit).astype(np.int64).clip(low, high)
    if column.coded:
        levels = np.asarray(column.values.to_numpy(zero_copy_only=False), np.int64)
        after = np.searchsorted(levels, whole).clip(1, max(levels.size - 1, 1))
        before = after - 1
        after = np.minimum(after, levels.size - 1)
        whole = np.where(whole - levels[before] <= levels[after] - whole, before, after)
    return np.where(null, NULL, whole)
