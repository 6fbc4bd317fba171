"""Evidence kept by the content of its source, so that what has not changed is not read twice.

The key is a hash of the material (file, or every file of a folder), its name, and the code of the readers: a new
version of Understudy, or of one of its readers, reads anew. Nothing of a live database is kept.
"""

from __future__ import annotations

import hashlib
import os
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

import msgspec

from understudy.model import evidence as nouns
from understudy.model import schema
from understudy.model.distribution import Distribution
from understudy.model.evidence import Claim, Evidence, FacetKind
from understudy.model.origin import Origin
from understudy.model.rule import Rule
from understudy.types import Type

VALUES: dict[str, type[msgspec.Struct]] = {
    kind.__name__: kind
    for kind in (
        nouns.Bounds,
        nouns.Choices,
        nouns.Pattern,
        nouns.Samples,
        schema.Entity,
        schema.Field,
        schema.Unique,
        schema.ForeignKey,
        schema.Exclusion,
        schema.Partitioning,
        schema.Trigger,
        schema.Remark,
        Distribution,
        Rule,
        Type,
    )
}
"""What a claim's value may be, by name."""

WORTHWHILE_S = 0.1
"""What is read faster than this is not worth a file."""
MOST_BYTES = 1 << 28
"""The cache is emptied of its oldest files beyond this."""
CHUNK = 1 << 20
LARGEST_HASHED = 1 << 30
"""Larger material is not hashed: reading it in samples is no slower."""


class _Kept(msgspec.Struct, frozen=True):
    """A claim as it is written: the value's noun by name, and the value."""

    facet: FacetKind
    entity: str
    field: str
    certainty: float
    raw: str
    origin: int
    noun: str
    value: Any


class _Page(msgspec.Struct, frozen=True):
    head: Evidence
    origins: tuple[Origin, ...]
    claims: tuple[_Kept, ...]


class Shelf:
    """The place of one source's evidence; ``place`` is None where it is not to be kept."""

    def __init__(self, place: Path | None) -> None:
        self.place = place

    @classmethod
    def of(cls, kind: str, location: str) -> Shelf:
        """The shelf of a source's present content."""
        key = _content(Path(location))
        if key is None:
            return cls(None)
        whole = hashlib.blake2b(f"{kind}\0{location}\0{readers()}\0".encode() + key, digest_size=20).hexdigest()
        return cls(folder() / f"{whole}.json")

    def take(self) -> Evidence | None:
        """What was kept; None where nothing was, or where it cannot be read."""
        if self.place is None:
            return None
        try:
            page = msgspec.json.decode(self.place.read_bytes(), type=_Page)
            claims = tuple(_claim(kept, page.origins) for kept in page.claims)
            os.utime(self.place)
        except (OSError, msgspec.MsgspecError, KeyError, IndexError):
            return None
        return msgspec.structs.replace(page.head, claims=claims)

    def keep(self, said: Evidence, seconds: float) -> None:
        """Write it, if reading took long enough; a cache that cannot be written is none."""
        if self.place is None or seconds < WORTHWHILE_S:
            return
        with suppress(OSError):
            self.place.parent.mkdir(parents=True, exist_ok=True)
            part = self.place.with_suffix(f".{os.getpid()}.part")
            part.write_bytes(_written(said))
            part.replace(self.place)
            _tidy(self.place.parent)


def folder() -> Path:
    """Where evidence is kept: ``understudy/evidence`` in the user's cache folder."""
    home = os.environ.get("XDG_CACHE_HOME") or (os.environ.get("LOCALAPPDATA") if os.name == "nt" else "")
    return (Path(home) if home else Path.home() / ".cache") / "understudy" / "evidence"


def _written(said: Evidence) -> bytes:
    origins: dict[Origin, int] = {}
    claims = []
    for c in said.claims:
        number = origins.setdefault(c.origin, len(origins))
        noun = type(c.value).__name__ if isinstance(c.value, msgspec.Struct) else ""
        if noun and noun not in VALUES:
            raise OSError(f"{noun} is no noun of evidence")  # not kept: read anew each time
        claims.append(_Kept(c.facet, c.entity, c.field, c.certainty, c.raw, number, noun, c.value))
    head = msgspec.structs.replace(said, claims=())
    return msgspec.json.encode(_Page(head, tuple(origins), tuple(claims)))


def _claim(kept: _Kept, origins: tuple[Origin, ...]) -> Claim:
    value = msgspec.convert(kept.value, VALUES[kept.noun]) if kept.noun else kept.value
    return Claim(kept.facet, kept.entity, value, origins[kept.origin], kept.field, kept.certainty, kept.raw)


def _content(path: Path) -> bytes | None:
    """A hash of a file or of all files of a folder; None where it cannot be told."""
    digest = hashlib.blake2b(digest_size=20)
    try:
        files = [path] if path.is_file() else sorted(p for p in path.rglob("*") if p.is_file()) if path.is_dir() else []
        if not files or sum(p.stat().st_size for p in files) > LARGEST_HASHED:
            return None
        for file in files:
            digest.update(f"{file.relative_to(path.parent)}\0{file.stat().st_size}\0".encode())
            with file.open("rb") as stream:
                while chunk := stream.read(CHUNK):
                    digest.update(chunk)
    except (OSError, ValueError):
        return None
    return digest.digest()


@cache
def readers() -> str:
    """A hash of the code that reads sources, and of the nouns it answers with."""
    digest = hashlib.blake2b(digest_size=16)
    package = Path(__file__).parents[1]
    for room in ("sources", "model", "types", "profiling", "semantics"):
        for file in sorted((package / room).rglob("*")):
            if file.suffix in (".py", ".json", ".txt", ".yaml") and file.is_file():
                digest.update(file.read_bytes())
    return digest.hexdigest()


def _tidy(place: Path) -> None:
    kept = sorted((p.stat().st_mtime, p.stat().st_size, p) for p in place.glob("*.json"))
    total = sum(size for _, size, _ in kept)
    for _, size, path in kept:
        if total <= MOST_BYTES:
            break
        path.unlink(missing_ok=True)
        total -= size
