"""Evidence: who says what about which part of a system, where, how surely.

A reader answers with claims only; fusion makes the schema of them. A database's claims carry whole
nouns of the schema as values (a Field, a ForeignKey …); other sources carry single facets: an ENTITY claim
(value None, or an Entity without fields), a FIELD claim per field (value None), and TYPE (a Type), NULLABILITY
(True: may be null or left out), RANGE, LENGTH, ENUM, PATTERN, UNIQUE (a Unique), FOREIGN_KEY (a ForeignKey,
``enforced=False``), CHECK (a Rule), MEANING (the name of a semantic type), FORMULA (how a
value follows from others, as ``Field.derive``), SAMPLE, DISTRIBUTION. Names are the
source's own; making ``firstName`` and ``first_name`` one field is fusion's business, not the reader's.
"""

from __future__ import annotations

from enum import StrEnum

import msgspec

from understudy.model.face import Face
from understudy.model.flow import Flow, Fragment
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
    FORMULA = "formula"
    REMARK = "remark"


class Bounds(msgspec.Struct, frozen=True, omit_defaults=True):
    """Value of a RANGE claim (numbers; dates and times as ISO text) or a LENGTH claim (characters; of a list: items).
    None: no bound on that side. ``multiple_of``: values are whole multiples of it, counted from ``low`` in forms
    (``step``), from 0 in specifications."""

    low: int | float | str | None = None
    high: int | float | str | None = None
    low_open: bool = False
    high_open: bool = False
    multiple_of: int | float | None = None


class Choices(msgspec.Struct, frozen=True, omit_defaults=True):
    """Value of an ENUM claim: the values permitted, and what a person sees for each (same order), where it differs.
    ``open``: others were not seen, but are not forbidden."""

    values: tuple[str | int | float | bool | None, ...]
    labels: tuple[str, ...] = ()
    open: bool = False


class Pattern(msgspec.Struct, frozen=True, omit_defaults=True):
    """Value of a PATTERN claim. ``syntax``: ``ecma``, ``python``, ``posix`` (PostgreSQL's ~), ``xsd``. ``whole``: it
    must match the whole value (HTML), else it is searched for (JSON Schema)."""

    text: str
    syntax: str = "ecma"
    whole: bool = False


class Samples(msgspec.Struct, frozen=True, omit_defaults=True):
    """Value of a SAMPLE claim: values seen (of a file: a bounded sample). ``invalid``: wrong on purpose (a negative
    test); they never become constraints. ``seen``: how many values stand behind these, where it is known."""

    values: tuple[str | int | float | bool | None, ...]
    invalid: bool = False
    seen: int | None = None


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
    ``settings``, ``faces``, ``flows``: as in :class:`understudy.model.schema.Schema`. ``fragments``: of flows, as test
    cases show them."""

    source: str
    claims: tuple[Claim, ...]
    dialect: str = ""
    version: str = ""
    default_namespace: str = ""
    types: tuple[tuple[str, str], ...] = ()
    prelude: tuple[str, ...] = ()
    settings: dict[str, str] = {}
    faces: tuple[Face, ...] = ()
    flows: tuple[Flow, ...] = ()
    fragments: tuple[Fragment, ...] = ()
