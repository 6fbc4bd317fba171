"""Text of no known meaning, by the length it may have: codes, words, phrases, sentences."""

from __future__ import annotations

from collections.abc import Iterable

from understudy.model.expression import Call, Const, Digits, Join, Node, Pool, Prose, Uniform, Zipf
from understudy.semantics import codes, pools
from understudy.semantics.loom import UNLIMITED, UNSPACED, Loom, limits
from understudy.semantics.nouns import Coded, Want
from understudy.semantics.openings import opened

CODE_LENGTH, PHRASE_LENGTH = 3, 60
"""Up to so many characters a text is a code; texts that must be longer than a phrase are sentences."""
MOST_WORDS, SHORTEST_NOUN = 3, 5
MUTE = frozenset(pools.words("names.mute"))
"""Nouns that nobody puts behind a name."""

SENTENCE = 75
"""Characters of a usual sentence, its blank included."""


def pooled(loom: Loom, want: Want, pool: str, use: str, exponent: float = 0.0) -> Node | None:
    """A word of a pool that fits the want, None if none does."""
    shortest, longest = limits(want)
    name, size = loom.pool(pool, shortest, longest)
    if size == 0:
        return None
    if size == 1:
        return Const(loom.artefacts[name][0].as_py())
    return Pool(name, Zipf(use, size, exponent) if exponent else Uniform(use, Const(0), Const(size - 1)))


def prose(loom: Loom, want: Want, topic: str, use: str, most: int = 4) -> Node | None:
    """Sentences of a topic, as many as fit (at most ``most``); None where not even one does."""
    shortest, longest = limits(want)
    name = loom.keep(f"tape:{loom.locale}:{topic}", loom.sentences(topic))
    least_length, _ = loom.span(Pool(name, Const(0)))
    least = max(1, -(-shortest // max(1, least_length)))
    if longest < 24 or least_length * least > longest:
        return None
    top = max(least, min(most, longest // SENTENCE)) if longest < UNLIMITED else max(least, most)
    gap = "" if loom.locale[:2] in UNSPACED else " "
    most_characters = None if longest >= UNLIMITED else longest
    text = Prose(use, name, minimum=least, maximum=max(top, 1), length=most_characters, separator=gap)
    return opened(loom, want, topic, use, text)


def letters(loom: Loom, want: Want, use: str) -> Node:
    """Capital letters for very short columns; letters and digits for exact lengths without words."""
    shortest, longest = limits(want)
    if longest <= 0:
        return Const("")
    width = max(shortest, min(longest, CODE_LENGTH if not want.field.type.fixed else min(longest, 8)))
    head = min(width, 3)
    drawn: Node = Digits(Uniform(use, Const(0), Const(26**head - 1)), head, codes.LETTERS)
    if width > head:
        spare = min(width - head, 15)
        drawn = Join((drawn, Digits(Uniform(use + ".n", Const(0), Const(10**spare - 1)), spare)))
    filler = width - min(width, 18)
    return Join((drawn, Call("repeat", (Const("X"), Const(filler))))) if filler > 0 else drawn


def plain(loom: Loom, want: Want, use: str) -> tuple[Node, str]:
    """A draw for a text without meaning, and what it is. A name that says nothing is no reason for sentences, whatever
    the room: where people keep sentences, they say so."""
    shortest, longest = limits(want)
    if shortest > PHRASE_LENGTH and (node := prose(loom, want, "general.sentence", use)) is not None:
        return node, "sentences"
    if (sorts := _sorts(loom, want, use)) is not None:
        return sorts, "sorts of what the column is named after"
    if longest > CODE_LENGTH and not want.field.type.fixed:
        for pool in ("grammar:general.short", "general.word")[longest < 12 :]:
            if (node := pooled(loom, want, pool, use, 0.3)) is not None:
                return node, "a word or two"
    return letters(loom, want, use), "a short code"


def _sorts(loom: Loom, want: Want, use: str) -> Node | None:
    """A few sorts of the noun that names the column, some far more often than others ("Standard technique"); None where
    the name is no English noun of some length, or there is no room."""
    words = loom.tokens.get(want.field.name, ())
    if want.unique or not loom.locale.startswith("en") or loom.language or not 1 <= len(words) <= MOST_WORDS:
        return None
    if not all(w.isalpha() for w in words) or len(words[-1]) < SHORTEST_NOUN or words[-1] in MUTE:
        return None
    name, size = loom.pool("general.sorts")
    node = Join((Pool(name, Zipf(use, size, 0.9)), Const(f" {' '.join(words)}")))
    return node if loom.fits(want, node) else None


def coded(loom: Loom, want: Want, ways: Iterable[Coded | None] = ()) -> Coded | None:
    """Distinct texts: the meaning's own ways first, then words, phrases, tiers, letters with digits."""

    def all_ways() -> Iterable[Coded | None]:
        yield from ways
        yield from phrase_ways(loom, want)
        yield from codes.last_resort(loom, want)

    return codes.roomiest(loom, want, all_ways())


def phrase_ways(loom: Loom, want: Want) -> Iterable[Coded | None]:
    """Two words, two words and a number, a word and a number."""
    shortest, longest = limits(want)
    code = codes.code_of(want)
    if longest < 8:
        return
    for room in (24, 16):
        adjective, _ = loom.pool("general.adjective", 0, min(room // 2, longest // 2), unique=True)
        noun, _ = loom.pool("general.word", 0, min(room // 2, longest // 2), unique=True)
        if not adjective or not noun:
            continue
        share = len(loom.artefacts[adjective]) * len(loom.artefacts[noun])
        yield codes.mixture(loom, code, [adjective, "= ", noun])
        yield codes.mixture(loom, code, [adjective, "= ", noun, "= ", "#"], codes.digits_for(loom.rows, share))
    word, size = loom.pool("general.short_words", 3, 6, unique=True)
    yield codes.mixture(loom, code, [word, "#"], codes.digits_for(loom.rows, size))
    if shortest > 30 and longest >= shortest:
        tape = prose(loom, want, "general.sentence", "filler")
        if tape is not None and isinstance(tape, Prose):
            width = codes.digits_for(loom.rows * 1000)
            short = Prose(
                "filler", tape.tape, tape.minimum, tape.maximum, longest - width - 6 if longest < UNLIMITED else None
            )
            yield Coded(10**width, Join((Const("No. "), Digits(code, width), Const(": "), short)))
