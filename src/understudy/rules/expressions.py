"""Regular expressions as small trees: one reader for POSIX (PostgreSQL), PCRE (MariaDB), RE2 (DuckDB) and ECMA syntax.

What all of them mean alike is read; back references, conditionals and possessive matching are not, and give None.
"""

from __future__ import annotations

import re
from typing import TypeAlias

import msgspec


class Members(msgspec.Struct, frozen=True):
    """One character: of ``ranges`` (code points, inclusive) or ``names`` (digit, word, space, letter …), or none of
    them."""

    ranges: tuple[tuple[int, int], ...] = ()
    names: tuple[str, ...] = ()
    negated: bool = False


class Chain(msgspec.Struct, frozen=True):
    """Items one behind the other."""

    items: tuple[Pattern, ...]


class Options(msgspec.Struct, frozen=True):
    """One of several."""

    options: tuple[Pattern, ...]


class Repeat(msgspec.Struct, frozen=True):
    """``item`` from ``low`` to ``high`` times (None: no end)."""

    item: Pattern
    low: int
    high: int | None


class Anchor(msgspec.Struct, frozen=True):
    """A place: ``^``, ``$``, ``b`` a word's edge, ``B`` not one."""

    kind: str


class Look(msgspec.Struct, frozen=True):
    """What must (or, ``negative``, must not) follow; ``behind``: precede."""

    item: Pattern
    negative: bool = False
    behind: bool = False


Pattern: TypeAlias = Members | Chain | Options | Repeat | Anchor | Look

ANY = Members(negated=True)
LARGEST_REPEAT = 1000
"""Above so many repetitions a pattern is left to the database (RE2 refuses them too)."""

_NAMES = {
    "alpha": "letter", "digit": "digit", "alnum": "alnum", "upper": "upper", "lower": "lower", "space": "space",
    "blank": "blank", "punct": "punct", "xdigit": "xdigit", "word": "word", "print": "print", "graph": "graph",
    "cntrl": "cntrl",
}  # fmt: skip
_SHORT = {"d": "digit", "w": "word", "s": "space"}
_PROPERTIES = {
    "l": "letter", "letter": "letter", "lu": "upper", "ll": "lower", "n": "digit", "nd": "digit", "p": "punct",
    "z": "space",
    "zs": "blank", "alpha": "letter", "alphabetic": "letter", "digit": "digit", "alnum": "alnum", "latin": "letter",
    "s": "punct", "uppercase": "upper", "lowercase": "lower", "upper": "upper", "lower": "lower", "space": "space",
    "punct": "punct",
}  # fmt: skip
_CONTROL = {"n": "\n", "t": "\t", "r": "\r", "f": "\f", "v": "\v", "a": "\a", "e": "\x1b", "0": "\0"}


class _UnreadableError(Exception):
    """The pattern says something that is not read here."""


class Parsed(msgspec.Struct, frozen=True):
    """A pattern and whether letters match in either case."""

    tree: Pattern
    folded: bool = False


def read(pattern: str, flags: str = "") -> Parsed | None:
    """The tree of a regular expression (search semantics); None where it is not one that is understood here."""
    folded = "i" in flags
    if found := re.match(r"\(\?([a-z]+)\)|\*\*\*:", pattern):
        if set(found[1] or "") - set("ismnpwxu") or "x" in (found[1] or ""):
            return None
        folded = folded or "i" in (found[1] or "")
        pattern = pattern[found.end() :]
    reader = _Reader(pattern)
    try:
        tree = reader.options()
    except (_UnreadableError, IndexError, RecursionError):
        return None
    return Parsed(tree, folded) if reader.at == len(pattern) else None


class _Reader:
    """A recursive descent over one pattern; ``at`` is the next character."""

    def __init__(self, text: str) -> None:
        self.text, self.at = text, 0

    def peek(self, word: str) -> bool:
        return self.text.startswith(word, self.at)

    def take(self, word: str) -> bool:
        if self.peek(word):
            self.at += len(word)
            return True
        return False

    def next(self) -> str:
        self.at += 1
        return self.text[self.at - 1]

    def options(self) -> Pattern:
        found = [self.chain()]
        while self.take("|"):
            found.append(self.chain())
        return found[0] if len(found) == 1 else Options(tuple(found))

    def chain(self) -> Pattern:
        items: list[Pattern] = []
        while self.at < len(self.text) and not self.peek("|") and not self.peek(")"):
            items.append(self.repeated(self.item()))
        return items[0] if len(items) == 1 else Chain(tuple(items))

    def item(self) -> Pattern:
        c = self.next()
        match c:
            case "(":
                return self.group()
            case "[":
                return self.members()
            case ".":
                return ANY
            case "^" | "$":
                return Anchor(c)
            case "\\":
                return self.escape()
            case "*" | "+" | "?":
                raise _UnreadableError(c)
        return Members(((ord(c), ord(c)),))

    def group(self) -> Pattern:
        look = None
        for mark, negative, behind in (
            ("?=", False, False),
            ("?!", True, False),
            ("?<=", False, True),
            ("?<!", True, True),
        ):
            if self.take(mark):
                look = (negative, behind)
                break
        else:
            if not self.take("?:") and (found := re.compile(r"\?P?<\w+>").match(self.text, self.at)):
                self.at = found.end()
            elif self.peek("?"):
                raise _UnreadableError("group")
        inner = self.options()
        if not self.take(")"):
            raise _UnreadableError("unclosed group")
        return Look(inner, *look) if look else inner

    def repeated(self, item: Pattern) -> Pattern:
        quantified = False
        while True:
            low, high = 1, 1
            if self.take("*"):
                low, bound = 0, None
            elif self.take("+"):
                low, bound = 1, None
            elif self.take("?"):
                low, bound = 0, 1
            elif found := re.compile(r"\{(\d+)(,?)(\d*)\}|\{,(\d+)\}").match(self.text, self.at):
                self.at = found.end()
                low = int(found[1] or 0)
                bound = int(found[4] or found[3]) if found[4] or found[3] else None if found[2] else low
            else:
                return item
            if quantified or self.take("+"):
                raise _UnreadableError("a quantifier of a quantifier, or a possessive one")
            quantified = True
            self.take("?")
            high = bound if bound is not None else high
            if (
                low > LARGEST_REPEAT
                or high > LARGEST_REPEAT
                or (bound is not None and bound < low)
                or isinstance(item, Anchor)
            ):
                raise _UnreadableError("repeat")
            item = Repeat(item, low, bound)

    def escape(self) -> Pattern:
        c = self.next()
        if c.lower() in _SHORT:
            return Members((), (_SHORT[c.lower()],), c.isupper())
        match c:
            case "A":
                return Anchor("^")
            case "Z" | "z":
                return Anchor("$")
            case "b" | "y" | "m" | "M" | "<" | ">":
                return Anchor("b")
            case "B" | "Y":
                return Anchor("B")
            case "p" | "P":
                return Members((), (self.unicode_class(),), c == "P")
            case "Q":
                end = self.text.index("\\E", self.at) if "\\E" in self.text[self.at :] else len(self.text)
                words, self.at = self.text[self.at : end], min(end + 2, len(self.text))
                return Chain(tuple(Members(((ord(w), ord(w)),)) for w in words))
        point = self.code_point(c)
        return Members(((point, point),))

    def code_point(self, c: str) -> int:
        """The character that an escape stands for."""
        if c == "x" and (found := re.compile(r"\{([0-9A-Fa-f]+)\}|([0-9A-Fa-f]{1,2})").match(self.text, self.at)):
            self.at = found.end()
            return int(found[1] or found[2], 16)
        if c == "u" and (found := re.compile(r"\{([0-9A-Fa-f]+)\}|([0-9A-Fa-f]{4})").match(self.text, self.at)):
            self.at = found.end()
            return int(found[1] or found[2], 16)
        if c in _CONTROL:
            return ord(_CONTROL[c])
        if c.isalnum():
            raise _UnreadableError(c)
        return ord(c)

    def unicode_class(self) -> str:
        found = re.compile(r"\{(?:\w+=)?(\w+)\}|(\w)").match(self.text, self.at)
        name = _PROPERTIES.get((found[1] or found[2]).lower()) if found else None
        if found is None or name is None:
            raise _UnreadableError("property")
        self.at = found.end()
        return name

    def members(self) -> Pattern:
        negated = self.take("^")
        ranges: list[tuple[int, int]] = []
        names: list[str] = []
        first = True
        while first or not self.peek("]"):
            first = False
            if self.take("[:"):
                end = self.text.index(":]", self.at) if ":]" in self.text[self.at :] else -1
                name = _NAMES.get(self.text[self.at : end]) if end > 0 else None
                if name is None:
                    raise _UnreadableError("class")
                names.append(name)
                self.at = end + 2
                continue
            low = self.member(names)
            if low is None:
                continue
            high = low
            if self.peek("-") and not self.peek("-]"):
                self.at += 1
                bound = self.member([])
                if bound is None or bound < low:
                    raise _UnreadableError("range")
                high = bound
            ranges.append((low, high))
        self.at += 1
        return _whole_class(Members(tuple(ranges), tuple(names), negated))

    def member(self, names: list[str]) -> int | None:
        """One member's code point; a class in it goes to ``names`` instead."""
        c = self.next()
        if c != "\\":
            return ord(c)
        c = self.next()
        if c.lower() in _SHORT:
            names.append(("not " if c.isupper() else "") + _SHORT[c.lower()])
            return None
        if c in "pP":
            names.append(("not " if c == "P" else "") + self.unicode_class())
            return None
        return 8 if c == "b" else self.code_point(c)


def _whole_class(found: Members) -> Members:
    """``[\\s\\S]`` and its like are any character."""
    both = any(f"not {n}" in found.names for n in found.names)
    return ANY if both and not found.negated else found
