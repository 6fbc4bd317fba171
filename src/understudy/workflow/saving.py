"""Schemas and plans on disk, and back."""

from __future__ import annotations

from pathlib import Path

from understudy.errors import TargetError
from understudy.model.bundle import Bundle
from understudy.model.editable import save_schema as _write_schema
from understudy.model.schema import Schema

SCHEMA_ENDING = ".schema.yaml"
PLAN_ENDING = ".plan"


def save_plan(bundle: Bundle, path: str | Path) -> Path:
    """Write a plan as the folder ``path`` (the ending ``.plan`` is added where it is missing); returns its place."""
    from understudy.storage.plans import save

    place = _with_ending(path, PLAN_ENDING)
    save(bundle, place)
    return place


def load_plan(path: str | Path) -> Bundle:
    """Read a plan from its folder, its artefacts verified; SourceError."""
    from understudy.storage.plans import load

    return load(path)


def save_schema(schema: Schema, path: str | Path) -> Path:
    """Write a schema as YAML that a person can edit (``.schema.yaml`` is added where missing); returns its place."""
    place = _with_ending(path, SCHEMA_ENDING)
    try:
        _write_schema(schema, place)
    except OSError as e:
        raise TargetError(
            f"cannot be written: {e.strerror or e}", where=str(place), mend="Choose another place."
        ) from e
    return place


def _with_ending(path: str | Path, ending: str) -> Path:
    text = str(path).rstrip("/")
    return Path(text if text.endswith(ending) else text + ending)
