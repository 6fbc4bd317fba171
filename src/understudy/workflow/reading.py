"""Sources to one schema."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from understudy.errors import RequestError
from understudy.model.event import Listener, StageFinished, StageStarted, silent
from understudy.model.schema import Schema

if TYPE_CHECKING:
    from understudy.sources.files.limits import Limits


def read(sources: Sequence[str], listen: Listener = silent) -> Schema:
    """Read every source, fuse what they say, answer the schema.

    Raises SourceError for material that cannot be read, RequestError where no source is named.
    """
    if not sources:
        raise RequestError("no source named", mend="Name a database URL, a schema.sql, a data file or a *.schema.yaml.")
    started = time.monotonic()
    listen(StageStarted("read", ", ".join(shown(s) for s in sources)))
    schema = _read(sources)
    tables = sum(not e.view for e in schema.entities)
    listen(StageFinished("read", time.monotonic() - started, f"{tables} tables"))
    return schema


def shown(source: str) -> str:
    """A source as it may be shown: without the password of a URL."""
    if "://" not in source:
        return source
    from understudy.sources.database.connect import describe

    return describe(source)


def limits() -> Limits:
    """How large data files may be, as the settings say."""
    from understudy.sources.files.limits import Limits
    from understudy.workflow.settings import settings

    known = settings()
    return Limits(file_bytes=known.number("limits.file_bytes"), whole_bytes=known.number("limits.whole_bytes"))


def _read(sources: Sequence[str]) -> Schema:
    from understudy.model.document import load_schema
    from understudy.sources.recognise import recognise

    recognised = [recognise(s) for s in sources]
    if len(sources) == 1 and recognised[0].kind == "schema":
        return load_schema(Path(sources[0]))
    from understudy.fusion import fuse, relate
    from understudy.sources.database import dump
    from understudy.sources.database import read as read_live

    evidence = []
    for source, found in zip(sources, recognised, strict=True):
        match found.kind:
            case "database":
                evidence.append(read_live(found.location))
            case "dump":
                evidence.append(dump.read(Path(found.location)))
            case "data":
                from understudy.fusion.wholes import whole
                from understudy.sources.files.read import read as read_files

                evidence.append(whole(read_files(Path(found.location), limits())))
            case "html":
                from understudy.sources import ui

                evidence.append(ui.read(Path(found.location)))
            case "schema" | "plan":
                raise RequestError(
                    f"{source} is a saved {found.kind} and stands alone", mend="Name it as the only source."
                )
            case other:
                raise RequestError(f"{source}: sources of kind {other} cannot be read yet")
    return relate(fuse(evidence))
