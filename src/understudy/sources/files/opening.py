"""Which tables a file, or a folder of files, holds: by content, not by ending."""

from __future__ import annotations

from pathlib import Path

from understudy.errors import SourceError
from understudy.sources.files.limits import Limits
from understudy.sources.files.sheet import Sheet
from understudy.sources.files.unpack import head_of, plain_name


def sheets(path: Path, limits: Limits) -> list[Sheet]:
    """All tables; names are made distinct. SourceError where there is none."""
    found: list[Sheet] = []
    for file in [path] if path.is_file() else files_of(path):
        found += _of_file(file, limits)
    if not found:
        raise SourceError("no data file is in it", where=str(path), mend="Name a file with data.")
    taken: dict[str, int] = {}
    for sheet in found:
        taken[sheet.name] = taken.get(sheet.name, 0) + 1
        if taken[sheet.name] > 1:
            sheet.name = f"{sheet.name}_{taken[sheet.name]}"
    return found


def files_of(folder: Path) -> list[Path]:
    """Files of a folder that may hold data, by name."""
    return sorted(p for p in folder.iterdir() if p.is_file() and not p.name.startswith((".", "_")))


def entity_name(path: Path) -> str:
    """What the table of a file is called: its name without endings."""
    name = plain_name(path)
    return name.rsplit(".", 1)[0] if "." in name.strip(".") else name


def _of_file(path: Path, limits: Limits) -> list[Sheet]:
    from understudy.sources.files.delimited import Delimited

    head_of(path, limits, 64)
    return [Delimited(path, limits).sheet(entity_name(path))]
