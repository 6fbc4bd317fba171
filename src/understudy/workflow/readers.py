"""One reader per kind of source: what :mod:`understudy.sources.recognise` calls a kind → a function to evidence.

Readers are imported when they are called: a run that reads a dump does not pay for browsers and parsers of tests.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from understudy.errors import RequestError
from understudy.model.evidence import Evidence

if TYPE_CHECKING:
    from understudy.sources.files.limits import Limits
    from understudy.sources.recognise import Recognised

Reader = Callable[["Recognised"], Evidence]


def _database(found: Recognised) -> Evidence:
    from understudy.sources.database import read

    return read(found.location)


def _dump(found: Recognised) -> Evidence:
    from understudy.sources.database import dump

    return dump.read(Path(found.location))


def _data(found: Recognised) -> Evidence:
    from understudy.sources.files.read import read

    return read(Path(found.location), limits())


def _pages(found: Recognised) -> Evidence:
    from understudy.sources import ui

    return ui.read(Path(found.location))


def _site(found: Recognised) -> Evidence:
    from understudy.sources.ui.crawl import Limits, crawl
    from understudy.workflow.settings import settings

    known = settings()
    limits = Limits(
        pages=known.number("ui.pages"),
        depth=known.number("ui.depth"),
        seconds=known.number("ui.timeout_s"),
        private=known.flag("sources.private_addresses"),
        sends=known.flag("ui.submits"),
        probes=known.flag("ui.probes"),
        browser=known.text("ui.browser"),
    )
    return crawl(found.location, limits)


def _cases(found: Recognised) -> Evidence:
    from understudy.sources import cases

    return cases.read(Path(found.location))


def _project(found: Recognised) -> Evidence:
    """A folder of pages and tests: what both readers say of it."""
    import msgspec

    pages, tests = _pages(found), _cases(found)
    return msgspec.structs.replace(
        pages,
        claims=(*pages.claims, *tests.claims),
        flows=(*pages.flows, *tests.flows),
        fragments=tests.fragments,
    )


def _pack(found: Recognised) -> Evidence:
    from understudy.sources import packs

    return packs.read(found.location)


def _described(found: Recognised) -> Evidence:
    from understudy.sources.api import Web, read
    from understudy.workflow.settings import settings

    return read(found.location, Web(private=bool(settings()["sources.private_addresses"])))


READERS: dict[str, Reader] = {
    "database": _database,
    "dump": _dump,
    "data": _data,
    "html": _pages,
    "site": _site,
    "cases": _cases,
    "test": _cases,
    "project": _project,
    "api": _described,
    "pack": _pack,
}
LIVE = frozenset({"database", "api", "site", "test"})
"""Kinds whose content cannot be told without reading them (descriptions of APIs refer to other files and to the web,
tests to the code around them): never answered from the cache."""


def evidence_of(found: Recognised) -> Evidence:
    """What one source says. SourceError where it cannot be read, RequestError for a kind without a reader."""
    reader = READERS.get(found.kind)
    if reader is None:
        raise RequestError(f"{found.location}: sources of kind {found.kind} cannot be read yet")
    return reader(found)


def limits() -> Limits:
    """How large data files may be, as the settings say."""
    from understudy.sources.files.limits import Limits
    from understudy.workflow.settings import settings

    known = settings()
    return Limits(file_bytes=known.number("limits.file_bytes"), whole_bytes=known.number("limits.whole_bytes"))
