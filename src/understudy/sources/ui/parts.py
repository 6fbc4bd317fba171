"""One value typed into several controls: a date in three selects, a number in groups, a code in boxes."""

from __future__ import annotations

import re
from collections.abc import Sequence

import msgspec

from understudy.sources.ui.nouns import Member

YEAR = re.compile(r"(?:^|[^a-z])(?:year|yyyy|yy|yr|jahr|année|annee|año|ano|anno|rok)(?:$|[^a-z])", re.IGNORECASE)
MONTH = re.compile(r"(?:^|[^a-z])(?:month|mm|mon|mth|monat|mois|mes|mese|miesiąc|měsíc)(?:$|[^a-z])", re.IGNORECASE)
DAY = re.compile(r"(?:^|[^a-z])(?:day|dd|tag|jour|día|dia|giorno|dzień|den)(?:$|[^a-z])", re.IGNORECASE)
DATE_PARTS = (("day", DAY), ("month", MONTH), ("year", YEAR))
SPLIT_WORDS = re.compile(
    r"area|prefix|suffix|line|ext|part|seg|group|box|digit|code|tin|ssn|phone|sort|pin|otp", re.IGNORECASE
)
SHORT = 5
"""Characters of one box of a split number at most."""


def with_parts(members: Sequence[Member]) -> tuple[Member, ...]:
    """The members, those that are parts of one value marked as such."""
    found = list(members)
    places = [i for i, m in enumerate(found) if m.role == "field" and len(m.controls) == 1]
    _dates(found, places)
    _numbers(found, [i for i in places if found[i].role == "field"])
    return tuple(found)


def _words(member: Member) -> str:
    c = member.first
    return re.sub(
        r"(?<=[a-z0-9])(?=[A-Z])",
        "_",
        " ".join(
            (c.name, c.id, c.model, *(x.text for x in c.labels), c.placeholder, c.autocomplete.replace("bday-", " "))
        ),
    )


def _date_part(member: Member) -> str:
    c = member.first
    if c.type not in ("select", "text", "number", "tel"):
        return ""
    for part, pattern in DATE_PARTS:
        if pattern.search(
            " ".join(
                (re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", f"{c.name} {c.id} {c.model}"), c.autocomplete.replace("-", " "))
            )
        ):
            return part
    for part, pattern in DATE_PARTS:
        if any(pattern.search(t) for t in (c.label, c.placeholder)):
            return part
    return ""


def _dates(found: list[Member], places: Sequence[int]) -> None:
    """Two or three neighbours that are day, month and year: one date (month and year: a month)."""
    at = 0
    while at < len(places):
        run: list[int] = []
        seen: set[str] = set()
        for i in places[at : at + 3]:
            part = _date_part(found[i])
            if not part or part in seen or (run and i - run[-1] > 2):
                break
            run.append(i)
            seen.add(part)
        if len(run) >= 2 and "month" in seen and _same_value([found[i] for i in run]):
            whole = _whole([found[i] for i in run], "date" if len(run) == 3 else "month")
            for i in run:
                found[i] = msgspec.structs.replace(found[i], role="part", whole=whole, part=_date_part(found[i]))
            at += len(run)
        else:
            at += 1


def _same_value(run: Sequence[Member]) -> bool:
    """Whether neighbours speak of one value: alike in what is left of their names, or in one group."""
    stems = {_stem(m.first.own_name) for m in run}
    headings = {m.first.heading for m in run}
    return (
        len(stems) == 1 or (len(headings) == 1 and "" not in headings) or all(s == "" for s in stems) or len(stems) <= 1
    )


def _stem(name: str) -> str:
    spelled = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name)
    words = [w for w in re.split(r"[^A-Za-z]+", spelled) if w]
    kept = [w.lower() for w in words if not any(p.fullmatch(w) for _, p in DATE_PARTS)]
    return "_".join(kept)


def _whole(run: Sequence[Member], kind: str) -> str:
    stem = _stem(run[0].first.own_name) or _stem(run[0].field)
    if stem:
        return stem
    heading = run[0].first.heading
    words = re.findall(r"[a-z]+", heading.lower())
    return "_".join(words[:4]) or kind


def _numbers(found: list[Member], places: Sequence[int]) -> None:
    """Neighbouring short text boxes whose names differ only at the end: one number."""
    at = 0
    while at < len(places):
        run = [places[at]]
        base = _base(found[places[at]])
        for i in places[at + 1 :]:
            if not base or i != run[-1] + 1 or _base(found[i]) != base:
                break
            run.append(i)
        if len(run) >= 2:
            for n, i in enumerate(run, 1):
                found[i] = msgspec.structs.replace(found[i], role="part", whole=base, part=str(n))
        at += len(run)


def _base(member: Member) -> str:
    """The name without its number, of a short box; "" for other controls."""
    c = member.first
    longest = c.attributes.get("maxlength") or c.attributes.get("size") or ""
    if c.type not in ("text", "tel", "number", "password") or not longest.isdigit() or int(longest) > SHORT:
        return ""
    name = c.name or c.id or c.model
    match = re.fullmatch(
        r"(.*?[A-Za-z])[-_.\[]*(?:\d{1,2}|[a-f]|area|prefix|suffix|line|exchange|first|second|third|last)\]?",
        name,
        re.IGNORECASE,
    )
    if match is None:
        return ""
    return re.sub(r"[-_.\[\]]+$", "", match[1])
