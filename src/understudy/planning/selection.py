"""Which tables are filled, and how many rows were asked for each."""

from __future__ import annotations

import difflib
import math
from collections import deque
from collections.abc import Iterable

import msgspec

from understudy.errors import RequestError
from understudy.model.request import Request
from understudy.model.schema import Entity, Schema

LARGEST = 10**15
"""More rows than any disk holds: a slip of the keyboard."""


class Wanted(msgspec.Struct, frozen=True):
    """``explicit``: a person named this number for this table; otherwise it may be lowered with a reason."""

    entity: Entity
    rows: int
    explicit: bool
    reason: str = ""


def select(schema: Schema, request: Request) -> dict[str, Wanted]:
    """The tables to fill, by name, in the schema's order; RequestError for names that do not exist."""
    tables = {e.name: e for e in schema.entities if not e.view}
    resolve = _Resolver(schema, tables)
    only = {resolve(n) for n in request.only}
    if only and request.follow:
        only = _with_parents(tables, only)
    excluded = {resolve(n) for n in request.excluded}
    if not (0 < request.scale < math.inf):
        raise RequestError(f"{request.scale} is no scale", where="--scale", mend="Write a number above 0, such as 2.5.")
    asked = {resolve(n): round(rows * request.scale) for n, rows in request.rows.items()}
    if bad := [n for n, rows in asked.items() if rows < 0]:
        raise RequestError(f"a negative number of rows for {bad[0]}", mend="Ask for 0 or more.")
    if idle := [n for n in asked if n in excluded or (only and n not in only)]:
        mend = "Leave it out of --rows, or let it in (--only, --except, --follow)."
        raise RequestError(f"rows are asked for {idle[0]}, which is not among the tables to fill", mend=mend)
    if huge := [
        n for n, rows in {**asked, "all tables": request.default_rows * request.scale}.items() if rows > LARGEST
    ]:
        raise RequestError(f"more than {LARGEST:.0e} rows for {huge[0]}".replace("+", ""), mend="Ask for fewer.")
    kept = [e for e in tables.values() if (not only or e.name in only) and e.name not in excluded]
    sizes = _propagate({e.name: e for e in kept}, asked, round(request.default_rows * request.scale))
    return {e.name: Wanted(e, *sizes[e.name]) for e in kept}


class _Resolver:
    """Table names as people write them: full, short, or in another case."""

    def __init__(self, schema: Schema, tables: dict[str, Entity]) -> None:
        self.schema, self.tables = schema, tables

    def __call__(self, name: str) -> str:
        if name in self.tables:
            return name
        plain = name.removeprefix(f"{self.schema.default_namespace}.")
        found = [n for n, e in self.tables.items() if plain == n or e.table == plain]
        found = found or [n for n in self.tables if n.lower() == plain.lower()]
        if len(found) == 1:
            return found[0]
        if found:
            raise RequestError(f"table name {name!r} is ambiguous", mend=f"Say which: {', '.join(sorted(found))}.")
        near = difflib.get_close_matches(name, self.tables, 1)
        raise RequestError(
            f"no table {name!r}", mend=f"Did you mean {near[0]!r}?" if near else "See `understudy inspect`."
        )


def _with_parents(tables: dict[str, Entity], only: Iterable[str]) -> set[str]:
    """``only`` and every table that they refer to, however far."""
    found, todo = set(only), deque(only)
    while todo:
        for key in tables[todo.popleft()].foreign_keys:
            if key.target in tables and key.target not in found:
                found.add(key.target)
                todo.append(key.target)
    return found


def _propagate(tables: dict[str, Entity], asked: dict[str, int], default: int) -> dict[str, tuple[int, bool, str]]:
    """Sizes: those asked for, those that follow from them by wished fan-outs (both ways), the default."""
    sizes = {n: (rows, True, "asked for") for n, rows in asked.items() if n in tables}
    edges = [
        (child.name, key.target, key.fanout["mean"])
        for child in tables.values()
        for key in child.foreign_keys
        if key.fanout and key.fanout.get("mean") and key.target in tables and key.target != child.name
    ]
    for roots in (False, True):
        if roots:  # what nothing asked for reaches starts from the default, parents first
            targets = {child for child, _, _ in edges}
            sizes.update({n: (default, False, "default") for n in tables if n not in sizes and n not in targets})
        changed = True
        while changed:
            changed = False
            for child, parent, mean in edges:
                if parent in sizes and child not in sizes:
                    sizes[child] = (round(sizes[parent][0] * mean), False, f"{mean:g} for each row of {parent}")
                elif child in sizes and parent not in sizes:
                    sizes[parent] = (max(1, round(sizes[child][0] / mean)), False, f"{child} has {mean:g} for each")
                else:
                    continue
                changed = True
    return {n: sizes.get(n, (default, False, "default")) for n in tables}
