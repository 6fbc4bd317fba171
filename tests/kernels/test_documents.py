"""JSON documents: members that may be missing, values of any kind written side by side."""

from __future__ import annotations

import json

from understudy.kernels import Runtime
from understudy.model.expression import Call, Case, Cast, Const, Document, Listing, Row, Slot, When, Written
from understudy.model.plan import PlannedColumn, PlannedTable
from understudy.types import Kind, Type

from .shop import small

JSON = Type(Kind.JSON)


def texts(node, n=4):
    table = PlannedTable("t", n, (PlannedColumn("x", JSON, node),))
    return Runtime(small(table)).column("t", "x", range(n)).to_pylist()


def odd(factor=1):
    return Call("=", (Call("%", (Call("/", (Row(), Const(factor))), Const(2))), Const(1)))


def test_a_member_is_left_out_where_its_condition_is_not_true():
    node = Document(
        (("a", Row()), ("b", Const("x")), ("c", Const(None))), (("a", odd()), ("b", odd(2)), ("c", Const(None)))
    )
    assert [json.loads(t) for t in texts(node)] == [{}, {"a": 1}, {"b": "x"}, {"a": 3, "b": "x"}]


def test_a_member_that_is_always_there_may_stand_behind_missing_ones():
    node = Document((("a", Row()), ("b", Row()), ("z", Const(True))), (("a", odd()), ("b", odd(2))))
    assert texts(node) == [
        '{"z": true}',
        '{"a": 1, "z": true}',
        '{"b": 2, "z": true}',
        '{"a": 3, "b": 3, "z": true}',
    ]


def test_values_of_different_kinds_stand_side_by_side_once_they_are_written():
    whens = tuple(
        When(Call("=", (Row(), Const(i))), Written(v)) for i, v in enumerate((Const('a"b'), Const(1.5), Const(None)))
    )
    node = Case(whens, Written(Listing(Document((("at", Slot()),)), Const(2))))
    assert [json.loads(t) for t in texts(node)] == ['a"b', 1.5, None, [{"at": 0}, {"at": 1}]]


def test_lists_within_lists_stay_json():
    node = Written(Listing(Written(Listing(Document((("v", Slot()),)), Const(1))), Call("+", (Row(), Const(1)))))
    assert [json.loads(t) for t in texts(node, 2)] == [[[{"v": 0}]], [[{"v": 0}], [{"v": 0}]]]


def test_text_that_is_json_is_not_quoted_again():
    assert texts(Document((("d", Cast(Const('{"k": [1]}'), JSON)),)), 1) == ['{"d": {"k": [1]}}']


def test_a_cast_in_a_type_s_own_units_takes_a_raw_number_as_a_column_does():
    price = Cast(Call("+", (Row(), Const(1250))), Type(Kind.DECIMAL, precision=9, scale=2), own_units=True)
    assert texts(Document((("price", price),)), 2) == ['{"price": 12.50}', '{"price": 12.51}']
