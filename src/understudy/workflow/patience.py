"""While much is made that lives on, Python need not look for cycles every few hundred objects."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

OBJECTS = 5_000
"""New objects between two looks; by default 700, which costs planning an eighth of its time."""


@contextmanager
def patient() -> Iterator[None]:
    """Garbage is looked for less often inside; as before afterwards."""
    young, *older = gc.get_threshold()
    if 0 < young < OBJECTS:
        gc.set_threshold(OBJECTS, *older)
    try:
        yield
    finally:
        gc.set_threshold(young, *older)
