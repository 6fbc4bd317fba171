"""What the plain reader reads, the parser of SQL reads alike; all else it leaves to it."""

from __future__ import annotations

import contextlib

import pytest
import sqlglot
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlglot.dialects.dialect import Dialect
from sqlglot.errors import ParseError

from understudy.model.expression import Node
from understudy.rules import simplify
from understudy.rules.plainly import NotPlainError, Part, plainly
from understudy.rules.translating import Translator
from understudy.types import Kind, Type

TYPES = {
    "price": Type(Kind.DECIMAL, precision=10, scale=2),
    "quantity": Type(Kind.INTEGER),
    "status": Type(Kind.TEXT, length=12),
    "Body": Type(Kind.TEXT),
    "shipped_at": Type(Kind.TIMESTAMP),
    "ordered_on": Type(Kind.DATE),
    "is_open": Type(Kind.BOOLEAN),
    "tags": Type(Kind.ARRAY, element=Type(Kind.TEXT)),
    "weight": Type(Kind.FLOAT),
}
DIALECTS = ("postgres", "mysql", "sqlite", "duckdb")


def parsed(text: str, dialect: str, types: dict[str, Type]) -> Node:
    tree = sqlglot.parse_one(f"SELECT {text}\n", dialect=dialect).expressions[0]
    return Translator(dialect, types).predicate(tree)


def translated(part: Part, dialect: str, types: dict[str, Type]) -> Node | str:
    try:
        return Translator(dialect, types).predicate(part)
    except NotPlainError:
        return "left to the parser"


columns = st.sampled_from([*TYPES, '"price"', '"status"', "nobody"])
literals = st.one_of(
    st.integers(-99, 9999).map(str),
    st.decimals("-9", "999", places=2).map(str),
    st.sampled_from(["'new'", "'2024-01-31'", "'12'", "''", "'true'", "'a b'", "NULL", "TRUE", "1e5", "'it''s'"]),
)
atoms = st.one_of(columns, literals, columns.map(lambda c: f"length({c})"))
sums = st.recursive(
    atoms,
    lambda x: st.one_of(
        st.tuples(x, st.sampled_from(["+", "-", "*", " - ", "/", "%", "||"]), x).map("".join), x.map(lambda s: f"({s})")
    ),
    max_leaves=4,
)
signs = st.sampled_from(["=", "<>", "!=", "<", "<=", ">", ">=", " LIKE ", " = ANY "])
conditions = st.one_of(
    st.tuples(sums, signs, sums).map("".join),
    st.tuples(sums, sums, sums).map(lambda t: f"{t[0]} BETWEEN {t[1]} AND {t[2]}"),
    st.tuples(sums, st.lists(literals, min_size=1, max_size=3)).map(lambda t: f"{t[0]} in ({', '.join(t[1])})"),
    sums.map(lambda s: f"{s} IS NULL"),
    sums.map(lambda s: f"{s} IS NOT NULL"),
    sums,
)
texts = st.recursive(
    conditions,
    lambda c: st.one_of(
        st.tuples(c, st.sampled_from([" AND ", " or "]), c).map("".join),
        c.map(lambda s: f"({s})"),
        c.map(lambda s: f"NOT {s}"),
    ),
    max_leaves=5,
)


@settings(max_examples=1500, deadline=None)
@given(texts, st.sampled_from(DIALECTS))
def test_whatever_is_read_plainly_is_read_alike_by_the_parser(text: str, dialect: str) -> None:
    part = plainly(text, dialect, TYPES)
    if part is not None:
        found = translated(part, dialect, TYPES)
        assert found == "left to the parser" or found == parsed(text, dialect, TYPES)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_column_called_like_a_word_of_the_language_is_read_alike_or_left_to_the_parser(dialect: str) -> None:
    kinds = [Dialect.get_or_raise(d) for d in (*DIALECTS, "snowflake", "tsql")]
    words = {w.lower() for d in kinds for w in d.tokenizer_class.KEYWORDS}
    words |= {f.lower() for d in kinds for f in d.parser_class.FUNCTIONS}
    words |= {t.name.lower() for d in kinds for t in d.parser_class.NO_PAREN_FUNCTIONS}
    read = 0
    for word in sorted(w for w in words if w.isidentifier()):
        types = {word: Type(Kind.INTEGER)}
        for text in (f"{word} > 0", f"0 < {word}", f"{word} IN (1, 2) AND ({word} - 1) * 2 <= {word}"):
            part = plainly(text, dialect, types)
            if part is None:
                continue
            read += 1
            with contextlib.suppress(ParseError):  # names that only the database knows to be none of its words
                assert translated(part, dialect, types) == parsed(text, dialect, types), (word, text)
    assert read > 100


@pytest.mark.parametrize(
    "text",
    [
        "price > 0 AND price < 5000",
        "quantity BETWEEN 1 AND 9 OR quantity IS NULL",
        "status IN ('new', 'open')",
        "shipped_at >= ordered_on",
        "quantity * price",
        "((price - 1.50) <= 10)",
    ],
)
def test_the_commonest_rules_are_read_plainly(text: str) -> None:
    for dialect in DIALECTS:
        part = plainly(text, dialect, TYPES)
        assert part is not None
        assert simplify(translated(part, dialect, TYPES)) == simplify(parsed(text, dialect, TYPES))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "text",
    [
        "", "price >", "price > 0 -- cheap", "price > 0)", "(price > 0", "a.price > 0", "price::int > 0", "price > 1e5",
        "price > 0 price", "nobody > 0", "status = 'it''s'", "status = E'\\n'", "price > .5", "NOT price > 0",
        "price = 1 = 1", "upper(status) = 'A'", "price IN ()", "price IN (SELECT 1)", "date '2024-01-01' < shipped_at",
        "price > 0; DROP TABLE x", "0x10 < price", "price > 5_000", "status = 'a' 'b'",
    ],
)  # fmt: skip
def test_what_is_not_plain_is_left_to_the_parser(text: str) -> None:
    assert plainly(text, "postgres", TYPES) is None
