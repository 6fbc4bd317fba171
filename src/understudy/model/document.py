"""Nouns as JSON text, and back without change."""

from __future__ import annotations

import hashlib
from typing import TypeVar

import msgspec

from understudy.errors import SourceError

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
