"""Persons in a row: one draw of first and last name, and everything else that follows from it.

    $person.first, $person.last ─► first name, last name, full name, gender, title, initials, email, user name

Where an email or user name must be unique, the draws are read from that column's code, so that the name in
the row and the unique address still agree.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

from understudy.model.expression import Call, Case, Choice, Const, Digits, Join, Node, Pool, Uniform, When, Zipf
from understudy.semantics import codes, textual
from understudy.semantics.catalogue import semantic_type
from understudy.semantics.locales import first_names, known, last_names
from understudy.semantics.loom import UNLIMITED, Loom, limits
from understudy.semantics.making import PREPARERS, Made, label, maker, option
from understudy.semantics.nouns import Coded, SemanticType, Want
from understudy.semantics.pools import fitted, handle, words

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


class Person:
    """The shared draws of one person of the row."""

    def __init__(self, loom: Loom, group: str, alone: str = "") -> None:
        self.loom, self.group = loom, group
        self.firsts, self.lasts = first_names(loom.locale), last_names(loom.locale)
        leader = loom.shared.get(f"leader of {group}")
        self.leader = str(leader.value) if isinstance(leader, Const) else ""
        tag = f"person{'.' + group.replace(' ', '_') if group else ''}"
        first, last = self._draws()
        self.first: Node
        self.last: Node
        loom.borrowed |= not known(loom.locale)
        if alone:
            self.first, self.last = (
                Uniform(alone + ".first", Const(0), Const(len(self.firsts) - 1)),
                Zipf(alone + ".last", len(self.lasts), 0.4),
            )
        else:
            self.first = loom.hide(f"{tag}.first", first, reason=f"which first name the row's {group or 'person'} has")
            self.last = loom.hide(f"{tag}.last", last, reason=f"which last name the row's {group or 'person'} has")

    def _draws(self) -> tuple[Node, Node]:
        if not self.leader:
            return Zipf("v", len(self.firsts), 0.35), Zipf("v", len(self.lasts), 0.4)
        code = codes.code_of(self.loom.wants[self.leader])
        return codes.place(code, 1, len(self.firsts)), codes.place(code, len(self.firsts), len(self.lasts))

    @property
    def combinations(self) -> int:
        """First names times last names."""
        return len(self.firsts) * len(self.lasts)

    def name(self, which: str, shortest: int = 0, longest: int | None = None) -> Node | None:
        """The first or last name, others in place of those that do not fit."""
        members = self.firsts if which == "first" else self.lasts
        index = self.first if which == "first" else self.last
        fits = fitted(members, shortest, longest)
        if not fits:
            return None
        tag = "" if fits == members else f":{shortest}-{longest}"
        return Pool(self.loom.keep(f"pool:{self.loom.locale}:{which}_name{tag}", fits), index)

    def handle(self, which: str, letters: int | None = None) -> Node:
        """The name as ASCII letters, lower case; where a script has none, an English name instead."""
        members = self.firsts if which == "first" else self.lasts
        index = self.first if which == "first" else self.last
        latin = first_names("en_US") if which == "first" else last_names("en_US")
        handles = _handles(members, latin, letters)
        return Pool(self.loom.keep(f"pool:{self.loom.locale}:{which}_handle{letters or ''}", handles), index)

    @property
    def distinct_handles(self) -> bool:
        """Whether no two names are written alike in ASCII (borrowed ones are)."""
        both = (first_names("en_US"), last_names("en_US"))
        found = [_handles(m, latin, None) for m, latin in zip((self.firsts, self.lasts), both, strict=True)]
        return all(len(set(handles)) == len(handles) for handles in found)

    @property
    def woman(self) -> Node:
        """True for a woman: women's and men's names stand in turn."""
        return Call("=", (Call("%", (self.first, Const(2))), Const(0)))


@cache
def _handles(members: tuple[str, ...], latin: tuple[str, ...], letters: int | None) -> tuple[str, ...]:
    """Names as ASCII handles, English ones where a script has none."""
    return tuple((handle(m) or handle(latin[i % len(latin)]))[:letters] for i, m in enumerate(members))


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
    del use
    return _one(person, want, t, "last")


def _middle(person: Person, want: Want, t: SemanticType, use: str) -> Made | None:
    longest = limits(want)[1]
    if longest < 4:
        return Made(Digits(Uniform(use, Const(0), Const(25)), 1, codes.LETTERS), label(t))
    shifted = Call(
        "%",
        (
            Call("+", (person.first, Call("*", (Uniform(use, Const(1), Const(40)), Const(2))))),
            Const(len(person.firsts)),
        ),
    )
    node = person.name("first", limits(want)[0], None if longest >= UNLIMITED else longest)
    return Made(Pool(node.pool, shifted), f"{label(t)} {_whose(person)}") if isinstance(node, Pool) else None


def _full(person: Person, want: Want, t: SemanticType, use: str) -> Made | None:
    first, last = person.name("first"), person.name("last")
    assert first is not None
    assert last is not None
    forms: list[Node] = [
        Join((first, last), " "),
        Join((Join((person.name("first", 1, 9) or first, Const(" "))), person.name("last", 1, 9) or last)),
    ]
    node = next((f for f in forms if person.loom.fits(want, f)), None)
    if node is None:
        short = limits(want)[1]
        node = person.name("last", limits(want)[0], short)
        return Made(node, f"a last name {_whose(person)}: a full one does not fit") if node is not None else None
    return Made(node, f"{label(t)} {_whose(person)}", _coded_name(person, want) if want.unique else None)


def _coded_name(person: Person, want: Want) -> Coded | None:
    """First and last name by code, then a middle initial, then a number."""
    loom, code = person.loom, codes.code_of(want)
    first, last = person.name("first"), person.name("last")
    assert isinstance(first, Pool)
    assert isinstance(last, Pool)
    digits = codes.digits_for(loom.rows, person.combinations * 676)
    ways: list[Coded | None]
    if person.leader in ("", want.field.name):
        names = (codes.place(code, 1, len(person.firsts)), codes.place(code, len(person.firsts), len(person.lasts)))
        f, n = Pool(first.pool, names[0]), Pool(last.pool, names[1])
        a = Digits(codes.place(code, person.combinations, 26), 1, codes.LETTERS)
        b = Digits(codes.place(code, person.combinations * 26, 26), 1, codes.LETTERS)
        ways = [
            Coded(person.combinations, Join((f, n), " ")),
            Coded(person.combinations * 26, Join((f, Const(" "), a, Const(". "), n))),
            Coded(person.combinations * 676, Join((f, Const(" "), a, Const(". "), b, Const(". "), n))),
            Coded(
                person.combinations * 10**digits,
                Join(
                    (f, Const(" "), n, Const(" "), Digits(codes.place(code, person.combinations, 10**digits), digits))
                ),
            ),
        ]
    else:
        width = codes.digits_for(loom.rows * 2)
        ways = [Coded(10**width, Join((first, Const(" "), last, Const(" "), Digits(code, width))))]
    return textual.coded(loom, want, ways)


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
    node = Case((rare, When(person.woman, Const("Ms."))), Const("Mr."))
    return Made(node, f"{label(t)} {_whose(person)}") if person.loom.fits(want, node) else None


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
    if person.leader == want.field.name and person.distinct_handles:
        share = person.combinations
        domain = Pool(domains, codes.place(code, share, len(DOMAINS)))
        yield Coded(share * len(DOMAINS), Join((first, Const("."), last, Const("@"), domain)))
        share *= len(DOMAINS)
        digits = codes.digits_for(loom.rows, share)
        yield Coded(
            share * 10**digits,
            Join((first, Const("."), last, Digits(codes.place(code, share, 10**digits), digits), Const("@"), domain)),
        )
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
    if person.leader == want.field.name and person.distinct_handles:
        share = person.combinations
        yield Coded(share, Join((first, Const("."), last)))
        digits = codes.digits_for(loom.rows, share)
        yield Coded(
            share * 10**digits, Join((first, Const("."), last, Digits(codes.place(code, share, 10**digits), digits)))
        )
    width = codes.digits_for(loom.rows)
    yield Coded(10**width, Join((letter, last, Digits(code, width))))
    yield Coded(10**width, Join((letter, Digits(code, width))))


PREPARERS.append(prepare)
