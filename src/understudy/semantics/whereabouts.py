"""What columns show of the row's place: city, region, postcode, country and its properties, coordinates, phone."""

from __future__ import annotations

import msgspec

from understudy.model.expression import (
    Call,
    Case,
    Chance,
    Const,
    Digits,
    Join,
    Node,
    Pool,
    Take,
    Uniform,
    When,
)
from understudy.semantics import codes, numbers, records, textual
from understudy.semantics.gazetteer import (
    countries,
)
from understudy.semantics.loom import Loom, limits
from understudy.semantics.making import Made, label, maker, option
from understudy.semantics.nouns import Coded, SemanticType, Want
from understudy.semantics.phones import telephone
from understudy.semantics.places import Place
from understudy.semantics.pools import translated
from understudy.semantics.streets import street_line
from understudy.semantics.wording import make_pool
from understudy.types import Kind

CURRENCY = SemanticType("currency", "record", options={"of": "currency", "aspect": "code", "key": True})
"""Some other currency, where the row says no country."""

AT_HOME = 0.75
"""Share of the home's currency there."""

LANGUAGE = SemanticType("language_code", "record", options={"of": "language", "aspect": "code", "key": True})
"""What a language is called where the row says no country."""


@maker("place")
def make_place(loom: Loom, want: Want, t: SemanticType, use: str) -> Made | None:
    """An aspect of the row's place: ``aspect`` street, city, region, postcode, country, phone, latitude, …"""
    shared = loom.shared.get(f"site of {want.field.name}")
    group = str(shared.value) if isinstance(shared, Const) else ""
    if f"city of {group}" not in loom.shared and f"world of {group}" not in loom.shared:
        group = ""  # a home phone beside the only city of the row is of that city
    alone = use if use != "v" else ""
    place = Place(loom, group, alone)
    aspect = option(t, "aspect")
    low, high = limits(want)
    of = f"of the row's {group + ' ' if group else ''}place"
    node: Node | None
    if aspect == "language" and not place.world:
        other, home = records.make_record(loom, want, LANGUAGE, use), _nation(place, want, t, use, of)
        listed = "record language." in loom.shared or loom.subject[-1:] == ("language",)
        if other is None or home is None or want.unique or listed:
            return other
        own = Case((When(Chance(f"{use}.home", AT_HOME), home.expression),), other.expression)
        return msgspec.structs.replace(other, expression=own, what=f"{label(t)}, the home's mostly")
    if aspect == "locale":
        return _locale(place, want, t, use, of)
    match aspect:
        case "city":
            node = place.column(0, "city", low, high)
        case "region":
            short = high <= 3 or t.name == "region_code"
            node = place.column(2, "region_code", low, high) if short else place.column(1, "region", low, high)
        case "postcode":
            node = place.postcode(low, high, use)
        case "currency" if not place.world and not want.unique and high >= 3:
            home, other = _nation(place, want, t, use, of), records.make_record(loom, want, CURRENCY, use)
            if home is None or other is None:
                return home
            own = Case((When(Chance(f"{use}.home", AT_HOME), home.expression),), other.expression)
            return msgspec.structs.replace(home, expression=own, what=f"{label(t)}, the home's mostly")
        case "country" | "country_code" | "currency" | "continent" | "language" | "calling_code" | "nationality":
            return _nation(place, want, t, use, of)
        case "timezone":
            node = place.column(7, "timezone", low, high)
        case "latitude" | "longitude":
            return _coordinate(place, want, t, use, of)
        case "street":
            return street_line(place, want, t, use, of)
        case "phone":
            return telephone(place, want, t, use, of)
        case _:
            node = None
    if node is None:
        return None
    return Made(node, f"{label(t)} {of}", _coded_word(loom, want, node) if want.unique else None)


def _locale(place: Place, want: Want, t: SemanticType, use: str, of: str) -> Made | None:
    """Language and country as software writes them (``de-AT``); any usual one where the row says no country."""
    usual = make_pool(place.loom, want, t, use)
    if not place.world or want.unique or usual is None:
        return usual
    table = countries()
    told = tuple(f"{table[r[8]][5]}-{r[8]}" for r in place.rows)
    node = None if place.leader else place.listed(told, "locale", *limits(want))
    return usual if node is None else Made(node, f"{label(t)} {of}")


def _coded_word(loom: Loom, want: Want, node: Node) -> Coded | None:
    """Distinct names of places: the list's own, then with a number."""
    if not isinstance(node, Pool):
        return None
    members = tuple(dict.fromkeys(loom.words[node.pool]))
    name = loom.keep(f"{node.pool}:distinct", members)
    digits = codes.digits_for(loom.rows, len(members))
    code = codes.code_of(want)
    return textual.coded(
        loom, want, [codes.mixture(loom, code, [name]), codes.mixture(loom, code, [name, "= ", "#"], digits)]
    )


AT = {
    "country": 0,
    "country_code": 1,
    "currency": 4,
    "language": 5,
    "continent": 6,
    "calling_code": 3,
    "nationality": 8,
}


def _nation(place: Place, want: Want, t: SemanticType, use: str, of: str) -> Made | None:
    """A property of the row's country; unique: all countries, then with a number."""
    low, high = limits(want)
    aspect = option(t, "aspect")
    at = AT[aspect]
    if aspect in ("country", "country_code", "nationality") and high == 3:
        at = 2
    elif aspect in ("country", "nationality") and high < 10:
        at = 1
    elif aspect == "country_code" and ("3" in want.field.name or want.field.name.lower().endswith("iso3")):
        at = 2
    if t.name == "country_capital":
        at = 7
    loom = place.loom
    node = place.nation(at, f"nation{at}", low, high)
    if node is None:
        return None
    if not want.unique:
        return Made(node, f"{label(t)} {of}")
    table = tuple(row[at] for row in countries().values())
    table = translated(table, loom.locale) if at == 0 else table
    if place.leader == want.field.name and len(set(table)) == len(table) and all(low <= len(w) <= high for w in table):
        name = loom.keep(f"pool:nations_all{at}@{loom.locale[:2]}", table)
        ways = [
            codes.mixture(loom, codes.code_of(want), [name]),
            codes.mixture(loom, codes.code_of(want), [name, "= ", "#"], codes.digits_for(loom.rows, len(table))),
        ]
        exact = ways[0] if loom.rows <= len(table) else None
        return Made(node, f"{label(t)} {of}", exact or textual.coded(loom, want, ways))
    return Made(node, f"{label(t)} {of}", _coded_word(loom, want, node))


def _coordinate(place: Place, want: Want, t: SemanticType, use: str, of: str) -> Made | None:
    kind = want.field.type.kind
    digits = 5 if kind in (Kind.FLOAT, Kind.TEXT) else numbers.scale_of(want.field.type)
    at = 5 if option(t, "aspect") == "latitude" else 6
    unit = 10**digits
    values = [round(float(r[at]) * unit) for r in place.rows]
    name = place.loom.keep_numbers(f"pool:{place.loom.locale}:{place.mode}_{at}:{digits}", values)
    near = unit // 20
    jitter = Uniform(use, Const(-near), Const(near))
    node: Node = Call("+", (Take(name, place.index), jitter)) if near else Take(name, place.index)
    bound = 90 if at == 5 else 180
    if kind is Kind.FLOAT:
        return Made(Call("/", (node, Const(float(unit)))), f"{label(t)} {of}")
    if kind is Kind.TEXT:
        whole = Call("/", (Call("abs", (node,)), Const(unit)))
        text = Join((whole, Const("."), Digits(Call("%", (Call("abs", (node,)), Const(unit))), digits)))
        return Made(text, f"{label(t)} {of}") if limits(want)[1] >= 9 else None
    low, high, _ = numbers.bounds(want)
    if (low > -bound * unit and want.domain.low is None) or high < min(values) or low > max(values):
        return None
    if min(values) - near < low or max(values) + near > high:
        node = Call("least", (Call("greatest", (node, Const(low))), Const(high)))
    return Made(node, f"{label(t)} {of}")
