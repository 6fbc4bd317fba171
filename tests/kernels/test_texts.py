"""Texts: digits, joins, identifiers, running text, documents."""

from __future__ import annotations

import json
import re

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from understudy.errors import InternalError
from understudy.kernels import Runtime
from understudy.kernels.words import strings
from understudy.model.expression import (
    Call,
    Case,
    Cast,
    Chance,
    Choice,
    Const,
    Digits,
    Document,
    Hexadecimal,
    Join,
    Listing,
    Nulls,
    Pool,
    Prose,
    Record,
    Row,
    Take,
    Uniform,
    Uuid,
    When,
)
from understudy.model.plan import PlannedColumn, PlannedTable
from understudy.types import Kind, Type

from .shop import INTEGER, TEXT, ints, small


def made(node, rows=200, kind=TEXT, **artefacts):
    table = PlannedTable("t", rows, (PlannedColumn("x", kind, node), PlannedColumn("id", INTEGER, Row())))
    array = Runtime(small(table, **artefacts)).column("t", "x", range(rows))
    array.validate(full=True)
    return array.to_pylist()


def written(value, alphabet, width):
    out = ""
    while value or not out:
        value, digit = divmod(value, len(alphabet))
        out = alphabet[digit] + out
    return out.rjust(width, alphabet[0])


NUMBERS = st.lists(st.integers(0, 2**62), min_size=1, max_size=20)


@settings(max_examples=60, deadline=None)
@given(
    NUMBERS,
    st.sampled_from(
        [
            "0123456789",
            "01",
            "0123456789abcdef",
            "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
            "abc",
            "αβγδ",
            "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ",
        ]
    ),
    st.integers(0, 20),
)
def test_digits_are_those_of_the_base(values, alphabet, width):
    found = made(Digits(Take("n", Row()), width, alphabet), len(values), n=ints(values))
    assert found == [written(v, alphabet, width) for v in values]


def test_negative_numbers_have_no_digits():
    with pytest.raises(InternalError, match="negative number -1"):
        made(Digits(Const(-1), 3), 2)


PART = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=20)


@settings(max_examples=40, deadline=None)
@given(
    st.lists(PART, min_size=2, max_size=9), st.lists(PART, min_size=2, max_size=9), PART, st.integers(-(10**18), 10**18)
)
def test_parts_are_joined_as_python_joins_them(left, right, separator, number):
    rows = 30
    node = Join(
        (
            Pool("l", Call("%", (Row(), Const(len(left))))),
            Const("–"),
            Take("r", Call("%", (Row(), Const(len(right))))),
            Digits(Row(), 4),
            Const(number),
            Call("lower", (Take("r", Const(0)),)),
        ),
        separator,
    )
    found = made(node, rows, l=strings(left), r=strings(right))
    lowered = made(Call("lower", (Take("r", Const(0)),)), 1, r=strings(right))[0]
    assert found == [
        separator.join([left[k % len(left)], "–", right[k % len(right)], f"{k:04d}", str(number), lowered])
        for k in range(rows)
    ]


def test_a_join_with_a_null_part_is_null():
    found = made(
        Join((Const("a"), Nulls(Pool("w", Const(0)), Call("=", (Row(), Const(1)))), Row())), 3, w=strings(["x"])
    )
    assert found == ["ax0", None, "ax2"]


def test_words_of_a_pool_stay_codes_through_choices_and_functions():
    names, other = strings(["Ann", "Bob", "Cy"]), strings(["Dee", "Eve"])
    node = Call(
        "upper", (Case((When(Chance("c", 0.5), Pool("a", Choice("x", (1, 1, 1)))),), Pool("b", Choice("y", (1, 1)))),)
    )
    table = PlannedTable("t", 100, (PlannedColumn("x", TEXT, Join((Const("<"), node, Const(">")))),))
    array = Runtime(small(table, a=names, b=other)).column("t", "x", range(100))
    assert pa.types.is_dictionary(array.type)
    assert set(array.to_pylist()) == {"<ANN>", "<BOB>", "<CY>", "<DEE>", "<EVE>"}


def test_uuids_are_distinct_and_say_their_version():
    four = made(Uuid("v"), 5000, Type(Kind.UUID))
    assert len(set(four)) == 5000
    assert all(re.fullmatch(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", u) for u in four)
    seven = made(Uuid("v", 7, Call("*", (Row(), Const(1_000_000)))), 5000, Type(Kind.UUID))
    assert len(set(seven)) == 5000
    assert seven == sorted(seven)
    assert all(re.fullmatch(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", u) for u in seven)
    assert [int(u.replace("-", "")[:12], 16) for u in seven[:3]] == [0, 1000, 2000]


@pytest.mark.parametrize("length", [1, 5, 16, 17, 40, 64])
def test_hexadecimal_digits_have_their_length_and_are_distinct_from_16_on(length):
    found = made(Hexadecimal("v", length), 3000)
    assert all(re.fullmatch(f"[0-9a-f]{{{length}}}", t) for t in found)
    if length >= 16:
        assert len({t[:16] for t in found}) == 3000


def test_bytes_are_read_from_hexadecimal_digits():
    found = made(Cast(Hexadecimal("v", 8), Type(Kind.BINARY, length=4)), 50, Type(Kind.BINARY, length=4))
    assert {len(b) for b in found} == {4}
    assert len(set(found)) == 50


SENTENCES = [
    "Short one.",
    "A sentence of a fair length, with a comma.",
    "Größe zählt öfter als man meint.",
    "Wide words everywhere here.",
    "Ok.",
]


@pytest.mark.parametrize(("least", "most"), [(1, 1), (2, 4), (7, 7)])
def test_prose_is_a_window_of_consecutive_sentences(least, most):
    found = made(Prose("v", "tape", least, most), 300, tape=strings(SENTENCES))
    windows = {" ".join(SENTENCES[(s + k) % 5] for k in range(n)) for s in range(5) for n in range(least, most + 1)}
    assert set(found) <= windows
    assert len(set(found)) > 3


@pytest.mark.parametrize("length", [3, 8, 20, 45, 90])
def test_prose_is_cut_at_a_sentence_or_word_where_it_is_too_long(length):
    found = made(Prose("v", "tape", 1, 4, length), 300, tape=strings(SENTENCES))
    assert max(len(t) for t in found) <= length
    assert min(len(t) for t in found) >= 1
    for text in found:
        assert not text.endswith(" ")
        whole = any(
            " ".join(SENTENCES * 3)[i:].startswith(text)
            for s in range(5)
            for i in [" ".join(SENTENCES * 3).index(SENTENCES[s])]
        )
        assert whole
        if length >= 20 and not text.endswith("."):
            assert all(len(s) > length for s in SENTENCES if s.startswith(text))


def test_documents_are_json_that_holds_the_values():
    node = Document(
        (
            ("n", Take("n", Row())),
            ('a "quoted" name', Take("words", Row())),
            ("price", Cast(Const(1.5), Type(Kind.DECIMAL, scale=2))),
            ("yes", Call("=", (Row(), Const(1)))),
            ("none", Const(None)),
            ("list", Listing(Pool("words", Uniform("w", Const(0), Const(3))), Row())),
            ("inner", Document((("x", Nulls(Row(), Call("=", (Row(), Const(2))))),))),
            ("record", Record((("a", Row()), ("b", Const("t"))))),
            ("day", Cast(Row(), Type(Kind.DATE))),
        )
    )
    words = ['say "x"', "tab\there", "plain", "back\\slash"]
    found = [json.loads(t) for t in made(node, 4, Type(Kind.JSON), n=ints([5, 6, 7, 8]), words=strings(words))]
    for row, value in enumerate(found):
        assert value["n"] == 5 + row
        assert value['a "quoted" name'] == words[row]
        assert (value["price"], value["yes"], value["none"]) == (1.5, row == 1, None)
        assert len(value["list"]) == row
        assert set(value["list"]) <= set(words)
        assert value["inner"] == {"x": None if row == 2 else row}
        assert value["record"] == {"a": row, "b": "t"}
        assert value["day"] == f"1970-01-0{row + 1}"


def test_intervals_times_and_negative_decimals_are_written_as_sql_reads_them():
    span = Type(Kind.INTERVAL)
    assert made(
        Cast(Take("us", Row()), span), 4, span, us=ints([0, 93_784_000_000, 2 * 86_400_000_000 + 5_250_000, -1_000_000])
    ) == ["00:00:00", "1 day 02:03:04", "2 days 00:00:05.25", "-00:00:01"]
    assert made(Cast(Cast(Take("c", Row()), Type(Kind.INTEGER)), TEXT), 2, c=ints([-5, 12])) == ["-5", "12"]


def test_what_fits_no_type_is_an_error_that_names_the_column():
    table = PlannedTable("t", 3, (PlannedColumn("x", Type(Kind.INTEGER, bits=16), Const(70_000)),))
    with pytest.raises(InternalError, match=r"t\.x: the value 70000 does not fit into int16"):
        Runtime(small(table)).batch("t", 0, 3)
    table = PlannedTable("t", 3, (PlannedColumn("x", Type(Kind.DECIMAL, precision=4, scale=2), Const(10_000)),))
    with pytest.raises(InternalError, match=r"t\.x: a decimal of 5 digits"):
        Runtime(small(table)).batch("t", 0, 3)


def test_positions_outside_a_pool_are_refused():
    with pytest.raises(InternalError, match="position 2 is outside pool w, which has 1"):
        made(Pool("w", Row()), 3, w=strings(["x"]))


def test_running_text_handed_out_as_views_says_the_same():
    """Whether windows of one tape, of two by a case, beside words of a pool, or behind nulls: the views that spare a
    copy hold what the plain texts hold."""
    rows, one, two = 400, Prose("a", "tape", 1, 3), Prose("b", "other", 1, 2)
    chosen = Case((When(Chance("which", 0.4), one),), two)
    mixed = Case((When(Chance("which", 0.4), one),), Pool("pool", Uniform("p", Const(0), Const(1))))
    texts = {"one": one, "chosen": chosen, "mixed": mixed, "gone": Nulls(chosen, Chance("gone", 0.3))}
    texts["joined"] = Join((Const("<"), chosen, Const(">")))
    table = PlannedTable("t", rows, tuple(PlannedColumn(n, TEXT, x) for n, x in texts.items()))
    pools = {"tape": SENTENCES, "other": ["Other words.", "No."], "pool": ["tiny", "a word of more than twelve bytes"]}
    runtime = Runtime(small(table, **{n: strings(p) for n, p in pools.items()}))
    plain, views = runtime.batch("t", 0, rows), runtime.batch("t", 0, rows, lean=True)
    for name in texts:
        views.column(name).validate(full=True)
        assert views.column(name).to_pylist() == plain.column(name).to_pylist()
        assert views.column(name).slice(7, 90).to_pylist() == runtime.batch("t", 7, 97).column(name).to_pylist()
    assert [views.column(n).type for n in ("one", "chosen", "mixed", "gone")] == [pa.string_view()] * 4
    assert {t is None for t in views.column("gone").to_pylist()} == {True, False}
    assert set(views.column("mixed").to_pylist()) > set(pools["pool"])
