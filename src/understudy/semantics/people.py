"""Persons in a row: one draw of first and last name, and everything else that follows from it.

    $person.first, $person.last ─► first name, last name, full name, gender, title, initials, email, user name

Where an email or user name must be unique, the draws are read from that column's code, so that the name in
the row and the unique address still agree.
"""

from __future__ import annotations

from functools import cache

from understudy.model.expression import (
    Call,
    Case,
    Column,
    Const,
    Join,
    Node,
    Pool,
    Take,
    Uniform,
    When,
    Zipf,
)
from understudy.semantics import codes, places, seen
from understudy.semantics.catalogue import semantic_type
from understudy.semantics.gazetteer import countries
from understudy.semantics.locales import known
from understudy.semantics.loom import Loom, limits
from understudy.semantics.making import PREPARERS
from understudy.semantics.nouns import SemanticType, Want
from understudy.semantics.persons import roster
from understudy.semantics.pools import fitted, words
from understudy.types import Kind

NEUTRAL, ASPECTS = frozenset(words("names.neutral")), frozenset(words("names.aspects"))
"""Words in a column's name that do not make another person of it."""


def group_of(loom: Loom, want: Want) -> str:
    """Which person of the row a column speaks of: the words before its meaning, '' for the row's own."""
    shared = loom.shared.get(f"person of {want.field.name}")
    return str(shared.value) if isinstance(shared, Const) else ""


def prepare(loom: Loom) -> None:
    """Finds the persons of the row, and the unique column that leads each."""
    groups: dict[str, list[str]] = {}
    for name, meaning in loom.meanings.items():
        described = semantic_type(meaning)
        if described is None or described.maker != "person":
            continue
        groups.setdefault(_prefix(loom, name, described), []).append(name)
    named = [
        g
        for g, members in groups.items()
        if any(loom.meanings[m] in ("first_name", "last_name", "person_name") for m in members)
    ]
    for group, members in groups.items():
        target = group
        if group == "" and len(named) == 1 and "" not in named:
            target = named[0]
        for member in members:
            loom.shared[f"person of {member}"] = Const(target)
    led = {str(t.value) for key, t in loom.shared.items() if key.startswith("person of ") and isinstance(t, Const)}
    for group in sorted(led):
        _lead(loom, group)


def _prefix(loom: Loom, name: str, t: SemanticType) -> str:
    del t
    kept = [
        w
        for w in loom.tokens[name]
        if w not in ASPECTS and w not in NEUTRAL and not w.isdigit() and w not in loom.subject
    ]
    return " ".join(kept)


def _lead(loom: Loom, group: str) -> None:
    """The unique text of the group that the shared draws are read from, if there is one that has room."""
    if any(seen_name(loom, group, meaning) for meaning in ("first_name", "last_name")):
        return  # names as they were seen in a file are drawn, not read from a code
    for meaning in ("email", "user_name", "person_name"):
        for name, target in loom.shared.items():
            if not name.startswith("person of ") or not isinstance(target, Const) or target.value != group:
                continue
            column = name[len("person of ") :]
            want = loom.wants[column]
            roomy = limits(want)[1] >= (40 if meaning == "email" else 28)
            if want.unique and loom.meanings[column] == meaning and roomy:
                loom.shared[f"leader of {group}"] = Const(column)
                return


def seen_name(loom: Loom, group: str, meaning: str) -> str | None:
    """The row's column of that meaning whose values are those seen in a file."""
    for name, found in loom.meanings.items():
        want = loom.wants.get(name) if found == meaning else None
        if want is not None and group_of(loom, want) == group and seen.worded(loom, want):
            return name
    return None


SKEWED = 1 << 15
"""Steps of the draw of a name; its square falls off, so that names at the beginning of a list are more frequent."""

GENERATION = 1985
"""Born from here on, a person has one of the newer names."""

PAIRS = 14_400
"""Pairs of names that a unique text tells apart before it takes a number."""


@cache
def _locale_of_country(locales: tuple[str, ...], home: str) -> tuple[int, ...]:
    """Per country the place of its names among the locales; the home country and those without names take the first."""
    places_of = {name: k for k, name in reversed(tuple(enumerate(locales)))}
    return tuple(0 if row[1] == home else places_of.get(row[9], 0) for row in countries().values())


class Person:
    """The shared draws of one person of the row."""

    def __init__(self, loom: Loom, group: str, alone: str = "") -> None:
        self.loom, self.group, self.alone = loom, group, alone
        leader = loom.shared.get(f"leader of {group}")
        self.leader = str(leader.value) if isinstance(leader, Const) and not alone else ""
        site = None if alone else places.group_for(loom, tuple(group.split()))
        self.place = places.Place(loom, site) if site is not None else None
        born = None if alone else _born(loom, group)
        world = self.place is not None and self.place.world
        self.names = roster(loom.locale, world, born is not None)
        loom.borrowed |= not known(loom.locale)
        self.tag = f"person{'.' + group.replace(' ', '_') if group else ''}"
        self.overflow: Node = Const(0)
        self.start: Node = Const(0)
        self.size: Node = Const(len(self.names.first))
        who, last = self._groups(born, world)
        self.first, self.last = self._draws(who, last, alone)
        if not alone:
            whose = group or "person"
            self.first = loom.hide(f"{self.tag}.first", self.first, reason=f"which first name the row's {whose} has")
            self.last = loom.hide(f"{self.tag}.last", self.last, reason=f"which last name the row's {whose} has")

    def _groups(self, born: Node | None, world: bool) -> tuple[Node | None, Node | None]:
        """The row's sublist of first names and its list of last names; None where there is one of each."""
        locale: Node | None = None
        if world and self.place is not None:
            table = _locale_of_country(self.names.locales, self.loom.locale[-2:])
            kept = self.loom.keep_numbers(f"pool:{self.names.name}:locale_of_country", table)
            locale = self.loom.hide(f"{self.tag}.locale", Take(kept, self.place.country_index()), reason="whose names")
        if self.names.generations == 1:
            return locale, locale
        assert born is not None
        age: Node = Case((When(born, Const(0)),), Const(1))
        group = age if locale is None else Call("+", (Call("*", (locale, Const(2))), age))
        return self.loom.hide(f"{self.tag}.group", group, reason="names of which generation"), locale

    def _draws(self, who: Node | None, whose: Node | None, alone: str) -> tuple[Node, Node]:
        n, loom = self.names, self.loom
        start, size = self._span("first", n.starts, n.sizes, who)
        last_start, last_size = self._span("last", n.last_starts, n.last_sizes, whose)
        self.start, self.size = start, size
        if self.leader:
            pair = codes.place(codes.code_of(loom.wants[self.leader]), 1, PAIRS)
            both = Call("*", (size, last_size))
            self.overflow = Call("/", (pair, both))
            first = Call("/", (Call("%", (pair, both)), last_size))
            return moved_to(start, first), moved_to(last_start, Call("%", (pair, last_size)))
        use = alone or "v"
        drawn = _skewed(f"{use}.first" if alone else use, size)
        return moved_to(start, drawn), moved_to(last_start, _skewed(f"{use}.last" if alone else use, last_size))

    def _span(
        self, which: str, starts: tuple[int, ...], sizes: tuple[int, ...], index: Node | None
    ) -> tuple[Node, Node]:
        if index is None:
            return Const(starts[0]), Const(sizes[0])
        keep, name = self.loom.keep_numbers, f"pool:{self.names.name}:{which}"
        return Take(keep(f"{name}_start", starts), index), Take(keep(f"{name}_size", sizes), index)

    @property
    def firsts(self) -> tuple[str, ...]:
        """All first names."""
        return self.names.first

    @property
    def lasts(self) -> tuple[str, ...]:
        """All last names."""
        return self.names.last

    def name(self, which: str, shortest: int = 0, longest: int | None = None) -> Node | None:
        """The first or last name, others in place of those that do not fit."""
        members = self.firsts if which == "first" else self.lasts
        index = self.first if which == "first" else self.last
        fits = fitted(members, shortest, longest)
        if not fits:
            return None
        tag = "" if fits == members else f":{shortest}-{longest}"
        return Pool(self.loom.keep(f"pool:{self.names.name}:{which}_name{tag}", fits), index)

    def handle(self, which: str, letters: int | None = None) -> Node:
        """The name as ASCII letters, lower case; where names are those seen in a file, of the row's own."""
        column = seen_name(self.loom, self.group, f"{which}_name") if not self.alone else None
        if column is not None:
            told = Call("slug", (Call("coalesce", (Column(column), Const("x"))),))
            plain = Call("replace", (told, Const("-"), Const("")))
            return Call("left", (plain, Const(letters))) if letters else plain
        members = self.names.first_handles if which == "first" else self.names.last_handles
        index = self.first if which == "first" else self.last
        kept = _cut(members, letters) if letters else members
        return Pool(self.loom.keep(f"pool:{self.names.name}:{which}_handle{letters or ''}", kept), index)

    @property
    def woman(self) -> Node:
        """True for a woman: women's and men's names stand in turn."""
        return Call("=", (Call("%", (self.first, Const(2))), Const(0)))

    def suffix(self) -> Node:
        """What tells apart those whose names are alike: nothing for the first, then 2, 3 …"""
        return Case(
            (When(Call("=", (self.overflow, Const(0))), Const("")),), Join((Call("+", (self.overflow, Const(1))),))
        )


@cache
def _cut(members: tuple[str, ...], letters: int) -> tuple[str, ...]:
    return tuple(m[:letters] for m in members)


def moved_to(start: Node, index: Node) -> Node:
    """A place in a list that begins at ``start`` of a longer one."""
    return index if start == Const(0) else Call("+", (start, index))


def _skewed(use: str, size: Node) -> Node:
    """A place in a list of ``size``, those at its beginning more often; its last bits keep women and men even."""
    if isinstance(size, Const) and isinstance(size.value, int):
        return Zipf(use, size.value, 0.35)
    drawn = Uniform(use, Const(0), Const(SKEWED - 1))
    more = Uniform(use + ".more", Const(0), Const(SKEWED - 1))
    return Call(
        "/",
        (
            Call("*", (Call("least", (drawn, Call("%", (Call("+", (drawn, more)), Const(SKEWED))))), size)),
            Const(SKEWED),
        ),
    )


def _born(loom: Loom, group: str) -> Node | None:
    """True where the row's person was born lately enough for a newer name; None where nothing tells."""
    for name in loom.named("birth_date"):
        if name in loom.wants and group_of(loom, loom.wants[name]) not in ("", group):
            continue
        if loom.field(name).type.kind is Kind.DATE and (group == "" or group in loom.tokens[name]):
            return Call("is_true", (Call(">=", (Call("year", (Column(name),)), Const(GENERATION))),))
    return None


def whose(person: Person) -> str:
    """Of whom a column speaks, in words."""
    return f"of the row's {person.group}" if person.group else "of the row's person"


PREPARERS.append(prepare)
