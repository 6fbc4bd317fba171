"""Keys that lead from one table to another: nested rows to the row that they lie in, and columns whose values are all
found in another table's key.

Inclusion alone proves little (small numbers are included in every key of numbers): what the columns are called, how
distinctive the values are, and how much of the key they use decide.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache

import msgspec

from understudy.model.evidence import Claim, FacetKind
from understudy.model.origin import Origin, SourceKind
from understudy.model.profile import ColumnProfile, Inclusion
from understudy.model.schema import ForeignKey
from understudy.profiling import KeySide, inclusion
from understudy.sources.files.keys import primary_key
from understudy.sources.files.nested import singular
from understudy.sources.files.survey import Survey, values
from understudy.types import Kind, Type

KINDS = (Kind.INTEGER, Kind.TEXT, Kind.UUID, Kind.DECIMAL)
MOST_CANDIDATES = 400
"""Pairs of columns whose values are compared."""
MOST_KEYS = 20
"""Keys of one table that others are compared with."""
LEAST_SHARE = 0.95
"""Share of the different values that must be found among the key's."""
CLAIMED = 0.5


class Relation(msgspec.Struct, frozen=True):
    """A reference, and how it was told."""

    key: ForeignKey
    child: str
    measured: Inclusion
    why: str
    place: str


def relations(found: Sequence[Survey], source: str) -> list[Claim]:
    """Claims about keys that lead from one table to another; never enforced, for nobody declared them."""
    claims = []
    for relation in related(found):
        origin = Origin(SourceKind.FILE, source, relation.place)
        certainty = round(relation.measured.certainty, 4)
        claims.append(Claim(FacetKind.FOREIGN_KEY, relation.child, relation.key, origin, "", certainty, relation.why))
    return claims


def related(found: Sequence[Survey]) -> list[Relation]:
    """All references among the tables, surest first where two lead from one column."""
    by_name = {s.sheet.name: s for s in found}
    told = [_nested(child, by_name) for child in found if child.sheet.parent is not None]
    best: dict[tuple[str, str], Relation] = {}
    for child, parent, own, key, certainty in _candidates(found):
        measured = inclusion(_side(child, (own,)), _side(parent, (key,)))
        if measured.share < LEAST_SHARE:
            continue
        sure = _weighed(child, own, parent, key, certainty, measured)
        if sure < CLAIMED:
            continue
        relation = _relation(child, (own,), parent, (key,), msgspec.structs.replace(measured, certainty=sure))
        at = child.sheet.name, own
        if at not in best or best[at].measured.certainty < sure:
            best[at] = relation
    nested = {(r.child, c) for r in told for c in r.key.columns}
    return [*told, *(r for at, r in best.items() if at not in nested)]


def _nested(child: Survey, by_name: dict[str, Survey]) -> Relation:
    """The reference of nested rows to the row that they lie in."""
    assert child.sheet.parent is not None
    name, pairs = child.sheet.parent
    own, theirs = tuple(c for c, _ in pairs), tuple(p for _, p in pairs)
    measured = inclusion(_side(child, own), _side(by_name[name], theirs))
    return _relation(child, own, by_name[name], theirs, msgspec.structs.replace(measured, certainty=1.0))


def _side(found: Survey, columns: tuple[str, ...]) -> KeySide:
    return KeySide(found.sheet.name, columns, lambda: values(found.sheet, columns))


def _relation(
    child: Survey, own: tuple[str, ...], parent: Survey, key: tuple[str, ...], measured: Inclusion
) -> Relation:
    name = f"{child.sheet.name}_{'_'.join(own)}_fkey"
    fanout = {"mean": round(measured.mean, 4), "max": float(measured.most)}
    if measured.fanout and measured.fanout[0] == 0:
        fanout["min"] = 1.0
    foreign = ForeignKey(name, own, parent.sheet.name, key, enforced=False, fanout=fanout)
    why = f"{measured.share:.1%} of its values are there, {measured.mean:.3g} rows for each ({measured.cardinality})"
    return Relation(foreign, child.sheet.name, measured, why, f"{child.sheet.place}, column {', '.join(own)}")


# ---- which pairs ------------------------------------------------------------------------------------
def _candidates(found: Sequence[Survey]) -> list[tuple[Survey, Survey, str, str, float]]:
    """(child, parent, own column, key, certainty by name), the likely ones first."""
    keys = [k for parent in found for k in _keys(parent)]
    pairs = []
    for child in found:
        for column, kind in zip(child.profile.columns, child.types, strict=True):
            if kind.kind not in KINDS or column.distinct < 1:
                continue
            for parent, key, other, chief in keys:
                if parent is child and key.name == column.name:
                    continue
                if not _comparable(kind, other) or not _inside(column, key):
                    continue
                certainty = named_after(column.name, parent.sheet.name, key.name)
                if not chief and certainty < 0.5 and column.name != key.name:
                    continue
                pairs.append((child, parent, column.name, key.name, certainty))
    pairs.sort(key=lambda p: -p[4])
    return pairs[:MOST_CANDIDATES]


def _keys(parent: Survey) -> list[tuple[Survey, ColumnProfile, Type, bool]]:
    """Keys of a table that others may refer to, the chief one first; a table of thousands of columns without repetition
    is one of measures, and few of them are keys."""
    primary, single = primary_key(parent), set(parent.profile.keys)
    own = [
        (parent, column, kind, primary == (column.name,))
        for column, kind in zip(parent.profile.columns, parent.types, strict=True)
        if (column.name,) in single and kind.kind in KINDS
    ]
    return sorted(own, key=lambda k: not k[3])[:MOST_KEYS]


def _comparable(one: Type, other: Type) -> bool:
    return one.kind is other.kind


def _inside(column: ColumnProfile, key: ColumnProfile) -> bool:
    """Whether the extremes and numbers of values leave it possible that all are in the key."""
    if column.low is None or key.low is None or column.distinct > 1.1 * key.distinct:
        return False
    if isinstance(column.low, int | float) and isinstance(key.low, int | float):
        return column.high is not None and key.high is not None and column.high >= key.low and key.high >= column.low  # type: ignore[operator]
    return True


WORDS = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|\d+|[^\W\d_]+")
KEY_WORDS = frozenset(["id", "key", "code", "no", "nr", "number", "num", "ref", "uuid", "fk", "pk"])


@cache
def _words(name: str) -> list[str]:
    return [singular(w.lower()) for w in WORDS.findall(name)]


def named_after(column: str, table: str, key: str) -> float:
    """How much a column's name speaks of a key of another table, 0..1.

    >>> named_after("customer_id", "customers", "id"), named_after("customerNumber", "customers", "customerNumber")
    (0.95, 0.95)
    """
    own, about, theirs = _words(column), _words(table), _words(key)
    stem = [w for w in own if w not in KEY_WORDS]
    target = [w for w in about if w not in KEY_WORDS]
    if not own:
        return 0.0
    if own == theirs and (stem or not own):
        return 0.95 if set(stem) & set(target) or len(stem) > 0 else 0.6
    if stem and (stem == target or stem == target[-1:] or "".join(stem) == "".join(target)):
        return 0.95 if len(stem) < len(own) or own == target else 0.9
    if stem and target and stem[-len(target) :] == target:
        return 0.85  # billing_customer_id
    if (
        stem
        and target
        and (stem[-1] == target[-1] or stem[-1].startswith(target[-1]) or target[-1].startswith(stem[-1]))
    ):
        return 0.7 if min(len(stem[-1]), len(target[-1])) >= 3 else 0.3
    if set(stem) & {"parent", "manager", "superior", "reports", "predecessor", "previous", "root"}:
        return 0.6
    return 0.1 if own[-1] in KEY_WORDS else 0.0


def _weighed(child: Survey, own: str, parent: Survey, key: str, named: float, measured: Inclusion) -> float:
    """How sure a reference is: by its name, and by how unlikely the inclusion is without one."""
    column, target = child.profile.column(own), parent.profile.column(key)
    kind = child.types[child.sheet.columns.index(own)].kind
    if column.distinct < 2 and named < 0.8:
        return 0.0
    used = column.distinct / max(target.distinct, 1)
    if kind is Kind.INTEGER and isinstance(target.low, int) and isinstance(target.high, int):
        dense = target.distinct / max(target.high - target.low + 1, 1)
        chance = dense ** min(column.distinct, 40)
    else:
        chance = 0.02 if column.distinct >= 5 else 0.3
    by_values = (1 - chance) * min(1.0, 0.55 + used)
    if child is parent:
        by_values *= 0.5
        named = min(named, 0.6) if named < 0.95 else 0.5
    sure = 1 - (1 - 0.95 * named) * (1 - 0.85 * by_values)
    if (own,) in child.profile.keys and named < 0.6 and child is not parent:
        sure *= 0.55  # two keys that count from one
    return min(0.99, sure) * measured.share
