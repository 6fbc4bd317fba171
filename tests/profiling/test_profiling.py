"""What is measured of rows, on tables of which the truth is known."""

from __future__ import annotations

import datetime
from collections.abc import Iterator

import msgspec
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from understudy.model.profile import ColumnProfile, TableProfile
from understudy.profiling import Depth, KeySide, inclusion, profile_table, sample
from understudy.profiling.hashing import HyperLogLog, hashes

N = 5000


def measured(table: pa.Table, batch: int = 700, cells: int = 4_000_000) -> TableProfile:
    """The profile of a table that comes in batches."""
    return profile_table("t", table.schema, table.to_batches(max_chunksize=batch), cells=cells, depth=Depth.ALL)


def rounded(column: ColumnProfile) -> ColumnProfile:
    """A profile without the last digits of sums, which depend on the order of adding."""
    return msgspec.structs.replace(column, mean=round(column.mean or 0, 6), deviation=round(column.deviation or 0, 6))


@pytest.fixture(scope="module")
def table() -> pa.Table:
    draw = np.random.default_rng(7)
    city = draw.integers(0, 40, N)
    start = draw.integers(0, 1000, N)
    net = np.round(draw.lognormal(3, 1, N), 2)
    tax = np.round(net * 0.19, 2)
    empty = draw.random(N) < 0.2
    day0 = datetime.date(2023, 1, 2)
    return pa.table(
        {
            "id": pa.array(np.arange(N)),
            "city": pa.array([f"City {c}" for c in city]),
            "country": pa.array([f"Land {c // 8}" for c in city]),
            "start": pa.array([day0 + datetime.timedelta(int(d)) for d in start]),
            "end": pa.array(
                [day0 + datetime.timedelta(int(d + g)) for d, g in zip(start, draw.integers(0, 200, N), strict=True)]
            ),
            "net": pa.array(net),
            "tax": pa.array(tax),
            "gross": pa.array(np.round(net + tax, 2)),
            "noise": pa.array(draw.normal(0, 1, N)),
            "a": pa.array(np.where(empty, None, 1.0 * city), pa.float64()),
            "b": pa.array([None if e else "x" for e in empty], pa.string()),
            "round": pa.array(np.where(draw.random(N) < 0.5, draw.integers(0, 50, N) * 100, draw.integers(0, 5000, N))),
            "code": pa.array([f"AB-{c:04}" for c in draw.permutation(N)]),
        }
    )


def test_columns_are_counted_on_all_rows_whatever_the_batches(table: pa.Table) -> None:
    found = measured(table)
    other = measured(table, batch=N)
    assert [rounded(c) for c in found.columns] == [rounded(c) for c in other.columns]
    assert (found.associations, found.keys) == (other.associations, other.keys)
    assert found.rows == N
    column = found.column("net")
    assert column.low == pytest.approx(min(table["net"].to_pylist()))
    assert column.mean == pytest.approx(np.mean(table["net"].to_numpy()))
    assert found.column("b").nulls == table["b"].null_count
    assert found.column("id").unique
    assert not found.column("city").unique
    assert found.column("city").distinct == 40
    assert sum(s for _, s in found.column("city").frequent) == pytest.approx(1)
    assert {("id",), ("code",)} <= set(found.keys)
    assert ("city",) not in found.keys


def test_quantiles_are_those_of_the_values(table: pa.Table) -> None:
    points = measured(table).column("net").points
    assert len(points) == 129
    assert points[64] == pytest.approx(np.quantile(table["net"].to_numpy(), 0.5), rel=0.01)
    assert list(points) == sorted(points)


def test_a_sample_is_spread_over_the_stream_and_bounded() -> None:
    long = pa.table({"n": pa.array(np.arange(100_000))})
    found = sample(long.schema, long.to_batches(max_chunksize=999), cells=3000)
    kept = found.table()["n"].to_numpy()
    assert found.seen == 100_000
    assert 1000 < len(kept) <= 3000
    assert set(np.diff(kept)) == {found.stride}


def test_of_a_large_table_counts_are_exact_and_the_rest_is_sampled(table: pa.Table) -> None:
    found = measured(table, cells=1000 * table.num_columns)
    assert found.sampled is not None
    assert found.sampled < N
    assert found.rows == N
    assert found.column("id").unique
    assert found.column("net").low == pytest.approx(min(table["net"].to_pylist()))


def test_shapes_digits_and_moments_are_described(table: pa.Table) -> None:
    found = measured(table)
    assert found.column("code").shapes[0].pattern == r"AB-\d{4}"
    assert found.column("code").shapes[0].share == 1
    digits = found.column("round").digits
    assert digits is not None
    assert dict(digits.round)[100.0] == pytest.approx(0.5, abs=0.05)
    assert found.column("net").digits.scale == 2  # type: ignore[union-attr]
    moments = found.column("start").temporal
    assert moments is not None
    assert moments.step == "day"
    assert sum(moments.weekdays) == pytest.approx(1)
    assert sum(moments.trend) == pytest.approx(1)


def test_weekdays_and_hours_are_those_of_the_calendar() -> None:
    monday = datetime.datetime(2024, 1, 1, 9)
    moments = [monday + datetime.timedelta(weeks=i) for i in range(30)]
    found = measured(pa.table({"t": pa.array(moments)})).column("t").temporal
    assert found is not None
    assert found.weekdays[0] == 1
    assert found.hours[9] == 1
    assert found.regular == 1
    assert set(found.gaps) == {7 * 86_400.0}


def test_what_follows_from_what_is_found_and_nothing_else(table: pa.Table) -> None:
    found = measured(table)
    told = {(d.given[0], d.column) for d in found.dependencies}
    assert ("city", "country") in told
    assert ("country", "city") not in told
    assert not any("noise" in pair for pair in told)
    assert [(o.lesser, o.greater) for o in found.orderings if o.lesser == "start"] == [("start", "end")]
    assert ("gross", "net", "+", "tax") in [(s.total, s.left, s.sign, s.right) for s in found.sums]


def test_associations_of_any_types_are_strong_where_columns_depend_and_absent_where_not(table: pa.Table) -> None:
    found = {frozenset((a.one, a.other)): a for a in measured(table).associations}
    assert found[frozenset(("city", "country"))].strength > 0.95
    assert found[frozenset(("net", "tax"))].strength > 0.8
    assert found[frozenset(("net", "tax"))].correlation == pytest.approx(1, abs=0.01)
    assert frozenset(("noise", "city")) not in found
    assert frozenset(("noise", "net")) not in found


def test_columns_that_are_empty_together_are_told(table: pa.Table) -> None:
    (pattern,) = measured(table).missing
    assert pattern.columns == ("a", "b")
    assert pattern.share == pytest.approx(table["a"].null_count / N)


def test_keys_of_several_columns_are_found_where_there_is_no_other() -> None:
    rows = pa.table(
        {"order": [i // 3 for i in range(300)], "line": [i % 3 for i in range(300)], "x": [i % 7 for i in range(300)]}
    )
    assert measured(rows).keys[0] == ("order", "line")


def test_outliers_and_flaws_are_told_with_examples() -> None:
    values = [float(i % 50) for i in range(500)] + [99_999.0]
    texts = ["fine"] * 498 + ["  edge ", "n/a", "FranÃ§ois"]
    found = measured(pa.table({"n": values, "t": texts}))
    outliers = found.column("n").outliers
    assert outliers is not None
    assert outliers.examples == (99_999.0,)
    flaws = {f.what for f in found.column("t").flaws}
    assert {"blanks at an end", "stands for no value", "signs of a wrong encoding"} <= flaws


@pytest.mark.parametrize(
    "table",
    [
        pa.table({"x": pa.array([], pa.int64())}),
        pa.table({"x": pa.array([None, None], pa.string())}),
        pa.table({"x": [1]}),
        pa.table({"x": [float("inf"), float("nan"), 1.0, None]}),
        pa.table({"x": pa.array([[1, 2], [], None])}),
        pa.table({"x": pa.array([{"a": 1}, None])}),
        pa.table({"x": pa.array([b"\x00", b"\xff"])}),
        pa.table({"x": pa.array([2**62, -(2**62)])}),
        pa.table({"x": pa.array([10**11, -(10**11)], pa.int64()).cast(pa.timestamp("s"))}),
        pa.table({"x": pa.array(["é", "", "日本"])}),
    ],
)
def test_odd_tables_are_measured_without_a_crash(table: pa.Table) -> None:
    found = measured(table)
    assert found.rows == table.num_rows
    assert found.columns[0].nulls == table["x"].null_count


def test_infinite_numbers_are_a_flaw_and_no_value() -> None:
    column = measured(pa.table({"x": [float("inf"), 1.0, 2.0, float("-inf")]})).columns[0]
    assert (column.low, column.high) == (1.0, 2.0)
    assert column.flaws[0].share == 0.5


# ---- hashes and estimates ---------------------------------------------------------------------------
@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(max_size=12), max_size=200))
def test_equal_texts_have_equal_hashes_and_others_do_not(texts: list[str]) -> None:
    found = hashes(pa.array(texts, pa.string())).tolist()
    assert len(set(zip(texts, found, strict=True))) == len(set(texts)) == len(set(found))


def test_hashes_do_not_depend_on_where_an_array_begins() -> None:
    texts = pa.array(["", "a", "bb", "", "ccc", ""])
    assert hashes(texts.slice(2)).tolist() == hashes(texts).tolist()[2:]


@pytest.mark.parametrize("size", [100, 20_000, 1_000_000])
def test_the_estimate_of_different_values_is_within_three_percent(size: int) -> None:
    sketch = HyperLogLog()
    sketch.add(hashes(pa.array(np.arange(size))))
    sketch.add(hashes(pa.array(np.arange(size // 2))))
    assert sketch.estimate() == pytest.approx(size, rel=0.03)


# ---- references -------------------------------------------------------------------------------------
def side(name: str, columns: dict[str, list[object]]) -> KeySide:
    table = pa.table(columns)

    def rows() -> Iterator[pa.RecordBatch]:
        yield from table.to_batches(max_chunksize=3)

    return KeySide(name, tuple(columns), rows)


def test_children_per_parent_are_counted() -> None:
    found = inclusion(side("c", {"p": [1, 1, 2, 9, None, 1]}), side("p", {"id": [1, 2, 3]}))
    assert found.share == pytest.approx(2 / 3)
    assert found.fanout == pytest.approx((1 / 3, 1 / 3, 0, 1 / 3), abs=1e-5)
    assert (found.mean, found.most, found.cardinality) == (pytest.approx(4 / 3), 3, "1:n")


def test_keys_of_two_columns_are_compared_together() -> None:
    child = side("c", {"a": [1, 1, 2], "b": ["x", "y", "x"]})
    assert inclusion(child, side("p", {"a": [1, 1, 2], "b": ["x", "y", "x"]})).share == 1
    assert inclusion(child, side("q", {"a": [1, 1, 2], "b": ["x", "y", "z"]})).share == pytest.approx(2 / 3)
