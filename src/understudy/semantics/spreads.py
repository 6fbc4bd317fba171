"""Distributions that a person asks for in the schema file: ``spread: {law: lognormal, median: 20, sigma: 0.8}``.

law       lognormal (median, sigma), normal (mean, deviation), uniform, zipf (exponent); low, high bound all of them
weights   relative weights of the column's values, in their order
weekdays  flat, office, usual, shop, weekend, or seven weights from Monday
hours     flat, office, evening, night, or twenty-four weights
growth    how many times as many events a year
"""

from __future__ import annotations

from understudy.errors import RequestError
from understudy.model.expression import Call, Const, Node, Quantile, Uniform, Zipf
from understudy.semantics import numbers, rhythm
from understudy.semantics.making import Made
from understudy.semantics.nouns import Want
from understudy.semantics.wishes import checked, value
from understudy.types import Kind


def asked(want: Want) -> Made | None:
    """A number by the law that was asked for; None where the wish speaks of something else."""
    wish = checked(want)
    if want.unique and set(wish) & set(rhythm.KEYS):
        raise RequestError("spread: its values must be distinct, they cannot follow weekdays", where=want.field.name)
    if rhythm.asked(want.field) != rhythm.Rhythm() and want.field.type.kind is Kind.TIME:
        return Made(rhythm.clock("v", rhythm.asked(want.field), 60), "at the hours asked for")
    law = wish.get("law")
    if law is None:
        return None
    kind = want.field.type.kind
    if kind not in (Kind.INTEGER, Kind.DECIMAL, Kind.MONEY, Kind.FLOAT) or want.unique:
        reason = "its values must be distinct" if want.unique else "it is no number"
        raise RequestError(f"spread: {law} does not fit, {reason}", where=want.field.name)
    unit = numbers.steps_of(want) if kind is Kind.FLOAT else 10 ** numbers.scale_of(want.field.type)
    least, most, _ = numbers.bounds(want)
    low = max(least, round(value(want, "low", max(least / unit, 0)) * unit))
    high = min(most, round(value(want, "high", most / unit) * unit))
    if low > high:
        raise RequestError("spread: its bounds and the column's leave no value", where=want.field.name)
    node: Node
    match law:
        case "uniform":
            node = Uniform("v", Const(low), Const(high))
        case "zipf":
            size = min(high - low + 1, 1 << 20)
            node = Call("+", (Zipf("v", size, value(want, "exponent", 1.0)), Const(low)))
        case "normal":
            mean, deviation = (
                value(want, "mean", (low + high) / 2 / unit),
                value(want, "deviation", (high - low) / 6 / unit),
            )
            points = tuple(min(high, max(low, round((mean + deviation * z * 1.1) * unit))) for z in numbers.Z)
            node = Quantile("v", points)
        case _:
            node = numbers.law("v", low, high, round(value(want, "median", 10) * unit), value(want, "sigma", 1.0))
    return Made(numbers.finish(want, node), f"{law}, as asked for", numbers.coded(want, 1000))
