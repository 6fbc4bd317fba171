"""How near a learned table may stay to its rows: levels, and what each means for the trees."""

from __future__ import annotations

import msgspec


class Level(msgspec.Struct, frozen=True):
    """``leaf``: fewest rows behind a value; ``trees``: how many share a column; ``share``: rows that each tree sees;
    ``rare``: values seen in fewer rows are never given (texts become null or another value)."""

    leaf: int
    trees: int
    share: float
    rare: int


LEVELS = {
    "low": Level(leaf=5, trees=5, share=0.7, rare=1),
    "medium": Level(leaf=12, trees=5, share=0.6, rare=2),
    "high": Level(leaf=40, trees=5, share=0.5, rare=10),
}
"""By name. Measured in ``benchmarks/learning``: larger leaves cost likeness and buy distance."""
