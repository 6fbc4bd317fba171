"""Street and house number as the row's country writes them."""

from __future__ import annotations

from functools import cache

from understudy.model.expression import (
    Call,
    Case,
    Const,
    Join,
    Node,
    Pool,
    Take,
    Uniform,
    When,
)
from understudy.semantics import codes, numbers, textual
from understudy.semantics.gazetteer import (
    countries,
)
from understudy.semantics.locales import streets
from understudy.semantics.loom import UNLIMITED, limits
from understudy.semantics.making import Made, label
from understudy.semantics.nouns import Coded, SemanticType, Want
from understudy.semantics.places import Place
from understudy.semantics.pools import fitted

NUMBER_LAST = frozenset(
    [
        "de",
        "nl",
        "es",
        "it",
        "pl",
        "pt",
        "sv",
        "da",
        "nb",
        "fi",
        "cs",
        "sk",
        "tr",
        "hu",
        "el",
        "ro",
        "uk",
        "slavic",
        "baltic",
        "hr",
        "sl",
        "bg",
        "et",
        "lv",
        "lt",
    ]
)
"""Languages that write the house number behind the street."""


def street_line(place: Place, want: Want, t: SemanticType, use: str, of: str) -> Made | None:
    """Street and number as the row's country writes them; a full address where no other column names the city."""
    loom = place.loom
    high = limits(want)[1]
    if high < 12:
        return None
    longest = max(high - 5, 1) if high < UNLIMITED else None
    members, starts, sizes, lasts = _streets(loom.locale, place.world)
    fits = fitted(members, 0, longest)
    if not fits:
        return None
    tag = f"{'world' if place.world else 'home'}{'' if fits == members else f':{high}'}"
    street = loom.keep(f"pool:{loom.locale}:street_{tag}", fits)
    drawn: Node = Uniform(use, Const(0), Const(max(sizes) * 60 - 1))
    last: bool | Node
    if place.world:
        nation = place.country_index()
        start = Take(loom.keep_numbers(f"pool:{loom.locale}:street_starts", starts), nation)
        size = Take(loom.keep_numbers(f"pool:{loom.locale}:street_sizes", sizes), nation)
        index: Node = Call("+", (start, Call("%", (drawn, size))))
        last = Call("=", (Take(loom.keep_numbers(f"pool:{loom.locale}:number_last", lasts), nation), Const(1)))
    else:
        index, last = Call("%", (drawn, Const(sizes[0]))), bool(lasts[0])
    if loom.named("house_number"):
        return Made(Pool(street, index), f"the street {of}, its number beside it")
    american = loom.locale in ("en_US", "en_CA") and not place.world
    number = numbers.law(use + ".no", 1, 9899 if american else 190, 240 if american else 24, 1.2 if american else 0.9)
    name = Pool(street, index)
    line: Node
    if isinstance(last, bool):
        line = (
            _numbered(loom.locale, name, number, use)
            if last or loom.locale in ("ja_JP", "zh_CN")
            else Join((number, name), " ")
        )
    else:
        line = Case((When(last, Join((name, number), " ")),), Join((number, name), " "))
    if f"city of {place.group}" not in loom.shared and high >= 90 and t.name == "address" and not place.world:
        city, region, code = (
            place.column(0, "city", 0, 99),
            place.column(2, "region_code", 0, 99),
            place.postcode(0, 99, use + ".pc"),
        )
        if city is not None and region is not None and code is not None:
            tail = (
                Join((city, Join((region, code), " ")), ", ")
                if loom.locale in ("en_US", "en_CA", "en_AU")
                else Join((code, city), " ")
            )
            line = Join((line, tail), ", ")
    if not loom.fits(want, line):
        return None
    if not want.unique:
        return Made(line, f"{label(t)} {of}")
    code_node = codes.code_of(want)
    whole = tuple(dict.fromkeys(fits[: sizes[0]] if not place.world else streets(loom.locale)))
    n = codes.digits_for(loom.rows, len(whole))
    distinct = loom.keep(f"pool:{loom.locale}:street_{tag}:distinct", whole)
    one: Node = Call("+", (codes.place(code_node, len(whole), 10**n), Const(1)))
    two = Pool(distinct, codes.place(code_node, 1, len(whole)))
    behind = loom.locale.split("_")[0] in NUMBER_LAST
    coded = Coded(len(whole) * 10**n, Join((two, one), " ") if behind else Join((one, two), " "))
    return Made(line, f"{label(t)} {of}", textual.coded(loom, want, [coded]))


def _numbered(locale: str, name: Node, number: Node, use: str) -> Node:
    """A street with its number behind it, as the locale writes it."""
    match locale:
        case "ja_JP":
            two = [Uniform(f"{use}.{k}", Const(1), Const(20)) for k in range(2)]
            return Join((name, Uniform(use + ".chome", Const(1), Const(6)), Const("-"), two[0], Const("-"), two[1]))
        case "zh_CN":
            return Join((name, number, Const("号")))
        case "es_ES" | "pt_BR":
            return Join((name, number), ", ")
        case _:
            return Join((name, number), " ")


@cache
def _streets(locale: str, world: bool) -> tuple[tuple[str, ...], tuple[int, ...], tuple[int, ...], tuple[int, ...]]:
    """Streets of the locale, or of every country's language; per country where they begin, how many, and whether the
    number stands behind."""
    if not world:
        own = streets(locale)
        return own, (0,), (len(own),), (int(locale.split("_", maxsplit=1)[0] in NUMBER_LAST),)
    found: list[str] = []
    begin: dict[str, tuple[int, int]] = {}
    for row in countries().values():
        if row[9] not in begin:
            mine = streets(row[9], foreign=True)
            begin[row[9]] = len(found), len(mine)
            found += mine
    rows = [row[9] for row in countries().values()]
    lasts = tuple(int(key.split("_")[0] in NUMBER_LAST) for key in rows)
    return tuple(found), tuple(begin[k][0] for k in rows), tuple(begin[k][1] for k in rows), lasts
