"""Every string that a pattern's sampler gives matches the pattern, and no two codes give the same."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from understudy.model.expression import Call, Case, Choice, Const, Digits, Join, Node, Row, Uniform
from understudy.rules import Language, evaluate, patterns
from understudy.rules.trees import walk

PATTERNS = [
    "^[A-Z]{2}\\d{4}$", "^[a-z0-9._%+-]+@[a-z0-9.-]+\\.[a-z]{2,}$", "^(a|b|cc)+$", "^\\+?[0-9 ()-]{7,20}$", "x",
    "^#[0-9a-fA-F]{6}$",
    "^[[:alpha:]]+$", "^[[:upper:]][[:lower:]]*$", "(^|,)x(,|$)", "^\\d{3}-\\d{2}-\\d{4}$", "^(19|20)\\d\\d$",
    "^https?://", "^.+@.+$", "^[^ ]+$",
    "^\\S.*\\S$", "^$", "^[0-9]{0,5}(\\.[0-9]{1,2})?$", "^([A-Z]{3}|\\d{5})(-[a-z]+)*$", "^[0-9a-f]{64}$",
    "^a?b*c+$", "^(foo|bar|foobar)$", "a$",
    "^(([0-9]|[1-9][0-9]|1[0-9]{2}|2[0-4][0-9]|25[0-5])\\.){3}([0-9]|[1-9][0-9]|1[0-9]{2}|2[0-4][0-9]|25[0-5])$",
    "^[^@]+@[^@]+$",
    "^[a-z][a-z0-9_]*$", "^[A-Za-z]+(-[A-Za-z]+)*$", "^[-_.a-z]+$", "^[]a]+$", "^\\(\\d{3}\\) \\d+$", "^(?:a|b)c$",
    "^[^\\s]{3}$", "^ab|cd$", "^[а-я]+$",
    "^\\w+\\s\\w+$", "[0-9]", "^'\"\\\\$", "^(a{2}){1,3}$",
]  # fmt: skip


def _picked(node: Node, row: dict[str, Any], draws: Iterator[int]) -> Any:
    """What a sampling node gives: the few kinds it may be made of, nothing else."""
    match node:
        case Const(value=value):
            return value
        case Row():
            return row["row"]
        case Digits(input=inner, width=width, alphabet=alphabet):
            number, out = _picked(inner, row, draws), ""
            for _ in range(width):
                number, digit = divmod(number, len(alphabet))
                out = alphabet[digit] + out
            assert number == 0, "a code that does not fit its digits"
            return out
        case Join(parts=parts):
            return "".join(_picked(p, row, draws) for p in parts)
        case Uniform(low=Const(value=int() as low), high=Const(value=int() as high)):
            assert 0 <= low <= high < 2**63
            return low + next(draws) % (high - low + 1)
        case Choice(weights=weights):
            return row.setdefault("choice", next(draws) % len(weights))
        case Case(branches=branches, otherwise=otherwise):
            for branch in branches:
                if _picked(branch.condition, row, draws):
                    return _picked(branch.value, row, draws)
            return _picked(otherwise, row, draws)
        case Call(function="<" | "=" | "-" | "/" | "%" as function, args=(a, b)):
            values = [Const(_picked(x, row, draws)) for x in (a, b)]
            return evaluate(Call(function, tuple(values)), {})
    raise AssertionError(node)


def _draws(seed: int) -> Iterator[int]:
    while True:
        seed = (seed * 6364136223846793005 + 1442695040888963407) % 2**64
        yield seed >> 2


def _codes(size: int) -> list[int]:
    return list(range(min(size, 50))) + [size * i // 150 for i in range(150)] + list(range(max(size - 50, 0), size))


def _numbered(language: Language) -> dict[int, str]:
    node = language.expression(Row(), "u")
    return {code: _picked(node, {"row": code}, _draws(code)) for code in _codes(language.size)}


@pytest.mark.parametrize("pattern", PATTERNS)
def test_codes_give_distinct_strings_that_match(pattern: str) -> None:
    language = patterns.compile(pattern)
    assert language is not None
    assert language.size >= 1
    texts = _numbered(language)
    assert len(set(texts.values())) == len(texts)
    assert [t for t in texts.values() if not language.matches(t)] == []


@pytest.mark.parametrize("pattern", PATTERNS)
def test_drawn_strings_match_and_no_stream_is_shared(pattern: str) -> None:
    language = patterns.compile(pattern)
    assert language is not None
    node = language.expression(None, "u")
    texts = {_picked(node, {}, _draws(i)) for i in range(120)}
    assert [t for t in texts if not language.matches(t)] == []
    assert len(texts) > min(language.size, 60) / 4
    uses = [p.use for p in walk(node) if isinstance(p, Uniform)]
    assert len(uses) == len(set(uses))


def test_postgresql_agrees_that_samples_match() -> None:
    import psycopg

    with psycopg.connect("host=127.0.0.1 user=postgres dbname=postgres") as db:
        for pattern in PATTERNS:
            language = patterns.compile(pattern)
            assert language is not None
            samples = list(dict.fromkeys(_numbered(language).values()))[::7]
            refused = db.execute(
                "SELECT t FROM unnest(%s::text[]) AS t WHERE NOT t ~ %s", (samples, pattern)
            ).fetchall()
            assert refused == [], pattern


@pytest.mark.parametrize("pattern", ["^[a-z]+$", "x", "^\\d+$", "^(ab)+$", "^.*$", "@"])
@given(low=st.integers(0, 12), extra=st.integers(0, 6))
@settings(max_examples=15, deadline=None)
def test_limits_of_length_are_kept(pattern: str, low: int, extra: int) -> None:
    language = patterns.compile(pattern, shortest=low, longest=low + extra)
    if language is not None:
        assert {len(language.text(language.size * i // 50)) for i in range(50)} <= set(range(low, low + extra + 1))
    else:
        assert not any(
            re.search(pattern, c * n)
            for c in ("a", "1", "x", "ab", "@")
            for n in range(1, 20)
            if low <= len(c * n) <= low + extra
        )


def test_two_patterns_are_met_together() -> None:
    language = patterns.intersection((("^[a-z0-9-]+$", ""), ("^[a-z]", ""), ("[^-]$", "")), shortest=3, longest=12)
    assert language is not None
    assert language.size > 10**9
    assert all(re.fullmatch("[a-z][a-z0-9-]*[^-]", language.text(language.size * i // 99)) for i in range(99))
    assert patterns.intersection((("^a", ""), ("^b", ""))) is None


def test_looks_ahead_are_kept_where_they_can_be() -> None:
    language = patterns.compile("^(?=.*[A-Z])(?=.*\\d).{8,}$")
    assert language is not None
    assert language.matches(language.text(12345))
    assert not language.exact
    assert patterns.compile("^[a-z]{3}$").exact  # type: ignore[union-attr]


def test_case_is_folded_where_asked() -> None:
    language = patterns.compile("^[a-c]{2}$", "i")
    assert language is not None
    assert language.matches("Ab")
    assert language.size == 36


@pytest.mark.parametrize("pattern", ["(", "(a)\\1", "a**", "[z-a]", "a{5,2}", "(?<name"])
def test_what_is_not_understood_is_none(pattern: str) -> None:
    assert patterns.compile(pattern) is None


@pytest.mark.parametrize(
    ("dialect", "pattern", "yes", "no"),
    [("like", "ab%c_", "abxxcd", "abc"), ("like", "a\\%b", "a%b", "axb"), ("glob", "[A-Z]*.txt", "Ax.txt", "a.txt"),
     ("similar", "(a|b)%", "bxy", "xb"), ("glob", "a?c", "abc", "ac")],
)  # fmt: skip
def test_patterns_of_sql_are_languages_too(dialect: str, pattern: str, yes: str, no: str) -> None:
    language = patterns.compile(pattern, dialect=dialect)
    assert language is not None
    assert language.matches(yes)
    assert not language.matches(no)
    assert language.matches(language.text(0))
