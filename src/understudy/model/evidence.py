"""Evidence: who says what about which part of a system, where, how surely.

A reader answers with claims only; fusion makes the schema of them. A database's claims carry whole
nouns of the schema as values (a Field, a ForeignKey …), other sources carry single facets.
"""

from __future__ import annotations

from enum import StrEnum

import msgspec

from understudy.model.origin import Origin


class FacetKind(StrEnum):
    """What a claim is about."""

    ENTITY = "entity"
    FIELD = "field"
    TYPE = "type"
    NULLABILITY = "nullability"
    RANGE = "range"
    LENGTH = "length"
    ENUM = "enum"
    PATTERN = "pattern"
    UNIQUE = "unique"
    FOREIGN_KEY = "foreign_key"
    CHECK = "check"
    EXCLUSION = "exclusion"
    PARTITIONING = "partitioning"
    TRIGGER = "trigger"
    MEANING = "meaning"
    DISTRIBUTION = "distribution"
    SAMPLE = "sample"
    FLOW = "flow"
    REMARK = "remark"


Value = msgspec.Struct | str | int | float | None
"""A noun of the schema (Entity, Field, Unique, ForeignKey, Rule …) or a bare value."""


class Claim(msgspec.Struct, frozen=True, omit_defaults=True):
    """``entity`` and ``field`` say what it is about; ``raw`` keeps the source's own words."""

    facet: FacetKind
    entity: str
    value: Value
    origin: Origin
    field: str = ""
    certainty: float = 1.0
    raw: str = ""


class Evidence(msgspec.Struct, frozen=True, omit_defaults=True):
    """What one source says. ``dialect``, ``version``, ``default_namespace``, ``types``, ``prelude``,
    ``settings``: as in :class:`understudy.model.schema.Schema`."""

    source: str
    claims: tuple[Claim, ...]
    dialect: str = ""
    version: str = ""
    default_namespace: str = ""
    types: tuple[tuple[str, str], ...] = ()
    prelude: tuple[str, ...] = ()
    settings: dict[str, str] = {}
