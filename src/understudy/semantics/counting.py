"""Meanings that are numbers and truth values: by a law, of a few, rates, years, flags, what a laboratory measured."""

from __future__ import annotations

from understudy.model.expression import (
    Call,
    Case,
    Choice,
    Const,
    Join,
    Node,
    Quantile,
    Take,
    When,
)
from understudy.semantics import finite, goods, moments, numbers, records, stages
from understudy.semantics.loom import Loom, limits
from understudy.semantics.making import Made, label, listed, maker, number
from understudy.semantics.nouns import Coded, SemanticType, Want
from understudy.types import Kind


@maker("pick")
def make_pick(loom: Loom, want: Want, t: SemanticType, use: str) -> Made | None:
    """One of a few whole numbers."""
    low, high, _ = numbers.bounds(want)
    if want.field.type.kind is Kind.TEXT:
        return None
    if want.field.type.kind is Kind.FLOAT:
        floats = tuple(float(v) for v in listed(t, "values"))
        return Made(finite.finite_numbers(loom, want, floats, use)[0], label(t))
    unit = 10 ** numbers.scale_of(want.field.type)
    values = tuple(v for x in listed(t, "values") if low <= (v := round(float(x) * unit)) <= high)
    if len(values) < 2:
        return None
    return Made(finite.finite_numbers(loom, want, values, use)[0], label(t))


@maker("pick_price")
def make_pick_price(loom: Loom, want: Want, t: SemanticType, use: str) -> Made | None:
    """One of a few usual prices; where the row's amounts hang on it, as the row's price."""
    unit = numbers.FLOAT_STEP if want.field.type.kind is Kind.FLOAT else 10 ** numbers.scale_of(want.field.type)
    if unit < 100 or want.field.type.kind is Kind.TEXT:
        return None
    low, high, _ = numbers.bounds(want)
    values = tuple(v for x in listed(t, "values") if low <= (v := round(float(x) * unit)) <= high)
    if not values:
        return None
    kept = loom.keep_numbers(f"pool:prices:{finite.digest(values)}", values)
    node = Take(kept, Choice(use, tuple(1 / (1 + k) for k in range(len(values)))))
    return Made(numbers.as_float(want, node), label(t))


@maker("lab_value")
def make_lab_value(loom: Loom, want: Want, t: SemanticType, use: str) -> Made | None:
    """What the row's laboratory test measured: within its range mostly, outside it in one of eight."""
    if want.field.type.kind is Kind.TEXT or "record lab." not in loom.shared or use != "v":
        return None
    scale = 2 if want.field.type.kind is Kind.FLOAT else numbers.scale_of(want.field.type)
    lab = records.Record(loom, "lab")
    low, high = lab.number("low", scale), lab.number("high", scale)
    points = (-300, 40, 120, 190, 260, 320, 380, 440, 500, 560, 620, 680, 740, 820, 900, 1010, 1500)
    node = Call("+", (low, Call("/", (Call("*", (Call("-", (high, low)), Quantile(use, points))), Const(1000)))))
    least, most, _ = numbers.bounds(want)
    node = Call("least", (Call("greatest", (node, Const(max(least, 0)))), Const(most)))
    return Made(numbers.as_float(want, node), f"{label(t)}, of the row's test")


@maker("rate")
def make_rate(loom: Loom, want: Want, t: SemanticType, use: str) -> Made | None:
    """One of a few hundredths (a discount of 0.15), falling in frequency."""
    hundredths = tuple(int(v) for v in listed(t, "values"))
    scale = numbers.scale_of(want.field.type)
    if scale < 2:
        return None
    if want.field.type.kind is Kind.FLOAT:
        low, high, _ = numbers.bounds(want)
        floats = tuple(v / 100 for v in hundredths if low <= v <= high)
        return Made(finite.finite_numbers(loom, want, floats, use)[0], label(t)) if len(floats) > 1 else None
    low, high, _ = numbers.bounds(want)
    values = tuple(v * 10 ** (scale - 2) for v in hundredths if low <= v * 10 ** (scale - 2) <= high)
    return Made(finite.finite_numbers(loom, want, values, use)[0], label(t)) if len(values) > 1 else None


@maker("number")
def make_number(loom: Loom, want: Want, t: SemanticType, use: str) -> Made | None:
    """A number by its law: ``low``, ``median``, ``high`` in natural units, ``sigma`` its spread."""
    if want.field.type.kind is Kind.TEXT:
        return _number_text(loom, want, t, use)
    if t.name == "weight" and use == "v" and not want.unique and goods.in_row(loom):
        node = goods.weight(loom, want, use)
        if node is not None:
            return Made(node, "what the row's product weighs")
    unit = numbers.FLOAT_STEP if want.field.type.kind is Kind.FLOAT else 10 ** numbers.scale_of(want.field.type)
    low, median, high = (round(number(t, k, d) * unit) for k, d in (("low", 0), ("median", 10), ("high", 1000)))
    node = numbers.within(want, use, low, median, high, number(t, "sigma", 0.9))
    return Made(node, label(t), numbers.coded(want, loom.rows, low)) if node is not None else None


def _number_text(loom: Loom, want: Want, t: SemanticType, use: str) -> Made | None:
    shortest, longest = limits(want)
    high = min(int(number(t, "high", 1000)), 10 ** min(longest, 15) - 1)
    node = numbers.law(use, int(number(t, "low", 0)), high, int(number(t, "median", 10)), number(t, "sigma", 0.9))
    return Made(Call("concat", (Const(""), Join((node,)))), label(t)) if shortest <= 1 else None


@maker("year")
def make_year(loom: Loom, want: Want, t: SemanticType, use: str) -> Made | None:
    """A year from ``oldest`` to ``youngest`` years before the clock, later ones more often."""
    if want.field.type.kind not in (Kind.INTEGER, Kind.YEAR, Kind.DECIMAL, Kind.TEXT) or numbers.scale_of(
        want.field.type
    ):
        return None
    this = moments.civil(loom.clock)[0]
    first, last = this - round(number(t, "oldest", 30)), this - round(number(t, "youngest", 0))
    if want.field.type.kind is Kind.TEXT:
        return Made(Join((moments.recent(use, first, last),)), label(t)) if limits(want)[1] >= 4 else None
    low, high, _ = numbers.bounds(want)
    if high < 1000:
        return None
    first, last = max(low, first), min(high, last)
    if first > last:
        return None
    return Made(moments.recent(use, first, last), label(t), numbers.coded(want, loom.rows, first))


@maker("flag")
def make_flag(loom: Loom, want: Want, t: SemanticType, use: str) -> Made | None:
    """True or false; 0 or 1 in a whole number where the name says a flag; Y or N in a character."""
    told = stages.flag(loom, want) if use == "v" and not want.unique and want.domain.values is None else None
    if want.field.type.kind is Kind.BOOLEAN:
        node, _, coded = _boolean(want, t, use)
        if told is not None:
            return Made(told, "as the row's status says", coded)
        return Made(node, label(t), coded)
    if (
        told is not None
        and want.field.type.kind is Kind.INTEGER
        and numbers.bounds(want)[0] <= 0 < numbers.bounds(want)[1]
    ):
        return Made(Case((When(told, Const(1)),), Const(0)), "as the row's status says")
    if want.field.type.kind is Kind.TEXT:
        pair = ("Y", "N") if limits(want)[1] < 3 else ("yes", "no")
        chance, _ = finite.boolean(want, use)
        return Made(Case((When(chance, Const(pair[0])),), Const(pair[1])), label(t))
    low, high, _ = numbers.bounds(want)
    if low > 0 or high < 1:
        return None
    return Made(finite.flag_number(want, use), label(t))


def _boolean(want: Want, t: SemanticType, use: str) -> tuple[Node, str, Coded]:
    node, coded = finite.boolean(want, use)
    return node, label(t), coded
