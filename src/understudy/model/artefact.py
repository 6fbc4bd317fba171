"""Artefacts: plan-time results too large for the plan's text, addressed by content."""

from __future__ import annotations

from enum import StrEnum

import msgspec


class ArtefactKind(StrEnum):
    """What an artefact holds."""

    POOL = "pool"
    SENTENCES = "sentences"
    ARRAY = "array"
    TABLE = "table"


class Artefact(msgspec.Struct, frozen=True, omit_defaults=True):
    """``digest``: BLAKE2b of the Arrow IPC bytes; ``rows``: its length; the data lie beside the plan."""

    name: str
    kind: ArtefactKind
    digest: str
    rows: int
