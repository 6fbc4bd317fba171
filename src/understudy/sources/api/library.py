"""The documents of one description, and what stands where in them: references across files are followed here.

A place is an address (path or URL) and a JSON pointer. Files beside the first one are read when they are first
referred to; what cannot be read is told once, with the place that asked for it.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urldefrag, urljoin

import msgspec

from understudy.errors import SourceError
from understudy.sources.api.material import parse, read_bytes

Fetch = Callable[[str], bytes]
LONGEST_CHAIN = 50


class Place(msgspec.Struct, frozen=True):
    """Where a value stands."""

    address: str
    pointer: str = ""

    def below(self, *steps: str | int) -> Place:
        """A place inside."""
        path = "".join("/" + str(s).replace("~", "~0").replace("/", "~1") for s in steps)
        return Place(self.address, self.pointer + path)

    @property
    def last(self) -> str:
        """The last step, as it is written in the document."""
        return unquote(self.pointer.rsplit("/", 1)[-1]).replace("~1", "/").replace("~0", "~")


class Library:
    """All documents by address."""

    def __init__(self, address: str, document: Any, fetch: Fetch | None = None) -> None:
        """``fetch``: how documents at URLs are read; None where they are not."""
        self.root = Place(address)
        self.documents: dict[str, Any] = {address: document}
        self.faults: dict[str, str] = {}
        self.fetch = fetch
        self._anchors: dict[Place, dict[str, Place]] = {}
        self._named: dict[str, Place] = {}
        self._bases: dict[str, dict[str, str]] = {}
        self._name(address, document)

    @classmethod
    def of_file(cls, path: Path, fetch: Fetch | None = None) -> Library:
        """The library whose first document is a file."""
        return cls(str(path.absolute()), parse(read_bytes(path), str(path)), fetch)

    def shown(self, place: Place) -> str:
        """A place for people: the pointer, with the file where it is not the first."""
        pointer = f"#{place.pointer}"
        return pointer if place.address == self.root.address else f"{posixpath.basename(place.address)}{pointer}"

    # ---- following -------------------------------------------------------------------------
    def target(self, reference: str, place: Place) -> Place:
        """What a reference written at ``place`` means."""
        where, fragment = urldefrag(reference)
        root = self.resource(place)
        if where:
            named = self._named.get(urljoin(self._base(root), where)) or self._named.get(where)
            address = place.address if named is not None else self._join(place.address, where)
            root = named or self._named.get(address, Place(address))
        if fragment and not fragment.startswith("/"):
            self.document(root.address)
            found = self._anchors.get(root, {}).get(fragment)
            if found is not None:
                return found
            raise SourceError(f"nothing is called #{fragment}", where=self.shown(place), mend="Mend the reference.")
        meant = Place(root.address, root.pointer + unquote(fragment))
        if root.pointer and fragment and not self._stands(meant):
            return Place(root.address, unquote(fragment))  # people name parts ($id) and go on counting from the top
        return meant

    def resource(self, place: Place) -> Place:
        """The document, or the part of it with a name of its own (``$id``), that a place belongs to."""
        bases = self._bases.get(place.address)
        pointer = place.pointer
        while bases and pointer:
            if pointer in bases:
                return Place(place.address, pointer)
            pointer = pointer.rpartition("/")[0]
        return Place(place.address)

    def dynamic(self, anchor: str, scope: Sequence[Place]) -> Place | None:
        """What a dynamic anchor means for who came by these documents, the outermost first."""
        for root in scope:
            found = self._anchors.get(root, {}).get(anchor)
            if found is not None and self.at(found).get("$dynamicAnchor") == anchor:
                return found
        return None

    def _base(self, root: Place) -> str:
        return self._bases.get(root.address, {}).get(root.pointer) or root.address

    def _stands(self, place: Place) -> bool:
        try:
            self.at(place)
        except SourceError:
            return False
        return True

    def _join(self, base: str, where: str) -> str:
        if re.match(r"[A-Za-z][A-Za-z0-9+.-]*://", where) or re.match(r"https?://", base):
            return urljoin(base, where)
        return str((Path(base).parent / unquote(where)).absolute()) if base else where

    def document(self, address: str) -> Any:
        """The document at an address; SourceError where it cannot be read."""
        if address not in self.documents:
            if address in self.faults:
                raise SourceError(self.faults[address], where=address)
            try:
                self.documents[address] = self._read(address)
            except SourceError as error:
                self.faults[address] = error.what
                raise
            self._name(address, self.documents[address])
        return self.documents[address]

    def _read(self, address: str) -> Any:
        if re.match(r"https?://", address):
            if self.fetch is None:
                mend = "Put the document beside the first one and refer to its file."
                raise SourceError("documents on the web are not read from here", where=address, mend=mend)
            return parse(self.fetch(address), address)
        if re.match(r"[A-Za-z][A-Za-z0-9+.-]+:", address):
            raise SourceError("nothing here is called so", where=address, mend="Mend the reference.")
        if re.match(r"https?://", self.root.address):
            raise SourceError("a document of the web refers to a file of this machine", where=address)
        return parse(read_bytes(Path(_normal(address))), address)

    def at(self, place: Place) -> Any:
        """What stands at a place; SourceError where nothing does."""
        found = self.document(place.address)
        for step in place.pointer.split("/")[1:]:
            name = unquote(step).replace("~1", "/").replace("~0", "~")
            raw = step.replace("~1", "/").replace("~0", "~")
            try:
                key: Any = int(name) if isinstance(found, list) else raw if raw in found else name
                found = found[key]
            except (KeyError, IndexError, ValueError, TypeError) as error:
                mend = "Mend the reference."
                raise SourceError("nothing stands there", where=self.shown(place), mend=mend) from error
        return found

    def resolved(self, value: Any, place: Place) -> tuple[Any, Place]:
        """The value itself, or, where it is a reference, what it refers to at last, and where that stands."""
        for _ in range(LONGEST_CHAIN):
            if not isinstance(value, dict) or not isinstance(value.get("$ref"), str):
                return value, place
            place = self.target(value["$ref"], place)
            value = self.at(place)
        raise SourceError("references lead in a circle", where=self.shown(place), mend="Let one of them say something.")

    # ---- names -----------------------------------------------------------------------------
    def _name(self, address: str, document: Any) -> None:
        """Remember what a document and its parts are called (by ``$id``) and what in them is (by anchors)."""
        bases = self._bases.setdefault(address, {})
        todo: list[tuple[Any, str, Place, str]] = [(document, "", Place(address), address)]
        while todo:
            value, pointer, root, base = todo.pop()
            if isinstance(value, dict):
                own = value.get("$id", value.get("id"))
                if isinstance(own, str) and own.startswith("#") and len(own) > 1:
                    self._anchors.setdefault(root, {})[own[1:]] = Place(address, pointer)
                elif isinstance(own, str) and (pointer == "" or isinstance(value.get("$id"), str)):
                    root, base = Place(address, pointer), urljoin(base, own).partition("#")[0]
                    self._named.setdefault(base, root)
                    bases[pointer] = base
                for word in ("$anchor", "$dynamicAnchor"):
                    if isinstance(value.get(word), str):
                        self._anchors.setdefault(root, {})[value[word]] = Place(address, pointer)
                todo += [
                    (v, f"{pointer}/{_escaped(str(k))}", root, base)
                    for k, v in value.items()
                    if isinstance(v, dict | list) and k not in PLAIN
                ]
            elif isinstance(value, list):
                todo += [(v, f"{pointer}/{i}", root, base) for i, v in enumerate(value) if isinstance(v, dict | list)]


PLAIN = frozenset({"enum", "const", "default", "example", "examples"})
"""Members that hold values, not schemas: a name in them names nothing."""


def _escaped(step: str) -> str:
    return step if "/" not in step else step.replace("~", "~0").replace("/", "~1")


def _normal(address: str) -> str:
    return posixpath.normpath(address)
