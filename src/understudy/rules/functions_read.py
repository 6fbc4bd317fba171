"""SQL functions by name, as calls of the closed registry: what each dialect calls them and how its arguments stand."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from understudy.model.expression import Call, Const, Node
from understudy.rules import parts, spellings, trees
from understudy.rules import times_read as times
from understudy.rules.coercion import NotUnderstoodError, aligned, number
from understudy.rules.kinds import INTEGER, kind_of
from understudy.rules.parts import documents, lists, networks, ranges
from understudy.rules.texts import escaped, similar_to_regex
from understudy.rules.trees import NULL, call, negation
from understudy.types import Kind, Type

if TYPE_CHECKING:
    from understudy.rules.translating import Translator

Handler = Callable[["Translator", Any], Node]
columns = trees.columns_of


def minds_case(e: Any) -> bool:
    """Whether a comparison in MySQL is told to mind case (BINARY, a collation of its own)."""
    from sqlglot import exp

    return any(
        isinstance(x, exp.Collate) or "BINARY" in str(x.args.get("to")) for x in e.find_all(exp.Collate, exp.Cast)
    )


def read(t: Translator, e: Any) -> Node:
    """A function call that sqlglot knows by a class of its own, or only by name."""
    if e.key == "anonymous":
        name = str(e.this if isinstance(e.this, str) else e.this.name).lower()
        handler = _NAMED.get(name) or parts.NAMED.get(name) or spellings.NAMED.get(name)
        if handler is None and (routine := t.known.routines.get(name)) is not None:
            from understudy.rules.bodies import inlined

            return inlined(t, routine, list(e.expressions))
        if handler is None:
            raise NotUnderstoodError(name)
        return handler(t, list(e.expressions))
    if e.key == "dot" and e.expression.key == "anonymous":
        return _qualified(t, e)
    known = _KEYED.get(e.key) or parts.KEYED.get(e.key) or spellings.KEYED.get(e.key)
    if known is None:
        raise NotUnderstoodError(e.key)
    return known(t, e)


def _qualified(t: Translator, e: Any) -> Node:
    """``pg_catalog.f(x)`` is ``f(x)``; a function of any other schema is unknown."""
    if e.this.name.lower() in ("pg_catalog", "main", "sys") and e.expression.key == "anonymous":
        import sqlglot

        inner = e.expression.copy()
        name = str(inner.this if isinstance(inner.this, str) else inner.this.name)
        inner.set("this", name)
        return t.value(sqlglot.parse_one(inner.sql(dialect=t.dialect), dialect=t.dialect))
    if e.expression.key == "anonymous":
        name = str(e.expression.this).lower()
        if (routine := t.known.routines.get(name)) is not None:
            from understudy.rules.bodies import inlined

            return inlined(t, routine, list(e.expression.expressions))
    raise NotUnderstoodError("a qualified name")


def array_literal(text: str) -> tuple[Node, ...] | None:
    """The elements of PostgreSQL's ``{a,"b c",NULL}``; None where it is nested or no array."""
    body = text.strip()
    if not (body.startswith("{") and body.endswith("}")) or "{" in body[1:]:
        return None
    import csv

    row = next(csv.reader([body[1:-1]], escapechar="\\", doublequote=False), [])
    return tuple(NULL if word == "NULL" else Const(word) for word in row)


# ---- arguments -------------------------------------------------------------------------------------
def _unary(function: str) -> Handler:
    return lambda t, e: call(function, t.value(e.this))


def _numeric(function: str) -> Handler:
    return lambda t, e: call(function, number(t.value(e.this), t.types))


def _textual(function: str) -> Handler:
    return lambda t, e: call(function, t.text(e.this))


def _cased(function: str) -> Handler:
    """Of a text, its case; of a range, its end."""
    end = ranges.end_of(function)

    def handle(t: Translator, e: Any) -> Node:
        found = end(t, e)
        return call(function, t.text(e.this)) if found is None else found

    return handle


def _list_of(function: str) -> Handler:
    """A function of many values, made alike to the first of them."""

    def handle(t: Translator, e: Any) -> Node:
        return _alike(t, function, [t.value(p) for p in ([e.this] if e.this is not None else []) + list(e.expressions)])

    return handle


def _alike(t: Translator, function: str, nodes: list[Node]) -> Node:
    typed = next((n for n in nodes if not isinstance(n, Const) and kind_of(n, t.types) is not None), nodes[0])
    made = [n if n is typed or n == NULL else aligned(typed, n, t.types, t.dialect)[1] for n in nodes]
    return Call(function, tuple(made))


def _greatest(function: str) -> Handler:
    """Greatest and least, which in MySQL and SQLite are null where any argument is."""

    def handle(t: Translator, e: Any) -> Node:
        node = _list_of(function)(t, e)
        if t.dialect in ("postgres", "duckdb") or not isinstance(node, Call):
            return node
        return strict_case(node)

    return handle


def strict_case(node: Call) -> Node:
    """``node``, but null where any argument is."""
    from understudy.model.expression import Case, When
    from understudy.rules.trees import either

    nulls = [call("is_null", a) for a in node.args if not isinstance(a, Const)]
    return Case((When(either(*nulls), NULL),), node) if nulls else node


def _nullif(t: Translator, e: Any) -> Node:
    a, b = aligned(t.value(e.this), t.value(e.expression), t.types, t.dialect)
    return call("nullif", a, b)


def _length(t: Translator, e: Any) -> Node:
    subject = t.value(e.this)
    kind = kind_of(subject, t.types)
    if kind is not None and kind.kind is Kind.ARRAY:
        return call("array_length", subject)
    if kind is not None and kind.kind is Kind.BINARY:
        return call("octet_length", subject)
    return call("octet_length" if e.args.get("binary") else "length", t.text(e.this))


def _trim(t: Translator, e: Any) -> Node:
    side = str(e.args.get("position") or "BOTH").upper()
    function = {"LEADING": "ltrim", "TRAILING": "rtrim"}.get(side, "trim")
    chars = e.args.get("expression")
    if chars is None:
        return call(function, t.text(e.this))
    mark = t.text(chars)
    if t.dialect == "mysql" and not (isinstance(mark, Const) and isinstance(mark.value, str) and len(mark.value) == 1):
        raise NotUnderstoodError("a word trimmed away")
    return call(function, t.text(e.this), mark)


def _substring(t: Translator, e: Any) -> Node:
    parts = [t.text(e.this), *t.values(*(p for p in (e.args.get("start"), e.args.get("length")) if p is not None))]
    start = parts[1] if len(parts) > 1 else NULL
    if (
        len(parts) == 2
        and isinstance(start, Const)
        and isinstance(start.value, int)
        and start.value < 0
        and t.dialect != "postgres"
    ):
        return call("right", parts[0], Const(-start.value))
    if (
        not isinstance(start, Const)
        or not isinstance(start.value, int)
        or (start.value < 1 and t.dialect != "postgres")
    ):
        raise NotUnderstoodError("substring from the end, or by a pattern")
    return call("substring", *parts)


def _position(t: Translator, e: Any) -> Node:
    if e.args.get("position") is not None or e.args.get("occurrence") is not None:
        raise NotUnderstoodError("a search from the middle")
    subject, part = t.text(e.this), t.text(e.args["substr"])
    return call("position", part, subject)


def _concat(t: Translator, e: Any) -> Node:
    parts = [t.text(p) for p in e.expressions]
    if t.dialect in ("postgres", "duckdb"):
        parts = [p if isinstance(p, Const) else call("coalesce", p, Const("")) for p in parts]
    return Call("concat", tuple(parts))


def _replace(t: Translator, e: Any) -> Node:
    by = e.args.get("replacement")
    return call("replace", t.text(e.this), t.text(e.expression), Const("") if by is None else t.text(by))


def _rounded(function: str) -> Handler:
    def handle(t: Translator, e: Any) -> Node:
        digits = e.args.get("decimals")
        subject = number(t.value(e.this), t.types)
        return call(function, subject) if digits is None else call(function, subject, t.value(digits))

    return handle


def _array_size(t: Translator, e: Any) -> Node:
    return _array_length(t, [e.this] + ([e.expression] if e.args.get("expression") is not None else []))


def _array_length(t: Translator, args: list[Any]) -> Node:
    subject = t.value(args[0])
    if len(args) > 1 and t.value(args[1]) != Const(1):
        raise NotUnderstoodError("a second dimension")
    kind = kind_of(subject, t.types)
    if kind is not None and kind.kind is not Kind.ARRAY:
        raise NotUnderstoodError("the length of what is no array")
    length = call("array_length", subject)
    return call("nullif", length, Const(0)) if t.dialect == "postgres" and len(args) > 1 else length


def _array_ndims(t: Translator, args: list[Any]) -> Node:
    """1 for every array that is made here (they have one dimension), null for an empty one."""
    from understudy.model.expression import Case, When

    return Case((When(call(">", call("array_length", t.value(args[0])), Const(0)), Const(1)),), NULL)


def _array_contains(t: Translator, e: Any) -> Node:
    items = t._elements(e.this)
    if items is not None:
        return t.membership(t.value(e.expression), items)
    return call("array_contains", t.value(e.this), t.value(e.expression))


def _contains_all(t: Translator, e: Any) -> Node:
    return _contained(t, e.this, e.expression)


def _contained_by(t: Translator, e: Any) -> Node:
    outer, inner = e.expression, e.this
    items = t._elements(outer)
    if items is not None and (found := lists.within_list(t, t.value(inner), items)) is not None:
        return found
    if (found := networks.within_network(t, e, inner, outer)) is not None:
        return found
    return _contained(t, outer, inner)


def _overlap(t: Translator, e: Any) -> Node:
    if (found := ranges.ranges_overlap(t, e.this, e.expression)) is not None:
        return found
    listed, items = e.this, t._elements(e.expression)
    if items is None:
        listed, items = e.expression, t._elements(e.this)
    if items is None:
        raise NotUnderstoodError("a list that is no constant")
    return trees.either(*(call("array_contains", t.value(listed), i) for i in items))


def _adjacent(t: Translator, e: Any) -> Node:
    """``a -|- b`` of ranges: nothing lies between them."""
    one, other = (ranges.ranges_apart(t, *p, "=") for p in ((e.this, e.expression), (e.expression, e.this)))
    if one is None or other is None:
        raise NotUnderstoodError("neighbours that are no ranges")
    return trees.either(one, other)


def _contained(t: Translator, outer: Any, inner: Any) -> Node:
    """``outer @> inner`` of ranges, documents and arrays."""
    if (found := ranges.range_contains(t, outer, inner) if _may_be_range(t, outer) else None) is not None:
        return found
    base = t.value(outer)
    kind = kind_of(base, t.types)
    if kind is not None and kind.kind is Kind.JSON:
        constant = t.value(inner)
        if isinstance(constant, Const) and isinstance(constant.value, str):
            return documents.contains_document(t, base, constant.value)
        raise NotUnderstoodError("a document that is no constant")
    return _holds_all(t, outer, inner)


def _may_be_range(t: Translator, e: Any) -> bool:
    try:
        return ranges.kind_is_range(t, e)
    except NotUnderstoodError:
        return False


def _holds_all(t: Translator, outer: Any, inner: Any) -> Node:
    items = t._elements(inner)
    if items is None:
        raise NotUnderstoodError("a list that is no constant")
    return trees.both(*(call("array_contains", t.value(outer), i) for i in items))


def _contains_text(t: Translator, e: Any) -> Node:
    return call(">", call("position", t.text(e.expression), t.text(e.this)), Const(0))


def _ends(t: Translator, subject: Any, end: Any) -> Node:
    part = t.text(end)
    if not isinstance(part, Const):
        raise NotUnderstoodError("an end that is no constant")
    return call("regex", t.text(subject), Const(f"{escaped(str(part.value))}$"))


# ---- by class and by name --------------------------------------------------------------------------
def _bitwise(function: str) -> Handler:
    def handle(t: Translator, e: Any) -> Node:
        if function == "shift_left" and (found := networks.within_network(t, e, e.this, e.expression)) is not None:
            return found
        before, behind = (e.this, e.expression) if function == "shift_left" else (e.expression, e.this)
        if (found := ranges.ranges_apart(t, before, behind, "<=")) is not None:
            return found
        return call(function, *(number(x, t.types) for x in t.values(e.this, e.expression)))

    return handle


def _sqlite_least(function: str) -> Handler:
    return _greatest(function)


def _json_type(t: Translator, e: Any) -> Node:
    """JSON_TYPE: PostgreSQL's words but for the case in MySQL (and for what is no object, list or null)."""
    base = t.value(e.this)
    if e.args.get("expression") is not None:
        base = documents.member(t, base, documents.path_of(t, e.args["expression"]), documents.JSON)
    found = call("json_typeof", base)
    return call("upper", found) if t.dialect == "mysql" else found


_STORED = {
    Kind.TEXT: "text", Kind.DATE: "text", Kind.TIMESTAMP: "text", Kind.TIME: "text", Kind.JSON: "text",
    Kind.UUID: "text", Kind.INTEGER: "integer", Kind.BOOLEAN: "integer", Kind.FLOAT: "real", Kind.BINARY: "blob",
}  # fmt: skip
"""SQLite's storage class of what is delivered for a kind."""


def _typeof(t: Translator, e: Any) -> Node:
    """TYPEOF(column) of SQLite: the class in which the column's values are stored."""
    from understudy.model.expression import Case, When

    subject = t.value(e.this)
    kind = kind_of(subject, t.types)
    if t.dialect != "sqlite" or kind is None or kind.kind not in _STORED:
        raise NotUnderstoodError("typeof")
    return Case((When(call("is_null", subject), Const("null")),), Const(_STORED[kind.kind]))


_KEYED: dict[str, Handler] = {
    "length": _length, "trim": _trim, "substring": _substring, "strposition": _position, "concat": _concat,
    "replace": _replace,
    "dpipe": lambda t, e: Call("concat", (t.text(e.this), t.text(e.expression))),
    "lower": _cased("lower"), "upper": _cased("upper"), "reverse": _textual("reverse"), "md5": _textual("md5"),
    "left": lambda t, e: call("left", t.text(e.this), t.value(e.expression)),
    "right": lambda t, e: call("right", t.text(e.this), t.value(e.expression)),
    "repeat": lambda t, e: call("repeat", t.text(e.this), t.value(e.args["times"])),
    "startswith": lambda t, e: call("starts_with", t.text(e.this), t.text(e.expression)),
    "endswith": lambda t, e: _ends(t, e.this, e.expression), "contains": _contains_text,
    "abs": _numeric("abs"), "sign": _numeric("sign"), "round": _rounded("round"), "floor": _numeric("floor"),
    "ceil": _numeric("ceil"),
    "trunc": _rounded("trunc"), "pow": lambda t, e: call("power", *(number(x, t.types) for x in t.values(e.this,
    e.expression))),
    "greatest": _greatest("greatest"), "least": _greatest("least"), "coalesce": _list_of("coalesce"), "nullif": _nullif,
    "bitwiseand": _bitwise("bit_and"), "bitwiseor": _bitwise("bit_or"), "bitwisexor": _bitwise("bit_xor"),
    "bitwiseleftshift": _bitwise("shift_left"), "bitwiserightshift": _bitwise("shift_right"),
    "extract": times.extract, "year": times.part("year"), "month": times.part("month"), "day": times.part("day"),
    "dayofmonth": times.part("day"),
    "hour": times.part("hour"), "minute": times.part("minute"), "second": times.part("second"),
    "quarter": times.part("quarter"), "dayofyear": times.part("doy"),
    "dayofweek": lambda t, e: call("+", call("day_of_week", times.moment(t, t.value(e.this))),
    Const(1 if t.dialect == "mysql" else 0)),
    "timestamptrunc": times.truncated, "datetrunc": times.truncated, "timetostr": times.formatted,
    "date": times.to_date, "tsordstodate": times.to_date,
    "tsordstotimestamp": times.same_moment, "timestamp": times.same_moment,
    "currentdate": lambda t, e: times.TODAY, "currenttimestamp": lambda t, e: times.NOW_TIMESTAMP,
    "localtimestamp": lambda t, e: times.NOW_TIMESTAMP,
    "currentdatetime": lambda t, e: times.NOW_TIMESTAMP, "currenttime": lambda t, e: call("to_time",
    times.NOW_TIMESTAMP),
    "dateadd": times.added("+"), "datesub": times.added("-"), "datediff": times.difference,
    "makeinterval": times.make_interval,
    "jsontype": _json_type, "typeof": _typeof,
    "arraysize": _array_size, "arraycontains": _array_contains, "arraycontainsall": _contains_all,
    "arraycontainedby": _contained_by, "arrayoverlaps": _overlap,
    "adjacent": _adjacent,
}  # fmt: skip


def _counted(function: str) -> Callable[[Translator, list[Any]], Node]:
    return lambda t, args: Call(function, t.values(*args))


def _json_typeof(t: Translator, args: list[Any]) -> Node:
    return call("json_typeof", t.value(args[0]))


def _json_valid(t: Translator, args: list[Any]) -> Node:
    """In SQLite, false for null (it was null from 3.45 on: false asks for more)."""
    valid = call("json_valid", t.value(args[0]))
    return call("is_true", valid) if t.dialect == "sqlite" else valid


def _weekday(t: Translator, args: list[Any]) -> Node:
    """WEEKDAY of MySQL: 0 is Monday."""
    return call("%", call("+", call("day_of_week", times.moment(t, t.value(args[0]))), Const(6)), Const(7))


def _now(t: Translator, args: list[Any]) -> Node:
    return times.NOW_TIMESTAMP


def _octets(t: Translator, args: list[Any]) -> Node:
    return call("octet_length", t.value(args[0]))


def _isnull(t: Translator, args: list[Any]) -> Node:
    return call("is_null", t.value(args[0]))


def _find_in_set(t: Translator, args: list[Any]) -> Node:
    """Position among the words of a constant list; 0 where absent."""
    from understudy.model.expression import Case, When

    subject, words = t.values(*args)
    if not isinstance(words, Const) or not isinstance(words.value, str):
        raise NotUnderstoodError("a list that is no constant")
    whens = [When(call("is_null", subject), NULL)]
    whens += [When(call("=", subject, Const(w)), Const(i)) for i, w in enumerate(words.value.split(","), 1)]
    return Case(tuple(whens), Const(0))


def _strpos_reversed(t: Translator, args: list[Any]) -> Node:
    return call("position", t.text(args[1]), t.text(args[0]))


def _similar_regex(t: Translator, a: list[Any]) -> Node:
    """How PostgreSQL keeps SIMILAR TO: ``x ~ similar_to_escape(pattern)``."""
    pattern = t.value(a[0])
    if len(a) != 1 or not isinstance(pattern, Const) or not isinstance(pattern.value, str):
        raise NotUnderstoodError("similar_to_escape")
    return Const(similar_to_regex(pattern.value))


_NAMED: dict[str, Callable[[Translator, list[Any]], Node]] = {
    "similar_to_escape": _similar_regex,
    "num_nulls": _counted("num_nulls"), "num_nonnulls": _counted("num_nonnulls"), "octet_length": _octets,
    "strlen": _octets,
    "cardinality": _array_length, "array_ndims": _array_ndims, "json_valid": _json_valid,
    "jsonb_typeof": _json_typeof, "json_typeof": _json_typeof, "now": _now, "clock_timestamp": _now,
    "statement_timestamp": _now,
    "transaction_timestamp": _now, "utc_timestamp": _now, "sysdate": _now, "today": lambda t, a: times.TODAY,
    "curdate": lambda t, a: times.TODAY, "utc_date": lambda t, a: times.TODAY, "date_part": times.date_part,
    "datepart": times.date_part, "datetime": times.datetime_of,
    "julianday": times.julian_day, "unixepoch": times.seconds_since_1970,
    "unix_timestamp": times.seconds_since_1970, "time": times.clock_text, "weekday": _weekday,
    "isnull": _isnull, "find_in_set": _find_in_set, "strpos_reversed": _strpos_reversed, "age": times.age,
    "prefix": lambda t, a: call("starts_with", t.text(a[0]), t.text(a[1])), "suffix": lambda t, a: _ends(t, a[0], a[1]),
    "array_length": _array_length, "isfinite": lambda t, a: negation(call("is_null", t.value(a[0]))),
    "char_length": lambda t, a: call("length", t.text(a[0])), "character_length": lambda t, a: call("length",
    t.text(a[0])),
    "textlen": lambda t, a: call("length", t.text(a[0])), "bool": lambda t, a: t._truth(a[0]),
    "int4": lambda t, a: t.casted(t.value(a[0]), INTEGER), "numeric": lambda t, a: t.casted(t.value(a[0]),
    Type(Kind.DECIMAL)),
}  # fmt: skip
