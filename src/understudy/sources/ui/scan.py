"""The tags of a page's source, in order, with their places.

A parser of HTML repairs what is broken and forgets where things stood. So the source is scanned first, and
every tag that matters is given an attribute with its offset, which the parser then carries along.

Source: HTML Living Standard, 13.2.5 (tokenization), as far as tags, comments and raw text go.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from html import unescape

import msgspec

MARK = "data-us-at"
"""The attribute that carries an offset."""
LONGEST_VALUE = 1 << 16
"""Characters of an attribute's value at most: a quote that is never closed must not cost the whole page each time."""
TAG = re.compile(
    r"<!--.*?(?:-->|\Z)|<!\[CDATA\[.*?(?:\]\]>|\Z)|<(?P<close>/?)(?P<name>[A-Za-z][^\s/>]*)"
    rf"(?P<rest>(?:=\s*\"[^\"]{{0,{LONGEST_VALUE}}}\"|=\s*'[^']{{0,{LONGEST_VALUE}}}'|[^>])*+)>",
    re.DOTALL,
)
ATTRIBUTE = re.compile(
    r"(?P<name>[^\s=/>\"'][^\s=/>]*)(?:\s*=\s*(?:\"(?P<double>[^\"]*)\"|'(?P<single>[^']*)'|(?P<bare>[^\s>\"']+)))?",
    re.DOTALL,
)
RAW = frozenset({"script", "style", "textarea", "title", "xmp", "iframe", "noembed", "noframes"})
"""Elements whose content is no markup."""


class Tag(msgspec.Struct, frozen=True):
    """``attributes``: in order, values unescaped (None: bare); all names in the source's case."""

    name: str
    closing: bool
    empty: bool
    attributes: tuple[tuple[str, str | None], ...]
    start: int
    end: int

    def get(self, name: str) -> str | None:
        """The first attribute of that name (any case); "" for a bare one."""
        for key, value in self.attributes:
            if key.lower() == name:
                return value if value is not None else ""
        return None


def tags(text: str) -> Iterator[Tag]:
    """Every start and end tag outside comments and raw text."""
    position, last = 0, text.rfind(">")
    while position <= last and (match := TAG.search(text, position)):  # what is never closed is looked for once
        position = match.end()
        name = match["name"]
        if not name:
            continue
        rest = match["rest"]
        yield Tag(
            name, bool(match["close"]), rest.rstrip().endswith("/"), _attributes(rest), match.start(), match.end()
        )
        if not match["close"] and name.lower() in RAW:
            position = _after_raw(text, name, position)


def _attributes(rest: str) -> tuple[tuple[str, str | None], ...]:
    found = []
    for m in ATTRIBUTE.finditer(rest):
        value = next((m[g] for g in ("double", "single", "bare") if m[g] is not None), None)
        found.append((m["name"], unescape(value) if value is not None else None))
    return tuple(found)


def _after_raw(text: str, name: str, position: int) -> int:
    end = re.compile(rf"</{re.escape(name)}[\s/>]", re.IGNORECASE).search(text, position)
    return end.start() if end else len(text)


def rewritten(text: str, change: Callable[[Tag], str | None]) -> str:
    """The text with every tag replaced by what ``change`` says (None: as it is)."""
    parts: list[str] = []
    position = 0
    for tag in tags(text):
        new = change(tag)
        if new is not None:
            parts += (text[position : tag.start], new)
            position = tag.end
    parts.append(text[position:])
    return "".join(parts)


def marked(tag: Tag, source: str) -> str:
    """The tag's own text with its offset added."""
    head = 1 + len(tag.name)
    own = source[tag.start : tag.end]
    return f'{own[:head]} {MARK}="{tag.start}"{own[head:]}'


def line_at(breaks: list[int], offset: int) -> int:
    """The line (from 1) of an offset, given the offsets of all line breaks."""
    from bisect import bisect_left

    return bisect_left(breaks, offset) + 1


def line_breaks(text: str) -> list[int]:
    """Offsets of all line breaks."""
    return [m.start() for m in re.finditer("\n", text)]
