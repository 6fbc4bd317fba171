"""What the other columns of a table say about one: a ``state`` beside a city is a place, not a condition."""

from __future__ import annotations

from collections.abc import Mapping

from understudy.semantics.loom import Loom
from understudy.semantics.nouns import Match
from understudy.semantics.recognition import WHOLE_PHRASE
from understudy.types import Kind

PLACES = frozenset({"city", "postcode", "country", "country_code", "street_address", "address"})
CLUES: tuple[tuple[frozenset[str], dict[str, str]], ...] = (
    (frozenset({"maintenance", "repair"}), {"issue_description": "fault_text", "category": "repair_kind"}),
    (frozenset({"homepage", "documentation"}), {"repository": "url", "homepage": "url", "documentation": "url"}),
    (
        frozenset({"rating"}),
        {
            "comment": "review_text",
            "message_text": "review_text",
            "article_body": "review_text",
            "headline": "review_title",
        },
    ),
    (
        frozenset({"imei", "imsi"}),
        {
            "manufacturer": "handset_maker",
            "brand": "handset_maker",
            "model": "handset_model",
            "os": "handset_system",
            "make": "handset_maker",
        },
    ),
    (
        frozenset({"degree", "semester", "semesters", "faculty"}),
        {"film": "study_program", "project_name": "study_program", "course": "course"},
    ),
)
"""What stands beside a column and settles what it is: comments beside a rating are reviews, a model beside an IMEI is a
phone's."""
NEARLY = 0.99
"""The certainty that neighbours lend."""


def weighed(loom: Loom, candidates: Mapping[str, tuple[Match, ...]]) -> dict[str, tuple[Match, ...]]:
    """The candidates of each column, reordered by what stands beside it."""
    first = {found[0].meaning for found in candidates.values() if found}
    placed = bool(first & PLACES)
    sums = first | {m for _, m in loom.given.values()}
    chosen = dict(candidates)
    words_here = {w for n in candidates for w in loom.tokens[n]} | set(loom.subject)
    for clues, about in CLUES:
        if clues & (words_here | first):
            for name, found in candidates.items():
                told = about.get(found[0].meaning if found else "") or about.get(" ".join(loom.tokens[name]))
                if (
                    told is not None
                    and loom.wants[name].field.type.kind is Kind.TEXT
                    and not loom.wants[name].field.meaning
                ):
                    chosen[name] = (Match(told, NEARLY, f"beside {min(clues & (words_here | first))}"), *found)
    candidates = chosen.copy()
    for name, found in candidates.items():
        words = loom.tokens[name]
        if words[-1] == "discount" and {"subtotal", "total"} & sums and _wide(loom, name):
            chosen[name] = (Match("discount", NEARLY, "beside a total"), *found)
            continue
        if words in (("balance",), ("outstanding",), ("open", "amount")) and {"paid_amount", "total"} <= sums:
            chosen[name] = (Match("due_amount", NEARLY, "beside what is paid"), *found)
            continue
        if found and found[0].certainty >= WHOLE_PHRASE:
            continue
        if words[-1] in ("state", "region", "st") and placed and loom.wants[name].field.type.length != 1:
            chosen[name] = _preferred(found, "region", "beside a city or a country")
        elif words[-1] == "state" and not placed and loom.subject[-1:] not in (("address",), ("location",)):
            chosen[name] = _demoted(found, "region", "region_code")
    return chosen


def _wide(loom: Loom, name: str) -> bool:
    """Whether a number has room for an amount of money rather than a rate."""
    t = loom.wants[name].field.type
    return t.kind in (Kind.INTEGER, Kind.MONEY) or (
        t.kind is Kind.DECIMAL and (t.precision or 18) - (t.scale or 0) >= 5
    )


def _preferred(found: tuple[Match, ...], meaning: str, why: str) -> tuple[Match, ...]:
    """The meaning in front, if it is among the candidates."""
    mine = [m for m in found if m.meaning == meaning]
    if not mine or mine[0].certainty == 1.0:
        return found
    lifted = Match(meaning, max(NEARLY, mine[0].certainty), f"{mine[0].reason}, {why}")
    return (lifted, *(m for m in found if m.meaning != meaning))


def _demoted(found: tuple[Match, ...], *meanings: str) -> tuple[Match, ...]:
    """The meanings behind all others."""
    return (*(m for m in found if m.meaning not in meanings), *(m for m in found if m.meaning in meanings))
