"""Telephone numbers of the row's city, in the ranges kept for fiction, written as the column wants them."""

from __future__ import annotations

import re
from functools import cache

from understudy.model.expression import (
    Const,
    Digits,
    Join,
    Node,
    Pool,
    Uniform,
)
from understudy.semantics import codes, numbers, textual
from understudy.semantics.gazetteer import (
    countries,
    filled,
)
from understudy.semantics.making import Made, label
from understudy.semantics.nouns import Coded, SemanticType, Want
from understudy.semantics.places import Place
from understudy.types import Kind

PHONES = 20
"""Beginnings of phone numbers of a city, each followed by two drawn digits."""


def telephone(place: Place, want: Want, t: SemanticType, use: str, of: str) -> Made | None:
    """Numbers of the ranges kept for fiction, where the country keeps any; else of exchanges 555."""
    loom = place.loom
    two = Digits(Uniform(use, Const(0), Const(99)), 2)
    if want.field.type.kind is not Kind.TEXT:
        high = numbers.bounds(want)[1]
        if high < 10**10:
            return None
        return Made(Uniform(use, Const(2_125_550_100), Const(9_895_550_199)), label(t))
    heads = _beginnings(place.rows, place.world, loom.locale)
    if want.field.name.lower().endswith(("e164", "msisdn")) or CALLING & set(loom.tokens.get(want.field.name, ())):
        heads = {"digits": heads["digits"]}
    elif want.domain.patterns:
        heads = {tag: x for tag, x in heads.items() if _permitted(want, x[0] + "00")} or heads
    forms: list[Node] = [
        Join((place.several(members, PHONES, f"phone_{tag}", use + ".head"), two)) for tag, members in heads.items()
    ]
    forms += [Join((Const("555-01"), two)), Join((Const("55501"), two))]
    node = next((f for f in forms if loom.fits(want, f)), None)
    if node is None:
        return None
    return Made(
        node, f"{label(t)} {of}", textual.coded(loom, want, _coded_phones(place, want, heads)) if want.unique else None
    )


CALLING = frozenset({"caller", "callee", "calling", "called"})
"""Words in the names of numbers as networks write them: digits alone, the country first."""


def _permitted(want: Want, text: str) -> bool:
    """Whether a text has the form that the column's patterns want, as far as they can be read here."""
    try:
        return all(re.search(p, text, re.IGNORECASE if "i" in flags else 0) for p, flags in want.domain.patterns)
    except re.error:
        return True


def _coded_phones(place: Place, want: Want, heads: dict[str, tuple[str, ...]]) -> list[Coded | None]:
    loom, code = place.loom, codes.code_of(want)
    tag, members = next((t, tuple(dict.fromkeys(x))) for t, x in heads.items())
    area = loom.keep(f"pool:{loom.locale}:{place.mode}_phone_{tag}:distinct", members)
    digits = codes.digits_for(loom.rows, 100 * len(members))
    number = Digits(codes.place(code, len(members), 100), 2)
    head = Pool(area, codes.place(code, 1, len(members)))
    extension = Digits(codes.place(code, 100 * len(members), 10**digits), digits)
    width = codes.digits_for(loom.rows)
    return [
        Coded(100 * len(members), Join((head, number))),
        Coded(100 * len(members) * 10**digits, Join((head, number, Const(" x"), extension))),
        Coded(10**width, Join((Const("555-01"), Digits(code, width)))),
        Coded(10**width, Join((Const("55501"), Digits(code, width)))),
        Coded(10**width, Digits(code, width)),
    ]


@cache
def _beginnings(rows: tuple[tuple[str, ...], ...], world: bool, locale: str) -> dict[str, tuple[str, ...]]:
    """What stands before the last two digits of phone numbers, :data:`PHONES` for every city: as usual (with the
    country
    in front where there are many), and shorter forms of it."""
    found: dict[str, list[str]] = {"usual": [], "plain": [], "digits": [], "dashed": [], "e164": []}
    for city, row in enumerate(rows):
        calling = countries()[row[8]][3]
        for k in range(PHONES):
            national = filled(row[4][:-2], city, k)
            if world:
                found["usual"].append(f"+{calling} {national.lstrip('0')}")
            elif row[8] in ("US", "CA"):
                found["usual"].append(f"({national[:3]}) {national[4:]}")
            else:
                found["usual"].append(national if national.startswith("0") else f"0{national}")
            found["plain"].append(f"0{national}" if row[8] not in ("US", "CA", "ES", "IT") and not world else national)
            found["digits"].append(calling + "".join(c for c in national if c.isdigit()).lstrip("0"))
            found["dashed"].append(national.replace(" ", "-"))
            found["e164"].append("+" + found["digits"][-1])
    if not world and locale == "es_ES":
        found["usual"] = [n[1:] for n in found["usual"]]
    found["plain"] = ["".join(c for c in n if c.isdigit()) for n in found["plain"]]
    return {tag: tuple(members) for tag, members in found.items()}
