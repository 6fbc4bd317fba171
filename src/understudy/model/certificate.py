"""The load certificate as a file: the manifest, and the schema by which it can be verified again."""

from __future__ import annotations

import msgspec

from understudy.model.manifest import Manifest
from understudy.model.schema import Schema

VERSION = 1


class Certificate(msgspec.Struct, frozen=True, omit_defaults=True):
    """``schema``: the tables that were loaded, with every constraint. ``digest``: BLAKE2b of manifest and schema as
    compact JSON, so that a changed file shows."""

    manifest: Manifest
    schema: Schema
    digest: str
    version: int = VERSION


class Recheck(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a later look found. ``rows``: per table rows certified and rows now; ``structure``: whether all that can
    reject a row is as it was; ``manifest``: the certificate's, with the constraints as they stand now."""

    manifest: Manifest
    server: str
    rows: dict[str, tuple[int | None, int]]
    structure: bool
    missing: tuple[str, ...] = ()

    @property
    def holds(self) -> bool:
        """No violation, nothing switched off or changed, every table there."""
        return self.structure and not self.missing and all(not c.violations for c in self.manifest.constraints)
