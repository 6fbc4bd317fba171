"""sqlglot's tree of one expression as ours, node by node; the dialect decides what an operator means.

Each handler takes the node's arguments and answers with a tree, or raises NotUnderstoodError: then the smallest part
around
it that is a condition by itself stays as words, and the rest of the rule is kept.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from understudy.model.expression import Call, Case, Cast, Column, Const, Node, Opaque, Part, When
from understudy.rules import casts_read, functions_read, moments, times_read
from understudy.rules.coercion import NotUnderstoodError, aligned, number, summed, truth
from understudy.rules.kinds import INTEGER, INTERVAL, NUMERIC, TEXT, TEXTUAL, kind_of
from understudy.rules.literals import interval, interval_parts, number_constant
from understudy.rules.parts import lists, networks
from understudy.rules.routines import NOTHING, Known
from understudy.rules.texts import similar_to_regex
from understudy.rules.translation import translatable
from understudy.rules.trees import FALSE, NULL, TRUE, both, call, either, negation
from understudy.types import Kind, Type

_SIGNS = {"eq": "=", "neq": "<>", "lt": "<", "lte": "<=", "gt": ">", "gte": ">="}


class Translator:
    """One rule's translation: the dialect (sqlglot's name) and the types of the columns it may read."""

    def __init__(self, dialect: str, types: Mapping[str, Type], known: Known = NOTHING) -> None:
        self.dialect: str = dialect
        self.known: Known = known
        self.types: Mapping[str, Type] = types
        self._folded: dict[str, str] = {}
        for name in types:
            self._folded.setdefault(name.casefold(), name)

    # ---- where words are kept ------------------------------------------------------------------
    def predicate(self, e: Any) -> Node:
        """A part that is a condition, or a whole scalar expression; words where it is not understood."""
        try:
            match e.key:
                case "paren":
                    return self.predicate(e.this)
                case "and":
                    return both(self.condition(e.this), self.condition(e.expression))
                case "or":
                    return either(self.condition(e.this), self.condition(e.expression))
                case "not":
                    return negation(self.condition(e.this))
                case "case":
                    return self._case(e, self.predicate)
            return times_read.settled(self.value(e))
        except NotUnderstoodError:
            return Opaque(self._words(e))

    def condition(self, e: Any) -> Node:
        """A part that is used as true or false."""
        node = self.predicate(e)
        try:
            return truth(node, self.types)
        except NotUnderstoodError:
            return Opaque(self._words(e))

    def condition_of(self, e: Any) -> Node:
        """A condition that must be understood whole. Raises NotUnderstoodError."""
        return truth(self.value(e), self.types)

    def _exists(self, e: Any) -> Node:
        from understudy.rules.bodies import exists

        return exists(self, e.this)

    def _subquery(self, e: Any) -> Node:
        from understudy.rules.bodies import selected

        return selected(self, e.this)

    def _words(self, e: Any) -> str:
        return str(e.sql(dialect=self.dialect, identify=True))

    # ---- values --------------------------------------------------------------------------------
    def value(self, e: Any) -> Node:
        """A part as a tree. Raises NotUnderstoodError."""
        if e is None:
            raise NotUnderstoodError("nothing")
        if e.key in _SIGNS:
            return self.comparison(_SIGNS[e.key], e.this, e.expression)
        handler: Callable[[Any], Node] | None = getattr(self, f"_{e.key}", None)
        if handler is not None:
            return handler(e)
        return functions_read.read(self, e)

    def values(self, *parts: Any) -> tuple[Node, ...]:
        """Several parts."""
        return tuple(self.value(p) for p in parts)

    def _paren(self, e: Any) -> Node:
        return self.value(e.this)

    def _and(self, e: Any) -> Node:
        return both(self._truth(e.this), self._truth(e.expression))

    def _or(self, e: Any) -> Node:
        return either(self._truth(e.this), self._truth(e.expression))

    def _not(self, e: Any) -> Node:
        return negation(self._truth(e.this))

    def _xor(self, e: Any) -> Node:
        return call("<>", self._truth(e.this), self._truth(e.expression))

    def _truth(self, e: Any) -> Node:
        return truth(self.value(e), self.types)

    def _column(self, e: Any) -> Node:
        name, quoted = e.name, bool(e.this.args.get("quoted"))
        if e.this.key == "star":
            raise NotUnderstoodError("*")
        whole = self.types.get(e.table) if e.table else None
        if whole is not None and whole.kind is Kind.STRUCT and (kind := dict(whole.fields).get(name)) is not None:
            return Part(Column(e.table), (name,), kind)
        known = (
            name
            if name in self.types
            else None
            if quoted and self.dialect == "postgres"
            else self._folded.get(name.casefold())
        )
        if known is not None:
            return Column(known)
        word = times_read.WORDS.get(name.lower())
        if word is not None and not quoted:
            return word
        if quoted and self.dialect in ("sqlite", "mysql") and self.types:
            return Const(name)
        if self.types:
            raise NotUnderstoodError(name)
        return Column(name)

    def _literal(self, e: Any) -> Node:
        if e.is_string:
            return Const(str(e.this))
        found = number_constant(Decimal(str(e.this)))
        if found is None:
            raise NotUnderstoodError(str(e.this))
        return found

    def _bytestring(self, e: Any) -> Node:
        return Const(str(e.this))

    _bitstring = _bytestring

    _national = _unicodestring = _rawstring = _bytestring

    def _introducer(self, e: Any) -> Node:
        return self.value(e.expression)

    def _collate(self, e: Any) -> Node:
        if e.expression.name.lower() in ("nocase",) or e.expression.name.lower().endswith("_ci"):
            return call("lower", self.value(e.this))
        return self.value(e.this)

    def _null(self, e: Any) -> Node:
        return NULL

    def _boolean(self, e: Any) -> Node:
        return TRUE if e.this else FALSE

    def _hexstring(self, e: Any) -> Node:
        if self.dialect == "sqlite" or not re.fullmatch("[0-9]+", str(e.this)):
            raise NotUnderstoodError("bytes")
        return Const(int(str(e.this), 16))

    def _neg(self, e: Any) -> Node:
        inner = self.value(e.this)
        parts = interval_parts(inner)
        if parts is not None:
            return interval(-parts[0], -parts[1])
        if isinstance(inner, Const) and isinstance(inner.value, int | float) and not isinstance(inner.value, bool):
            return Const(-inner.value)
        return call("-", number(inner, self.types))

    # ---- conditions ----------------------------------------------------------------------------
    def comparison(self, sign: str, left: Any, right: Any) -> Node:
        """``left sign right`` with rows, ANY and ALL."""
        if right.key in ("any", "all") or (right.key == "anonymous" and str(right.this).upper() in ("ALL", "SOME")):
            return self._quantified(sign, left, right)
        pair = self._row(left), self._row(right)
        if pair[0] is not None and pair[1] is not None:
            return self._rows(sign, pair[0], pair[1])
        return self.compared(sign, self.value(left), self.value(right))

    def compared(self, sign: str, a: Node, b: Node) -> Node:
        """A comparison of two trees, both made the same kind."""
        if isinstance(b, Const) and str(b.value).lower() == "nan" and sign in ("<>", "="):
            return TRUE if sign == "<>" else FALSE
        if b == Const("{}") and (kind := kind_of(a, self.types)) is not None and kind.kind is Kind.ARRAY:
            return call(sign, call("array_length", a), Const(0))
        if (hosted := networks.host_compared(sign, a, b)) is not None:
            return hosted
        aged = times_read.age_compared(sign, a, b, self.dialect)
        return aged if aged is not None else call(sign, *aligned(a, b, self.types, self.dialect))

    def _row(self, e: Any) -> list[Any] | None:
        while e.key == "paren":
            e = e.this
        if e.key == "tuple" or (e.key == "anonymous" and str(e.this).upper() == "ROW"):
            return list(e.expressions)
        return None

    def _rows(self, sign: str, left: list[Any], right: list[Any]) -> Node:
        if len(left) != len(right):
            raise NotUnderstoodError("rows of different length")
        pairs = [(self.value(a), self.value(b)) for a, b in zip(left, right, strict=True)]
        if self.dialect == "duckdb":
            if sign not in ("=", "<>"):
                raise NotUnderstoodError("the order of rows with nulls")
            apart = either(*(call("is_distinct", *aligned(a, b, self.types, self.dialect)) for a, b in pairs))
            return apart if sign == "<>" else negation(apart)
        if sign in ("=", "<>"):
            same = both(*(self.compared("=", a, b) for a, b in pairs))
            return same if sign == "=" else negation(same)
        last = self.compared(sign, *pairs[-1])
        for a, b in reversed(pairs[:-1]):
            strict = self.compared(sign[0], a, b)
            last = either(strict, both(self.compared("=", a, b), last))
        return last

    def _quantified(self, sign: str, left: Any, right: Any) -> Node:
        every = right.key == "all" or str(right.this).upper() == "ALL"
        inner = right.expressions[0] if right.key == "anonymous" else right.this
        items = self._elements(inner)
        if items is None:
            listed = self.value(inner)
            kind = kind_of(listed, self.types)
            if sign == "=" and not every and kind is not None and kind.kind is Kind.ARRAY:
                return call("array_contains", listed, self.value(left))
            if every and (found := lists.quantified(self, left, listed, sign)) is not None:
                return found
            raise NotUnderstoodError("a list that is no constant")
        subject = self.value(left)
        if sign == "=" and not every:
            return self.membership(subject, items)
        if sign == "<>" and every:
            return negation(self.membership(subject, items))
        parts = [self.compared(sign, subject, i) for i in items]
        return both(*parts) if every else either(*parts)

    def _elements(self, e: Any) -> tuple[Node, ...] | None:
        """The elements of a constant list, written as ARRAY[…], (…) or '{…}'."""
        while e.key in ("paren", "cast"):
            if e.key == "cast" and e.this.key == "literal" and e.this.is_string:
                return functions_read.array_literal(str(e.this.this))
            e = e.this
        if e.key in ("array", "tuple", "list"):
            return self.values(*e.expressions)
        return functions_read.array_literal(str(e.this)) if e.key == "literal" and e.is_string else None

    def membership(self, subject: Node, items: tuple[Node, ...]) -> Node:
        """``subject in (items)``."""
        pairs = [aligned(subject, i, self.types, self.dialect) for i in items]
        if len({a for a, _ in pairs}) > 1:
            return either(*(call("=", a, b) for a, b in pairs))
        return Call("in", (pairs[0][0], *(b for _, b in pairs))) if pairs else FALSE

    def _in(self, e: Any) -> Node:
        if e.args.get("query") or e.args.get("unnest") or e.args.get("field"):
            raise NotUnderstoodError("a query")
        row = self._row(e.this)
        if row is not None:
            choices = [self._row(x) for x in e.expressions]
            return either(*(self._rows("=", row, c) for c in choices if c is not None))
        return self.membership(self.value(e.this), self.values(*e.expressions))

    def _between(self, e: Any) -> Node:
        low, high = e.args["low"], e.args["high"]
        inside = both(self.comparison(">=", e.this, low), self.comparison("<=", e.this, high))
        if not e.args.get("symmetric"):
            return inside
        return either(inside, both(self.comparison(">=", e.this, high), self.comparison("<=", e.this, low)))

    def _is(self, e: Any) -> Node:
        return self._maybe_not(e, self._is_plain(e))

    def _is_plain(self, e: Any) -> Node:
        right = e.expression
        row = self._row(e.this)
        if row is not None and right.key == "null":
            if e.args.get("negate"):
                return negation(both(*(negation(call("is_null", self.value(x))) for x in row)))
            return both(*(call("is_null", self.value(x)) for x in row))
        match right.key:
            case "null":
                return call("is_null", self.value(e.this))
            case "boolean":
                return call("is_true" if right.this else "is_false", self._truth(e.this))
            case "json":
                return call("json_valid", self.value(e.this))
        return negation(call("is_distinct", *aligned(self.value(e.this), self.value(right), self.types, self.dialect)))

    def _nullsafeeq(self, e: Any) -> Node:
        return negation(self._nullsafeneq(e))

    def _nullsafeneq(self, e: Any) -> Node:
        if e.expression.key == "null":
            return negation(call("is_null", self.value(e.this)))
        return call("is_distinct", *aligned(self.value(e.this), self.value(e.expression), self.types, self.dialect))

    # ---- patterns ------------------------------------------------------------------------------
    def _like(self, e: Any) -> Node:
        fold = self.dialect == "sqlite" or (self.dialect == "mysql" and self._is_folded(e))
        return self._liked(e, "ilike" if fold else "like")

    def _ilike(self, e: Any) -> Node:
        return self._liked(e, "ilike")

    def _liked(self, e: Any, function: str, escape: str | None = None) -> Node:
        subject = self.text(e.this)
        if e.expression.key in ("any", "all"):
            items = self._elements(e.expression.this)
            if items is None:
                raise NotUnderstoodError("a list that is no constant")
            join = either if e.expression.key == "any" else both
            return self._maybe_not(e, join(*(call(function, subject, i) for i in items)))
        pattern = self.value(e.expression)
        if isinstance(pattern, Const) and isinstance(pattern.value, str):
            default = "" if self.dialect in ("sqlite", "duckdb") else "\\"
            pattern = Const(_with_backslash(pattern.value, default if escape is None else escape))
        elif escape is not None:
            raise NotUnderstoodError("ESCAPE beside a pattern that is no constant")
        return self._maybe_not(e, call(function, subject, pattern))

    def _maybe_not(self, e: Any, node: Node) -> Node:
        return negation(node) if e.args.get("negate") else node

    def _escape(self, e: Any) -> Node:
        inner, mark = e.this, self.value(e.expression)
        if not isinstance(mark, Const) or not isinstance(mark.value, str):
            raise NotUnderstoodError("ESCAPE")
        if inner.key == "similarto":
            return self._similar(inner, mark.value)
        fold = inner.key == "ilike" or self.dialect == "sqlite" or (self.dialect == "mysql" and self._is_folded(inner))
        return self._liked(inner, "ilike" if fold else "like", mark.value)

    def _similarto(self, e: Any) -> Node:
        return self._similar(e, "\\")

    def _similar(self, e: Any, escape: str) -> Node:
        pattern = self._pattern(e.expression)
        if self.dialect == "duckdb":
            return self._matched(self.text(e.this), f"^(?:{pattern})$")
        return self._matched(self.text(e.this), similar_to_regex(pattern, escape))

    def _regexplike(self, e: Any) -> Node:
        flags = e.args.get("flag")
        fold = self.dialect == "mysql" and self._is_folded(e)
        if flags is not None and "i" in str(flags.this):
            fold = True
        return self._matched(self.text(e.this), self._pattern(e.expression), fold=fold)

    def _regexpilike(self, e: Any) -> Node:
        return self._matched(self.text(e.this), self._pattern(e.expression), fold=True)

    def _regexpfullmatch(self, e: Any) -> Node:
        return self._matched(self.text(e.this), f"^(?:{self._pattern(e.expression)})$")

    def _glob(self, e: Any) -> Node:
        return call("glob", self.text(e.this), Const(self._pattern(e.expression)))

    def _matched(self, subject: Node, pattern: str, *, fold: bool = False) -> Node:
        if not translatable(pattern):
            raise NotUnderstoodError(pattern)
        return call("iregex" if fold else "regex", subject, Const(pattern))

    def _pattern(self, e: Any) -> str:
        node = self.value(e)
        if isinstance(node, Const) and isinstance(node.value, str):
            return node.value
        raise NotUnderstoodError("a pattern that is no constant")

    def _is_folded(self, e: Any) -> bool:
        """Whether a text compares without regard to case: MySQL's columns do unless their collation says otherwise."""
        if functions_read.minds_case(e):
            return False
        node = self.value(e.this)
        kinds = [self.types.get(n) for n in functions_read.columns(node)]
        return all(k is None or k.folded for k in kinds)

    def text(self, e: Any) -> Node:
        """A part as text: casts to text fall away where it is text already."""
        node = self.value(e)
        kind = kind_of(node, self.types)
        if kind is None or kind.kind in TEXTUAL:
            return node
        if kind.kind in NUMERIC or kind.kind is Kind.BOOLEAN:
            return Cast(node, TEXT)
        if kind.kind in (Kind.DATE, Kind.TIMESTAMP) and self.dialect in ("sqlite", "mysql"):
            return call("format_time", node, Const("%Y-%m-%d" if kind.kind is Kind.DATE else "%Y-%m-%d %H:%M:%S"))
        raise NotUnderstoodError(f"{kind.kind.value} as text")

    # ---- casts ---------------------------------------------------------------------------------
    def _cast(self, e: Any) -> Node:
        return self.casted(self.value(e.this), casts_read.type_of(e.to))

    _trycast = _cast

    def casted(self, node: Node, target: Type | None) -> Node:
        """``node`` as ``target``; a cast that changes nothing falls away."""
        return casts_read.casted(node, target, self.types, self.dialect)

    # ---- arithmetic ----------------------------------------------------------------------------
    def _add(self, e: Any) -> Node:
        return summed("+", self.value(e.this), self.value(e.expression), self.types, self.dialect)

    def _sub(self, e: Any) -> Node:
        return summed("-", self.value(e.this), self.value(e.expression), self.types, self.dialect)

    def _mul(self, e: Any) -> Node:
        a, b = self.values(e.this, e.expression)
        for span, times in ((a, b), (b, a)):
            parts = interval_parts(span)
            if parts is not None and isinstance(times, Const) and isinstance(times.value, int):
                return interval(parts[0] * times.value, parts[1] * times.value)
            if parts is not None and parts[0]:
                raise NotUnderstoodError("months multiplied")
        return call("*", number(a, self.types), number(b, self.types))

    def _div(self, e: Any) -> Node:
        a, b = (number(x, self.types) for x in self.values(e.this, e.expression))
        kinds = [kind_of(x, self.types) for x in (a, b)]
        whole = all(k is not None and k.kind in (Kind.INTEGER, Kind.YEAR) for k in kinds)
        if whole and self.dialect in ("mysql", "duckdb"):
            a = (
                Const(float(a.value))
                if isinstance(a, Const) and isinstance(a.value, int)
                else Cast(a, Type(Kind.DECIMAL))
            )
        return call("/", a, b)

    def _intdiv(self, e: Any) -> Node:
        a, b = (number(x, self.types) for x in self.values(e.this, e.expression))
        if self.dialect == "duckdb":
            quotient = call("/", Cast(a, Type(Kind.DECIMAL)), b)
            return Cast(call("floor", quotient), INTEGER)
        return Cast(call("trunc", call("/", a, b)), INTEGER)

    def _mod(self, e: Any) -> Node:
        return call("%", *(number(x, self.types) for x in self.values(e.this, e.expression)))

    def _interval(self, e: Any) -> Node:
        unit = e.args.get("unit")
        amount = self.value(e.this)
        word = str(unit.this).lower().removesuffix("s") if unit is not None else ""
        if isinstance(amount, Const) and isinstance(amount.value, str | int | float):
            found = moments.read_interval(f"{amount.value} {word}".strip())
            if found is None:
                raise NotUnderstoodError(f"{amount.value} {word}")
            return interval(*found)
        size = moments.UNITS.get(word)
        if size is None or size[0]:
            raise NotUnderstoodError(word)
        return Cast(call("*", amount, Const(size[1])), INTERVAL)

    # ---- case ----------------------------------------------------------------------------------
    def _case(self, e: Any, read: Callable[[Any], Node] | None = None) -> Node:
        read = read or self.value
        subject = None if e.args.get("this") is None else self.value(e.this)
        whens = []
        for branch in e.args["ifs"]:
            if subject is None:
                condition = self._truth(branch.this)
            else:
                condition = self.compared("=", subject, self.value(branch.this))
            whens.append(When(condition, read(branch.args["true"])))
        default = e.args.get("default")
        return Case(tuple(whens), NULL if default is None else read(default))

    def _if(self, e: Any) -> Node:
        otherwise = e.args.get("false")
        return Case(
            (When(self._truth(e.this), self.value(e.args["true"])),),
            NULL if otherwise is None else self.value(otherwise),
        )


def _with_backslash(pattern: str, escape: str) -> str:
    """A LIKE pattern whose escape sign is the backslash, as the registry has it."""
    if escape == "\\":
        return pattern
    out, chars = [], iter(pattern)
    for c in chars:
        if escape and c == escape:
            out.append("\\" + next(chars, ""))
        else:
            out.append("\\\\" if c == "\\" else c)
    return "".join(out)
