"""Mail addresses and user names of the row's person, made of the name; numbers tell namesakes apart."""

from __future__ import annotations

from collections.abc import Iterable

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
    Zipf,
)
from understudy.semantics import codes, textual
from understudy.semantics.making import Made, label
from understudy.semantics.nouns import Coded, SemanticType, Want
from understudy.semantics.people import PAIRS, Person, whose

DOMAINS = ("example.com", "example.org", "example.net", "mail.example.com", "post.example.org", "inbox.example.net")
"""Mail domains reserved for examples (RFC 2606): no letter ever reaches anyone."""


def _domain(person: Person, use: str) -> Node:
    return Pool(person.loom.keep("pool:mail_domain", DOMAINS), Zipf(use + ".domain", len(DOMAINS), 0.8))


def email(person: Person, want: Want, t: SemanticType, use: str) -> Made | None:
    """A mail address of the person; None where none fits."""
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
    node = _one_of(fits, (6.0, 2.0, 1.0, 1.0), use)
    return Made(node, f"{label(t)} {whose(person)}", textual.coded(person.loom, want, _coded_emails(person, want)))


def _one_of(forms: list[Node], weights: tuple[float, ...], use: str) -> Node:
    """One of the forms a row."""
    if len(forms) == 1:
        return forms[0]
    pick = Choice(use + ".form", weights[: len(forms)])
    return Case(tuple(When(Call("=", (pick, Const(i))), f) for i, f in enumerate(forms[:-1])), forms[-1])


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


def user(person: Person, want: Want, t: SemanticType, use: str) -> Made | None:
    """A user name of the person; None where none fits."""
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
    node = _one_of(fits, (4.0, 3.0, 3.0), use)
    return Made(node, f"{label(t)} {whose(person)}", textual.coded(person.loom, want, _coded_users(person, want)))


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
