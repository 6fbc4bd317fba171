"""Domain packs: what people know of a trade, as data that a person can write.

A pack is one YAML file. Names in it are its own; fusion finds their counterparts in a system.
"""

from __future__ import annotations

import msgspec


class PackField(msgspec.Struct, frozen=True, omit_defaults=True):
    """``type``: as SQL writes it (``text``, ``decimal(10,2)``, ``timestamp`` …). ``values``: those permitted, or with
    their shares (``{card: 0.7, cash: 0.3}``), or the name of a value set. ``range``, ``length``: ``1..5``, ``0..``.
    ``quantiles``: typical values at equal steps from the least to the greatest. ``nulls``: typical share without a
    value. ``refers``: ``entity.field`` of a parent; ``children``: how many a parent has (min, max, mean, skew).
    ``derive``: a formula over the row, a parent (``product.price``) or children (``sum(cart_item.amount)``).
    ``holds``: no column, but the rows of another entity that belong to it, as nested records show them."""

    type: str = "text"
    key: bool = False
    unique: bool = False
    required: bool = False
    meaning: str = ""
    values: tuple[str | int | float, ...] | dict[str | int | float, float] | str | None = None
    range: str = ""
    length: str = ""
    pattern: str = ""
    quantiles: tuple[float | str, ...] = ()
    nulls: float | None = None
    refers: str = ""
    children: dict[str, float] = {}
    derive: str = ""
    holds: str = ""
    samples: tuple[str | int | float, ...] = ()
    description: str = ""


class PackRule(msgspec.Struct, frozen=True, omit_defaults=True):
    """A business rule over one row, in standard SQL; a row for which it is false is wrong. ``severity``: error or
    warning."""

    name: str
    text: str
    severity: str = "error"
    description: str = ""


class EdgeCase(msgspec.Struct, frozen=True, omit_defaults=True):
    """Values that are permitted and rare, and that software stumbles over. ``category``: boundary, text, time …"""

    name: str
    category: str
    values: dict[str, str | int | float | bool | None] = {}
    description: str = ""


class PackEntity(msgspec.Struct, frozen=True, omit_defaults=True):
    """A kind of thing. ``also``: other names that systems give it."""

    fields: dict[str, PackField]
    description: str = ""
    also: tuple[str, ...] = ()
    rules: tuple[PackRule, ...] = ()
    edge_cases: tuple[EdgeCase, ...] = ()
    unique_together: tuple[tuple[str, ...], ...] = ()


class Move(msgspec.Struct, frozen=True, omit_defaults=True):
    """A step of a workflow: ``start`` to ``end`` with a share among those that leave ``start``."""

    start: str
    end: str
    share: float = 1.0
    label: str = ""


class Workflow(msgspec.Struct, frozen=True, omit_defaults=True):
    """How a thing moves: the states of ``entity.field`` and the ways between them."""

    entity: str
    field: str
    moves: tuple[Move, ...]
    initial: str = ""
    description: str = ""


class Pack(msgspec.Struct, frozen=True, omit_defaults=True):
    """A domain: its entities with fields, rules and edge cases, value sets, workflows."""

    pack: str
    entities: dict[str, PackEntity]
    title: str = ""
    description: str = ""
    version: str = "1"
    value_sets: dict[str, tuple[str | int | float, ...] | dict[str | int | float, float]] = {}
    workflows: dict[str, Workflow] = {}
