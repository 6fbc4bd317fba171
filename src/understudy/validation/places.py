"""Which files hold which table: by name, in the folder's formats."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Sequence
from pathlib import Path

import msgspec

from understudy.errors import SourceError
from understudy.model.face import FaceKind
from understudy.model.schema import Entity

FORMATS = {
    "parquet": "parquet",
    "csv": "csv",
    "tsv": "tsv",
    "jsonl": "jsonl",
    "ndjson": "jsonl",
    "json": "json",
    "arrow": "arrow",
}
"""File ending → format."""

PACKED = ("gz", "zst")
"""Endings behind a format's own that DuckDB unpacks by itself."""

RUN = re.compile(r"-[0-9a-f]{8}$")
"""What a later run that adds to a folder writes behind a table's name."""


class Place(msgspec.Struct, frozen=True):
    """A table's files. ``member``: the table's key inside a JSON file that holds several."""

    format: str
    files: tuple[Path, ...]
    member: str = ""


def format_of(path: Path) -> str:
    """The format by the file's ending, or ''."""
    endings = [s.lstrip(".").lower() for s in path.suffixes]
    if endings and endings[-1] in PACKED:
        endings.pop()
    return FORMATS.get(endings[-1], "") if endings else ""


def find(folder: Path, entities: Sequence[Entity], default_namespace: str) -> tuple[dict[str, Place], tuple[Path, ...]]:
    """Table → its files in ``folder``, and the data files that belong to no table. A table is a file of its name,
    several numbered ones, or a folder of its name. SourceError where there is no such folder."""
    if not folder.is_dir():
        raise SourceError("there is no such folder", where=str(folder), mend="Name a folder with one file per table.")
    owners = _owners(entities, default_namespace)
    found: dict[str, list[Path]] = {}
    strangers = []
    for path in sorted(p for p in folder.rglob("*") if p.is_file() and format_of(p)):
        name = path.relative_to(folder).parts[0].lower()
        owner = owners.get(_folded(_stem(name))) or owners.get(_folded(RUN.sub("", _stem(name))))
        if owner is None and of_faces(path.relative_to(folder)):
            continue  # documents, which are judged by the schemas of their faces
        if owner is None or any(part.startswith(".") for part in path.relative_to(folder).parts):
            strangers.append(path)
        else:
            found.setdefault(owner, []).append(path)
    return {table: place_of(table, files) for table, files in found.items()}, tuple(strangers)


def of_faces(path: Path) -> bool:
    """Whether a file, by its place in a folder of delivered data, holds documents of a face (``faces/request/…``)."""
    return len(path.parts) == 3 and path.parts[0] == "faces" and path.parts[1] in {k.value for k in FaceKind}


def place_of(table: str, files: Sequence[Path]) -> Place:
    """Files of one table as a place; SourceError where they are of several formats or of none."""
    formats = {format_of(f) for f in files}
    if len(formats) != 1 or "" in formats:
        what = f"table {table} lies in files of {'several formats' if len(formats) > 1 else 'an unknown format'}"
        mend = f"Known: {', '.join(sorted(FORMATS))}; one format per table."
        raise SourceError(what, where=str(files[0]), mend=mend)
    return Place(formats.pop(), tuple(files))


def _stem(name: str) -> str:
    for ending in sorted(FORMATS, key=len, reverse=True):
        for packed in ("", *(f".{p}" for p in PACKED)):
            if name.endswith(f".{ending}{packed}"):
                return name[: -len(f".{ending}{packed}")]
    return name


def _owners(entities: Sequence[Entity], default_namespace: str) -> dict[str, str]:
    """File name without ending → table. Exact spellings win over shorter ones, and a name that would stand for
    two tables stands for none."""
    owners: dict[str, str] = {}
    for spell in (_digested, _full, _short):
        names: dict[str, list[str]] = {}
        for entity in entities:
            names.setdefault(_folded(spell(entity, default_namespace)), []).append(entity.name)
        for name, claimants in names.items():
            if len(claimants) == 1:
                owners.setdefault(name, claimants[0])
    return owners


def _full(entity: Entity, default_namespace: str) -> str:
    return _safe(entity.name.removeprefix(f"{default_namespace}.") if default_namespace else entity.name)


def _short(entity: Entity, _default: str) -> str:
    return _safe(entity.table)


def _digested(entity: Entity, default_namespace: str) -> str:
    """The name that delivery gives where two tables' file names would clash."""
    digest = hashlib.blake2b(entity.name.encode(), digest_size=4).hexdigest()
    return f"{_full(entity, default_namespace)}-{digest}"


def _safe(name: str) -> str:
    text = "".join(c if c.isalnum() or c in "_-." else "_" for c in unicodedata.normalize("NFC", name))
    return text.strip(".") or "_"


def _folded(name: str) -> str:
    return unicodedata.normalize("NFKC", name).casefold()
