"""When things happen: weekdays, hours, growth; by what a table is about, or as asked for."""

from __future__ import annotations

import datetime
from collections import Counter

import pytest

import understudy
from understudy.errors import RequestError
from understudy.model.schema import Entity, Field, KeyPart, Schema, Unique
from understudy.types import Kind, Type

ROWS = 6000
KEY = Unique("pk", (KeyPart("id"),), primary=True)


def moments(table: str, spread: dict, kind: Kind = Kind.TIMESTAMP, name: str = "created_at", *more: Field) -> list:
    fields = (Field("id", Type(Kind.INTEGER), False), *more, Field(name, Type(kind), False, spread=spread))
    schema = Schema("x", (Entity(table, fields, uniques=(KEY,)),))
    return understudy.generate(schema, rows=ROWS, clock=1_767_225_600_000_000)[table].column(name).to_pylist()


def weekend(found: list) -> float:
    return sum(m.weekday() >= 5 for m in found) / len(found)


def test_an_office_rests_at_the_weekend_and_films_are_rented_then() -> None:
    assert weekend(moments("appointments", {})) < 0.03
    assert 0.25 < weekend(moments("orders", {})) < 0.33
    assert weekend(moments("rentals", {})) > 0.36


def test_appointments_are_kept_by_day_and_posts_written_in_the_evening() -> None:
    by_day = Counter(m.hour for m in moments("appointments", {}))
    assert sum(by_day[h] for h in range(8, 18)) > 0.95 * ROWS
    written = Counter(m.hour for m in moments("posts", {}))
    assert sum(written[h] for h in range(18, 24)) > 0.45 * ROWS


def test_weekdays_hours_and_growth_are_as_asked_for() -> None:
    found = moments("things", {"weekdays": (1, 0, 0, 0, 0, 0, 1), "hours": "office", "growth": 3.0})
    days = Counter(m.weekday() for m in found)
    assert days[0] + days[6] > 0.99 * ROWS
    assert abs(days[0] - days[6]) < 0.1 * ROWS
    assert sum(9 <= m.hour < 17 for m in found) > 0.75 * ROWS
    years = Counter(m.year for m in found)
    assert 2.4 < years[2025] / years[2024] < 3.7


def test_a_later_moment_of_the_row_is_moved_too_and_stays_later() -> None:
    schema = Schema(
        "x",
        (
            Entity(
                "orders",
                (
                    Field("id", Type(Kind.INTEGER), False),
                    Field("ordered_at", Type(Kind.TIMESTAMP), False),
                    Field("shipped_at", Type(Kind.TIMESTAMP), False, spread={"weekdays": "office"}),
                ),
                uniques=(KEY,),
            ),
        ),
    )
    rows = understudy.generate(schema, rows=ROWS)["orders"].to_pylist()
    assert all(r["shipped_at"] >= r["ordered_at"] for r in rows)
    assert weekend([r["shipped_at"] for r in rows]) < 0.12


def test_any_part_of_the_rows_is_the_same_rows() -> None:
    entity = Entity("posts", (Field("id", Type(Kind.INTEGER), False), Field("created_at", Type(Kind.TIMESTAMP), False)))
    plan = understudy.plan(Schema("x", (entity,)), rows=500, clock=1_767_225_600_000_000)
    few = understudy.preview(plan, rows=20)["posts"].to_pylist()
    assert understudy.preview(plan, rows=500)["posts"].to_pylist()[:20] == few
    assert all(isinstance(r["created_at"], datetime.datetime) for r in few)


@pytest.mark.parametrize(
    ("kind", "spread", "told"),
    [
        (Kind.TIMESTAMP, {"weekdays": "monday"}, "weekdays is not 'monday'"),
        (Kind.TIMESTAMP, {"hours": (1.0, 2.0)}, "hours is not"),
        (Kind.TIMESTAMP, {"growth": 0}, "growth is a factor"),
        (Kind.DATE, {"hours": "office"}, "a date has no hours"),
        (Kind.INTEGER, {"weekdays": "office"}, "about times"),
        (Kind.TIME, {"growth": 2.0}, "a time of day has no days"),
    ],
)
def test_a_rhythm_that_does_not_exist_or_fit_is_refused(kind: Kind, spread: dict, told: str) -> None:
    with pytest.raises(RequestError, match=told):
        moments("things", spread, kind, "value")


def test_what_a_row_is_is_never_unknown() -> None:
    text = Type(Kind.TEXT, length=60)
    lookup = [Entity(n, (Field("id", Type(Kind.INTEGER), False), Field("name", text))) for n in ("genre", "media_type")]
    lookup.append(Entity("categories", (Field("id", Type(Kind.INTEGER), False), Field("category", text))))
    made = understudy.generate(Schema("x", tuple(lookup)), rows=300)
    assert [made[t].column(1).null_count for t in ("genre", "media_type", "categories")] == [0, 0, 0]
