"""Whether a value obeys a conjunction, by a validator that nobody here wrote: what is made is tried before it is
trusted."""

from __future__ import annotations

import json
import re
from typing import Any

import msgspec

from understudy.errors import SourceError
from understudy.planning.documents.parts import Book, Conj, key_of

ROOT = "urn:understudy:face"


class Judge:
    """Validators of one document's conjunctions, each built once."""

    def __init__(self, book: Book) -> None:
        self.book = book
        self._registry: Any = None
        self._validators: dict[tuple[str, ...], Any] = {}

    def obeys(self, conj: Conj, value: Any) -> bool:
        """Whether ``value`` obeys all parts, formats included."""
        return bool(self.validator(conj).is_valid(value))

    def complaint(self, conj: Conj, value: Any) -> str:
        """What is wrong with a value, in the validator's words; "" where nothing is."""
        error = next(iter(self.validator(conj).iter_errors(value)), None)
        return "" if error is None else str(error.message)

    def validator(self, conj: Conj) -> Any:
        """The validator of a conjunction; SourceError where the schema itself is broken."""
        key = key_of(conj)
        found = self._validators.get(key)
        if found is None:
            import jsonschema_rs

            schemas = [
                _rooted(p.schema) if p.pointer.startswith("~") else {"$ref": ROOT + _quoted(p.pointer)} for p in conj
            ]
            try:
                if self._registry is None:
                    self._registry = jsonschema_rs.Registry([(ROOT, _named(self.book.document))])
                found = jsonschema_rs.Draft202012Validator(
                    {"allOf": schemas} if schemas else {}, registry=self._registry, validate_formats=True
                )
            except (ValueError, jsonschema_rs.ValidationError, jsonschema_rs.ReferencingError) as error:
                what = str(error).strip().splitlines()[0]
                raise SourceError(
                    f"the schema is broken: {what}", where=self.book.where, mend="Mend the schema."
                ) from error
            self._validators[key] = found
        return found


def _named(document: Any) -> Any:
    """The document under our own name, whatever it calls itself."""
    if not isinstance(document, dict):
        return document
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **document, "$id": ROOT}


def _rooted(schema: Any) -> Any:
    """A made-up schema with its references told from the document's root."""
    if isinstance(schema, dict):
        return {
            k: ROOT + _quoted(v) if k == "$ref" and isinstance(v, str) and v.startswith("#") else _rooted(v)
            for k, v in schema.items()
        }
    return [_rooted(v) for v in schema] if isinstance(schema, list) else schema


def _quoted(pointer: str) -> str:
    from urllib.parse import quote

    return "#" + quote(pointer.lstrip("#"), safe="/~!$&'()*+,;=:@")


WRITTEN_LONG = re.compile(r"\d\.0+(?!\d)|\d[eE]")
"""Numbers that may be another number written otherwise."""


def canonical(value: Any) -> str:
    """A value's text by which JSON's own equality is told: 1.0 is 1, true is not 1, members in any order."""
    text = _sorted(value)
    return _sorted(_plain(value)) if WRITTEN_LONG.search(text) else text


def _sorted(value: Any) -> str:
    try:
        return msgspec.json.encode(value, order="sorted").decode()
    except (TypeError, ValueError, OverflowError):  # whole numbers of more than 64 bits, half surrogates
        return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def _plain(value: Any) -> Any:
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e300:
        return int(value)
    if isinstance(value, dict):
        return {k: _plain(v) for k, v in value.items()}
    return [_plain(v) for v in value] if isinstance(value, list) else value
