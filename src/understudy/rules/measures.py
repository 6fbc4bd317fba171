"""Functions of one column against a constant, or against the column itself: lengths, parts, roundings, years."""

from __future__ import annotations

import math
from fractions import Fraction
from math import ceil, floor

import msgspec

from understudy.model.domain import Domain
from understudy.model.expression import Call, Column, Const, Node
from understudy.rules import moments
from understudy.rules.demands import MIRRORED, Demand, Types, balanced, bounded, only
from understudy.rules.kinds import scale_of
from understudy.rules.linear import Linear, linear
from understudy.rules.texts import escaped
from understudy.types import Kind, Type


def of_function(sign: str, left: Node, right: Const, types: Types) -> Demand | None:
    """What ``function(column) sign constant`` asks of the column; None where no domain says it."""
    if not isinstance(left, Call) or right.value is None:
        return None
    match left, right.value:
        case Call(function="length" | "array_length" as f, args=(Column(name=name),)), int() | float() as limit:
            return _length(name, sign, limit) if name in types and _counts(f, types[name]) else None
        case Call(function="octet_length", args=(Column(name=name),)), int() | float() as limit:
            kind = types.get(name)
            found = _length(name, sign, limit)
            return (
                None
                if found is None or kind is None
                else msgspec.structs.replace(found, exact=kind.kind is Kind.BINARY)
            )
        case Call(
            function="length",
            args=(Call(function="trim" | "ltrim" | "rtrim", args=(Column(name=name), *_)) as trimmed,),
        ), int() as limit:
            return _trimmed_length(sign, name, limit, plain=len(trimmed.args) == 1)
        case Call(function="trim" | "ltrim" | "rtrim", args=(Column(name=name),)), "" if sign == "<>":
            return only(name, Domain(shortest=1, patterns=(("[^ ]", ""),)))
        case Call(function="%", args=(Column(name=name), Const(value=int() as step))), 0 if sign == "=" and step:
            return only(name, Domain(multiple=abs(step) * 10 ** scale_of(types.get(name))))
        case Call(function="abs", args=(inner,)), int() | float() as limit:
            return _absolute(sign, inner, limit, types)
        case Call(function="position", args=(Const(value=str() as part), Column(name=name))), int() as limit:
            return _position(sign, name, part, limit)
        case Call(function="year", args=(Column(name=name),)), int() as year if name in types:
            return _year(sign, name, year, types[name])
        case Call(function="epoch", args=(Column(name=name),)), int() as seconds if name in types:
            return _second(sign, name, seconds, types[name])
        case Call(function="to_date", args=(Column(name=name),)), int() as day if name in types:
            return _day(sign, name, day)
        case Call(function="lower" | "upper" as f, args=(Column(name=name),)), str() as word if sign == "=":
            return only(name, Domain(values=(word,) if word == getattr(word, f)() else ()))
        case Call(function="left" | "substring" | "right", args=(Column(name=name), *where)), str() as word if (
            sign == "="
        ):
            return _part(left.function, name, where, word)
        case Call(function="date_trunc", args=(Const(value=str() as unit), Column(name=name))), int() as moment if (
            name in types and unit in moments.UNITS and sign in (">=", "<") and types[name].kind is Kind.TIMESTAMP
        ):
            return only(name, Domain(low=moment) if sign == ">=" else Domain(high=moment - 1), exact=False)
        case Call(function="ln" | "exp" | "power", args=(Column(name=name), *where)), int() | float() as limit if (
            name in types
        ):
            return _grown(sign, left.function, name, where, limit, types[name])
        case Call(function="/", args=(Call(function="ln", args=(Column(name=name),)), Const(value=float() as base))), (
            int() | float()
        ) as limit if name in types:
            return _grown(sign, "ln", name, [], limit * base, types[name])
        case Call(function="add_months", args=(Column(name=name), Const(value=int() as months))), int() as limit if (
            name in types
        ):
            return _moved(sign, name, months, limit, types[name])
    return None


def _grown(sign: str, function: str, name: str, where: list[Node], limit: float, kind: Type) -> Demand | None:
    """A growing function of a column against a number: the column against what gives that number."""
    try:
        match function, where:
            case "ln", []:
                point = math.exp(limit)
            case "exp", []:
                point = math.log(limit)
            case "power", [Const(value=int() | float() as exponent)] if exponent > 0 and limit >= 0:
                point = limit ** (1 / exponent)
            case _:
                return None
    except (ValueError, OverflowError):
        return None
    if sign not in ("<", "<=", ">", ">="):
        return None
    found = bounded(name, sign, Fraction(point), kind).domains[name]
    positive = bounded(name, ">" if function == "ln" else ">=", Fraction(0), kind).domains[name]
    return only(name, found if function == "exp" else found.intersect(positive), exact=False)


def _counts(function: str, kind: Type) -> bool:
    return (kind.kind is Kind.ARRAY) == (function == "array_length")


def _length(name: str, sign: str, limit: int | float) -> Demand | None:
    match sign:
        case "=":
            return (
                only(name, Domain(shortest=int(limit), longest=int(limit)))
                if limit == int(limit)
                else only(name, Domain(values=()))
            )
        case "<":
            return only(name, Domain(longest=ceil(limit) - 1))
        case "<=":
            return only(name, Domain(longest=floor(limit)))
        case ">":
            return only(name, Domain(shortest=floor(limit) + 1))
        case ">=":
            return only(name, Domain(shortest=ceil(limit)))
        case "<>" if limit == 0:
            return only(name, Domain(shortest=1))
    return None


def _trimmed_length(sign: str, name: str, limit: int, *, plain: bool) -> Demand | None:
    """The length without blanks at the ends: at least one sign that is no blank, and no shorter than asked."""
    if sign == "<>" and limit == 0:
        sign = ">"
    found = _length(name, sign, limit)
    if found is None or not plain:
        return None
    if sign in (">", ">=") and (limit if sign == ">=" else limit + 1) == 1:
        return only(name, Domain(shortest=1, patterns=(("[^ ]", ""),)))
    domain = found.domains[name]
    edges = Domain(patterns=(("^([^ ]([\\s\\S]*[^ ])?)?$", ""),))
    return only(name, domain.intersect(edges))


def _absolute(sign: str, inner: Node, limit: int | float, types: Types) -> Demand | None:
    total = linear(inner, types)
    if total is None or len(total.terms) != 1 or sign not in ("<", "<="):
        return None
    upper = balanced(sign, total.plus(Linear((), Fraction(repr(limit))), Fraction(-1)), types)
    lower = balanced(MIRRORED[sign], total.plus(Linear((), Fraction(repr(limit))), Fraction(1)), types)
    if upper is None or lower is None:
        return None
    name = total.terms[0][0]
    return only(name, upper.domains[name].intersect(lower.domains[name]))


def _position(sign: str, name: str, part: str, limit: int) -> Demand | None:
    if (sign, limit) in ((">", 0), (">=", 1), ("<>", 0)):
        return only(name, Domain(patterns=((escaped(part), ""),)))
    if sign in (">", ">="):
        before = limit if sign == ">" else limit - 1
        pattern = f"^[\\s\\S]{{{before},}}{escaped(part)}"
        return Demand({name: Domain(patterns=((pattern, ""),))}, exact=False) if before <= 1000 else None
    if (sign, limit) == ("=", 1):
        return only(name, Domain(patterns=((f"^{escaped(part)}", ""),)))
    if (sign, limit) == ("=", 0) and len(part) == 1:
        return only(name, Domain(patterns=((f"^[^{escaped(part)}]*$", ""),)))
    return None


def _year(sign: str, name: str, year: int, kind: Type) -> Demand | None:
    """A year as days or moments."""
    if not 1 <= year < 9999 or kind.kind not in (Kind.DATE, Kind.TIMESTAMP) or sign == "<>":
        return None
    unit = 1 if kind.kind is Kind.DATE else moments.DAY
    start, after = (moments.read_date(f"{y:04d}-01-01") for y in (year, year + 1))
    assert start is not None
    assert after is not None
    return only(name, _interval(sign, start * unit, after * unit))


def _interval(sign: str, start: int, after: int) -> Domain:
    """What a period compared so permits: the period is [start, after)."""
    match sign:
        case "=":
            return Domain(low=start, high=after - 1)
        case "<":
            return Domain(high=start - 1)
        case "<=":
            return Domain(high=after - 1)
        case ">":
            return Domain(low=after)
    return Domain(low=start)


def _day(sign: str, name: str, day: int) -> Demand | None:
    return None if sign == "<>" else only(name, _interval(sign, day * moments.DAY, (day + 1) * moments.DAY))


def _second(sign: str, name: str, seconds: int, kind: Type) -> Demand | None:
    """Seconds since 1970 as a moment."""
    if sign == "<>" or kind.kind is not Kind.TIMESTAMP:
        return None
    return only(name, _interval(sign, seconds * 1_000_000, (seconds + 1) * 1_000_000))


def _part(function: str, name: str, where: list[Node], word: str) -> Demand | None:
    numbers = [w.value for w in where if isinstance(w, Const) and isinstance(w.value, int)]
    if len(numbers) != len(where):
        return None
    match function, numbers:
        case ("left", [count]) if count == len(word):
            return only(name, Domain(patterns=((f"^{escaped(word)}", ""),)))
        case ("right", [count]) if count == len(word):
            return only(name, Domain(patterns=((f"{escaped(word)}$", ""),)))
        case ("substring", [start, count]) if count == len(word) and start >= 1:
            return only(name, Domain(patterns=((f"^[\\s\\S]{{{start - 1}}}{escaped(word)}", ""),)))
    return None


def _moved(sign: str, name: str, months: int, limit: int, kind: Type) -> Demand | None:
    """``day + months sign limit``: the limit moved back, kept as residue too, for ends of months are not even."""
    if kind.kind is not Kind.DATE or sign in ("=", "<>"):
        return None
    back = moments.add_months(limit, -months)
    slack = {
        "<": Domain(high=(back or 0) - 1),
        "<=": Domain(high=back),
        ">": Domain(low=(back or 0) + 1),
        ">=": Domain(low=back),
    }
    return None if back is None else only(name, slack[sign], exact=False)


def fixed_point(node: Node, name: str, types: Types) -> Demand | None:
    """``f(x) = x``: the texts or numbers that a function leaves as they are."""
    kind = types[name]
    match node:
        case Call(function="lower", args=(Column(),)):
            return only(name, Domain(patterns=(("^[^A-Z]*$", ""),)))
        case Call(function="upper", args=(Column(),)):
            return only(name, Domain(patterns=(("^[^a-z]*$", ""),)))
        case Call(function="trim", args=(Column(),)):
            return only(name, Domain(patterns=(("^([^ ]([\\s\\S]*[^ ])?)?$", ""),)))
        case Call(function="ltrim", args=(Column(),)):
            return only(name, Domain(patterns=(("^([^ ][\\s\\S]*)?$", ""),)))
        case Call(function="rtrim", args=(Column(),)):
            return only(name, Domain(patterns=(("^([\\s\\S]*[^ ])?$", ""),)))
        case Call(function="abs", args=(Column(),)):
            return only(name, Domain(low=0))
        case Call(function="regex_replace", args=(Column(), Const(value=str() as text), Const(value=str()))):
            from understudy.rules.atoms import refused_class

            return refused_class(name, text)
        case Call(function="round" | "trunc" | "floor" | "ceil", args=(Column(), *digits)) if (
            kind.kind is not Kind.FLOAT
        ):
            kept = digits[0].value if digits and isinstance(digits[0], Const) else 0
            step = scale_of(kind) - int(kept or 0)
            return only(name, Domain(multiple=10**step) if step > 0 else Domain())
        case Call(function="date_trunc", args=(Const(value="day" | "hour" | "minute" | "second" as unit), Column())):
            return only(name, Domain(multiple=moments.UNITS[str(unit)][1]))
        case Call(function="to_timestamp", args=(Call(function="to_date", args=(Column(),)),)):
            return only(name, Domain(multiple=moments.DAY))
    return None
