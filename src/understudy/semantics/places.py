"""Places in a row: one draw of a city, and region, postcode, country, phone, coordinates, time zone follow.

Rows stay in the locale's country unless a column says the country: then the world comes in, home first.
"""

from __future__ import annotations

import re
from functools import cache

import msgspec

from understudy.model.expression import (
    Call,
    Case,
    Chance,
    Const,
    Digits,
    Join,
    Lookup,
    Node,
    Pool,
    Take,
    Uniform,
    When,
    Zipf,
)
from understudy.semantics import codes, finite, numbers, records, textual
from understudy.semantics.catalogue import semantic_type
from understudy.semantics.locales import PLACED, latin, native, places, streets
from understudy.semantics.loom import UNLIMITED, Loom, limits
from understudy.semantics.making import PREPARERS, Made, label, maker, option
from understudy.semantics.nouns import Coded, SemanticType, Up, Want
from understudy.semantics.pools import fitted, fold, translated, words
from understudy.semantics.words import spoken, subject
from understudy.types import Kind

POSTCODES = 40
"""Postcodes of a city: enough that neighbours differ, few enough to list."""
PHONES = 20
"""Beginnings of phone numbers of a city, each followed by two drawn digits."""
HOME = 24
"""Cities of the home country where the world comes in too."""
EXPONENT = {"home": 0.45, "world": 1.05}

SITES = frozenset(words("names.sites"))

SYNONYMS = {"ship": "shipping", "bill": "billing", "departure": "origin", "arrival": "destination"}

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
PARENTS = frozenset(
    [
        "country",
        "city",
        "address",
        "location",
        "region",
        "state",
        "province",
        "district",
        "branch",
        "store",
        "site",
        "warehouse",
        "shop",
        "office",
        "hotel",
        "hospital",
        "airport",
        "station",
        "department",
        "building",
        "venue",
        "property",
        "market",
    ]
)
"""Tables that are places, so that what belongs to them is there too."""
NATION = frozenset({"country", "country_code", "calling_code", "continent", "currency", "language", "nationality"})


@cache
def gazetteer(locale: str, world: bool) -> tuple[tuple[str, ...], ...]:
    """Rows (city, region, code, postcode form, phone form, latitude, longitude, zone, country), home first. At home
    names are in the locale's own script, in the world in Latin letters."""
    home = locale[-2:]
    own = tuple((*row, home) for row in places(locale)) or tuple(r for r in _abroad() if r[8] == home)
    shown = latin if world or locale.startswith("en") else native
    own = tuple((shown(r[0]), shown(r[1]), *r[2:]) for r in own)
    if not world and own:
        return own
    return (*own[:HOME], *(r for r in _abroad() if r[8] != home))


@cache
def _abroad() -> tuple[tuple[str, ...], ...]:
    """Cities of all countries: the largest of every locale in turn, then those of the world's list."""
    listed = [[(*row, x[-2:]) for row in places(x)][:HOME] for x in PLACED]
    found = [rows[k] for k in range(HOME) for rows in listed if k < len(rows)]
    found += [tuple(p.strip() for p in row.split("|")) for row in words("world.cities")]
    return tuple((latin(r[0]), latin(r[1]), *r[2:]) for r in found)


@cache
def countries() -> dict[str, tuple[str, ...]]:
    """By two-letter code: name, two letters, three letters, calling code, currency, language, continent, capital,
    people, names."""
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
        aspect = described.options.get("aspect")
        if aspect in ("country", "country_code", "calling_code", "continent", "nationality"):
            loom.shared[f"world of {group}"] = Const(True)
            if loom.wants[name].unique and aspect in ("country", "country_code"):
                loom.shared.setdefault(f"nation of {group}", Const(name))
        if aspect in ("city", "region", "postcode"):
            loom.shared[f"city of {group}"] = Const(True)
        if aspect in ("country", "country_code") and (listed := _listed(loom.wants[name])):
            loom.shared.setdefault(f"nations of {group}", Const(" ".join(listed)))


def _listed(want: Want) -> dict[str, str]:
    """Countries by code with the values that stand for them, where a column permits a list of countries only."""
    values = finite.allowed(want) or ()
    known = spellings()
    found = {known[fold(str(v))]: str(v) for v in values if fold(str(v)) in known}
    return found if found and len(found) == len(values) else {}


@cache
def spellings() -> dict[str, str]:
    """Codes of countries by how they are written, folded: in codes, in English, in the languages we know."""
    rows = countries().values()
    found: dict[str, str] = {}
    for names in (tuple(r[0] for r in rows), *(translated(tuple(r[0] for r in rows), x) for x in PLACED)):
        found.update({fold(n): r[1] for n, r in zip(names, rows, strict=True)})
    return found | {fold(r[2]): r[1] for r in rows} | {fold(r[1]): r[1] for r in rows}


def among(loom: Loom, want: Want) -> Made | None:
    """One of the countries that a column permits, as the row's place says; None for all other columns."""
    t = semantic_type(loom.meanings.get(want.field.name, ""))
    listed = _listed(want) if t is not None and t.maker == "place" and not want.unique else {}
    if t is None or not listed or option(t, "aspect") not in ("country", "country_code"):
        return None
    shared = loom.shared.get(f"site of {want.field.name}")
    group = str(shared.value) if isinstance(shared, Const) else ""
    said = loom.shared.get(f"nations of {group}")
    if not isinstance(said, Const) or said.value != " ".join(listed):
        return None
    place = Place(loom, group)
    if _above(loom, group) is not None:
        return None
    spelled = tuple(listed.get(r[8], next(iter(listed.values()))) for r in place.rows)
    shown = ", ".join(list(listed.values())[:4]) + (" …" if len(listed) > 4 else "")
    node = Pool(
        loom.keep(f"pool:{loom.locale}:world_listed:{finite.digest(tuple(listed.values()))}", spelled), place.index
    )
    return Made(node, f"one of {len(listed)} countries ({shown}), of the row's place")


def group_for(loom: Loom, words_: tuple[str, ...]) -> str | None:
    """The group of places that says a person's country: the one named alike, else the row's own; None if neither."""
    named = next((SYNONYMS.get(w, w) for w in words_ if f"world of {SYNONYMS.get(w, w)}" in loom.shared), None)
    if named is not None:
        return named
    return "" if "world of " in loom.shared or _above(loom, "") is not None else None


def _above(loom: Loom, group: str) -> tuple[Up, str] | None:
    """The parent whose place is the row's too, and its hidden column."""
    for up in loom.ups:
        hidden = next((c for c in ("$place@world", "$place@home", "$nation") if c in up.columns), "")
        about = subject(up.entity.table, spoken(up.entity))
        person = "first_name" in up.meanings.values() or "person_name" in up.meanings.values()
        if not hidden:
            continue
        if about[-1] in PARENTS and (up.required or about[-1] != "store"):
            return up, hidden
        if (
            person
            and up.required
            and (group in ("shipping", "billing", "delivery") or f"city of {group}" not in loom.shared)
        ):
            return up, hidden
    return None


@cache
def _of_places(locale: str, world: bool, at: int) -> tuple[str, ...]:
    """Column ``at`` of the gazetteer."""
    return tuple(r[at] for r in gazetteer(locale, world))


@cache
def _of_nations(locale: str, world: bool, at: int) -> tuple[str, ...]:
    """Column ``at`` of the country of each place of the gazetteer."""
    table = countries()
    found = tuple(table[r[8]][at] for r in gazetteer(locale, world))
    return translated(found, locale) if at == 0 else found


@cache
def _country_positions(locale: str, world: bool) -> tuple[int, ...]:
    """Per place of the gazetteer the position of its country among all countries."""
    order = {code: i for i, code in enumerate(countries())}
    return tuple(order[r[8]] for r in gazetteer(locale, world))


class Place:
    """The shared draw of one place of the row."""

    def __init__(self, loom: Loom, group: str, alone: str = "") -> None:
        self.loom, self.group = loom, group
        above = None if alone else _above(loom, group)
        leader = None if alone else loom.shared.get(f"nation of {group}")
        self.leader = str(leader.value) if isinstance(leader, Const) else ""
        self.world = f"world of {group}" in loom.shared
        if above is not None and above[1] != "$place@home":
            self.world = True
        elif above is not None:
            self.world = False
        self.mode = "world" if self.world else "home"
        self.rows = gazetteer(loom.locale, self.world)
        tag = f"{'.' + group if group else ''}"
        self.index: Node
        port = f"record airport.{group}" in loom.shared and not alone
        line = f"record airline.{group}" in loom.shared and not alone and group == ""
        if port or line:
            self.world, self.mode, self.leader = True, "world", ""
            self.rows = gazetteer(loom.locale, True)
        if alone:
            self.index = Zipf(alone, len(self.rows), EXPONENT[self.mode])
        elif port or line:
            record = records.Record(loom, "airport" if port else "airline", group)
            kept = loom.keep_numbers(f"pool:{loom.locale}:city_of_{record.of}", _cities_of(loom.locale, record.of))
            self.index = loom.hide(f"place@world{tag}", Take(kept, record.index), reason=f"where the {record.of} is")
        elif self.leader:
            self.nations = loom.hide(
                f"nation{tag}",
                codes.place(codes.code_of(loom.wants[self.leader]), 1, len(countries())),
                reason="which country it is",
            )
            self.index = loom.hide(f"place@world{tag}", self._within(self.nations), reason="a city of the country")
        else:
            self.index = loom.hide(
                f"place@{self.mode}{tag}", self._drawn(above), reason="which city the row's place is in"
            )

    def _drawn(self, above: tuple[Up, str] | None) -> Node:
        draw: Node = Zipf("v", len(self.rows), EXPONENT[self.mode])
        listed = self.loom.shared.get(f"nations of {self.group}")
        if isinstance(listed, Const) and self.world:
            nations = str(listed.value).split()
            cities = [i for i, r in enumerate(self.rows) if r[8] in nations]
            kept = self.loom.keep_numbers(f"pool:{self.loom.locale}:cities_of:{'-'.join(nations)[:99]}", cities)
            draw = Take(kept, Zipf("v", len(cities), EXPONENT["home"]))
        if above is None:
            return draw
        up, hidden = above
        node: Node = Lookup(up.link, hidden)
        if hidden == "$nation":
            node = self._within(node)
        return node if up.required else Call("coalesce", (node, draw))

    def _within(self, nation: Node) -> Node:
        """One of the country's cities, as a place in the gazetteer of the world."""
        order, starts, sizes = _by_country(self.loom.locale)
        cities = self.loom.keep_numbers(f"pool:{self.loom.locale}:cities_by_country", order)
        start = Take(self.loom.keep_numbers(f"pool:{self.loom.locale}:country_start", starts), nation)
        size = Take(self.loom.keep_numbers(f"pool:{self.loom.locale}:country_size", sizes), nation)
        return Take(cities, Call("+", (start, Call("%", (Uniform("city", Const(0), Const(5039)), size)))))

    def country_index(self) -> Node:
        """The place's country by its position among all countries."""
        if self.leader:
            return self.nations
        values = _country_positions(self.loom.locale, self.world)
        return Take(self.loom.keep_numbers(f"pool:{self.loom.locale}:{self.mode}_country_index", values), self.index)

    def column(self, at: int, tag: str, shortest: int, longest: int) -> Node | None:
        """Column ``at`` of the gazetteer, other entries where one does not fit."""
        return self.listed(_of_places(self.loom.locale, self.world, at), tag, shortest, longest)

    def nation(self, at: int, tag: str, shortest: int, longest: int) -> Node | None:
        """A property of the place's country."""
        table = countries()
        if self.leader:
            every = tuple(r[at] for r in table.values())
            every = translated(every, self.loom.locale) if at == 0 else every
            fits = fitted(every, shortest, None if longest >= UNLIMITED else longest)
            if not fits:
                return None
            name = f"pool:nations_{tag}@{self.loom.locale[:2]}:{shortest}-{min(longest, 999)}"
            return Pool(self.loom.keep(name, fits), self.nations)
        return self.listed(_of_nations(self.loom.locale, self.world, at), tag, shortest, longest)

    def listed(self, members: tuple[str, ...], tag: str, shortest: int, longest: int) -> Node | None:
        """An artefact in step with the gazetteer, read at the row's place."""
        fits = fitted(members, shortest, None if longest >= UNLIMITED else longest)
        if not fits:
            return None
        suffix = "" if fits == members else f":{shortest}-{longest}"
        name = f"pool:{self.loom.locale}:{self.mode}_{tag}{suffix}"
        return Pool(self.loom.keep(name, fits), self.index)

    def several(self, members: tuple[str, ...], each: int, tag: str, use: str) -> Node:
        """One of ``each`` texts that a list has for every city."""
        name = self.loom.keep(f"pool:{self.loom.locale}:{self.mode}_{tag}", members)
        return Pool(name, Call("+", (Call("*", (self.index, Const(each))), Uniform(use, Const(0), Const(each - 1)))))

    def postcode(self, shortest: int, longest: int, use: str) -> Node | None:
        """One of the city's postcodes."""
        members = _postcodes(self.rows)
        if max(map(len, members)) > longest or min(map(len, members)) < shortest:
            members = tuple("".join(c for c in m if c.isalnum())[:longest] for m in members)
            if longest < 4 or min(map(len, members)) < shortest:
                return None
        return self.several(members, POSTCODES, f"postcode:{min(longest, 99)}", use)


@cache
def _cities_of(locale: str, of: str) -> tuple[int, ...]:
    """Per airport or airline its city in the world's gazetteer (another of its country where it is not listed)."""
    rows = gazetteer(locale, True)
    known = {(fold(r[0]), r[8]): i for i, r in reversed(list(enumerate(rows)))}
    first = {r[8]: i for i, r in reversed(list(enumerate(rows)))}
    found = records.table(of)
    cities = found.get("city", ("",) * records.size_of(of))
    return tuple(known.get((fold(c), n), first.get(n, 0)) for c, n in zip(cities, found["country"], strict=True))


@cache
def _by_country(locale: str) -> tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...]]:
    """Cities of the world's gazetteer sorted by country, and per country where they begin and how many there are."""
    rows = gazetteer(locale, True)
    found: dict[str, list[int]] = {code: [] for code in countries()}
    for at, row in enumerate(rows):
        found[row[8]].append(at)
    order = tuple(i for members in found.values() for i in members)
    sizes = tuple(len(members) for members in found.values())
    return order, tuple(sum(sizes[:k]) for k in range(len(sizes))), sizes


@cache
def _postcodes(rows: tuple[tuple[str, ...], ...]) -> tuple[str, ...]:
    """The postcodes of all cities, as many of each."""
    return tuple(filled(r[3], i, j) for i, r in enumerate(rows) for j in range(POSTCODES))


LETTERS = "ABDEFGHJLNPQRSTUWXYZ"
"""Letters that stand in postcodes anywhere."""


def filled(form: str, city: int, number: int) -> str:
    """A form with digits in place of ``#`` and letters in place of ``@``, others for every number."""
    state = (city * 7919 + number * 37 + 11) * 2_654_435_761
    out = []
    for c in form:
        if c in "#@":
            state = (state * 1_103_515_245 + 12_345) % (1 << 31)
            out.append(str((state >> 16) % 10) if c == "#" else LETTERS[(state >> 16) % len(LETTERS)])
        else:
            out.append(c)
    return "".join(out)


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
        if other is None or home is None or want.unique:
            return other
        own = Case((When(Chance(f"{use}.home", AT_HOME), home.expression),), other.expression)
        return msgspec.structs.replace(other, expression=own, what=f"{label(t)}, the home's mostly")
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


def _street(place: Place, want: Want, t: SemanticType, use: str, of: str) -> Made | None:
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


def _phone(place: Place, want: Want, t: SemanticType, use: str, of: str) -> Made | None:
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


PREPARERS.append(prepare)
