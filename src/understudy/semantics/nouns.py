"""What planning asks of semantics, and what it gets: wants in, recipes out.

    Entity + Want(field, domain, unique) … ──compose──► Composition(recipes, hidden columns, pools)

A recipe is an expression of the model's closed language; nothing here is ever called per row.
"""

from __future__ import annotations

import msgspec
import pyarrow as pa

from understudy.model.domain import Domain
from understudy.model.expression import Node
from understudy.model.plan import PlannedColumn
from understudy.model.schema import Entity, Field


class Want(msgspec.Struct, frozen=True):
    """One column that planning asks semantics to fill.

    ``domain``: what the constraints permit (bounds in the type's whole-number representation).
    ``unique``: the values must be distinct on their own (case and accents folded where the type is
    ``folded``); planning then uses :class:`Coded` and defines the column's code.
    """

    field: Field
    domain: Domain = Domain()
    unique: bool = False


class Up(msgspec.Struct, frozen=True):
    """A parent of the row whose table is planned already: ``link`` leads to it, ``columns`` (hidden ones too) can
    be read through it; ``meanings`` says what they are. ``required``: every row has one."""

    link: str
    entity: Entity
    columns: frozenset[str]
    meanings: dict[str, str]
    required: bool = True


class Coded(msgspec.Struct, frozen=True):
    """An injective way to make the column: ``expression`` reads ``Column(code_name(column))``, a hidden
    int64 column in [0, ``capacity``) that planning defines."""

    capacity: int
    expression: Node


class Recipe(msgspec.Struct, frozen=True):
    """How to make one column, and why so. ``natural_nulls``: the share of nulls that looks real where
    the column is nullable; ``null_when``: rows in which null is what a person expects."""

    expression: Node
    reason: str
    meaning: str
    coded: Coded | None = None
    natural_nulls: float = 0.0
    null_when: Node | None = None


class Composition(msgspec.Struct, frozen=True):
    """Recipes for all wants of one entity; ``hidden``: helper columns in the order in which they depend on
    one another; ``artefacts``: the pools they read, by content-stable names; ``notes``: meanings that a column has no
    room for, and what it gets instead."""

    recipes: dict[str, Recipe]
    hidden: tuple[PlannedColumn, ...]
    artefacts: dict[str, pa.Array]
    notes: tuple[str, ...] = ()


class Match(msgspec.Struct, frozen=True):
    """One meaning that a field may have, and how sure that is (0..1)."""

    meaning: str
    certainty: float
    reason: str


class SemanticType(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """A meaning, described as data (``types/*.json``; a guest's file has the same shape).

    ``names``: phrases of tokens that columns of this meaning are called by, e.g. ``first name``; with
    ``artist: name`` the entity must be called so too, ``=name`` must be the whole column name.
    ``kinds``: families of logical types it can be (text, number, date, boolean, uuid, json …).
    ``maker``: the way it is made (:mod:`understudy.semantics.making`), with ``options``.
    ``nulls``: natural share of nulls; ``pii``: class of personal data (:data:`PII`), empty if none, with its
    ``sensitivity`` (low, medium, high; empty: that of the class). ``about``: one line for people; ``pattern``: what
    values
    look like (a regular expression over the whole value), ``check``: the scheme of their check digits,
    ``agrees``: types of the same row that it keeps to.
    """

    name: str
    maker: str
    names: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ("text",)
    options: dict[str, str | int | float | bool | tuple[str | int | float, ...]] = {}
    nulls: float | None = None
    pii: str = ""
    sensitivity: str = ""
    about: str = ""
    pattern: str = ""
    check: str = ""
    agrees: tuple[str, ...] = ()


PII = {
    "name": "medium", "contact": "medium", "location": "low", "government id": "high", "financial": "high",
    "health": "high", "credential": "high", "online id": "medium", "demographic": "medium",
}  # fmt: skip
"""Classes of personal data, and how sensitive each usually is."""


def sensitivity(t: SemanticType) -> str:
    """How sensitive values of a type are: low, medium, high; empty where they are not personal."""
    return t.sensitivity or PII.get(t.pii, "")


CODE_PREFIX = "$code:"


def code_name(column: str) -> str:
    """The hidden column that holds the code of a unique column."""
    return CODE_PREFIX + column
