"""Sources to one schema: each read on its own (side by side, or from the cache), then fused, then decided upon."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from understudy.errors import RequestError
from understudy.model.event import Listener, StageFinished, StageStarted, silent
from understudy.model.evidence import Evidence
from understudy.model.schema import Schema
from understudy.workflow.patience import patient
from understudy.workflow.readers import limits

if TYPE_CHECKING:
    from understudy.model.weights import Weights
    from understudy.sources.recognise import Recognised
    from understudy.storage.evidence import Shelf

__all__ = ["Reading", "limits", "read", "shown"]

SIDE_BY_SIDE = 8
"""Sources read at the same time: most of reading waits for files and servers."""


class Reading(msgspec.Struct, frozen=True):
    """How sources are read. ``cache``: a source that was read before and has not changed is not read again.
    ``overrides``: the file of a person's decisions; None: ``overrides.yaml`` beside the project file, or here. ``llm``:
    who is asked about gaps; ``local_only``: nobody outside this machine; ``allow_llm_data``: the form of the user's
    values may be sent; None: as the settings say."""

    cache: bool = True
    overrides: str | None = None
    llm: str | None = None
    local_only: bool | None = None
    allow_llm_data: bool | None = None


DEFAULT = Reading()


def read(sources: Sequence[str], listen: Listener = silent, reading: Reading = DEFAULT) -> Schema:
    """Read every source, fuse what they say, answer the schema.

    Raises SourceError for material that cannot be read, RequestError where no source is named.
    """
    if not sources:
        raise RequestError("no source named", mend="Name a database URL, a schema.sql, a data file or a *.schema.yaml.")
    started = time.monotonic()
    listen(StageStarted("read", ", ".join(shown(s) for s in sources)))
    with patient():
        schema = _read(sources, reading)
    tables = sum(not e.view for e in schema.entities)
    listen(StageFinished("read", time.monotonic() - started, f"{tables} tables"))
    return schema


def shown(source: str) -> str:
    """A source as it may be shown: without the password of a URL."""
    if "://" not in source:
        return source
    from understudy.sources.database.connect import describe

    return describe(source)


def _read(sources: Sequence[str], reading: Reading) -> Schema:
    from understudy.model.editable import load_schema
    from understudy.sources.recognise import recognise

    recognised = [recognise(s) for s in sources]
    if len(sources) == 1 and recognised[0].kind == "schema":
        return load_schema(Path(sources[0]))
    for source, found in zip(sources, recognised, strict=True):
        if found.kind in ("schema", "plan"):
            raise RequestError(f"{source} is a saved {found.kind} and stands alone", mend="Name it as the only source.")
    return fused(gathered(recognised, reading), reading)


def gathered(recognised: Sequence[Recognised], reading: Reading = DEFAULT) -> list[Evidence]:
    """What each source says, in their order, whatever came first."""
    shelves = [_shelf(found, reading) for found in recognised]
    kept = [shelf.take() if shelf is not None else None for shelf in shelves]
    missing = [i for i, said in enumerate(kept) if said is None]
    if len(missing) > 1:
        from concurrent.futures import ThreadPoolExecutor

        from understudy.semantics.catalogue import catalogue

        catalogue()  # typed decoders of msgspec 0.20 may not be built by two threads at once
        with ThreadPoolExecutor(min(SIDE_BY_SIDE, len(missing))) as pool:
            made = list(pool.map(lambda i: _read_anew(recognised[i], shelves[i]), missing))
    else:
        made = [_read_anew(recognised[i], shelves[i]) for i in missing]
    anew = dict(zip(missing, made, strict=True))
    return [said if said is not None else anew[i] for i, said in enumerate(kept)]


def fused(evidence: Sequence[Evidence], reading: Reading = DEFAULT) -> Schema:
    """Evidence and a person's decisions as one schema."""
    from understudy.fusion import fuse, relate
    from understudy.fusion.decisions import accepted
    from understudy.workflow.deciding import decisions, place_of

    place = place_of(reading.overrides)
    known = decisions(place)
    parts = [*evidence, *([known.evidence(str(place))] if known.fields else [])]
    believed = weights()
    schema = relate(fuse(parts, believed))
    from understudy.workflow.consulting import consulted

    said = consulted(schema, evidence, reading)
    if said is not None:
        schema = relate(fuse([*evidence, said, *parts[len(evidence) :]], believed))
    return accepted(schema, known)


def weights() -> Weights:
    """The confidence weights in force: the defaults, and what the project file says otherwise."""
    from understudy.model.weights import Weights, known
    from understudy.workflow.settings import settings

    defaults = known()
    found = settings().group("weights")
    return Weights({key: value for key, value in found.items() if value != defaults[key]})


def _shelf(found: Recognised, reading: Reading) -> Shelf | None:
    """Where a source's evidence would be kept; None where it is to be read in any case."""
    from understudy.workflow.readers import LIVE

    if not reading.cache or found.kind in LIVE:
        return None
    from understudy.storage.evidence import Shelf

    return Shelf.of(found.kind, found.location)


def _read_anew(found: Recognised, shelf: Shelf | None) -> Evidence:
    from understudy.workflow.readers import evidence_of

    started = time.monotonic()
    made = evidence_of(found)
    if shelf is not None:
        shelf.keep(made, time.monotonic() - started)
    return made
