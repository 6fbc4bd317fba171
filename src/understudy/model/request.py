"""What a person asks for."""

from __future__ import annotations

import msgspec


class Share(msgspec.Struct, frozen=True):
    """``share`` (0..1) of a table's rows have ``value`` in ``column`` (``table.column`` where several have it)."""

    column: str
    value: str
    share: float


class Request(msgspec.Struct, frozen=True, omit_defaults=True):
    """Sizes, seed, clock and shares. ``rows``: per table, by name; ``default_rows``: for the others;
    ``scale`` multiplies both. ``nulls``: share of nulls in nullable columns (None: as natural).
    ``where``: conditions in SQL that every row of the table whose columns they read fulfils; ``shares``: of values.
    ``anomalies``: share of the rows of learned tables that are made to stand out.
    ``only``/``excluded``: tables; ``follow``: also what the wanted tables need. ``clock``:
    microseconds since 1970-01-01 UTC. ``locale``: empty: of the language in which tables and columns are
    named."""

    default_rows: int = 1000
    rows: dict[str, int] = {}
    scale: float = 1.0
    seed: int = 0
    clock: int = 0
    locale: str = ""
    nulls: float | None = None
    only: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    follow: bool = False
    append: bool = False
    where: tuple[str, ...] = ()
    shares: tuple[Share, ...] = ()
    anomalies: float = 0.0
