"""From wants to recipes: finite sets first, then the meanings that match (best first), then the kind alone.

want ─► finite values? ─► meanings by certainty, first that fits ─► plain value of the kind
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from understudy.model.expression import Call, Case, Cast, Const, Node, When
from understudy.model.schema import Entity, Field
from understudy.semantics import (
    amounts,
    charsets,
    contents,
    finite,
    making,
    maps,
    moments,
    naming,
    neighbours,
    numbers,
    places,
    relations,
    speech,
    spreads,
    stages,
    structured,
    textual,
    usual,
)
from understudy.semantics.catalogue import semantic_type
from understudy.semantics.loom import Loom
from understudy.semantics.making import Made
from understudy.semantics.nouns import Coded, Composition, Match, Recipe, Up, Want
from understudy.semantics.recognition import matches
from understudy.semantics.seen import as_seen
from understudy.semantics.words import singular
from understudy.types import Kind, Type

DEFAULT_NULLS = 0.1
"""Nulls in a nullable column whose meaning says nothing else."""

RARE_NULLS = 0.02
"""Nulls in a nullable column that is nearly always known: names, places, amounts, times of creation."""

USUALLY_KNOWN = frozenset({"title", "person", "place", "amount", "moment", "flag", "slug", "uuid"})

SURE = 0.4
"""Matches less certain than this (a word somewhere in the name) are not acted upon."""


def compose(
    entity: Entity,
    wants: Sequence[Want],
    *,
    locale: str = "en_US",
    clock: int,
    rows: int = 1000,
    given: Sequence[Field] = (),
    ups: Sequence[Up] = (),
) -> Composition:
    """A recipe for every want of one entity.

    ``clock``: microseconds since 1970 (UTC), the "now" of the data. ``rows``: how many rows are planned;
    it decides how many digits unique texts carry. Columns of one row agree through hidden columns. Where a
    want is ``unique``, hidden columns may read its code: planning must define it whenever it gets a ``coded``.
    ``given``: columns of the row that others settle (formulas): they may be read, and the row keeps to them.
    ``ups``: parents whose rows may be read: a child begins after them.
    """
    loom = Loom(entity, wants, locale, clock, rows)
    loom.ups = tuple(ups)
    loom.give({f.name: (f, matches(entity, f)) for f in given})
    candidates = {w.field.name: matches(entity, w.field) for w in wants}
    candidates = neighbours.weighed(loom, {n: found or _by_type(loom, n) for n, found in candidates.items()})
    loom.meanings = {n: found[0].meaning for n, found in candidates.items() if found and found[0].certainty >= SURE}
    making.prepare(loom)
    ordered = sorted(wants, key=lambda w: f"lower of {w.field.name}" in loom.shared)
    made = {w.field.name: as_seen(loom, w, _recipe(loom, w, candidates[w.field.name])) for w in ordered}
    recipes = {w.field.name: made[w.field.name] for w in wants}
    return Composition(
        recipes=recipes,
        hidden=tuple(loom.hidden.values()),
        artefacts=loom.artefacts,
        notes=(*loom.unfit, *speech.unheard(loom)),
    )


def _by_type(loom: Loom, name: str) -> tuple[Match, ...]:
    """What the type alone says: a date or time is still one of the row's and happened after it began; true or false is
    a flag."""
    if loom.wants[name].field.type.kind is Kind.BOOLEAN:
        return (Match("flag", 0.5, "true or false"),)
    if loom.wants[name].field.type.kind in (Kind.DATE, Kind.TIMESTAMP):
        return (Match("event_at", 0.5, "a time of the row"),)
    return ()


def _recipe(loom: Loom, want: Want, candidates: Sequence[Match]) -> Recipe:
    """The first way that fits, with its reason; what did not fit is said."""
    values = finite.allowed(want)
    if values is not None and want.field.type.kind is not Kind.ARRAY:
        placed = places.among(loom, want)
        if placed is not None:
            return _finished(loom, want, placed, loom.meanings[want.field.name], placed.what)
        return _of_values(loom, want, values)
    written = contents.contained(loom, want, lambda w: _recipe(loom, w, matches(loom.entity, w.field)))
    if written is not None:
        return written
    if want.field.spread and (spread := spreads.asked(want)) is not None:
        return _finished(loom, want, spread, candidates[0].meaning if candidates else "", spread.what)
    meaning = candidates[0].meaning if candidates and candidates[0].certainty >= SURE else ""
    told = relations.related(loom, want, meaning)
    if told is not None:
        return _finished(loom, want, told, meaning, told.what)
    missed: list[str] = []
    loom.borrowed = False
    for match in candidates:
        if match.certainty < SURE:
            break
        made = making.make(loom, want, match)
        if made is not None and loom.borrowed and _called_locally(match):
            own = naming.called(loom, want, "v") if loom.language else None
            made, loom.borrowed = own or made, own is None
        if made is not None:
            if (kind := semantic_type(match.meaning)) is not None and kind.maker == "number":
                made = msgspec.structs.replace(made, expression=usual.mostly(want, made.expression))
            note = f"; not {', '.join(missed)}: does not fit" if missed else ""
            _unfit(loom, want, candidates, missed, made.what)
            return _finished(loom, want, made, match.meaning, f"{made.what} ({match.reason}){note}")
        missed.append(match.meaning)
    node, coded, what = kind_alone(loom, want, "v")
    node = usual.mostly(want, node) if what == "a number" else node
    note = f"; not {', '.join(missed)}: does not fit" if missed else ""
    _unfit(loom, want, candidates, missed, what)
    return _finished(loom, want, Made(node, what, coded), "", f"{what} ({_shape(want)}){note}")


def _called_locally(match: Match) -> bool:
    """Whether such things are called after a place where there are no words of the locale (``Lager Bremen``)."""
    described = semantic_type(match.meaning)
    return described is not None and described.options.get("local") == "called"


CERTAIN = 0.85
"""From here on it is told that a meaning has no room in its column."""


def _unfit(loom: Loom, want: Want, candidates: Sequence[Match], missed: Sequence[str], instead: str) -> None:
    """Notes the surest meaning where its values do not fit the column."""
    if missed and candidates[0].certainty >= CERTAIN and candidates[0].meaning == missed[0]:
        meaning = missed[0].replace("_", " ")
        loom.unfit.append(f"{want.field.name}: {meaning} does not fit {_shape(want)}; {instead} instead")


def _finished(loom: Loom, want: Want, made: Made, meaning: str, reason: str) -> Recipe:
    coded = made.coded
    if loom.borrowed:
        reason += f"; English words, there are none for {loom.locale}"
    if want.field.type.kind is Kind.TEXT and (coded is None or (want.unique and coded.capacity < loom.rows)):
        coded = textual.coded(loom, want, [coded] if coded else [])
    elif coded is None:
        coded = kind_alone(loom, want, "code")[1]
    node = _paired(loom, want, _without_refused(loom, want, made.expression))
    if want.field.type.charset:
        node, coded = charsets.kept(loom, want, node, coded)
    described = semantic_type(meaning)
    nulls = made.nulls if made.nulls is not None else described.nulls if described is not None else None
    if want.field.name in loom.tokens and _what_it_is(loom, want.field.name):
        nulls = 0.0
    usual = RARE_NULLS if described is not None and described.maker in USUALLY_KNOWN else DEFAULT_NULLS
    share = (usual if nulls is None else nulls) if want.field.nullable else 0.0
    return Recipe(
        expression=node,
        reason=reason,
        meaning=meaning,
        coded=coded,
        natural_nulls=share,
        null_when=(stages.absent(loom, want, meaning) or made.null_when) if want.field.nullable else None,
    )


OWN_NAMES = frozenset({("name",), ("title",), ("label",), ("code",)})


def _what_it_is(loom: Loom, column: str) -> bool:
    """Whether a column says what its row is (a genre's name, a category in a table of categories): that is known."""
    words = tuple(singular(w) for w in loom.tokens[column])
    return words in OWN_NAMES or words == loom.subject


def _paired(loom: Loom, want: Want, node: Node) -> Node:
    """One of a pair of bounds keeps to the other."""
    if f"moment of {want.field.name}" in loom.shared:
        return node
    bound = amounts.bounded(loom, want, node)
    return node if bound is None else bound


def _without_refused(loom: Loom, want: Want, node: Node) -> Node:
    """Texts that a rule refuses, replaced."""
    refused = [v for v in want.domain.refused if isinstance(v, str) and v.strip()]
    if not refused or want.field.type.kind is not Kind.TEXT:
        return node
    other, _ = textual.plain(loom, want, "instead")
    return Case((When(Call("in", (node, *(Const(v) for v in refused))), other),), node)


def _shape(want: Want) -> str:
    t = want.field.type
    return t.raw or f"{t.variant or t.kind.value}{f'({t.length})' if t.length else ''}"


def _of_values(loom: Loom, want: Want, values: tuple[int | float | str | bool, ...]) -> Recipe:
    """A recipe for a finite set."""
    if not values:
        empty = Const(None)
        return Recipe(empty, "no value is permitted: null", "", Coded(0, empty), 1.0 if want.field.nullable else 0.0)
    kind = want.field.type.kind
    node: Node
    if kind is Kind.BOOLEAN:
        node, coded = finite.boolean(want, "v")
    elif kind is Kind.SET:
        node, coded = finite.sets(loom, want, "v")
    elif all(isinstance(v, int | float) and not isinstance(v, bool) for v in values):
        node, coded = finite.finite_numbers(loom, want, tuple(v for v in values if not isinstance(v, str)), "v")
    else:
        node, coded = finite.finite_text(loom, want, tuple(str(v) for v in values), "v")
    shown = ", ".join(str(v) for v in values[:4]) + (" …" if len(values) > 4 else "")
    share = DEFAULT_NULLS if want.field.nullable else 0.0
    return Recipe(node, f"one of {len(values)} values, weighted ({shown})", "value_set", coded, share)


def kind_alone(loom: Loom, want: Want, use: str) -> tuple[Node, Coded | None, str]:
    """A plausible value of the kind, the injective way, and what it is."""
    t = want.field.type

    def inner(other: Want, inner_use: str) -> structured.Made:
        return element(loom, other, inner_use)

    match t.kind:
        case Kind.BOOLEAN:
            return *finite.boolean(want, use), "true or false"
        case Kind.INTEGER | Kind.DECIMAL | Kind.MONEY | Kind.FLOAT:
            return numbers.plain(want, use), numbers.coded(want, loom.rows), "a number"
        case Kind.DATE | Kind.TIMESTAMP | Kind.YEAR | Kind.TIME:
            first, last = moments.window(loom.clock, 3)
            return moments.stamp(want, use, first, last), moments.coded(want, loom.clock, loom.rows), "a recent time"
        case Kind.SET:
            return *finite.sets(loom, want, use), "some of the labels"
        case Kind.INTERVAL:
            return *structured.interval(want, use), "a length of time"
        case Kind.UUID:
            return *structured.uuid(want, use), "a UUID"
        case Kind.BITS:
            return *structured.bits(want, use), "bits"
        case Kind.BINARY:
            return *structured.binary(want, use), "bytes"
        case Kind.NETWORK:
            return *structured.network(want, use), "a network address"
        case Kind.GEOMETRIC:
            return *structured.geometric(want, use), "a shape"
        case Kind.SPATIAL:
            return *maps.spatial(want, use), "a place on the map"
        case Kind.RANGE:
            return *structured.ranges(loom, want, use), "a range"
        case Kind.MULTIRANGE:
            return *structured.multiranges(loom, want, use), "a range"
        case Kind.JSON:
            return *structured.document(loom, want, use), "a small document"
        case Kind.XML:
            return *structured.xml(loom, want, use), "a small document"
        case Kind.ARRAY if t.element is not None:
            return *structured.listing(want, use, inner), "a list"
        case Kind.STRUCT:
            return *structured.record(want, use, inner), "a record"
        case Kind.MAP if t.key is not None and t.element is not None:
            return *structured.mapping(loom, want, use, inner), "a map"
        case Kind.UNION if t.fields:
            member = t.fields[0][1]
            return *_member(member, inner(structured.element_want(want, member), use)), "its first member"
        case Kind.SEARCH | Kind.OPAQUE:
            known = structured.opaque(loom, want, use)
            if known is not None:
                return *known, f"a {t.variant or t.raw}"
            node, _ = textual.plain(loom, want, use)
            return node, textual.coded(loom, want), f"text: the type {t.raw or t.variant} is not known"
        case _:
            node, what = textual.plain(loom, want, use)
            return node, textual.coded(loom, want), what


def _member(t: Type, made: structured.Made) -> structured.Made:
    """A member of a union, written out."""
    node, way = made

    def written(inner: Node) -> Node:
        return Cast(Cast(inner, t), Type(Kind.TEXT))

    return written(node), None if way is None else Coded(way.capacity, written(way.expression))


def element(loom: Loom, want: Want, use: str) -> structured.Made:
    """An element of a list or a member of a record: by its values, else by its name, else by its kind."""
    values = finite.allowed(want)
    if values and all(isinstance(v, str) for v in values) and want.field.type.kind is not Kind.SET:
        return finite.finite_text(loom, want, tuple(str(v) for v in values), use)
    for match in matches(loom.entity, want.field):
        if match.certainty >= SURE and making.standalone(match.meaning):
            made = making.make(loom, want, match, use)
            if made is not None:
                return made.expression, made.coded or kind_alone(loom, want, use)[1]
    node, coded, _ = kind_alone(loom, want, use)
    return node, coded
