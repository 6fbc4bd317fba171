"""Judges documents by the schemas of their faces, with a validator that knows nothing of how they were made."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from understudy.errors import SourceError
from understudy.model.face import Face
from understudy.model.violation import Verdict

SHOWN = 5
"""Broken documents that are shown of a face."""
LENGTH = 200
METHOD = "JSON Schema 2020-12, formats included"


def validate_faces(faces: Sequence[Face], files: Mapping[str, Sequence[Path]]) -> tuple[Verdict, ...]:
    """A verdict per face: how many documents do not obey its schema. ``files``: by ``kind/name``; JSON Lines or one
    JSON array each. SourceError where a file is not JSON."""
    return tuple(_judged(face, files[name]) for face in faces if (name := f"{face.kind.value}/{face.name}") in files)


def _judged(face: Face, files: Sequence[Path]) -> Verdict:
    import jsonschema_rs

    name = f"{face.kind.value}/{face.name}"
    text = f"JSON Schema at {face.origin.place or face.name}"
    try:
        validator = jsonschema_rs.Draft202012Validator(json.loads(face.document), validate_formats=True)
    except (ValueError, jsonschema_rs.ValidationError, jsonschema_rs.ReferencingError) as error:
        reason = str(error).strip().splitlines()[0]
        return Verdict(name, "document", "schema", text, METHOD, None, reason=f"the schema is broken: {reason}")
    broken, shown = 0, list[str]()
    for document in documents(files):
        if not validator.is_valid(document):
            broken += 1
            if len(shown) < SHOWN:
                shown.append(_told(validator, document))
    return Verdict(name, "document", "schema", text, METHOD, broken, sample=tuple(shown))


def _told(validator: Any, document: Any) -> str:
    error = next(iter(validator.iter_errors(document)))
    place = "/".join(str(p) for p in error.instance_path)
    return f"{place or 'document'}: {error.message}"[:LENGTH]


def documents(files: Iterable[Path]) -> Iterator[Any]:
    """All documents of files, one in memory at a time where a file is JSON Lines."""
    for path in files:
        with path.open(encoding="utf-8") as file:
            if path.suffix == ".json":
                yield from json.load(file)
                continue
            for number, line in enumerate(file, 1):
                try:
                    if line.strip():
                        yield json.loads(line)
                except ValueError as error:
                    mend = "Mend or remove the line."
                    raise SourceError(f"not JSON: {error}", where=f"{path}, line {number}", mend=mend) from error


def face_files(folder: Path, faces: Sequence[Face]) -> dict[str, list[Path]]:
    """The files of faces in a folder that holds delivered data: ``faces/kind/name.jsonl``, names made safe."""
    found: dict[str, list[Path]] = {}
    root = folder / "faces" if (folder / "faces").is_dir() else folder
    by_stem: dict[tuple[str, str], str] = {}
    for face in faces:
        by_stem[face.kind.value, _safe(face.name)] = f"{face.kind.value}/{face.name}"
    for path in sorted(p for p in root.rglob("*.json*") if p.suffix in (".json", ".jsonl")):
        stem = path.name[: -len(path.suffix)]
        kind = path.parent.name
        name = by_stem.get((kind, stem)) or by_stem.get((kind, stem.rsplit("-", 1)[0]))
        if name is not None:
            found.setdefault(name, []).append(path)
    return found


def _safe(name: str) -> str:
    """A face's name as files are called after it: letters, digits and ``_-.``; everything else becomes ``_``."""
    text = "".join(c if c.isalnum() or c in "_-." else "_" for c in name).strip(".") or "_"
    return f"_{text}" if text.startswith("-") else text
