"""SQL functions of time as calls of the closed registry: parts, truncation, differences, ages, and the moment that
is now."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from understudy.model.expression import Call, Cast, Column, Const, Node
from understudy.rules import trees
from understudy.rules.coercion import NotUnderstoodError, summed
from understudy.rules.kinds import DATE, INTEGER, INTERVAL, TIMESTAMP, kind_of
from understudy.rules.literals import interval, interval_parts, read_constant
from understudy.rules.moments import UNITS
from understudy.rules.trees import NOW, call, negation
from understudy.types import Kind

if TYPE_CHECKING:
    from understudy.rules.translating import Translator

Handler = Callable[["Translator", Any], Node]
NOW_TIMESTAMP: Node = Column(NOW)
TODAY: Node = call("to_date", NOW_TIMESTAMP)
EPOCH: Node = Cast(Const(0), DATE)
EPOCH_TO_DAYS = 719_528
"""MySQL's TO_DAYS of 1970-01-01."""
WORDS: dict[str, Node] = {"current_date": TODAY, "current_timestamp": NOW_TIMESTAMP, "localtimestamp": NOW_TIMESTAMP}
"""Words without brackets that are functions."""

FORMATTED = {
    "%Y": "year",
    "%m": "month",
    "%d": "day",
    "%H": "hour",
    "%M": "minute",
    "%S": "second",
    "%w": "day_of_week",
    "%j": "day_of_year",
}
"""What a text of one strftime sign is as a number."""


def is_year_text(node: Node) -> bool:
    """Whether ``node`` is a text of digits made of one part of a date."""
    match node:
        case Call(function="format_time", args=(_, Const(value=str() as pattern))):
            return pattern in FORMATTED
    return False


def moment(t: Translator, node: Node) -> Node:
    """A date or timestamp; in dialects that keep them as text, a text is read as one."""
    kind = kind_of(node, t.types)
    if kind is not None and kind.kind in (Kind.DATE, Kind.TIMESTAMP):
        return node
    if isinstance(node, Const) and isinstance(node.value, str):
        if node.value.lower() == "now":
            return NOW_TIMESTAMP
        found = read_constant(node.value, TIMESTAMP)
        if found is not None:
            return found
    if t.dialect in ("sqlite", "mysql") and kind is not None and kind.kind is Kind.TEXT and not isinstance(node, Const):
        return Cast(node, TIMESTAMP)
    raise NotUnderstoodError("no moment")


def part_of(t: Translator, unit: str, node: Node) -> Node:
    """EXTRACT of one part."""
    if isinstance(node, Call) and node.function == AGE and unit.lower() == "year":
        return Call(AGE_YEARS, node.args)
    if isinstance(node, Cast | Call) and (kind := kind_of(node, t.types)) is not None and kind.kind is Kind.INTERVAL:
        if unit == "epoch" and interval_parts(node) is None:
            return call("/", Cast(node, INTEGER), Const(1_000_000.0))
        raise NotUnderstoodError("part of an interval")
    day_or_stamp = moment(t, node)
    kind = kind_of(day_or_stamp, t.types)
    stamp = call("to_timestamp", day_or_stamp) if kind is not None and kind.kind is Kind.DATE else day_or_stamp
    match unit.lower():
        case "year" | "month" | "day" as plain:
            return call(plain, day_or_stamp)
        case "hour" | "minute" as clock:
            return call(clock, stamp)
        case "second":
            return call("second", stamp)
        case "dow" | "dayofweek" | "weekday" if t.dialect != "mysql":
            return call("day_of_week", day_or_stamp)
        case "doy":
            return call("day_of_year", day_or_stamp)
        case "isodow":
            return call("+", call("%", call("+", call("day_of_week", day_or_stamp), Const(6)), Const(7)), Const(1))
        case "quarter":
            return call("/", call("+", call("month", day_or_stamp), Const(2)), Const(3))
        case "epoch":
            return call("epoch", stamp)
    raise NotUnderstoodError(unit)


def unit_of(t: Translator, e: Any) -> str:
    """The unit that EXTRACT, DATE_TRUNC and their like name."""
    if e.key in ("var", "identifier", "column"):
        return str(e.name).lower()
    node = t.value(e)
    if isinstance(node, Const) and isinstance(node.value, str):
        return node.value.lower()
    raise NotUnderstoodError("a unit that is no constant")


def extract(t: Translator, e: Any) -> Node:
    """EXTRACT(unit FROM moment)."""
    return part_of(t, unit_of(t, e.this), t.value(e.expression))


def part(unit: str) -> Handler:
    """A function that gives one part, such as YEAR(moment)."""
    return lambda t, e: part_of(t, unit, t.value(e.this))


def truncated(t: Translator, e: Any) -> Node:
    """DATE_TRUNC."""
    unit = unit_of(t, e.args["unit"])
    if unit not in ("year", "quarter", "month", "week", "day", "hour", "minute", "second"):
        raise NotUnderstoodError(unit)
    node = moment(t, t.value(e.this))
    kind = kind_of(node, t.types)
    return call(
        "date_trunc", Const(unit), call("to_timestamp", node) if kind is not None and kind.kind is Kind.DATE else node
    )


def to_date(t: Translator, e: Any) -> Node:
    """DATE(moment): its day."""
    return _day(t, t.value(e.this))


def _day(t: Translator, node: Node) -> Node:
    found = moment(t, node)
    kind = kind_of(found, t.types)
    if t.dialect == "sqlite" and _is_text(t, node):  # SQLite's dates are texts
        return call("format_time", found, Const("%Y-%m-%d"))
    return found if kind is not None and kind.kind is Kind.DATE else call("to_date", found)


def _is_text(t: Translator, node: Node) -> bool:
    kind = kind_of(node, t.types)
    return kind is not None and kind.kind is Kind.TEXT and not isinstance(node, Const)


def formatted(t: Translator, e: Any) -> Node:
    """STRFTIME, TO_CHAR."""
    pattern = t.value(e.args["format"])
    if not isinstance(pattern, Const) or not isinstance(pattern.value, str):
        raise NotUnderstoodError("a format that is no constant")
    text = pattern.value
    if t.dialect == "postgres" and "%" not in text:
        text = _strftime(text)
    return call("format_time", moment(t, t.value(e.this)), Const(text))


_PICTURES = {"YYYY": "%Y", "MM": "%m", "DD": "%d", "HH24": "%H", "MI": "%M", "SS": "%S", "DDD": "%j"}


def _strftime(picture: str) -> str:
    """PostgreSQL's picture of a moment as strftime has it. Raises NotUnderstoodError for letters it does not know."""
    import re

    made = re.sub("YYYY|MM|DDD|DD|HH24|MI|SS", lambda m: _PICTURES[m[0]], picture)
    if re.search("[A-Za-z]", re.sub("%[A-Za-z]", "", made)):
        raise NotUnderstoodError(picture)
    return made


def same_moment(t: Translator, e: Any) -> Node:
    """A function that only makes a moment of its argument."""
    return moment(t, t.value(e.this))


def added(sign: str) -> Handler:
    """DATE_ADD (``+``) and DATE_SUB (``-``)."""

    def handle(t: Translator, e: Any) -> Node:
        unit = e.args.get("unit")
        amount = t.value(e.expression)
        if interval_parts(amount) is None:
            word = str(unit.this).lower().removesuffix("s") if unit is not None else "day"
            size = UNITS.get(word)
            if size is None or not isinstance(amount, Const) or not isinstance(amount.value, int | str):
                raise NotUnderstoodError(word)
            count = int(amount.value)
            amount = interval(size[0] * count, size[1] * count)
        return summed(sign, t.value(e.this), amount, t.types, t.dialect)

    return handle


def difference(t: Translator, e: Any) -> Node:
    """DATEDIFF: whole days between the days of two moments."""
    unit = e.args.get("unit")
    if unit is not None and str(unit.this).upper() not in ("DAY", "DAYS"):
        raise NotUnderstoodError(str(unit.this))
    if _is_year_zero(e.expression):  # TO_DAYS(day), as sqlglot writes it
        return call("+", call("-", day_of(t, t.value(e.this)), EPOCH), Const(EPOCH_TO_DAYS - 1))
    days = [day_of(t, t.value(x)) for x in (e.this, e.expression)]
    return call("-", *days)


def _is_year_zero(e: Any) -> bool:
    while e.key in ("paren", "tsordstodate", "date", "cast"):
        e = e.this
    return e.key == "literal" and str(e.this) == "0000-01-01"


def day_of(t: Translator, node: Node) -> Node:
    """The day of a date or moment."""
    day_or_stamp = moment(t, node)
    kind = kind_of(day_or_stamp, t.types)
    return day_or_stamp if kind is not None and kind.kind is Kind.DATE else call("to_date", day_or_stamp)


def make_interval(t: Translator, e: Any) -> Node:
    """MAKE_INTERVAL of constants, or of a column times a unit without months."""
    total: Node | None = None
    for name, arg in e.args.items():
        if arg is None:
            continue
        inner = arg.expression if arg.key == "kwarg" else arg
        size = UNITS.get(name.removesuffix("s"))
        amount = t.value(inner)
        if size is None:
            raise NotUnderstoodError(name)
        if isinstance(amount, Const) and isinstance(amount.value, int):
            part = interval(size[0] * amount.value, size[1] * amount.value)
        elif not size[0]:
            part = Cast(call("*", amount, Const(size[1])), INTERVAL)
        else:
            raise NotUnderstoodError(name)
        total = part if total is None else summed("+", total, part, t.types, t.dialect)
    if total is None:
        raise NotUnderstoodError("make_interval")
    return total


AGE, AGE_YEARS = "$age", "$age_years"
"""Stand for age(a, b) and its whole years until they are compared; they never leave this room."""


def age(t: Translator, args: list[Any]) -> Node:
    """AGE(later, earlier), or of one moment up to today."""
    nodes = [moment(t, t.value(a)) for a in args]
    return call(AGE, *(nodes if len(nodes) > 1 else [TODAY, nodes[0]]))


def age_compared(sign: str, a: Node, b: Node, dialect: str) -> Node | None:
    """``age(later, earlier) >= interval`` as ``earlier + interval <= later``; None where no age stands there."""
    from understudy.rules.simplification import FLIPPED

    swap = {"<": ">", ">": "<", "<=": ">=", ">=": "<="}
    if isinstance(b, Call) and b.function in (AGE, AGE_YEARS):
        a, b, sign = b, a, swap.get(sign, sign)
    if isinstance(a, Call) and a.function == AGE_YEARS:
        return _years_compared(sign, a, b)
    if not (isinstance(a, Call) and a.function == AGE):
        return None
    parts = interval_parts(b)
    if parts is None and isinstance(b, Const) and isinstance(b.value, str):
        found = read_constant(b.value, INTERVAL)
        parts = None if found is None else interval_parts(found)
    if parts is None or sign not in FLIPPED or sign in ("=", "<>") or not parts[0] or parts[1]:
        raise NotUnderstoodError("an age that is not compared with months")
    later, earlier = a.args
    same = _in_days(later), _in_days(earlier)
    if None in same:
        raise NotUnderstoodError("an age between moments")
    return call(swap[sign], call("add_months", earlier, Const(parts[0])), later)


def settled(node: Node) -> Node:
    """``node``, if no age that was never compared is left in it. Raises NotUnderstoodError."""
    if any(isinstance(part, Call) and part.function in (AGE, AGE_YEARS) for part in trees.walk(node)):
        raise NotUnderstoodError("an age that is not compared")
    return node


def _years_compared(sign: str, age: Call, years: Node) -> Node:
    """``whole years between >= n`` as ``earlier + n years <= later``."""
    later, earlier = age.args
    if not isinstance(years, Const) or not isinstance(years.value, int) or None in (_in_days(later), _in_days(earlier)):
        raise NotUnderstoodError("an age that is not compared with whole years")
    count = years.value + (1 if sign in (">", "<=") else 0)
    reached = call("<=", call("add_months", earlier, Const(12 * count)), later)
    if sign in ("=", "<>"):
        same = trees.both(reached, negation(call("<=", call("add_months", earlier, Const(12 * count + 12)), later)))
        return same if sign == "=" else negation(same)
    return reached if sign in (">", ">=") else negation(reached)


def _in_days(node: Node) -> bool | None:
    return True if isinstance(node, Column) or (isinstance(node, Call) and node.function == "to_date") else None


def date_part(t: Translator, args: list[Any]) -> Node:
    """DATE_PART('unit', moment)."""
    return part_of(t, unit_of(t, args[0]), t.value(args[1]))


def datetime_of(t: Translator, args: list[Any]) -> Node:
    """DATETIME(moment) of SQLite."""
    if len(args) != 1:
        raise NotUnderstoodError("modifiers of a moment")
    node = moment(t, t.value(args[0]))
    kind = kind_of(node, t.types)
    if t.dialect == "sqlite" and _is_text(t, t.value(args[0])):
        return call("format_time", node, Const("%Y-%m-%d %H:%M:%S"))
    return call("to_timestamp", node) if kind == DATE else node


def julian_day(t: Translator, args: list[Any]) -> Node:
    """JULIANDAY(moment) of SQLite: days since 4714 BC, noon."""
    if len(args) != 1:
        raise NotUnderstoodError("modifiers of a moment")
    days = call("/", part_of(t, "epoch", t.value(args[0])), Const(86_400.0))
    return call("+", days, Const(2_440_587.5))


def seconds_since_1970(t: Translator, args: list[Any]) -> Node:
    """UNIX_TIMESTAMP(moment), UNIXEPOCH(moment)."""
    if len(args) != 1:
        raise NotUnderstoodError("modifiers of a moment")
    return part_of(t, "epoch", t.value(args[0]))


def clock_text(t: Translator, args: list[Any]) -> Node:
    """TIME(moment) of SQLite, a text."""
    if len(args) != 1 or t.dialect != "sqlite" or not _is_text(t, t.value(args[0])):
        raise NotUnderstoodError("the time of what is no text")
    return call("format_time", moment(t, t.value(args[0])), Const("%H:%M:%S"))
