"""Ranked meanings of a field from everything that is known of it.

    name ┐
    label, comment ├─► how sure each says it ─► together (noisy or), what contradicts taken off ─► calibrated certainty
    values, permitted values, pattern ┘

Each clue gives a certainty per meaning; independent clues add up as 1 − Π(1 − cᵢ). What speaks against (values of
another form, a type without room, a unique column of few words) multiplies. The sum is no probability: a table
fitted on labelled fields (``benchmarks/matching.py``) turns it into how often such an answer was right.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import pairwise

import msgspec

from understudy.model.schema import Entity, Field
from understudy.semantics.catalogue import catalogue
from understudy.semantics.neighbours import PLACES
from understudy.semantics.nouns import Match
from understudy.semantics.recognition import matches
from understudy.semantics.values import shape_of, shown
from understudy.semantics.words import tokens
from understudy.types import Kind, Type

TEXT = Type(Kind.TEXT)
LABEL, COMMENT = 0.95, 0.6
"""How far a label, a comment is believed beside the field's own name."""
LEAST_COMMENT = 0.8
"""A comment is a sentence: only where it as good as names the meaning does it count."""
NEIGHBOUR = 0.15
"""How much a neighbour of the right kind takes from the doubt that is left."""
CONTRADICTED, OTHERWISE, NO_ROOM, REPEATED = 0.3, 0.6, 0.4, 0.6
"""What is left where values have another form, prove another meaning, the type has no room, a unique column would
hold few words."""
PROOF = 0.88
"""From here on the form of values proves a meaning."""
PROSE_LENGTH = 12
"""Characters under which nobody writes sentences."""
ENOUGH, CONTRADICTING = 3, 0.2
"""Values that must be there before their form contradicts, and the share of the right form under which it does."""
STRICT = 0.85
"""Forms of this weight are the only ones their meaning has."""

CALIBRATION: tuple[tuple[float, float], ...] = (
    (0.0, 0.0), (0.59, 0.6), (0.74, 0.69), (0.86, 0.9), (0.96, 0.95), (1.0, 0.98),
)  # fmt: skip
"""Sum of the clues → share of answers that were right, on the tuning part of the labelled fields (rounded)."""


class Clues(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is known of a field. ``type``: None where nobody says (a form). ``neighbours``: names of the other fields;
    ``samples``: values; ``values``: the ones permitted; ``pattern``: a regular expression that values must match."""

    name: str
    type: Type | None = None
    table: str = ""
    neighbours: tuple[str, ...] = ()
    label: str = ""
    comment: str = ""
    samples: tuple[str | int | float | bool | None, ...] = ()
    values: tuple[str, ...] = ()
    pattern: str = ""
    unique: bool = False


class _Sum(msgspec.Struct):
    doubt: float = 1.0
    penalty: float = 1.0
    reasons: list[str] = []


def ranked(clues: Clues, most: int = 5) -> tuple[Match, ...]:
    """The meanings that a field with these clues may have, surest first, at most ``most``; () where nothing is known.

    The certainty is calibrated: of all answers given with 0.8, about eight in ten are right.
    """
    sums: dict[str, _Sum] = {}
    for clue in (*_named(clues), *_shown(clues), *_patterned(clues)):
        held = sums.setdefault(clue.meaning, _Sum(reasons=[]))
        held.doubt *= 1 - min(clue.certainty, 0.995)
        held.reasons.append(clue.reason)
    known = _neighbours(clues)
    for meaning, held in sums.items():
        _beside(clues.name, meaning, held, known)
        _against(meaning, held, clues)
    order = {name: i for i, name in enumerate(sums)}
    found = sorted(sums.items(), key=lambda s: (-_worth(s[1]), order[s[0]]))
    return tuple(Match(m, calibrated(_worth(s)), "; ".join(s.reasons)) for m, s in found[:most] if _worth(s) > 0.05)


def calibrated(worth: float) -> float:
    """How often an answer of that worth is right: between the points of the table, straight lines."""
    for (low, below), (high, above) in pairwise(CALIBRATION):
        if worth <= high:
            return round(below + (above - below) * (worth - low) / (high - low), 3)
    return CALIBRATION[-1][1]


def _worth(held: _Sum) -> float:
    return (1 - held.doubt) * held.penalty


def _named(clues: Clues) -> Iterable[Match]:
    """By the name, the label and the comment; label and name that say the same count once, the surer."""
    best: dict[str, Match] = {}
    name = "" if clues.label and MADE.search(clues.name) else clues.name
    for said, weight, what in (
        (name, 1.0, ""),
        (clues.label, LABEL, "labelled"),
        (_gist(clues.comment), COMMENT, "comment"),
    ):
        words = re.sub(r"\W+", "_", said).strip("_")
        if not words:
            continue
        bare = msgspec.structs.replace(clues, table="") if what == "comment" else clues
        for match in _by_words(bare, words):
            if what == "comment" and match.certainty < LEAST_COMMENT:
                continue
            certainty = match.certainty * weight
            if match.meaning not in best or certainty > best[match.meaning].certainty:
                reason = f"{what} '{said.strip()}'" if what else match.reason
                best[match.meaning] = Match(match.meaning, certainty, reason)
    return best.values()


MADE = re.compile(r"\d{6,}|[0-9a-f]{12,}")
"""Names that a machine made: where there is a label, they say nothing."""
STARTS = re.compile(
    r"(?:the|a|an|this|optional|unique|full|your|contains|specifies|represents|is|der|die|das|le|la|el|o)\s+",
    re.IGNORECASE,
)
STOPS = re.compile(
    r"[.,;:(\n]|\s(?:of|for|to|in|on|at|when|that|where|which|from|by|with|used|is|was|and|or|the|if)\s", re.IGNORECASE
)


def _gist(comment: str) -> str:
    """The words at the head of a comment that say what the field is: ``The URL of the repository`` says URL."""
    text = comment.strip()
    while (found := STARTS.match(text)) is not None:
        text = text[found.end() :]
    words = STOPS.split(f"{text} ", maxsplit=1)[0].split()
    return " ".join(words) if len(words) <= 4 else ""


def _by_words(clues: Clues, words: str) -> tuple[Match, ...]:
    """By words as though they were the field's name; of a field whose type nobody says, as any type."""
    found: dict[str, Match] = {}
    for kind, weight in _kinds(clues, words):
        for m in _matches(clues, words, kind):
            if m.meaning not in found or found[m.meaning].certainty < m.certainty * weight:
                found[m.meaning] = Match(m.meaning, m.certainty * weight, m.reason)
    if not found and clues.type is not None and clues.type.kind is Kind.BOOLEAN:
        found["flag"] = Match("flag", 0.9, "true or false")
    return tuple(sorted(found.values(), key=lambda m: -m.certainty))


def _matches(clues: Clues, words: str, kind: Type) -> tuple[Match, ...]:
    field = Field(words, kind)
    beside = tuple(Field(n, TEXT) for n in clues.neighbours)
    found = matches(Entity(clues.table, (field, *beside), options={"dotted": "yes"}), field)
    if not found and kind.kind in (Kind.DATE, Kind.TIMESTAMP):
        return (Match("event_at", OTHER_TIME, f"'{words}' tells when"),)
    return found


WHEN = frozenset(
    {"at", "date", "time", "until", "utc", "timestamp", "datetime", "since", "deadline", "expiry", "expiration"}
)
"""Words at an end of a name that say that it is a moment, whatever the type."""
OTHER_TIME, OTHER_TYPE = 0.7, 0.93


def _kinds(clues: Clues, words: str) -> Iterable[tuple[Type, float]]:
    """The logical types to try, with how far to believe what they give."""
    t = clues.type
    if t is not None and t.kind is not Kind.TEXT:
        return ((t, 1.0),)
    plain = t or TEXT
    parts = tokens(words)
    if any(s.meaning in ("created_at", "event_at") for s in shown(clues.samples)):
        return ((Type(Kind.TIMESTAMP), 1.0), (plain, 0.5))
    dated = parts[-1] in WHEN or parts[0] in ("date", "last", "when") or (parts[-1] == "on" and len(parts) > 1)
    moment = ((Type(Kind.TIMESTAMP), OTHER_TYPE),) if dated and not clues.samples else ()
    if t is not None:
        return ((plain, 1.0), *moment)
    return ((plain, 1.0), *moment, *((Type(k), OTHER_TYPE) for k in (Kind.INTEGER, Kind.DECIMAL, Kind.BOOLEAN)))


def _shown(clues: Clues) -> Iterable[Match]:
    """By the values seen, by the values permitted, by a label that is an example."""
    kinds = catalogue()
    for source, what in ((clues.samples, "values"), (clues.values, "permitted values")):
        for one in shown(source):
            if one.meaning in kinds:
                yield Match(one.meaning, one.certainty, f"{one.share:.0%} of the {what} by their {one.how}")
    for one in shown((clues.label,)):
        if one.how == "form" and one.certainty > LABEL_EXAMPLE and one.meaning in kinds:
            yield Match(one.meaning, LABEL_EXAMPLE, f"labelled with an example, '{clues.label}'")


LABEL_EXAMPLE = 0.7
"""A label that looks like a value (``name@example.com``) is one, mostly."""


def _patterned(clues: Clues) -> Iterable[Match]:
    """By a pattern that an example of the form matches, and that plain words do not."""
    if not clues.pattern:
        return
    try:
        pattern = re.compile(clues.pattern)
    except re.error:
        return
    if any(pattern.search(word) for word in ("some words here", "word", "7")):
        return
    for meaning in catalogue():
        if any(f.example and pattern.search(f.example) for f in shape_of(meaning)):
            yield Match(meaning, 0.5, f"an example of it matches {clues.pattern}")


def _neighbours(clues: Clues) -> frozenset[str]:
    """What the names beside the field mean, where they say it clearly."""
    entity = Entity(clues.table, tuple(Field(n, TEXT) for n in clues.neighbours), options={"dotted": "yes"})
    found = (matches(entity, f) for f in entity.fields if f.name != clues.name)
    return frozenset(m[0].meaning for m in found if m and m[0].certainty >= 0.8)


def _beside(name: str, meaning: str, held: _Sum, known: frozenset[str]) -> None:
    """A field among its own kind is surer; a ``state`` is a place where places are, and a condition elsewhere."""
    friends = known.intersection(catalogue()[meaning].agrees)
    if friends:
        held.doubt *= 1 - NEIGHBOUR
        held.reasons.append(f"beside {', '.join(sorted(friends)[:2])}")
    if meaning in ("region", "region_code") and known & PLACES:
        held.doubt *= 1 - 2 * NEIGHBOUR
    elif known & PLACES and tokens(name)[-1] == "state" and (meaning.endswith("status") or meaning == "status_number"):
        held.penalty *= CONTRADICTED


def _against(meaning: str, held: _Sum, clues: Clues) -> None:
    """What speaks against a meaning: values of another form, no room, words that would repeat."""
    texts = [v for v in clues.samples if isinstance(v, str) and v.strip()]
    strict = [f for f in shape_of(meaning) if f.weight >= STRICT]
    if strict and len(texts) >= ENOUGH:
        share = sum(any(f.test(v.strip()) for f in shape_of(meaning)) for v in texts) / len(texts)
        if share < CONTRADICTING:
            held.penalty *= CONTRADICTED
            held.reasons.append("its values have another form")
    other = _proven(clues)
    if other and other != meaning and not {other, meaning} <= LINKS:
        held.penalty *= OTHERWISE
    described = catalogue()[meaning]
    length = clues.type.length if clues.type is not None else None
    if length is not None and length < PROSE_LENGTH and described.maker in ("prose", "review"):
        held.penalty *= NO_ROOM
        held.reasons.append(f"{length} characters are no room for it")
    if clues.unique and (described.maker in ("flag", "words") or meaning == "gender"):
        held.penalty *= REPEATED
        held.reasons.append("but no two may be alike")


LINKS = frozenset({"url", "image_url", "referrer", "url_path", "domain_name"})
"""Meanings that may have one another's form."""


def _proven(clues: Clues) -> str:
    """The meaning that the values prove by a form that nothing else has; empty where they prove none."""
    first = next(iter(shown(clues.samples)), None)
    return first.meaning if first is not None and first.how != "words" and first.certainty >= PROOF else ""
