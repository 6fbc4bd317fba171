"""What was released of a source with differential privacy, and what it may cost in all: one file, written before the
rows are looked at, so that a fit that breaks off counts as well.

    ledger.json   {"source": …, "limit": 4.0, "releases": [{"model", "made", "epsilon", "delta", "spent": […]}]}
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from understudy.errors import SourceError, TargetError
from understudy.model.document import from_json, to_json
from understudy.model.learned import Spent


class Release(msgspec.Struct, frozen=True, omit_defaults=True):
    """One model: ``spent`` is what was planned until the fit is done, then what was drawn."""

    model: str
    made: str
    epsilon: float
    delta: float
    spent: tuple[Spent, ...]


class Ledger(msgspec.Struct, frozen=True, omit_defaults=True):
    """All releases of a source; ``limit``: the epsilon that they may reach together, None: any."""

    source: str
    releases: tuple[Release, ...] = ()
    limit: float | None = None

    @property
    def spent(self) -> tuple[Spent, ...]:
        """Everything that was ever drawn."""
        return tuple(s for r in self.releases for s in r.spent)

    @property
    def delta(self) -> float:
        """The deltas of all releases together."""
        return sum(r.delta for r in self.releases)


def place_of(source: str) -> Path:
    """Where the ledger of a source lies when nobody says: in the user's state folder, named after the source."""
    state = os.environ.get("XDG_STATE_HOME") or str(Path.home() / ".local" / "state")
    name = hashlib.blake2b(source.encode(), digest_size=12).hexdigest()
    return Path(state) / "understudy" / "ledgers" / f"{name}.json"


def load_ledger(place: Path, source: str) -> Ledger:
    """The ledger there, or an empty one. SourceError where the file is none, or another source's."""
    if not place.exists():
        return Ledger(source)
    try:
        found = from_json(place.read_bytes(), Ledger, where=str(place))
    except OSError as error:
        raise SourceError(f"the ledger cannot be read: {error.strerror or error}", where=str(place)) from error
    if found.source != source:
        raise SourceError(f"this is the ledger of {found.source}", where=str(place), mend="Name another --ledger.")
    return found


def save_ledger(ledger: Ledger, place: Path) -> None:
    """Write under a temporary name, then rename."""
    fresh = place.with_name(f".{place.name}.{os.getpid()}.new")
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        fresh.write_text(to_json(ledger) + "\n", encoding="utf-8")
        fresh.replace(place)
    except OSError as error:
        raise TargetError(f"the ledger cannot be written: {error.strerror or error}", where=str(place)) from error


@contextmanager
def held(place: Path) -> Iterator[None]:
    """Nobody else reads or writes the ledger meanwhile: two fits at once would each overlook the other's cost."""
    lock = place.with_name(place.name + ".lock")
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(lock, os.O_CREAT | os.O_EXCL | os.O_WRONLY))
    except FileExistsError as error:
        mend = f"Wait for it; if there is none, remove {lock}."
        raise TargetError("another fit is writing this ledger", where=str(place), mend=mend) from error
    except OSError as error:
        raise TargetError(f"the ledger cannot be written: {error.strerror or error}", where=str(place)) from error
    try:
        yield
    finally:
        lock.unlink(missing_ok=True)
