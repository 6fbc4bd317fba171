"""Persons in a row: one draw of first and last name, and everything else that follows from it.

    $person.first, $person.last ─► first name, last name, full name, gender, title, initials, email, user name

Where an email or user name must be unique, the draws are read from that column's code, so that the name in
the row and the unique address still agree.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

from understudy.model.expression import (
    Call,
    Case,
    Choice,
    Column,
    Const,
    Digits,
    Join,
    Node,
    Pool,
    Take,
    Uniform,
    When,
    Zipf,
)
from understudy.semantics import codes, places, seen, stages, textual
from understudy.semantics.catalogue import semantic_type
from understudy.semantics.locales import known
from understudy.semantics.loom import UNLIMITED, Loom, limits
from understudy.semantics.making import PREPARERS, Made, label, maker, option
from understudy.semantics.nouns import Coded, SemanticType, Want
from understudy.semantics.persons import roster
from understudy.semantics.places import countries
from understudy.semantics.pools import fitted, fold, words
from understudy.types import Kind

DOMAINS = ("example.com", "example.org", "example.net", "mail.example.com", "post.example.org", "inbox.example.net")
"""Mail domains reserved for examples (RFC 2606): no letter ever reaches anyone."""

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
    if any(_seen_name(loom, group, meaning) for meaning in ("first_name", "last_name")):
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


def _seen_name(loom: Loom, group: str, meaning: str) -> str | None:
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
            return _moved(start, first), _moved(last_start, Call("%", (pair, last_size)))
        use = alone or "v"
        drawn = _skewed(f"{use}.first" if alone else use, size)
        return _moved(start, drawn), _moved(last_start, _skewed(f"{use}.last" if alone else use, last_size))

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
        column = _seen_name(self.loom, self.group, f"{which}_name") if not self.alone else None
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


def _moved(start: Node, index: Node) -> Node:
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


@maker("person")
def make_person(loom: Loom, want: Want, t: SemanticType, use: str) -> Made | None:
    """An aspect of the row's person: ``aspect`` first, last, full, email, user, gender, …"""
    alone = use if use != "v" else ""
    aspect = option(t, "aspect")
    if aspect == "full" and loom.tokens.get(want.field.name, ())[-1:] == ("name",) and _is_company(loom, want):
        return None
    person = Person(loom, group_of(loom, want), alone)
    make = {"first": _first, "last": _last, "middle": _middle, "full": _full, "email": _email, "user": _user,
            "gender": _gender, "title": _title, "initials": _initials, "sorted": _sorted_name}[aspect]  # fmt: skip
    return make(person, want, t, use)


def _is_company(loom: Loom, want: Want) -> bool:
    """Whether a bare ``name`` stands beside first and last name (then it names something else)."""
    return loom.tokens[want.field.name] == ("name",) and {"first_name", "last_name"} <= set(loom.meanings.values())


def _whose(person: Person) -> str:
    return f"of the row's {person.group}" if person.group else "of the row's person"


def _one(person: Person, want: Want, t: SemanticType, which: str) -> Made | None:
    shortest, longest = limits(want)
    node = person.name(which, shortest, None if longest >= UNLIMITED else longest)
    if node is None:
        return None
    code = codes.code_of(want)
    pool = node.pool if isinstance(node, Pool) else ""
    size = len(person.loom.artefacts[pool])
    ways = [codes.mixture(person.loom, code, [pool])] if len(set(person.loom.words[pool])) == size else []
    return Made(node, f"{label(t)} {_whose(person)}", textual.coded(person.loom, want, ways) if want.unique else None)


def _first(person: Person, want: Want, t: SemanticType, use: str) -> Made | None:
    del use
    return _one(person, want, t, "first")


def _last(person: Person, want: Want, t: SemanticType, use: str) -> Made | None:
    made = _one(person, want, t, "last")
    group = group_of(person.loom, want)
    mine = [n for n in person.loom.named("last_name") if n in person.loom.wants]
    mine = [n for n in mine if group_of(person.loom, person.loom.wants[n]) == group]
    if (
        made is None
        or want.field.name in mine[:1]
        or (person.place is not None and person.place.world)
        or not isinstance(made.expression, Pool)
    ):
        return made
    size = len(person.loom.artefacts[made.expression.pool])
    other = Pool(made.expression.pool, Uniform(use + ".mother", Const(0), Const(size - 1)))
    return Made(other, f"{label(t)}, the second {_whose(person)}", made.coded)


def _middle(person: Person, want: Want, t: SemanticType, use: str) -> Made | None:
    longest = limits(want)[1]
    if longest < 4:
        return Made(Digits(Uniform(use, Const(0), Const(25)), 1, codes.LETTERS), label(t))
    moved = Call(
        "+", (Call("-", (person.first, person.start)), Call("*", (Uniform(use, Const(1), Const(40)), Const(2))))
    )
    shifted = _moved(person.start, Call("%", (moved, person.size)))
    node = person.name("first", limits(want)[0], None if longest >= UNLIMITED else longest)
    return Made(Pool(node.pool, shifted), f"{label(t)} {_whose(person)}") if isinstance(node, Pool) else None


FAMILY_FIRST = {"ja_JP": " ", "zh_CN": "", "hu_HU": " ", "ko_KR": ""}
"""Locales that write the family name first, and what stands between."""


def _full(person: Person, want: Want, t: SemanticType, use: str) -> Made | None:
    first, last = person.name("first"), person.name("last")
    assert first is not None
    assert last is not None
    between = FAMILY_FIRST.get(person.loom.locale) if not (person.place and person.place.world) else None
    forms: list[Node] = [
        Join((first, last), " ") if between is None else Join((last, first), between),
        Join((Join((person.name("first", 1, 9) or first, Const(" "))), person.name("last", 1, 9) or last)),
    ]
    node = next((f for f in forms if person.loom.fits(want, f)), None)
    if node is None:
        short = limits(want)[1]
        node = person.name("last", limits(want)[0], short)
        return Made(node, f"a last name {_whose(person)}: a full one does not fit") if node is not None else None
    what = f"{label(t)} {_whose(person)}"
    company = stages.is_company(person.loom) if use == "v" and person.group == "" else None
    if (
        company is not None
        and (firm := textual.pooled(person.loom, want, "grammar:work.company", use + ".firm")) is not None
    ):
        node = Case((When(company, firm),), node)
        what = f"{label(t)} {_whose(person)}, or a company's where the row is one"
    return Made(node, what, _coded_name(person, want) if want.unique else None)


def _coded_name(person: Person, want: Want) -> Coded | None:
    """First and last name by code, then a middle initial, then a number."""
    loom, code = person.loom, codes.code_of(want)
    first, last = person.name("first"), person.name("last")
    assert first is not None
    assert last is not None
    ways: list[Coded | None]
    if person.leader in ("", want.field.name):
        digits = codes.digits_for(loom.rows, PAIRS * 26)
        a = Digits(codes.place(code, PAIRS, 26), 1, codes.LETTERS)
        more = Digits(codes.place(code, PAIRS * 26, 10**digits), digits)
        alike = _written_alike(person)
        told = Join((Const(" "), Call("+", (person.overflow, Const(1)))))
        suffix: Node = Case((When(Call("=", (person.overflow, Const(0))), Const("")),), told)
        ways = [
            None if alike else Coded(PAIRS, Join((first, Const(" "), last, suffix))),
            None if alike else Coded(PAIRS * 26, Join((first, Const(" "), a, Const(". "), last, suffix))),
            None
            if alike
            else Coded(
                PAIRS * 26 * 10**digits, Join((first, Const(" "), a, Const(". "), last, suffix, Const(" "), more))
            ),
        ]
    else:
        ways = []
    width = codes.digits_for(loom.rows * 2)
    ways.append(Coded(10**width, Join((first, Const(" "), last, Const(" "), Digits(code, width)))))
    return textual.coded(loom, want, ways)


@cache
def _alike(words: tuple[str, ...]) -> bool:
    return len({fold(w) for w in words}) < len(words)


def _written_alike(person: Person) -> bool:
    """Whether two first names, or two last names of one locale, are written alike."""
    n = person.names
    lists = [n.last[a : a + b] for a, b in zip(n.last_starts, n.last_sizes, strict=True)]
    return _alike(n.first) or any(_alike(x) for x in lists)


def _sorted_name(person: Person, want: Want, t: SemanticType, use: str) -> Made | None:
    del use
    first, last = person.name("first"), person.name("last")
    assert first is not None
    assert last is not None
    node = Join((last, first), ", ")
    return Made(node, f"{label(t)} {_whose(person)}") if person.loom.fits(want, node) else None


def _initials(person: Person, want: Want, t: SemanticType, use: str) -> Made | None:
    del use
    node = Call("upper", (Join((person.handle("first", 1), person.handle("last", 1))),))
    return Made(node, f"{label(t)} {_whose(person)}") if person.loom.fits(want, node) else None


def _either(person: Person, woman: str, man: str) -> Node:
    return Case((When(person.woman, Const(woman)),), Const(man))


def _gender(person: Person, want: Want, t: SemanticType, use: str) -> Made | None:
    del use
    shortest, longest = limits(want)
    if longest < 6 or want.field.type.fixed:
        if shortest > 1 or longest < 1:
            return None
        return Made(_either(person, "F", "M"), f"{label(t)} {_whose(person)}")
    return Made(_either(person, "Female", "Male"), f"{label(t)} {_whose(person)}")


def _title(person: Person, want: Want, t: SemanticType, use: str) -> Made | None:
    rare = When(Call("=", (Choice(use, (9.0, 1.0)), Const(1))), Const("Dr."))
    woman, man = COURTESY.get(person.loom.locale[:2], ("Ms.", "Mr."))
    node = Case((rare, When(person.woman, Const(woman))), Const(man))
    return Made(node, f"{label(t)} {_whose(person)}") if person.loom.fits(want, node) else None


COURTESY = {
    "de": ("Frau", "Herr"), "fr": ("Mme", "M."), "es": ("Sra.", "Sr."), "it": ("Sig.ra", "Sig."), "pt": ("Sra.", "Sr."),
    "nl": ("Mevr.", "Dhr."), "pl": ("Pani", "Pan"), "tr": ("Bayan", "Bay"), "ja": ("様", "様"), "zh": ("女士", "先生"),
}  # fmt: skip
"""How women and men are addressed, by language."""


def _domain(person: Person, use: str) -> Node:
    return Pool(person.loom.keep("pool:mail_domain", DOMAINS), Zipf(use + ".domain", len(DOMAINS), 0.8))


def _email(person: Person, want: Want, t: SemanticType, use: str) -> Made | None:
    domain, at = _domain(person, use), Const("@")
    first, last, letter = person.handle("first"), person.handle("last"), person.handle("first", 1)
    number = Uniform(use + ".number", Const(1), Const(99))
    forms: list[Node] = [
        Join((first, Const("."), last, at, domain)),
        Join((letter, last, at, domain)),
        Join((first, Const("_"), last, at, domain)),
        Join((first, number, at, domain)),
    ]
    shortest = Join((letter, number, Const("@example.com")))
    fits = [f for f in forms if person.loom.fits(want, f)] or ([shortest] if person.loom.fits(want, shortest) else [])
    if not fits:
        return None
    pick = Choice(use + ".form", (6.0, 2.0, 1.0, 1.0)[: len(fits)])
    node = (
        fits[0]
        if len(fits) == 1
        else Case(tuple(When(Call("=", (pick, Const(i))), f) for i, f in enumerate(fits[:-1])), fits[-1])
    )
    return Made(node, f"{label(t)} {_whose(person)}", textual.coded(person.loom, want, _coded_emails(person, want)))


def _coded_emails(person: Person, want: Want) -> Iterable[Coded | None]:
    """Leading: names and domain by code; following: the row's names and the code as a number."""
    loom, code = person.loom, codes.code_of(want)
    first, last = person.handle("first"), person.handle("last")
    domains = loom.keep("pool:mail_domain", DOMAINS)
    if person.leader == want.field.name:
        share = PAIRS
        domain = Pool(domains, codes.place(code, share, len(DOMAINS)))
        yield Coded(share * len(DOMAINS), Join((first, Const("."), last, person.suffix(), Const("@"), domain)))
        share *= len(DOMAINS)
        digits = codes.digits_for(loom.rows, share)
        more = Digits(codes.place(code, share, 10**digits), digits)
        apart: Node = Case(
            (When(Call("=", (person.overflow, Const(0))), Const("")),), Join((Const("."), person.overflow))
        )
        yield Coded(share * 10**digits, Join((first, Const("."), last, more, apart, Const("@"), domain)))
    width = codes.digits_for(loom.rows, len(DOMAINS))
    domain = Pool(domains, codes.place(code, 10**width, len(DOMAINS)))
    number = Digits(codes.place(code, 1, 10**width), width)
    yield Coded(len(DOMAINS) * 10**width, Join((first, Const("."), last, number, Const("@"), domain)))
    yield Coded(10 ** (width + 1), Join((last, Digits(code, width + 1), Const("@example.com"))))
    short = codes.digits_for(loom.rows)
    yield Coded(10**short, Join((person.handle("first", 1), Digits(code, short), Const("@example.com"))))
    yield Coded(36**short, Join((Digits(code, short, codes.BASE36.lower()), Const("@ex.com"))))


def _user(person: Person, want: Want, t: SemanticType, use: str) -> Made | None:
    first, last, letter = person.handle("first"), person.handle("last"), person.handle("first", 1)
    number = Uniform(use + ".number", Const(1), Const(99))
    forms: list[Node] = [
        Join((letter, last)),
        Join((first, Const("."), last)),
        Join((first, number)),
        Join((letter, number)),
    ]
    fits = [f for f in forms if person.loom.fits(want, f)][:3]
    if not fits:
        return None
    pick = Choice(use + ".form", (4.0, 3.0, 3.0)[: len(fits)])
    node = (
        fits[0]
        if len(fits) == 1
        else Case(tuple(When(Call("=", (pick, Const(i))), f) for i, f in enumerate(fits[:-1])), fits[-1])
    )
    return Made(node, f"{label(t)} {_whose(person)}", textual.coded(person.loom, want, _coded_users(person, want)))


def _coded_users(person: Person, want: Want) -> Iterable[Coded | None]:
    loom, code = person.loom, codes.code_of(want)
    first, last, letter = person.handle("first"), person.handle("last"), person.handle("first", 1)
    if person.leader == want.field.name:
        yield Coded(PAIRS, Join((first, Const("."), last, person.suffix())))
        digits = codes.digits_for(loom.rows, PAIRS)
        more = Digits(codes.place(code, PAIRS, 10**digits), digits)
        apart: Node = Case(
            (When(Call("=", (person.overflow, Const(0))), Const("")),), Join((Const("_"), person.overflow))
        )
        yield Coded(PAIRS * 10**digits, Join((first, Const("."), last, more, apart)))
    width = codes.digits_for(loom.rows)
    yield Coded(10**width, Join((letter, last, Digits(code, width))))
    yield Coded(10**width, Join((letter, Digits(code, width))))


PREPARERS.append(prepare)
