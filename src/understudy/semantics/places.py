"""Places in a row: one draw of a city, and region, postcode, country, phone, coordinates, time zone follow.

Rows stay in the locale's country unless a column says the country: then the world comes in, home first.
"""

from __future__ import annotations

from functools import cache

from understudy.model.expression import Call, Const, Digits, Join, Node, Pool, Take, Uniform, Zipf
from understudy.semantics import codes, numbers, textual
from understudy.semantics.catalogue import semantic_type
from understudy.semantics.locales import places, streets
from understudy.semantics.loom import UNLIMITED, Loom, limits
from understudy.semantics.making import PREPARERS, Made, label, maker, option
from understudy.semantics.nouns import Coded, SemanticType, Want
from understudy.semantics.pools import fitted, words
from understudy.types import Kind

POSTCODES = 40
"""Postcodes of a city: enough that neighbours differ, few enough to list."""

SITES = frozenset(words("names.sites"))

SYNONYMS = {"ship": "shipping", "bill": "billing", "departure": "origin", "arrival": "destination"}

NUMBER_LAST = ("de", "nl", "es", "it", "pl", "pt", "sv", "da", "nb", "fi", "cs", "tr")
"""Languages that write the house number behind the street."""


@cache
def gazetteer(locale: str, world: bool) -> tuple[tuple[str, ...], ...]:
    """Rows (city, region, code, postcode form, area, latitude, longitude, zone, country), home first."""
    home = locale[-2:]
    abroad = tuple(tuple(p.strip() for p in row.split("|")) for row in words("world.cities"))
    own = tuple((*row, home) for row in places(locale)) or tuple(r for r in abroad if r[8] == home)
    if not world and own:
        return own
    return (*own[:24], *(r for r in abroad if r[8] != home))


@cache
def countries() -> dict[str, tuple[str, ...]]:
    """By two-letter code: name, two letters, three letters, calling code, currency, language, continent, capital."""
    rows = (tuple(p.strip() for p in row.split("|")) for row in words("world.countries"))
    return {row[1]: row for row in rows}


def prepare(loom: Loom) -> None:
    """Finds which place each column speaks of, and whether the row says its country."""
    for name, meaning in loom.meanings.items():
        described = semantic_type(meaning)
        if described is None or described.maker != "place":
            continue
        site = next((w for w in loom.tokens[name] if w in SITES), "")
        group = SYNONYMS.get(site, site)
        loom.shared[f"site of {name}"] = Const(group)
        if described.options.get("aspect") in ("country", "country_code", "calling_code", "continent"):
            loom.shared[f"world of {group}"] = Const(True)
        if described.options.get("aspect") in ("city", "region", "postcode"):
            loom.shared[f"city of {group}"] = Const(True)


class Place:
    """The shared draw of one place of the row."""

    def __init__(self, loom: Loom, group: str, alone: str = "") -> None:
        self.loom, self.group = loom, group
        self.world = f"world of {group}" in loom.shared
        self.rows = gazetteer(loom.locale, self.world)
        draw = Zipf("v", len(self.rows), 0.45)
        tag = f"place{'.' + group if group else ''}"
        self.index: Node = (
            Zipf(alone, len(self.rows), 0.45)
            if alone
            else loom.hide(tag, draw, reason="which city the row's place is in")
        )

    def column(self, at: int, tag: str, shortest: int, longest: int) -> Node | None:
        """Column ``at`` of the gazetteer, other entries where one does not fit."""
        return self.listed(tuple(r[at] for r in self.rows), tag, shortest, longest)

    def nation(self, at: int, tag: str, shortest: int, longest: int) -> Node | None:
        """A property of the place's country."""
        table = countries()
        return self.listed(tuple(table[r[8]][at] if r[8] in table else r[8] for r in self.rows), tag, shortest, longest)

    def listed(self, members: tuple[str, ...], tag: str, shortest: int, longest: int) -> Node | None:
        """An artefact in step with the gazetteer, read at the row's place."""
        fits = fitted(members, shortest, None if longest >= UNLIMITED else longest)
        if not fits:
            return None
        suffix = "" if fits == members else f":{shortest}-{longest}"
        name = f"pool:{self.loom.locale}:{'world' if self.world else 'home'}_{tag}{suffix}"
        return Pool(self.loom.keep(name, fits), self.index)

    def postcode(self, shortest: int, longest: int, use: str) -> Node | None:
        """One of the city's postcodes."""
        members = _postcodes(self.rows)
        if max(map(len, members)) > longest or min(map(len, members)) < shortest:
            members = tuple("".join(c for c in m if c.isalnum())[:longest] for m in members)
            if longest < 4 or min(map(len, members)) < shortest:
                return None
        name = self.loom.keep(
            f"pool:{self.loom.locale}:{'world' if self.world else 'home'}_postcode:{min(longest, 99)}", members
        )
        return Pool(
            name, Call("+", (Call("*", (self.index, Const(POSTCODES))), Uniform(use, Const(0), Const(POSTCODES - 1))))
        )


@cache
def _postcodes(rows: tuple[tuple[str, ...], ...]) -> tuple[str, ...]:
    """The postcodes of all cities, as many of each."""
    return tuple(_filled(r[3], i, j) for i, r in enumerate(rows) for j in range(POSTCODES))


def _filled(form: str, city: int, number: int) -> str:
    """The postcode form with digits in place of ``#``, another for every number."""
    state = (city * 7919 + number * 37 + 11) * 2_654_435_761
    out = []
    for c in form:
        if c == "#":
            state = (state * 1_103_515_245 + 12_345) % (1 << 31)
            out.append(str((state >> 16) % 10))
        else:
            out.append(c)
    return "".join(out)


@maker("place")
def make_place(loom: Loom, want: Want, t: SemanticType, use: str) -> Made | None:
    """An aspect of the row's place: ``aspect`` street, city, region, postcode, country, phone, latitude, …"""
    shared = loom.shared.get(f"site of {want.field.name}")
    group = str(shared.value) if isinstance(shared, Const) else ""
    alone = use if use != "v" else ""
    place = Place(loom, group, alone)
    aspect = option(t, "aspect")
    low, high = limits(want)
    of = f"of the row's {group + ' ' if group else ''}place"
    node: Node | None
    match aspect:
        case "city":
            node = place.column(0, "city", low, high)
        case "region":
            short = high <= 3 or t.name == "region_code"
            node = place.column(2, "region_code", low, high) if short else place.column(1, "region", low, high)
        case "postcode":
            node = place.postcode(low, high, use)
        case "country" | "country_code" | "currency" | "continent" | "language" | "calling_code" | "nationality":
            return _nation(place, want, t, use, of)
        case "timezone":
            node = place.column(7, "timezone", low, high)
        case "latitude" | "longitude":
            return _coordinate(place, want, t, use, of)
        case "street":
            return _street(place, want, t, use, of)
        case "phone":
            return _phone(place, want, t, use, of)
        case _:
            node = None
    if node is None:
        return None
    return Made(node, f"{label(t)} {of}", _coded_word(loom, want, node) if want.unique else None)


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


def _nation(place: Place, want: Want, t: SemanticType, use: str, of: str) -> Made | None:
    low, high = limits(want)
    aspect = option(t, "aspect")
    at = {
        "country": 0,
        "country_code": 1,
        "currency": 4,
        "language": 5,
        "continent": 6,
        "calling_code": 3,
        "nationality": 0,
    }[aspect]
    if aspect in ("country", "country_code") and high == 3 and (want.field.type.fixed or "3" in want.field.name):
        at = 2
    elif aspect == "country" and high < 10:
        at = 1 if high < 3 else 2 if high == 3 else 1
    if aspect == "country" and t.name == "country_capital":
        at = 7
    loom = place.loom
    if f"city of {place.group}" not in loom.shared or use != "v":
        table = tuple(dict.fromkeys(row[at] for row in countries().values()))
        fits = tuple(w for w in table if low <= len(w) <= high)
        if not fits:
            return None
        name = loom.keep(f"pool:world_{at}{'' if len(fits) == len(table) else f':{low}-{high}'}", fits)
        digits = codes.digits_for(loom.rows, len(fits))
        ways = [
            codes.mixture(loom, codes.code_of(want), [name]),
            codes.mixture(loom, codes.code_of(want), [name, "= ", "#"], digits),
        ]
        index: Node = Zipf(use, len(fits), 0.7)
        if len(fits) == len(countries()):
            index = (
                loom.hide(f"country{'.' + place.group if place.group else ''}", Zipf("v", len(fits), 0.7))
                if use == "v"
                else index
            )
        return Made(Pool(name, index), label(t), textual.coded(loom, want, ways) if want.unique else None)
    node = place.nation(at, f"nation{at}", low, high)
    return (
        Made(node, f"{label(t)} {of}", _coded_word(loom, want, node) if want.unique else None)
        if node is not None
        else None
    )


def _coordinate(place: Place, want: Want, t: SemanticType, use: str, of: str) -> Made | None:
    kind = want.field.type.kind
    digits = 5 if kind in (Kind.FLOAT, Kind.TEXT) else numbers.scale_of(want.field.type)
    at = 5 if option(t, "aspect") == "latitude" else 6
    unit = 10**digits
    values = [round(float(r[at]) * unit) for r in place.rows]
    name = place.loom.keep_numbers(
        f"pool:{place.loom.locale}:{'world' if place.world else 'home'}_{at}:{digits}", values
    )
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


def _street(place: Place, want: Want, t: SemanticType, use: str, of: str) -> Made | None:
    loom = place.loom
    high = limits(want)[1]
    members = fitted(streets(loom.locale), 0, max(high - 5, 1) if high < UNLIMITED else None)
    if not members or high < 12:
        return None
    tag = "" if members == streets(loom.locale) else f":{high}"
    street = loom.keep(f"pool:{loom.locale}:street{tag}", members)
    number, name = (
        numbers.law(use + ".no", 1, 9899, 240, 1.2),
        Pool(street, Uniform(use, Const(0), Const(len(members) - 1))),
    )
    last = loom.locale.split("_")[0] in NUMBER_LAST
    line: Node = Join((name, number), " ") if last else Join((number, name), " ")
    if f"city of {place.group}" not in loom.shared and high >= 90 and t.name == "address":
        city, region, code = (
            place.column(0, "city", 0, 99),
            place.column(2, "region_code", 0, 99),
            place.postcode(0, 99, use + ".pc"),
        )
        if city is not None and region is not None and code is not None:
            tail = Join((code, city), " ") if last else Join((city, Join((region, code), " ")), ", ")
            line = Join((line, tail), ", ")
    if not loom.fits(want, line):
        return None
    code_node = codes.code_of(want)
    n = codes.digits_for(loom.rows, len(members))
    distinct = loom.keep(f"pool:{loom.locale}:street{tag}:distinct", tuple(dict.fromkeys(members)))
    one: Node = Call("+", (codes.place(code_node, len(loom.artefacts[distinct]), 10**n), Const(1)))
    two = Pool(distinct, codes.place(code_node, 1, len(loom.artefacts[distinct])))
    coded = Coded(len(loom.artefacts[distinct]) * 10**n, Join((two, one), " ") if last else Join((one, two), " "))
    return Made(line, f"{label(t)} {of}", textual.coded(loom, want, [coded]) if want.unique else None)


def _phone(place: Place, want: Want, t: SemanticType, use: str, of: str) -> Made | None:
    """Numbers of the ranges kept for fiction (555-01xx behind the area code)."""
    loom = place.loom
    two = Digits(Uniform(use, Const(0), Const(99)), 2)
    if want.field.type.kind is not Kind.TEXT:
        high = numbers.bounds(want)[1]
        if high < 10**10:
            return None
        return Made(Uniform(use, Const(2_125_550_100), Const(9_895_550_199)), label(t))
    prefixes = _prefixes(place.rows, loom.locale, place.world)
    area = place.listed(prefixes, "area", 0, UNLIMITED)
    assert area is not None
    plain = place.column(4, "area_code", 0, UNLIMITED)
    assert plain is not None
    forms: list[Node] = [
        Join((area, two)),
        Join((plain, Const("-555-01"), two)),
        Join((plain, Const("55501"), two)),
        Join((Const("555-01"), two)),
        Join((Const("55501"), two)),
    ]
    node = next((f for f in forms if loom.fits(want, f)), None)
    if node is None:
        return None
    return Made(node, f"{label(t)} {of}", textual.coded(loom, want, _coded_phones(place, want, prefixes)))


def _coded_phones(place: Place, want: Want, prefixes: tuple[str, ...]) -> list[Coded | None]:
    loom, code = place.loom, codes.code_of(want)
    members = tuple(dict.fromkeys(prefixes))
    area = loom.keep(f"pool:{loom.locale}:{'world' if place.world else 'home'}_area:distinct", members)
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
def _prefixes(rows: tuple[tuple[str, ...], ...], locale: str, world: bool) -> tuple[str, ...]:
    """What stands before the last two digits of a phone number, for every city."""
    return tuple(_prefix(r, locale, countries(), world) for r in rows)


def _prefix(row: tuple[str, ...], locale: str, table: dict[str, tuple[str, ...]], world: bool) -> str:
    calling = table[row[8]][3] if row[8] in table else "1"
    if row[8] in ("US", "CA"):
        return f"+1 {row[4]}-555-01" if world or locale not in ("en_US", "en_CA") else f"({row[4]}) 555-01"
    return f"+{calling} {row[4]} 55501"


PREPARERS.append(prepare)
