"""How the row's person is called: first, last, middle and full name, initials, title, sex."""

from __future__ import annotations

from functools import cache

from understudy.model.expression import (
    Call,
    Case,
    Choice,
    Const,
    Digits,
    Join,
    Node,
    Pool,
    Uniform,
    When,
)
from understudy.semantics import codes, stages, textual
from understudy.semantics.loom import UNLIMITED, Loom, limits
from understudy.semantics.mailboxes import email, user
from understudy.semantics.making import Made, label, maker, option
from understudy.semantics.nouns import Coded, SemanticType, Want
from understudy.semantics.people import PAIRS, Person, group_of, moved_to, whose
from understudy.semantics.pools import fold


@maker("person")
def make_person(loom: Loom, want: Want, t: SemanticType, use: str) -> Made | None:
    """An aspect of the row's person: ``aspect`` first, last, full, email, user, gender, …"""
    alone = use if use != "v" else ""
    aspect = option(t, "aspect")
    if aspect == "full" and loom.tokens.get(want.field.name, ())[-1:] == ("name",) and _is_company(loom, want):
        return None
    person = Person(loom, group_of(loom, want), alone)
    make = {"first": _first, "last": _last, "middle": _middle, "full": _full, "email": email, "user": user,
            "gender": _gender, "title": _title, "initials": _initials, "sorted": _sorted_name}[aspect]  # fmt: skip
    return make(person, want, t, use)


def _is_company(loom: Loom, want: Want) -> bool:
    """Whether a bare ``name`` stands beside first and last name (then it names something else)."""
    return loom.tokens[want.field.name] == ("name",) and {"first_name", "last_name"} <= set(loom.meanings.values())


def _one(person: Person, want: Want, t: SemanticType, which: str) -> Made | None:
    shortest, longest = limits(want)
    node = person.name(which, shortest, None if longest >= UNLIMITED else longest)
    if node is None:
        return None
    code = codes.code_of(want)
    pool = node.pool if isinstance(node, Pool) else ""
    size = len(person.loom.artefacts[pool])
    ways = [codes.mixture(person.loom, code, [pool])] if len(set(person.loom.words[pool])) == size else []
    return Made(node, f"{label(t)} {whose(person)}", textual.coded(person.loom, want, ways) if want.unique else None)


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
    return Made(other, f"{label(t)}, the second {whose(person)}", made.coded)


def _middle(person: Person, want: Want, t: SemanticType, use: str) -> Made | None:
    longest = limits(want)[1]
    if longest < 4:
        return Made(Digits(Uniform(use, Const(0), Const(25)), 1, codes.LETTERS), label(t))
    moved = Call(
        "+", (Call("-", (person.first, person.start)), Call("*", (Uniform(use, Const(1), Const(40)), Const(2))))
    )
    shifted = moved_to(person.start, Call("%", (moved, person.size)))
    node = person.name("first", limits(want)[0], None if longest >= UNLIMITED else longest)
    return Made(Pool(node.pool, shifted), f"{label(t)} {whose(person)}") if isinstance(node, Pool) else None


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
        return Made(node, f"a last name {whose(person)}: a full one does not fit") if node is not None else None
    what = f"{label(t)} {whose(person)}"
    company = stages.is_company(person.loom) if use == "v" and person.group == "" else None
    if (
        company is not None
        and (firm := textual.pooled(person.loom, want, "grammar:work.company", use + ".firm")) is not None
    ):
        node = Case((When(company, firm),), node)
        what = f"{label(t)} {whose(person)}, or a company's where the row is one"
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
    return Made(node, f"{label(t)} {whose(person)}") if person.loom.fits(want, node) else None


def _initials(person: Person, want: Want, t: SemanticType, use: str) -> Made | None:
    del use
    node = Call("upper", (Join((person.handle("first", 1), person.handle("last", 1))),))
    return Made(node, f"{label(t)} {whose(person)}") if person.loom.fits(want, node) else None


def _either(person: Person, woman: str, man: str) -> Node:
    return Case((When(person.woman, Const(woman)),), Const(man))


def _gender(person: Person, want: Want, t: SemanticType, use: str) -> Made | None:
    del use
    shortest, longest = limits(want)
    if longest < 6 or want.field.type.fixed:
        if shortest > 1 or longest < 1:
            return None
        return Made(_either(person, "F", "M"), f"{label(t)} {whose(person)}")
    return Made(_either(person, "Female", "Male"), f"{label(t)} {whose(person)}")


def _title(person: Person, want: Want, t: SemanticType, use: str) -> Made | None:
    rare = When(Call("=", (Choice(use, (9.0, 1.0)), Const(1))), Const("Dr."))
    woman, man = COURTESY.get(person.loom.locale[:2], ("Ms.", "Mr."))
    node = Case((rare, When(person.woman, Const(woman))), Const(man))
    return Made(node, f"{label(t)} {whose(person)}") if person.loom.fits(want, node) else None


COURTESY = {
    "de": ("Frau", "Herr"), "fr": ("Mme", "M."), "es": ("Sra.", "Sr."), "it": ("Sig.ra", "Sig."), "pt": ("Sra.", "Sr."),
    "nl": ("Mevr.", "Dhr."), "pl": ("Pani", "Pan"), "tr": ("Bayan", "Bay"), "ja": ("様", "様"), "zh": ("女士", "先生"),
}  # fmt: skip
"""How women and men are addressed, by language."""
