"""Evidence to one schema: many claims, one model, every choice explained.

::

    evidence ─► assemble (which claims are about the same noun) ─► settle (which of them holds) ─► consistency ─► Schema
                                                                       └─ weights
"""

from __future__ import annotations

from understudy.fusion.fuse import fuse
from understudy.fusion.relate import relate
from understudy.fusion.weights import figure, weight

__all__ = ["figure", "fuse", "relate", "weight"]
