"""Word lists: read from data files, fitted to lengths, turned into Arrow without a detour.

A pool file has sections: ``[name]`` and then words separated by ``;`` or line ends
(``\\;`` is the sign itself). Files stand in ``pools/`` (general), ``locales/`` (one per locale) and ``texts/``
(running text, one per language); a section of the locale goes first, then its language's.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from functools import cache, lru_cache
from pathlib import Path

import numpy as np
import pyarrow as pa


def fold(text: str) -> str:
    """What remains of a text where case and accents do not count (ß is ss)."""
    if text.isascii():
        return text.lower()
    return "".join(c for c in unicodedata.normalize("NFKD", text).casefold() if not unicodedata.combining(c))


def handle(text: str) -> str:
    """The ASCII letters and digits of a text, lower case (for mail addresses and user names)."""
    kept = fold(text.replace("ø", "o").replace("Ø", "O").replace("ł", "l").replace("Ł", "L").replace("ı", "i"))
    return "".join(c for c in kept if c.isascii() and c.isalnum())


@cache
def extent(words: tuple[str, ...]) -> tuple[int, int]:
    """Characters of the shortest and the longest word."""
    lengths = [len(w) for w in words]
    return min(lengths), max(lengths)


def distinct(words: Iterable[str]) -> tuple[str, ...]:
    """The words, the first of each folded form only, in order."""
    given = tuple(words)[::-1]
    folded = map(str.lower, given) if "".join(given).isascii() else map(fold, given)
    return tuple(dict(zip(folded, given, strict=True)).values())[::-1]


@cache
def strings(words: tuple[str, ...]) -> pa.StringArray:
    """A string array built from buffers (``pa.array`` of a list would import pandas)."""
    encoded = [w.encode() for w in words]
    offsets = np.zeros(len(encoded) + 1, dtype=np.int32)
    np.cumsum([len(e) for e in encoded], out=offsets[1:])
    return pa.StringArray.from_buffers(len(encoded), pa.py_buffer(offsets), pa.py_buffer(b"".join(encoded)))


def whole_numbers(values: Sequence[int]) -> pa.Int64Array:
    """An int64 array built from buffers; of a tuple, which many tables may share, once."""
    return _shared_numbers(values) if isinstance(values, tuple) else _numbers(values)


@lru_cache(512)
def _shared_numbers(values: tuple[int, ...]) -> pa.Int64Array:
    return _numbers(values)


def _numbers(values: Sequence[int]) -> pa.Int64Array:
    data = np.asarray(values, dtype=np.int64)
    return pa.Int64Array.from_buffers(pa.int64(), len(data), [None, pa.py_buffer(data)])


@cache
def sections(folder: str, file: str) -> dict[str, tuple[str, ...]]:
    """All sections of one data file; empty if there is no such file."""
    place = Path(__file__).parent / folder / f"{file}.txt"
    if not place.is_file():
        return {}
    found: dict[str, list[str]] = {}
    words: list[str] = []
    for line in place.read_text(encoding="utf-8").splitlines():
        line = line.strip()
        if not line or line.startswith("# "):
            continue
        if line[0] == "[" and line[-1] == "]":
            words = found.setdefault(line[1:-1], [])
        else:
            words += [w.strip().replace("\0", ";") for w in line.replace("\\;", "\0").split(";") if w.strip()]
    return {name: tuple(dict.fromkeys(members)) for name, members in found.items()}


def own(pool: str, locale: str) -> tuple[str, ...] | None:
    """A section as the locale has it, or its language."""
    found = sections("locales", locale).get(pool)
    return sections("texts", locale[:2]).get(pool) if found is None else found


def own_words(pool: str, locale: str) -> bool:
    """Whether the locale, or its language, has that section."""
    return own(pool, locale) is not None


@cache
def words(pool: str, locale: str = "en_US") -> tuple[str, ...]:
    """The words of ``file.section``; the locale's own where it has that section. KeyError if unknown."""
    file, _, section = pool.partition(".")
    local = own(pool, locale)
    if local is not None:
        return local
    found = sections("pools", file).get(section)
    if found is None:
        from understudy.semantics.guests import guests

        return guests().pools[pool]
    return found


@cache
def _in_language(language: str) -> dict[str, str]:
    """Words of closed lists in a language, by the English ones (``locales/words.txt``)."""
    lines = (Path(__file__).parent / "locales" / "words.txt").read_text(encoding="utf-8").splitlines()
    head = [c.strip() for c in lines[2].lstrip("# ").split("|")]
    if language == "en" or language not in head:
        return {}
    at = head.index(language)
    rows = ([c.strip() for c in line.split("|")] for line in lines[3:])
    return {row[0]: row[at] for row in rows if row[at]}


@cache
def states() -> dict[str, str]:
    """The English word of a state by what other languages call it, folded (``locales/states.txt``)."""
    lines = (Path(__file__).parent / "locales" / "states.txt").read_text(encoding="utf-8").splitlines()
    rows = [line.split(" | ") for line in lines if not line.startswith("#")]
    return {fold(form.strip()): english for english, forms in rows for form in forms.split(",")}


def translated(members: tuple[str, ...], locale: str) -> tuple[str, ...]:
    """The words in the locale's language as far as it has them."""
    own = _in_language(locale[:2]) if not locale.startswith("en") else {}
    return tuple(own.get(m, m) for m in members) if own else members


def localised(members: tuple[str, ...], locale: str) -> tuple[str, ...]:
    """The words in the locale's language, where most of the list have one there; else the list as it is."""
    own = _in_language(locale[:2]) if not locale.startswith("en") else {}
    if not own or sum(m in own for m in members) * 2 < len(members):
        return members
    return tuple(own.get(m, m) for m in members)


@cache
def chosen(pool: tuple[str, ...], shortest: int, longest: int | None) -> tuple[str, ...]:
    """The words of a pool that are distinct when folded and fit the lengths."""
    top = longest if longest is not None else 1 << 30
    return tuple(w for w in distinct(pool) if shortest <= len(w) <= top)


@cache
def plain(pool: tuple[str, ...]) -> tuple[str, ...]:
    """The words that do not end in a digit."""
    return tuple(w for w in pool if not w[-1].isdigit())


@cache
def fitted(pool: tuple[str, ...], shortest: int, longest: int | None) -> tuple[str, ...]:
    """The pool with words outside ``shortest``..``longest`` replaced by others that fit, so that positions keep
    their meaning; empty if none fits."""
    top = longest if longest is not None else 1 << 30
    least, most = extent(pool)
    if shortest <= least and most <= top:
        return pool
    fits = [w for w in pool if shortest <= len(w) <= top]
    if not fits:
        return ()
    return tuple(w if shortest <= len(w) <= top else fits[(i * 7919) % len(fits)] for i, w in enumerate(pool))


@cache
def rows_of(name: str) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    """Header and rows of a table in ``records/``; the header is the last comment. KeyError if there is none."""
    place = Path(__file__).parent / "records" / f"{name}.txt"
    if not place.is_file():
        raise KeyError(name)
    lines = [line.strip() for line in place.read_text(encoding="utf-8").splitlines() if line.strip()]
    comments = [line for line in lines if line.startswith("# ")]
    rows = tuple(tuple(p.strip() for p in line.split(" | ")) for line in lines if not line.startswith("# "))
    return tuple(p.strip() for p in comments[-1][2:].split("|")), rows
