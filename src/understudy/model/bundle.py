"""A plan in memory, with its artefacts."""

from __future__ import annotations

import msgspec
import pyarrow as pa

from understudy.model.plan import Plan


class Bundle(msgspec.Struct, frozen=True):
    """``artefacts``: by name; pools and arrays as ``pa.Array``, tables (snapshots, witnesses) as ``pa.Table``."""

    plan: Plan
    artefacts: dict[str, pa.Array | pa.Table] = {}
