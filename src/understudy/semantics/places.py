"""Places in a row: one draw of a city, and region, postcode, country, phone, coordinates, time zone follow.

Rows stay in the locale's country unless a column says the country: then the world comes in, home first.
"""

from __future__ import annotations

from functools import cache

from understudy.model.expression import (
    Call,
    Const,
    Lookup,
    Node,
    Pool,
    Take,
    Uniform,
    Zipf,
)
from understudy.semantics import codes, finite, records
from understudy.semantics.catalogue import semantic_type
from understudy.semantics.gazetteer import (
    POSTCODES,
    by_country,
    countries,
    country_positions,
    gazetteer,
    of_nations,
    of_places,
    postcodes,
    spellings,
)
from understudy.semantics.loom import UNLIMITED, Loom
from understudy.semantics.making import PREPARERS, Made, option
from understudy.semantics.nouns import Up, Want
from understudy.semantics.pools import fitted, fold, translated, words
from understudy.semantics.words import spoken, subject

EXPONENT = {"home": 0.45, "world": 1.05}

SITES = frozenset(words("names.sites"))

SYNONYMS = {"ship": "shipping", "bill": "billing", "departure": "origin", "arrival": "destination"}

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
        if aspect in ("country", "country_code") and (listed := listed_in(loom.wants[name])):
            loom.shared.setdefault(f"nations of {group}", Const(" ".join(listed)))


def listed_in(want: Want) -> dict[str, str]:
    """Countries by code with the values that stand for them, where a column permits a list of countries only."""
    values = finite.allowed(want) or ()
    known = spellings()
    found = {known[fold(str(v))]: str(v) for v in values if fold(str(v)) in known}
    return found if found and len(found) == len(values) else {}


def among(loom: Loom, want: Want) -> Made | None:
    """One of the countries that a column permits, as the row's place says; None for all other columns."""
    t = semantic_type(loom.meanings.get(want.field.name, ""))
    listed = listed_in(want) if t is not None and t.maker == "place" and not want.unique else {}
    if t is None or not listed or option(t, "aspect") not in ("country", "country_code"):
        return None
    shared = loom.shared.get(f"site of {want.field.name}")
    group = str(shared.value) if isinstance(shared, Const) else ""
    said = loom.shared.get(f"nations of {group}")
    if not isinstance(said, Const) or said.value != " ".join(listed):
        return None
    place = Place(loom, group)
    if above_of(loom, group) is not None:
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
    return "" if "world of " in loom.shared or above_of(loom, "") is not None else None


def above_of(loom: Loom, group: str) -> tuple[Up, str] | None:
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


class Place:
    """The shared draw of one place of the row."""

    def __init__(self, loom: Loom, group: str, alone: str = "") -> None:
        self.loom, self.group = loom, group
        above = None if alone else above_of(loom, group)
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
        order, starts, sizes = by_country(self.loom.locale)
        cities = self.loom.keep_numbers(f"pool:{self.loom.locale}:cities_by_country", order)
        start = Take(self.loom.keep_numbers(f"pool:{self.loom.locale}:country_start", starts), nation)
        size = Take(self.loom.keep_numbers(f"pool:{self.loom.locale}:country_size", sizes), nation)
        return Take(cities, Call("+", (start, Call("%", (Uniform("city", Const(0), Const(5039)), size)))))

    def country_index(self) -> Node:
        """The place's country by its position among all countries."""
        if self.leader:
            return self.nations
        values = country_positions(self.loom.locale, self.world)
        return Take(self.loom.keep_numbers(f"pool:{self.loom.locale}:{self.mode}_country_index", values), self.index)

    def column(self, at: int, tag: str, shortest: int, longest: int) -> Node | None:
        """Column ``at`` of the gazetteer, other entries where one does not fit."""
        return self.listed(of_places(self.loom.locale, self.world, at), tag, shortest, longest)

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
        return self.listed(of_nations(self.loom.locale, self.world, at), tag, shortest, longest)

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
        members = postcodes(self.rows)
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


PREPARERS.append(prepare)
