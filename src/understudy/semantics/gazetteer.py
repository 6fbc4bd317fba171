"""The cities and countries that rows may lie in: of the home country, and of the world with home first."""

from __future__ import annotations

from functools import cache

from understudy.semantics.locales import PLACED, latin, native, places
from understudy.semantics.pools import fold, translated, words

POSTCODES = 40
"""Postcodes of a city: enough that neighbours differ, few enough to list."""

HOME = 24
"""Cities of the home country where the world comes in too."""


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


@cache
def spellings() -> dict[str, str]:
    """Codes of countries by how they are written, folded: in codes, in English, in the languages we know."""
    rows = countries().values()
    found: dict[str, str] = {}
    for names in (tuple(r[0] for r in rows), *(translated(tuple(r[0] for r in rows), x) for x in PLACED)):
        found.update({fold(n): r[1] for n, r in zip(names, rows, strict=True)})
    return found | {fold(r[2]): r[1] for r in rows} | {fold(r[1]): r[1] for r in rows}


@cache
def of_places(locale: str, world: bool, at: int) -> tuple[str, ...]:
    """Column ``at`` of the gazetteer."""
    return tuple(r[at] for r in gazetteer(locale, world))


@cache
def of_nations(locale: str, world: bool, at: int) -> tuple[str, ...]:
    """Column ``at`` of the country of each place of the gazetteer."""
    table = countries()
    found = tuple(table[r[8]][at] for r in gazetteer(locale, world))
    return translated(found, locale) if at == 0 else found


@cache
def country_positions(locale: str, world: bool) -> tuple[int, ...]:
    """Per place of the gazetteer the position of its country among all countries."""
    order = {code: i for i, code in enumerate(countries())}
    return tuple(order[r[8]] for r in gazetteer(locale, world))


@cache
def by_country(locale: str) -> tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...]]:
    """Cities of the world's gazetteer sorted by country, and per country where they begin and how many there are."""
    rows = gazetteer(locale, True)
    found: dict[str, list[int]] = {code: [] for code in countries()}
    for at, row in enumerate(rows):
        found[row[8]].append(at)
    order = tuple(i for members in found.values() for i in members)
    sizes = tuple(len(members) for members in found.values())
    return order, tuple(sum(sizes[:k]) for k in range(len(sizes))), sizes


@cache
def postcodes(rows: tuple[tuple[str, ...], ...]) -> tuple[str, ...]:
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
