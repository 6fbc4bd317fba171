"""The rows that a data file itself holds, with what was understood of its columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec
import pyarrow as pa

from understudy.errors import RequestError


class Own(msgspec.Struct, frozen=True):
    """``rows``: the first ones; ``read_as``: per column what its values are read as, in words; ``total``: how many rows
    there are; ``place``: where; ``remarks``: what was remarked, place and words."""

    rows: pa.Table
    read_as: tuple[str, ...]
    total: int
    place: str
    remarks: tuple[str, ...]


def with_session(target: str, settings: Mapping[str, str]) -> str:
    """The target with settings of its sessions; RequestError where it has none."""
    from understudy.storage.databases import with_settings

    return with_settings(target, settings)


def are_files(sources: Sequence[str]) -> bool:
    """Whether all sources are data files (or folders of them)."""
    from understudy.sources.recognise import recognise

    return all(not s.startswith("pack:") and recognise(s).kind == "data" for s in sources)


def own_rows(sources: Sequence[str], table: str | None = None, limit: int = 10) -> dict[str, Own]:
    """The first ``limit`` rows of each table of data files, or of one. RequestError for an unknown table."""
    from understudy.sources.files.engine import reading
    from understudy.sources.files.read import surveys
    from understudy.sources.recognise import recognise
    from understudy.workflow.readers import limits

    out: dict[str, Own] = {}
    with reading():
        for source in sources:
            for found in surveys(Path(recognise(source).location), limits()):
                if table not in (None, found.sheet.name):
                    continue
                from understudy.sources.files.survey import first_rows

                told = tuple(f"{f.place}: {f.text}" for f in found.sheet.faults.told(found.sheet.place))
                kinds = tuple(
                    " ".join(x for x in (t.kind.value, f"({r.style})" if r is not None and r.style else "") if x)
                    for t, r in zip(found.types, map(found.sheet.readings.get, found.sheet.columns), strict=True)
                )
                out[found.sheet.name] = Own(
                    first_rows(found.sheet, limit), kinds, found.profile.rows, found.sheet.place, told
                )
    if table is not None and not out:
        raise RequestError(f"no table {table!r}", mend="See `understudy inspect`.")
    return out
