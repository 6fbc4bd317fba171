"""Sentences and titles from templates: many from a few, the same ones every time.

A grammar file (``pools/*.txt``, a locale's or a language's) has a section ``[topic]`` with templates such as
``The {noun} is {adjective}.``; ``{noun}`` is the section ``topic/noun``, or ``noun`` of the same file.
A topic that is ``=another`` has the other's texts.
Phrases are numbered: number i picks its template and words by an integer hash of i, nothing is drawn.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from itertools import repeat

import numpy as np
from numpy.typing import NDArray

from understudy.semantics.pools import distinct, own, sections, words

Whole = NDArray[np.int64]
Compiled = tuple[list[str], list[tuple[str, ...]], bool]

PHRASES = 1536
"""Titles per topic; made in about 3 ms."""
SENTENCES = 6400
"""Sentences per topic: a thousand rows take windows of six that do not overlap."""

_ARTICLE = re.compile(r"\b([Aa]) (?=[aioAIO](?!ne\b)|[eE](?!u|w)|[uU](?!ni|se|su|r[ib])|[hH](?:onest|our|onou?r|eir))")
"""An article that should be ``an``, judged by the letters that follow."""
_OPEN = re.compile(r"\b[Aa] $")
_SLOT = re.compile(r"\{([A-Za-z0-9_./]+)\}")


@cache
def phrases(topic: str, locale: str = "en_US") -> tuple[str, ...]:
    """The phrases of ``file.topic``, distinct when folded. KeyError if the topic is unknown."""
    return _texts(topic, locale, PHRASES, PHRASES)


@cache
def sentences(topic: str, locale: str = "en_US") -> tuple[str, ...]:
    """The sentences of ``file.topic``, distinct when folded. KeyError if the topic is unknown."""
    return _texts(topic, locale, SENTENCES, SENTENCES * 5)  # few templates repeat themselves: so more are tried


def _texts(topic: str, locale: str, wanted: int, tried: int) -> tuple[str, ...]:
    """At most ``wanted`` distinct texts, of the first ``tried``: numbers are compared before texts are made."""
    if len(known := words(topic, locale)) == 1 and known[0].startswith("="):
        return _texts(known[0][1:], locale, wanted, tried)
    file, _, section = topic.partition(".")
    templates = [_compiled(t, file, section, locale) for t in words(topic, locale)]
    which, picks, kept = _chosen(topic, templates, wanted, min(tried, wanted * 4 // 3))
    if kept.size < wanted and tried > wanted:
        which, picks, kept = _chosen(topic, templates, wanted, tried)
    texts = [""] * kept.size
    for number, (literals, slots, loose) in enumerate(templates):
        places = np.flatnonzero(which[kept] == number)
        columns: list[Iterable[str]] = [repeat(literals[0])]
        for k, (choices, literal) in enumerate(zip(slots, literals[1:], strict=True)):
            columns += [map(choices.__getitem__, picks[kept[places], k + 1].tolist()), repeat(literal)]
        made = map("".join, zip(*columns, strict=False)) if slots else repeat(literals[0], places.size)
        for place, text in zip(places.tolist(), map(_with_articles, made) if loose else made, strict=True):
            texts[place] = text[0].upper() + text[1:]
    return distinct(texts)


def _chosen(topic: str, templates: list[Compiled], wanted: int, tried: int) -> tuple[Whole, Whole, Whole]:
    """Of ``tried`` numbers the template and the words that each picks, and the first ``wanted`` that differ in it."""
    picks = _hashes(topic, tried, 1 + max(len(slots) for _, slots, _ in templates))
    which = picks[:, 0] % len(templates)
    code = which.astype(np.uint64) + np.uint64(1)  # zero times anything would be zero
    for number, (_, slots, _) in enumerate(templates):
        rows = np.flatnonzero(which == number)
        for k, choices in enumerate(slots):
            picks[rows, k + 1] %= len(choices)
            code[rows] = code[rows] * np.uint64(0x9E3779B97F4A7C15) + picks[rows, k + 1].astype(np.uint64)
    return which, picks, np.sort(np.unique(code, return_index=True)[1])[:wanted]


def _compiled(template: str, file: str, section: str, locale: str) -> Compiled:
    """The template's literals and, between them, the words to choose from; an article before a slot goes with its
    words, so that ``a`` and ``an`` are settled once a word rather than once a text. Last: whether a slot offers
    articles itself, which the text as a whole must settle."""
    pieces = _SLOT.split(template)
    if not _english(f"{file}.{section}", locale):
        return pieces[::2], [_slot(name, file, section, locale) for name in pieces[1::2]], False
    literals = [_with_articles(p) for p in pieces[::2]]
    slots = []
    for k, name in enumerate(pieces[1::2]):
        open_article = _OPEN.search(literals[k])
        before = open_article.group() if open_article else ""
        literals[k] = literals[k].removesuffix(before)
        slots.append(_worded(before, _slot(name, file, section, locale)))
    return literals, slots, any(c in ("a", "A") or c.endswith((" a", " A")) for choices in slots for c in choices)


def _english(topic: str, locale: str) -> bool:
    """Whether a topic is told in English there: nothing else has the articles a and an."""
    return locale.startswith("en") or own(topic, locale) is None


@cache
def _worded(before: str, choices: tuple[str, ...]) -> tuple[str, ...]:
    return tuple([_with_articles(before + c) for c in choices])


def _with_articles(text: str) -> str:
    return _ARTICLE.sub(r"\1n ", text) if "a " in text or "A " in text else text


def _slot(name: str, file: str, section: str, locale: str) -> tuple[str, ...]:
    if "." in name:
        return words(name, locale)
    general = sections("pools", file)
    for key in (f"{section}/{name}", name):
        found = own(f"{file}.{key}", locale) or general.get(key)
        if found:
            return found
    raise KeyError(f"{file}.{section}: {{{name}}}")


def _hashes(topic: str, count: int, width: int) -> np.ndarray:
    """``count`` × ``width`` numbers below 2**31, by SplitMix64 of their position and the topic's letters."""
    salt = np.uint64(sum((i + 1) * b for i, b in enumerate(topic.encode())))
    with np.errstate(over="ignore"):
        z = (np.arange(count * width, dtype=np.uint64) + salt * np.uint64(0x1000003)) * np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return ((z ^ (z >> np.uint64(31))) >> np.uint64(33)).astype(np.int64).reshape(count, width)
