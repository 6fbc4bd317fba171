"""Accessors of structured values as :class:`Part` nodes: members of documents and composites, ends of ranges, elements
of arrays, the length of a network's mask. Conditions on whole structures (``@>``, ``<@``, ``&&``, ``?``) become
conditions on their parts.
"""

from __future__ import annotations

import ipaddress
import json
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from understudy.model.expression import Column, Const, Node, Part
from understudy.rules.coercion import NotUnderstoodError
from understudy.rules.kinds import BOOLEAN, DECIMAL, FLOAT, INTEGER, TEXT, kind_of
from understudy.rules.literals import read_constant
from understudy.rules.trees import FALSE, NULL, TRUE, both, call, either, negation
from understudy.types import Kind, Type

if TYPE_CHECKING:
    from understudy.rules.translating import Translator

JSON = Type(Kind.JSON)
LIST = Type(Kind.ARRAY, element=TEXT)
MAKERS = ("int4range", "int8range", "numrange", "tsrange", "tstzrange", "daterange")
_KEYS = re.compile(r"\$((?:\.(?:\w+|\"[^\"]+\"))*)")
_FILTER = re.compile(
    r"\$(?P<keys>(?:\.\w+)*)\s*(?:\?\s*\(\s*@)?\s*(?P<sign>==|<>|!=|<=|>=|<|>)\s*(?P<value>[^)]+?)\s*\)?$"
)
_LITERAL = re.compile(r"^([\[(])\s*\"?([^\",]*)\"?\s*,\s*\"?([^\",]*?)\"?\s*([\])])$")


# ---- documents -------------------------------------------------------------------------------------
def member(t: Translator, base: Node, keys: tuple[str, ...], kind: Type) -> Node:
    """The member that ``keys`` lead to, below a document or a part of one."""
    match base:
        case Part(value=value, path=path):
            return Part(value, (*path, *keys), kind)
        case Column(name=name) if (t.types.get(name) or TEXT).kind in (Kind.JSON, Kind.TEXT, Kind.MAP):
            return Part(base, keys, kind)
    raise NotUnderstoodError("a member of what is no document")


def path_of(t: Translator, e: Any) -> tuple[str, ...]:
    """The keys of a JSON path (sqlglot's tree of it, ``'key'``, ``'$.a.b'`` or ``'{a,b}'``)."""
    while e.key in ("paren", "cast"):
        e = e.this
    if e.key == "jsonpath":
        keys = [x for x in e.expressions if x.key != "jsonpathroot"]
        if any(x.key != "jsonpathkey" or not isinstance(x.this, str) for x in keys):
            raise NotUnderstoodError("a place in a list")
        return tuple(x.this for x in keys)
    if e.key != "literal" or not e.is_string:
        raise NotUnderstoodError("a path that is no constant")
    text = str(e.this)
    if text.startswith("$"):
        return _dotted(text)
    if text.startswith("{") and text.endswith("}"):
        return tuple(k.strip().strip('"') for k in text[1:-1].split(",") if k.strip())
    return (text,)


def _dotted(text: str) -> tuple[str, ...]:
    found = _KEYS.fullmatch(text.strip())
    if found is None:
        raise NotUnderstoodError(text)
    return tuple(a or b for a, b in re.findall(r"\.(?:(\w+)|\"([^\"]+)\")", found[1]))


def extract(kind: Type) -> Callable[[Translator, Any], Node]:
    """``->``, ``->>``, ``#>``, ``#>>``, JSON_EXTRACT, JSON_VALUE."""
    return lambda t, e: member(t, t.value(e.this), path_of(t, e.expression), kind)


def called_extract(kind: Type) -> Callable[[Translator, list[Any]], Node]:
    """The same as a function of a document and keys."""

    def handle(t: Translator, args: list[Any]) -> Node:
        keys = tuple(k for a in args[1:] for k in path_of(t, a))
        return member(t, t.value(args[0]), keys, kind)

    return handle


def arrow(t: Translator, e: Any) -> Node:
    """``x -> 'key'`` where sqlglot takes it for a lambda."""
    (name,) = e.expressions
    base: Node = Column(next((c for c in t.types if c.casefold() == name.name.casefold()), name.name))
    return _below(t, base, e.this)


def _below(t: Translator, base: Node, e: Any) -> Node:
    if e.key in ("jsonextract", "jsonextractscalar"):
        inner = _below(t, base, e.this)
        return member(t, inner, path_of(t, e.expression), JSON if e.key == "jsonextract" else TEXT)
    return member(t, base, path_of(t, e), JSON)


def has_key(t: Translator, e: Any) -> Node:
    """``document ? 'key'``; of a list of texts, whether it is an element."""
    return _has(t, t.value(e.this), path_of(t, e.expression)[0])


def _has(t: Translator, base: Node, key: str) -> Node:
    return negation(call("is_null", member(t, base, (key,), JSON)))


def has_keys(join: Callable[..., Node]) -> Callable[[Translator, Any], Node]:
    """``?&`` and ``?|``."""

    def handle(t: Translator, e: Any) -> Node:
        keys = t._elements(e.expression)
        if keys is None:
            raise NotUnderstoodError("a list that is no constant")
        return join(*(_has(t, t.value(e.this), str(k.value)) for k in keys if isinstance(k, Const)))

    return handle


def path_exists(t: Translator, args: list[Any]) -> Node:
    """jsonb_path_exists(document, path), JSON_EXISTS, ``@?``: with a comparison behind the path at most."""
    return _searched(t, t.value(args[0]), args[1])


def path_match(t: Translator, args: list[Any]) -> Node:
    """jsonb_path_match(document, predicate), ``@@``."""
    return _searched(t, t.value(args[0]), args[1])


def _searched(t: Translator, base: Node, e: Any) -> Node:
    while e.key in ("paren", "cast"):
        e = e.this
    text = str(e.this).removeprefix("strict ").removeprefix("lax ").strip()
    if found := _FILTER.fullmatch(text):
        return _compared_member(t, base, _dotted("$" + found["keys"]), found["sign"], found["value"])
    return negation(call("is_null", member(t, base, _dotted(text), JSON)))


def _compared_member(t: Translator, base: Node, keys: tuple[str, ...], sign: str, word: str) -> Node:
    try:
        value = json.loads(word.replace("'", '"'))
    except ValueError as error:
        raise NotUnderstoodError(word) from error
    sign = {"==": "=", "!=": "<>"}.get(sign, sign)
    return t.compared(sign, member(t, base, keys, _json_kind(value)), Const(value))


def _json_kind(value: object) -> Type:
    match value:
        case bool():
            return BOOLEAN
        case int():
            return INTEGER
        case float():
            return DECIMAL
    return TEXT


def contains_document(t: Translator, base: Node, text: str) -> Node:
    """``document @> constant``, member by member."""
    try:
        value = json.loads(text)
    except ValueError as error:
        raise NotUnderstoodError(text) from error
    return _holding(t, base, (), value)


def _holding(t: Translator, base: Node, keys: tuple[str, ...], value: object) -> Node:
    match value:
        case dict():
            inner = [_holding(t, base, (*keys, k), v) for k, v in value.items()]
            return both(*inner) if inner else negation(call("is_null", base))
        case list():
            listed = member(t, base, keys, LIST) if keys else Part(base, (), LIST)
            if not all(isinstance(v, str) for v in value):
                raise NotUnderstoodError("a list of what is no text")
            return both(*(call("array_contains", listed, Const(v)) for v in value))
        case None:
            raise NotUnderstoodError("a member that is null")
    return t.compared("=", member(t, base, keys, _json_kind(value)), Const(value))  # type: ignore[arg-type]


def list_length(t: Translator, args: list[Any]) -> Node:
    """Elements of a list inside a document, or of the document that is one."""
    base = t.value(args[0])
    if len(args) > 1:
        base = member(t, base, path_of(t, args[1]), JSON)
    if isinstance(base, Part):
        return call("array_length", Part(base.value, base.path, LIST))
    if isinstance(base, Column):
        return call("array_length", Part(base, (), LIST))
    raise NotUnderstoodError("the length of what is no document")


# ---- composites and elements -----------------------------------------------------------------------
def field_of(t: Translator, e: Any) -> Node:
    """``(composite).field``."""
    base = t.value(e.this)
    kind = kind_of(base, t.types)
    if kind is None or kind.kind is not Kind.STRUCT:
        raise NotUnderstoodError("a field of what is no composite")
    name = e.expression.name
    found = next((f for f in kind.fields if f[0].casefold() == name.casefold()), None)
    if found is None:
        raise NotUnderstoodError(name)
    return (
        Part(base.value, (*base.path, found[0]), found[1])
        if isinstance(base, Part)
        else Part(base, (found[0],), found[1])
    )


def element_of(t: Translator, e: Any) -> Node:
    """``array[n]``, ``point[n]``, ``document['key']``, ``struct['field']``."""
    base = t.value(e.this)
    kind = kind_of(base, t.types)
    (index,) = e.expressions
    if index.key == "literal" and index.is_string:
        if kind is not None and kind.kind is Kind.STRUCT:
            found = next((f for f in kind.fields if f[0] == index.this), None)
            if found is None:
                raise NotUnderstoodError(str(index.this))
            inner = base if isinstance(base, Part) else Part(base, (), kind)
            return Part(inner.value, (*inner.path, found[0]), found[1])
        return member(t, base, (str(index.this),), JSON)
    place = t.value(index)
    if not isinstance(place, Const) or not isinstance(place.value, int) or not isinstance(base, Column) or kind is None:
        raise NotUnderstoodError("an element whose place is no constant")
    number = place.value + 1  # sqlglot counts from 0, SQL from 1
    if kind.kind is Kind.GEOMETRIC and kind.variant == "point" and number in (0, 1):
        return Part(base, ("xy"[number],), FLOAT)
    if kind.kind is Kind.ARRAY and kind.element is not None and 1 <= number <= 16:
        return Part(base, (f"[{number}]",), kind.element)
    raise NotUnderstoodError("an element")


def every(node: Node, kind: Type) -> Node | None:
    """The element that stands for all of a list's."""
    if isinstance(node, Column) and kind.kind is Kind.ARRAY and kind.element is not None:
        return Part(node, ("*",), kind.element)
    return None


# ---- ranges ----------------------------------------------------------------------------------------
def end_of(which: str) -> Callable[[Translator, Any], Node | None]:
    """``lower(range)``, ``upper(range)``; None where the argument is no range (a text)."""

    def handle(t: Translator, e: Any) -> Node | None:
        base = t.value(e.this)
        kind = kind_of(base, t.types)
        if kind is None or kind.kind is not Kind.RANGE or kind.element is None or not isinstance(base, Column):
            return None
        return Part(base, (which,), kind.element)

    return handle


def _range(t: Translator, e: Any) -> tuple[Column, Type]:
    base = t.value(e)
    kind = kind_of(base, t.types)
    if kind is None or kind.kind is not Kind.RANGE or kind.element is None or not isinstance(base, Column):
        raise NotUnderstoodError("a bound of what is no range")
    return base, kind.element


DISCRETE = (Kind.INTEGER, Kind.DATE)


def is_empty(t: Translator, args: list[Any]) -> Node:
    """Ranges that are made are never empty."""
    _range(t, args[0])
    return FALSE


def unbounded(which: str) -> Callable[[Translator, list[Any]], Node]:
    """``lower_inf``, ``upper_inf``."""

    def handle(t: Translator, args: list[Any]) -> Node:
        base, element = _range(t, args[0])
        return call("is_null", Part(base, (which,), element))

    return handle


def inclusive(which: str) -> Callable[[Translator, list[Any]], Node]:
    """``lower_inc``, ``upper_inc``: of discrete ranges always the lower one, of others as is asked."""

    def handle(t: Translator, args: list[Any]) -> Node:
        base, element = _range(t, args[0])
        if element.kind in DISCRETE:
            return negation(call("is_null", Part(base, ("lower",), element))) if which == "lower" else FALSE
        return Part(base, (f"{which}_inc",), BOOLEAN)

    return handle


def bounds(t: Translator, e: Any) -> tuple[Node, Node, Type] | None:
    """Lower bound, upper bound (not included) and element type of a range: a column, a call, a constant."""
    while e.key == "paren":
        e = e.this
    if e.key == "anonymous" and str(e.this).lower() in MAKERS:
        low, high = t.value(e.expressions[0]), t.value(e.expressions[1])
        form = t.value(e.expressions[2]) if len(e.expressions) > 2 else Const("[)")
        kind = _element(str(e.this).lower())
        made = [_typed(x, kind) for x in (low, high)]
        if isinstance(form, Const) and str(form.value).endswith("]") and made[1] != NULL:
            step = call("+", made[1], Const(1)) if kind.kind in DISCRETE else made[1]
            made[1] = step
        return made[0], made[1], kind
    if e.key == "cast" and e.this.key == "literal" and (found := _LITERAL.match(str(e.this.this))):
        kind = _element(str(e.to.this).lower() if e.to.this is not None else "")
        ends = [read_constant(x, kind) if x and "inf" not in x else NULL for x in (found[2], found[3])]
        if ends[0] is None or ends[1] is None:
            raise NotUnderstoodError(str(e.this.this))
        low, high = ends[0], ends[1]
        if found[4] == "]" and high != NULL and kind.kind in DISCRETE:
            high = call("+", high, Const(1))
        return low, high, kind
    node = t.value(e)
    kind = kind_of(node, t.types) or TEXT
    if isinstance(node, Column) and kind.kind is Kind.RANGE and kind.element is not None:
        return Part(node, ("lower",), kind.element), Part(node, ("upper",), kind.element), kind.element
    return None


def _typed(node: Node, kind: Type) -> Node:
    if isinstance(node, Const) and isinstance(node.value, str):
        found = read_constant(node.value, kind)
        if found is None:
            raise NotUnderstoodError(node.value)
        return found
    return node


def _element(name: str) -> Type:
    for word, kind in (("int", INTEGER), ("num", DECIMAL), ("date", Type(Kind.DATE)), ("ts", Type(Kind.TIMESTAMP))):
        if word in name:
            return kind
    raise NotUnderstoodError(name)


def _at_most(t: Translator, sign: str, a: Node, b: Node) -> Node:
    return TRUE if NULL in (a, b) else t.compared(sign, a, b)


def range_contains(t: Translator, outer: Any, inner: Any) -> Node | None:
    """``outer @> inner``, an element or a range; None where the left side is no range."""
    around = bounds(t, outer)
    if around is None:
        return None
    within = bounds(t, inner) if kind_is_range(t, inner) else None
    if within is None:
        value = _typed(t.value(inner), around[2])
        return both(_at_most(t, "<=", around[0], value), _at_most(t, ">", around[1], value))
    return both(
        _at_most(t, "<=", around[0], within[0]),
        _at_most(t, ">=", around[1], within[1]),
        *(
            negation(call("is_null", w))
            for a, w in zip(around[:2], within[:2], strict=True)
            if a != NULL and isinstance(w, Part)
        ),
    )


def kind_is_range(t: Translator, e: Any) -> bool:
    """Whether a part of a rule is a range."""
    while e.key == "paren":
        e = e.this
    if e.key == "anonymous":
        return str(e.this).lower() in MAKERS
    if e.key == "cast":
        return "RANGE" in str(e.to.this).upper()
    kind = kind_of(t.value(e), t.types)
    return kind is not None and kind.kind is Kind.RANGE


def ranges_overlap(t: Translator, left: Any, right: Any) -> Node | None:
    """``a && b`` of ranges; None where the left side is none."""
    if not kind_is_range(t, left):
        return None
    a, b = bounds(t, left), bounds(t, right)
    if a is None or b is None:
        raise NotUnderstoodError("an overlap with what is no range")
    return both(_at_most(t, "<", a[0], b[1]), _at_most(t, ">", a[1], b[0]))


def ranges_apart(t: Translator, before: Any, behind: Any, sign: str) -> Node | None:
    """``before << behind`` of ranges (``=``: they touch); None where the first is none. A lower end belongs to its
    range and an upper one does not, as they are made."""
    if not kind_is_range(t, before):
        return None
    a, b = bounds(t, before), bounds(t, behind)
    if a is None or b is None:
        raise NotUnderstoodError("an order with what is no range")
    return call(sign, a[1], b[0])


# ---- networks and shapes ---------------------------------------------------------------------------
def network_part(which: str) -> Callable[[Translator, list[Any]], Node]:
    """``masklen(address)``, ``family(address)``, ``host(address)``."""

    def handle(t: Translator, args: list[Any]) -> Node:
        base = t.value(args[0])
        kind = kind_of(base, t.types)
        if not isinstance(base, Column) or kind is None or kind.kind is not Kind.NETWORK:
            raise NotUnderstoodError(f"{which} of what is no address")
        return Part(base, (which,), TEXT if which == "host" else INTEGER)

    return handle


def within_network(t: Translator, e: Any, inner: Any, outer: Any) -> Node | None:
    """``address << network`` (also ``<<=``): the address lies between the network's first and last."""
    base = t.value(inner)
    kind = kind_of(base, t.types)
    if not isinstance(base, Column) or kind is None or kind.kind is not Kind.NETWORK:
        return None
    while outer.key in ("cast", "paren"):
        outer = outer.this
    try:
        net = ipaddress.ip_network(str(outer.this), strict=False)
    except ValueError as error:
        raise NotUnderstoodError(str(outer.this)) from error
    if net.version != 4:
        raise NotUnderstoodError("a network of six")
    address = Part(base, ("address",), INTEGER)
    longer = [call(">=", Part(base, ("masklen",), INTEGER), Const(net.prefixlen + (e.key == "bitwiseleftshift")))]
    return both(
        call(">=", address, Const(int(net.network_address))),
        call("<=", address, Const(int(net.broadcast_address))),
        *(longer if kind.variant == "cidr" else []),
    )


def host_compared(sign: str, a: Node, b: Node) -> Node | None:
    """An address against a constant, as a number; None where neither side is one."""
    for one, other in ((a, b), (b, a)):
        if isinstance(one, Part) and one.path == ("host",) and isinstance(other, Const) and sign in ("=", "<>"):
            try:
                number = int(ipaddress.IPv4Address(str(other.value)))
            except ValueError:
                return TRUE if sign == "<>" else FALSE
            return call(sign, Part(one.value, ("address",), INTEGER), Const(number))
    return None


def shape_part(which: str, *variants: str) -> Callable[[Translator, list[Any]], Node]:
    """``radius(circle)``, ``isclosed(path)`` … as a part of the shape."""

    def handle(t: Translator, args: list[Any]) -> Node:
        base = t.value(args[0])
        kind = kind_of(base, t.types)
        if not isinstance(base, Column) or kind is None or kind.variant not in variants:
            raise NotUnderstoodError(which)
        return Part(base, (which,), BOOLEAN if which == "closed" else FLOAT)

    return handle


def map_part(which: str) -> Callable[[Translator, list[Any]], Node]:
    """``ST_SRID(shape)``, ``GeometryType(shape)``, ``ST_X(point)``."""

    def handle(t: Translator, args: list[Any]) -> Node:
        kind = INTEGER if which == "srid" else FLOAT if len(which) == 1 else TEXT
        return Part(_on_map(t, args[0])[0], (which,), kind)

    return handle


def _on_map(t: Translator, e: Any) -> tuple[Column, Type]:
    base = t.value(e)
    kind = kind_of(base, t.types)
    if not isinstance(base, Column) or kind is None or kind.kind is not Kind.SPATIAL:
        raise NotUnderstoodError("what is no shape on the map")
    return base, kind


def _of_shape(value: Node) -> Callable[[Translator, list[Any]], Node]:
    """What holds of every shape that is made."""

    def handle(t: Translator, args: list[Any]) -> Node:
        _on_map(t, args[0])
        return value

    return handle


def _dimensions(t: Translator, args: list[Any]) -> Node:
    raw = _on_map(t, args[0])[1].raw.lower()
    found = re.search(r"\(\s*'?[a-z]*?(zm|z|m)?\s*[,)]", raw)
    return Const(2 + len((found[1] or "") if found else ""))


def area(t: Translator, args: list[Any]) -> Node:
    """``area(box)``: width times height."""
    base = t.value(args[0])
    kind = kind_of(base, t.types)
    if not isinstance(base, Column) or kind is None or kind.variant != "box":
        raise NotUnderstoodError("the area of what is no box")
    return call("*", Part(base, ("width",), FLOAT), Part(base, ("height",), FLOAT))


def points(t: Translator, args: list[Any]) -> Node:
    """``npoints``: every path and polygon that is made has three."""
    kind = kind_of(t.value(args[0]), t.types)
    if kind is None or kind.kind is not Kind.GEOMETRIC:
        raise NotUnderstoodError("points of what is no shape")
    return Const(3)


def position_of_null(t: Translator, e: Any) -> Node:
    """``array_position(list, null)``: no list that is made holds a null."""
    base, wanted = t.value(e.this), t.value(e.expression)
    if wanted == NULL or (isinstance(wanted, Const) and wanted.value is None):
        return NULL
    from understudy.model.expression import Case, When

    return Case((When(call("array_contains", base, wanted), Const(1)),), NULL)


def _unquoted(node: Node) -> Node:
    """A member as text."""
    return Part(node.value, node.path, TEXT) if isinstance(node, Part) else node


def _has_paths(t: Translator, args: list[Any]) -> Node:
    """JSON_CONTAINS_PATH(document, 'one' or 'all', path, …)."""
    join = both if str(args[1].this).lower() == "all" else either
    return join(*(negation(call("is_null", member(t, t.value(args[0]), path_of(t, a), JSON))) for a in args[2:]))


KEYED: dict[str, Callable[[Translator, Any], Node]] = {
    "jsonextract": extract(JSON), "jsonbextract": extract(JSON), "jsonextractscalar": extract(TEXT),
    "jsonbextractscalar": extract(TEXT), "jsonvalue": lambda t, e: member(t, t.value(e.this),
    path_of(t, e.args["path"]), TEXT), "lambda": arrow,
    "jsonbcontains": has_key, "jsonbcontainstopkey": has_key, "jsonbcontainsalltopkeys": has_keys(both),
    "jsonbcontainsanytopkeys": has_keys(either),
    "jsonbpathexists": lambda t, e: _searched(t, t.value(e.this), e.expression),
    "matchagainst": lambda t, e: _searched(t, t.value(e.expressions[0]), e.this), "dot": field_of,
    "host": lambda t, e: network_part("host")(t, [e.this]), "bracket": element_of, "arrayposition": position_of_null,
}  # fmt: skip

NAMED: dict[str, Callable[[Translator, list[Any]], Node]] = {
    "jsonb_extract_path": called_extract(JSON), "json_extract_path": called_extract(JSON),
    "jsonb_extract_path_text": called_extract(TEXT), "json_extract_path_text": called_extract(TEXT),
    "json_extract_string": called_extract(TEXT),
    "jsonb_exists": lambda t, a: _has(t, t.value(a[0]), path_of(t, a[1])[0]),
    "json_unquote": lambda t, a: _unquoted(t.value(a[0])), "json_contains_path": _has_paths,
    "jsonb_path_exists": path_exists, "jsonb_path_match": path_match, "json_exists": path_exists,
    "jsonb_array_length": list_length, "json_array_length": list_length, "json_length": list_length,
    "isempty": is_empty, "lower_inf": unbounded("lower"), "upper_inf": unbounded("upper"),
    "lower_inc": inclusive("lower"), "upper_inc": inclusive("upper"),
    "masklen": network_part("masklen"), "family": network_part("family"), "host": network_part("host"),
    "radius": shape_part("radius", "circle"), "isclosed": shape_part("closed", "path"), "area": area,
    "isopen": lambda t, a: negation(shape_part("closed", "path")(t, a)),
    "npoints": points,
    "st_srid": map_part("srid"), "geometrytype": map_part("shape"), "st_geometrytype": map_part("st_shape"),
    "st_x": map_part("x"), "st_y": map_part("y"), "st_ndims": _dimensions, "st_coorddim": _dimensions,
    "st_isvalid": _of_shape(TRUE), "st_issimple": _of_shape(TRUE), "st_isempty": _of_shape(FALSE),
    "width": shape_part("width", "box"), "height": shape_part("height", "box"),
}  # fmt: skip


def quantified(t: Translator, subject: Any, listed: Node, sign: str) -> Node | None:
    """``value sign ALL (list)``: a condition on the element that stands for all; None where it is no array."""
    kind = kind_of(listed, t.types)
    if kind is None or (element := every(listed, kind)) is None:
        return None
    return t.compared(sign, t.value(subject), element)


def within_list(t: Translator, listed: Node, items: tuple[Node, ...]) -> Node | None:
    """``list <@ ARRAY[…]``."""
    kind = kind_of(listed, t.types)
    if kind is None or (element := every(listed, kind)) is None:
        return None
    return t.membership(element, items)
