"""Nouns as text: YAML and JSON that a person can read, and back without change."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import yaml

from understudy.errors import SourceError
from understudy.model.schema import Schema

T = TypeVar("T")


def to_json(noun: msgspec.Struct, *, indent: int = 1) -> str:
    """A noun as JSON text, members in their declared order, defaults left out."""
    return msgspec.json.format(msgspec.json.encode(noun), indent=indent).decode()


def from_json(text: str | bytes, kind: type[T], *, where: str = "") -> T:
    """A noun from JSON text; SourceError with the JSON path of the first fault."""
    try:
        return msgspec.json.decode(text, type=kind)
    except msgspec.MsgspecError as e:
        raise SourceError(f"not a valid {kind.__name__.lower()}: {e}", where=where) from e


def digest(noun: msgspec.Struct) -> str:
    """Content hash: BLAKE2b-128 of the compact JSON."""
    return hashlib.blake2b(msgspec.json.encode(noun), digest_size=16).hexdigest()


class _Dumper(yaml.CSafeDumper):
    """Block style, no aliases, long texts folded by nobody."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def to_yaml(noun: msgspec.Struct) -> str:
    """A noun as YAML text that a person can edit."""
    return yaml.dump(msgspec.to_builtins(noun), Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=110)


def from_yaml(text: str | bytes, kind: type[T], *, where: str = "") -> T:
    """A noun from YAML text (a safe subset: no tags, no code); SourceError with line or path of the fault."""
    try:
        return msgspec.convert(yaml.load(text, Loader=yaml.CSafeLoader), type=kind)
    except yaml.YAMLError as e:
        raise SourceError(f"not valid YAML: {e}", where=where, mend="Mend the line named.") from e
    except msgspec.MsgspecError as e:
        raise SourceError(f"not a valid {kind.__name__.lower()}: {e}", where=where) from e


def save_schema(schema: Schema, path: Path) -> None:
    """Write a schema as YAML."""
    path.write_text(to_yaml(schema), encoding="utf-8")


def load_schema(path: Path) -> Schema:
    """Read a schema from YAML."""
    return from_yaml(path.read_bytes(), Schema, where=str(path))
