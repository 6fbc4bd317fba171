"""Gathers one database's claims with their places, so that readers only say what they saw."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable

from understudy.errors import SourceError
from understudy.model.evidence import Claim, FacetKind, Value
from understudy.model.origin import Origin, SourceKind
from understudy.model.schema import Remark


class Collector:
    """Claims of one source, in the order in which they were made."""

    def __init__(self, source: str) -> None:
        self.source = source
        self._claims: list[Claim] = []

    def add(self, facet: FacetKind, entity: str, value: Value, *, field: str = "", raw: str = "") -> None:
        """One claim about an entity or, where ``field`` is given, about that field."""
        place = f"{entity}.{field}" if field else entity
        origin = Origin(SourceKind.DATABASE, self.source, place)
        self._claims.append(Claim(facet, entity, value, origin, field=field, raw=raw))

    def remark(self, entity: str, text: str, *, raw: str = "", severity: str = "warning", field: str = "") -> None:
        """Something not (fully) understood, or worth a warning."""
        place = f"{entity}.{field}" if field else entity
        remark = Remark(place or self.source, text, severity)
        self.add(FacetKind.REMARK, entity, remark, field=field, raw=raw)

    def claims(self) -> tuple[Claim, ...]:
        """All claims so far."""
        return tuple(self._claims)


def selector(schemas: tuple[str, ...], tables: tuple[str, ...]) -> Callable[[str, str, str], bool]:
    """A test (namespace, table, full name) → wanted; without names everything is."""
    spaces, names = frozenset(schemas), frozenset(tables)

    def wanted(namespace: str, table: str, full: str) -> bool:
        if spaces and namespace not in spaces:
            return False
        return not names or table in names or full in names or f"{namespace}.{table}" in names

    return wanted


def check_selection(where: str, what: str, asked: Iterable[str], known: Iterable[str]) -> None:
    """SourceError for the first name asked for that is not there, with the nearest that is."""
    there = sorted(set(known))
    for name in asked:
        if name not in there:
            near = difflib.get_close_matches(name, there, n=1, cutoff=0.5)
            mend = f"Did you mean {near[0]!r}?" if near else f"There are {len(there)}: {', '.join(there[:8])}."
            raise SourceError(f"no {what} {name!r}", where=where, mend=mend)
