"""What the other columns of a table say about one: a ``state`` beside a city is a place, not a condition."""

from __future__ import annotations

from collections.abc import Mapping

from understudy.semantics.loom import Loom
from understudy.semantics.nouns import Match
from understudy.semantics.recognition import WHOLE_PHRASE

PLACES = frozenset({"city", "postcode", "country", "country_code", "street_address", "address"})
NEARLY = 0.99
"""The certainty that neighbours lend."""


def weighed(loom: Loom, candidates: Mapping[str, tuple[Match, ...]]) -> dict[str, tuple[Match, ...]]:
    """The candidates of each column, reordered by what stands beside it."""
    first = {found[0].meaning for found in candidates.values() if found}
    placed = bool(first & PLACES)
    chosen = dict(candidates)
    for name, found in candidates.items():
        words = loom.tokens[name]
        if found and found[0].certainty >= WHOLE_PHRASE:
            continue
        if words[-1] in ("state", "region", "st") and placed and loom.wants[name].field.type.length != 1:
            chosen[name] = _preferred(found, "region", "beside a city or a country")
        elif words[-1] == "state" and not placed and loom.subject[-1:] not in (("address",), ("location",)):
            chosen[name] = _demoted(found, "region", "region_code")
    return chosen


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
