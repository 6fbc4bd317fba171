"""Data files to evidence: every table of every file surveyed, then related to each other."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from understudy.model.evidence import Claim, Evidence
from understudy.profiling import Depth
from understudy.sources.files.claims import Claims
from understudy.sources.files.engine import reading
from understudy.sources.files.limits import Limits
from understudy.sources.files.opening import sheets
from understudy.sources.files.relate import relations
from understudy.sources.files.survey import Survey, survey


def read(path: Path, limits: Limits | None = None) -> Evidence:
    """What a data file, or a folder of them, says. SourceError for a file that cannot be read at all; whatever is wrong
    inside one is a REMARK with its place, and the rest is read."""
    with reading():
        found = surveys(path, limits)
        claims: list[Claim] = []
        for each in found:
            claims += Claims(each, str(path)).all()
        claims += relations(found, str(path))
    return Evidence(source=str(path), claims=tuple(claims))


def surveys(path: Path, limits: Limits | None = None, depth: Depth = Depth.RULES) -> Sequence[Survey]:
    """Every table of a file or folder, read and measured; inside :func:`~understudy.sources.files.engine.reading`."""
    bounds = limits or Limits()
    return [survey(sheet, bounds, depth) for sheet in sheets(path, bounds)]
