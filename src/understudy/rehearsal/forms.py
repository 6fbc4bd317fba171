"""Texts in many forms: what an input function or a trigger might take. Tried on the database; what it takes is kept."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

FORMS = (
    "0", "1", "42", "1000", "-1", "0.5", "3.14", "99.95", "1e3", "007", "12345", "123456", "1234567890", "50%",
    "t", "true", "yes", "a", "A", "abc", "ABC", "Abc", "alpha", "Alpha", "ALPHA", "alpha beta", "a-b", "a_b", "a.b",
    "a.b.c", "top.science.physics", "a/b", "/a/b", "a:b", "a,b", "a;b", "a|b", "abc123", "ABC-123", "ABC-1234",
    "AB-12", "A1", "AA00", "AB12CD", "X123456", "INV-2024-0001", "#ff8800", "ff8800", "0xff", "deadbeef",
    "0f8fad5b-d9cb-469f-a165-70867728950e", "2024-01-31", "31.01.2024", "01/31/2024", "12:30", "12:30:00",
    "2024-01-31 12:30:00", "2024-01-31T12:30:00Z", "1 day", "2 hours", "P1D", "PT2H", "2024", "2024-W05", "2024-Q1",
    "jane.doe@example.com", "example.com", "www.example.com", "https://example.com/page", "+14155550123",
    "(415) 555-0123", "415-555-0123", "94103", "94103-1234", "SW1A 1AA", "192.0.2.10", "192.0.2.0/24",
    "2001:db8::1", "08:00:2b:01:02:03", "US", "us", "USA", "usa", "DE", "de", "en", "en-US", "en_US", "USD", "EUR",
    "1.2.3", "v1.2.3", "1.0", "1.2.3-beta.1", "10 kg", "1 m", "5 m/s", "100 USD", "USD 100", "978-0-306-40615-7",
    "9780306406157", "0-306-40615-2", "0306406152", "977-1436-452-00-8", "4006381333931", "012345678905",
    "DE89370400440532013000", "4111111111111111", "{}", "[]", "[1,2]", "[1,2,3]", '{"a": 1}', "{1,2}", "{a,b}",
    "(1,2)", "(a,b)", "[1,5)", "<1,2>", "((0,0),(1,1))", "((0,0),(1,0),(1,1))", "<(0,0),1>", "{1,-1,0}", "1,2",
    "1,2,3", "(0)", "(0,0)", "(1,2,3)", "a=>1", '"a"=>"1"', "'cat':1 'dog':2", "cat & dog", "POINT(0 0)",
    "LINESTRING(0 0,1 1)", "<a/>", "<a>b</a>", "\\x00ff", "0101", "aGVsbG8=", "{1:0.5,3:1}/5", "[0.1,0.2,0.3]",
    "{1:1,3:2}/3", "1/2", "1 1/2", "10:20:30", "00:00", "monday", "Mon", "January", "male", "female", "active",
    "pending", "open", "closed", "new", "draft", "low", "medium", "high", "none", "default", "public", "user", "admin",
    "postgres", "pg_class", "integer", "1 1 *", "0 0 * * *", "*/5 * * * *", "GET", "POST", "utf-8", "text/plain",
    "application/json", "Europe/Berlin", "UTC", "+01:00", "52.52,13.405", "52.5200 N 13.4050 E", "A+", "O-", "♠",
)  # fmt: skip
"""One of each kind that the field's types and checks commonly take."""

LETTERS, DIGITS = "abcdefghijklmnopqrstuvwxyz", "0123456789"

MOST = 240
"""Variations tried of all forms taken."""


SHAPES = 24
"""Texts whose shape others are made of."""


def forms(first: Iterable[str] = ()) -> tuple[str, ...]:
    """Candidates, ``first`` before all others."""
    return tuple(dict.fromkeys((*first, *FORMS)))


def variations(taken: Iterable[str]) -> Iterator[str]:
    """Texts of the same shape: letters and digits moved on by fixed steps, so that the same come every time."""
    chosen = tuple(taken)
    for step in range(1, MOST // max(len(chosen), 1) + 1):
        for text in chosen:
            moved = "".join(_moved(c, step * (at + 1)) for at, c in enumerate(text))
            if moved != text:
                yield moved


def unlike(values: Iterable[Any]) -> list[Any]:
    """Values of the same shape as these texts or numbers, and none of them."""
    there = [v for v in values if v is not None]
    if all(isinstance(v, str) for v in there):
        return [t for t in variations(there[:SHAPES]) if t not in set(there)]
    if all(isinstance(v, int) for v in there) and there:
        return list(range(max(there) + 1, max(there) + 1 + SHAPES))
    return []


def _moved(c: str, step: int) -> str:
    if c in DIGITS:
        return DIGITS[(DIGITS.index(c) + step) % 10]
    if c.lower() in LETTERS:
        moved = LETTERS[(LETTERS.index(c.lower()) + step) % 26]
        return moved.upper() if c.isupper() else moved
    return c
