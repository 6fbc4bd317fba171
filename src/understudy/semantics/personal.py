"""Personal data in a table: which class each column is of, how sensitive, how sure, and by which evidence.

    name, label, values ──► ranked meanings ──┐
    texts ──► what stands inside them ────────┼─► findings ──► those that only a person's table makes personal
    a deeper recogniser, where asked for ─────┘

Classes are those of the semantic types: name, contact, location, government id, financial, health, credential,
online id, demographic.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import msgspec

from understudy.semantics.catalogue import semantic_type
from understudy.semantics.freetext import Found, found_in
from understudy.semantics.matching import Clues, calibrated, ranked
from understudy.semantics.nouns import sensitivity
from understudy.semantics.values import shown
from understudy.semantics.words import subject
from understudy.types import Kind

LEAST = 0.5
"""Findings less sure than this are not told."""
SHOWN = 0.6
"""From here on values alone say what a column is, whatever its name."""
COARSE = frozenset({"city", "region", "postcode", "district", "county", "latitude", "longitude"})
"""Places that are a person's only beside a person: a list of cities is no personal data."""
DRY = frozenset({"age", "nationality", "job_title", "education", "salary", "balance"})
"""What is personal only where the rows are persons."""
PERSONS = frozenset(
    [
        *("person", "customer", "client", "employee", "user", "patient", "member", "contact", "staff", "student"),
        *("teacher", "author", "actor", "subscriber", "guest", "passenger", "driver", "address", "applicant"),
        *("candidate", "lead", "account", "profile", "borrower", "donor", "resident", "supplier", "doctor"),
        *("physician", "owner", "player", "adult"),
    ]
)
"""Words of tables whose rows are about persons."""

Deeper = Callable[[Sequence[str]], Iterable[Found]]
"""A recogniser of somebody else's: what it finds in the texts of a column."""


class Finding(msgspec.Struct, frozen=True, omit_defaults=True):
    """Personal data in a column. ``kind``: its class; ``meaning``: the semantic type; ``share`` of the rows that hold
    it where it stands inside running text (None: the column is it)."""

    kind: str
    meaning: str
    sensitivity: str
    certainty: float
    evidence: tuple[str, ...]
    share: float | None = None


class Column(msgspec.Struct, frozen=True):
    """What is known of a column, and its texts. ``reference``: it refers to another table's rows."""

    clues: Clues
    texts: tuple[str, ...] = ()
    reference: bool = False


def personal(columns: Sequence[Column], deeper: Deeper | None = None) -> tuple[tuple[Finding, ...], ...]:
    """Findings per column of one table, surest first; those of :data:`COARSE` and :data:`DRY` only where the rows are
    persons'."""
    found = [_findings(c, deeper) for c in columns]
    present = frozenset(f.meaning for each in found for f in each if f.share is None)
    found = [each or ([] if c.reference else _beside(c.clues, present)) for c, each in zip(columns, found, strict=True)]
    table = columns[0].clues.table if columns else ""
    if not PERSONS.intersection(subject(table)) and not any(_of_person(f) for each in found for f in each):
        found = [[f for f in each if f.share is not None or f.meaning not in COARSE | DRY] for each in found]
    return tuple(tuple(sorted(each, key=lambda f: -f.certainty)) for each in found)


STREETS = frozenset({"street_address", "address"})
COMPANY = {
    "postcode": STREETS | {"city"},
    "region": STREETS | {"city", "postcode"},
    "region_code": STREETS | {"city", "postcode"},
    "city": STREETS,
    "last_name": frozenset({"first_name"}),
    "first_name": frozenset({"last_name"}),
    "phone": STREETS | {"email", "person_name", "last_name"},
}
"""Meanings that values hint at, and beside which others the hint is enough."""
HINT, COMPANIED = 0.8, 0.6


def _beside(clues: Clues, present: frozenset[str]) -> list[Finding]:
    """What the values of a column only hint at, told where its table holds what goes with it."""
    hints = [s for s in shown(clues.samples) if s.meaning in COMPANY and present & COMPANY[s.meaning]]
    hints = [s for s in hints if s.share >= (HINT if s.how == "form" else 0.0)]
    if not hints or (clues.type is not None and clues.type.kind is not Kind.TEXT):
        return []
    one = hints[0]
    meaning = "region" if one.meaning == "region_code" else one.meaning
    described = semantic_type(meaning)
    if described is None:
        return []
    friends = ", ".join(sorted(present & COMPANY[one.meaning])[:2]).replace("_", " ")
    why = (f"{one.share:.0%} of the values by their {one.how}", f"beside {friends}")
    return [Finding(described.pii, meaning, sensitivity(described), COMPANIED, why)]


def _of_person(finding: Finding) -> bool:
    """Whether a finding says that a row is about somebody."""
    return finding.share is None and (
        finding.kind in ("name", "contact", "government id", "credential")
        or finding.meaning in ("street_address", "address", "birth_date", "user_name")
    )


def _findings(column: Column, deeper: Deeper | None) -> list[Finding]:
    found: dict[str, Finding] = {}
    if column.reference:
        return []  # what it refers to is told where it stands
    for one in (*_whole(column.clues), *_inside(column, deeper)):
        held = found.get(one.kind)
        if one.certainty >= LEAST and (held is None or _rank(one) > _rank(held)):
            found[one.kind] = one
    return list(found.values())


def _rank(finding: Finding) -> tuple[bool, float]:
    return finding.share is None, finding.certainty


def _whole(clues: Clues) -> Iterable[Finding]:
    """The column as a whole: its surest meaning, and what its values prove beside it."""
    best = ranked(clues, 3)
    told = {best[0].meaning: (best[0].certainty, best[0].reason)} if best else {}
    for one in shown(clues.samples)[:2]:
        if one.meaning == "birth_date" and best and best[0].meaning not in ("birth_date", "event_at"):
            continue  # old dates of another kind
        if one.certainty >= SHOWN and one.meaning not in told:
            told[one.meaning] = (calibrated(one.certainty), f"{one.share:.0%} of the values by their {one.how}")
    for meaning, (certainty, reason) in told.items():
        described = semantic_type(meaning)
        if described is not None and described.pii:
            yield Finding(described.pii, meaning, sensitivity(described), certainty, tuple(reason.split("; ")))


def _inside(column: Column, deeper: Deeper | None) -> Iterable[Finding]:
    """What stands in running text."""
    hits = [*found_in(column.texts), *(deeper(column.texts) if deeper else ())]
    for hit in hits:
        described = semantic_type(hit.meaning)
        if described is not None and described.pii:
            what = f"free text: {hit.meaning.replace('_', ' ')} in {hit.rows:,} of {hit.texts:,} by {hit.how}"
            level = sensitivity(described)
            yield Finding(described.pii, hit.meaning, level, hit.certainty, (what,), hit.rows / hit.texts)
