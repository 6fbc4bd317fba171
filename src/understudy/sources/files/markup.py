"""XML: the element that repeats is a record; attributes and inner elements are its fields, repeated ones their own
tables. Two passes over the stream: what repeats where, then the records, line by line as JSON, which the reader of
nested documents takes.

No document type is obeyed: entities are refused, nothing is fetched, nothing grows.
"""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from understudy.errors import SourceError
from understudy.sources.files.limits import Limits
from understudy.sources.files.nested import Origin, tables
from understudy.sources.files.sheet import Faults, Sheet
from understudy.sources.files.unpack import Metered, opened

CHUNK = 1 << 20
DEEPEST = 64
TEXT = "value"
"""What the text of an element is called that has attributes as well."""


def markup_sheets(path: Path, name: str, limits: Limits) -> list[Sheet]:
    """The tables of an XML file. SourceError where it is not well formed, or declares entities."""
    shape = _Shape()
    for event, element, tags in _events(path, limits):
        shape.see(event, element, tags)
    record = shape.record()
    if record is None:
        raise SourceError(
            "no element repeats: there are no records in it", where=str(path), mend="Name a file of rows."
        )
    keep = tempfile.TemporaryDirectory(prefix="understudy-")
    target = Path(keep.name) / "records.jsonl"
    encode = msgspec.json.Encoder().encode
    with target.open("wb") as out:
        for found in _records(path, limits, record, shape):
            out.write(encode(found) + b"\n")
    from understudy.sources.files.documents import _query, _read, _schema

    query = _query(target, target.stat().st_size, lines=True, single=False)
    schema = _schema(query, str(path), lines=True)
    origin = Origin(
        str(path),
        Faults(limits.faults),
        target.stat().st_size,
        f"XML, records {'/'.join(record)}",
        True,
        lambda row: f"record {row + 1}",
        keep,
    )
    about = record[-1] if name.lower() in ("data", "export", "file") else name
    return tables(about, schema, lambda: _read(query, str(path), lines=True), origin)


def _events(path: Path, limits: Limits, depth: int = DEEPEST) -> Iterator[tuple[str, Any, tuple[str, ...]]]:
    """(start or end, element, names from the root to it). What lies ``depth`` levels deep or less is forgotten once it
    was told, so that memory stays flat."""
    try:
        from lxml import etree
    except ImportError as e:
        raise SourceError(
            "XML files need the package lxml", where=str(path), mend="pip install 'understudy[files]'"
        ) from e

    stream: Metered = opened(path, limits)
    parser = etree.XMLPullParser(
        events=("start", "end"), resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, recover=False
    )
    tags: list[str] = []
    begun = b""
    try:
        while piece := stream.read(CHUNK):
            if len(begun) < 1 << 16:
                begun += piece
                _refused(begun, path)
            parser.feed(piece)
            for event, element in parser.read_events():
                if event == "start":
                    tags.append(_local(element.tag))
                    if len(tags) > DEEPEST:
                        raise SourceError(
                            f"elements lie deeper than {DEEPEST} levels", where=str(path), mend="Flatten it."
                        )
                    yield event, element, tuple(tags)
                else:
                    yield event, element, tuple(tags)
                    if len(tags) <= depth:
                        _drop(element)
                    tags.pop()
        parser.close()
        for event, element in parser.read_events():
            yield event, element, tuple(tags)
    except etree.XMLSyntaxError as e:
        said = " ".join(str(e).split())
        raise SourceError(
            f"not well-formed XML: {said[:160]}", where=f"{path}, line {e.lineno}", mend="Mend it there."
        ) from e
    finally:
        stream.close()


def _refused(begun: bytes, path: Path) -> None:
    """SourceError for a document type that declares entities: they can fetch files and grow without bound."""
    text = begun.replace(b"\0", b"")
    if b"<!ENTITY" in text:
        line = text[: text.index(b"<!ENTITY")].count(b"\n") + 1
        what = "the document declares entities, which are not obeyed"
        raise SourceError(what, where=f"{path}, line {line}", mend="Remove the DOCTYPE; write the text itself.")


def _local(tag: Any) -> str:
    """A name without its namespace; comments and instructions have none."""
    return tag.rsplit("}", 1)[-1] if isinstance(tag, str) else ""


def _drop(element: Any) -> None:
    """Forget a finished element's content and what lies before it."""
    parent = element.getparent()
    if parent is not None:
        element.clear(keep_tail=True)
        while element.getprevious() is not None:
            del parent[0]


class _Shape:
    """How often elements repeat inside their parents, and which hold others."""

    def __init__(self) -> None:
        self.counts: Counter[tuple[str, ...]] = Counter()
        self.most: dict[tuple[str, ...], int] = {}
        self.rich: Counter[tuple[str, ...]] = Counter()
        self._open: list[Counter[str]] = []

    def see(self, event: str, element: Any, tags: tuple[str, ...]) -> None:
        """Take an event in."""
        if event == "start":
            self.counts[tags] += 1
            if self._open:
                self._open[-1][tags[-1]] += 1
                self.most[tags] = max(self.most.get(tags, 0), self._open[-1][tags[-1]])
            self._open.append(Counter())
        else:
            inner = self._open.pop()
            if inner or element.attrib:
                self.rich[tags] += 1

    def record(self) -> tuple[str, ...] | None:
        """The path of the records: what repeats nearest to the root, and holds something; else the root itself."""
        repeated = [p for p in self.counts if self.most.get(p, 0) > 1 and self.rich[p]]
        if repeated:
            return min(repeated, key=lambda p: (len(p), -self.counts[p]))
        plain = [p for p in self.counts if self.most.get(p, 0) > 1]
        if plain:
            return min(plain, key=lambda p: (len(p), -self.counts[p]))
        wide = [p for p in self.rich if len(p) <= 2]
        return max(wide, key=len, default=None)

    def listed(self, path: tuple[str, ...]) -> bool:
        """Whether an element repeats inside its parent."""
        return self.most.get(path, 0) > 1


def _records(path: Path, limits: Limits, record: tuple[str, ...], shape: _Shape) -> Iterator[dict[str, Any]]:
    for event, element, tags in _events(path, limits, len(record)):
        if event == "end" and tags == record:
            made = _value(element, record, shape)
            yield made if isinstance(made, dict) else {TEXT: made}


def _value(element: Any, path: tuple[str, ...], shape: _Shape) -> Any:
    """An element as a value: its text, or an object of its attributes and inner elements."""
    text = (element.text or "").strip()
    children = [c for c in element if isinstance(c.tag, str)]
    nil = [k for k in element.attrib if _local(k) == "nil"]
    if nil and element.attrib[nil[0]] in ("true", "1"):
        return None
    attributes = {_local(k): v for k, v in element.attrib.items() if not k.startswith("{http://www.w3.org/")}
    if not children and not attributes:
        return text or None
    found: dict[str, Any] = dict(attributes)
    for child in children:
        name = _local(child.tag)
        inner = (*path, name)
        made = _value(child, inner, shape)
        if shape.listed(inner):
            if shape.rich[inner] and not isinstance(made, dict):
                made = {TEXT: made}
            found.setdefault(name, []) if not isinstance(found.get(name), str) else None
            if isinstance(found[name], list):
                found[name].append(made)
        else:
            found[name if name not in found else f"{name}_{TEXT}"] = made
    mixed = " ".join(t for t in (text, *((c.tail or "").strip() for c in children)) if t)
    if mixed:
        found[TEXT if TEXT not in found else f"{TEXT}_"] = mixed
    return found
