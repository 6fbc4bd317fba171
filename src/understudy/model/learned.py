"""A fitted model: what was learned from real rows, as expressions of the columnar language.

It is data like a plan: nodes, and artefacts (trees, values of leaves, pools) beside them; nothing in it is code.
"""

from __future__ import annotations

import msgspec
import pyarrow as pa

from understudy.model.expression import Node
from understudy.model.plan import PlannedColumn, Run
from understudy.model.schema import Entity, ForeignKey, Schema

FORMAT = 1
"""Generation of the file's layout."""


class LearnedColumn(msgspec.Struct, frozen=True, omit_defaults=True):
    """How one column is made after what was seen; nulls are part of ``expression``. ``learner``: its name."""

    name: str
    expression: Node
    learner: str
    reason: str = ""


class Along(msgspec.Struct, frozen=True, omit_defaults=True):
    """The foreign key ``link`` along which rows were seen as children of one parent. ``counts``: the hidden column of
    the parent that says how many it has. ``run``: what is told by the child before; None: nothing is."""

    link: str
    counts: str
    run: Run | None = None


class Chosen(msgspec.Struct, frozen=True):
    """How rows choose among the parents of a foreign key: ``column``: the row's hidden column of the class it wants
    (0 .. ``size`` - 1); ``classes`` and ``counts``: the parent's hidden columns of its class, and of how many rows it
    is to have."""

    column: str
    classes: str
    counts: str
    size: int


class Unusual(msgspec.Struct, frozen=True):
    """Changes that make rows stand out: ``size`` of them, artefacts per column (null: it stays), the hidden ``columns``
    that they change, and the ``edge`` of an isolation forest's scores that the rows then are beyond."""

    size: int
    edge: float
    columns: tuple[str, ...]


def unusual_artefact(table: str, hidden: str) -> str:
    """Where the changes of a hidden column lie: an array of whole numbers, null where the column stays as it is."""
    return f"{table}:learned:{hidden}:unusual"


class LearnedTable(msgspec.Struct, frozen=True, omit_defaults=True):
    """One table's columns, and the hidden ones that they read, in the order in which they depend on one another.
    ``seen``: rows that it was fitted to. ``left``: columns that were not learned, with the reason.
    ``counts``: per foreign key how often a parent had 0, 1, 2 … rows. ``along``: the key that lays the table out;
    ``chosen``: per other foreign key how its parent is chosen.
    ``kept``: a condition on hidden columns; rows that do not meet it are drawn again.
    ``forms``: per key of text how it is written. ``pool``: rows of the frozen pool
    that its rows come from; 0: of none. ``unusual``: how rows are made that stand out, where that was learned."""

    name: str
    seen: int
    columns: tuple[LearnedColumn, ...]
    hidden: tuple[PlannedColumn, ...] = ()
    left: dict[str, str] = {}
    counts: dict[str, tuple[float, ...]] = {}
    along: Along | None = None
    chosen: dict[str, Chosen] = {}
    kept: Node | None = None
    pool: int = 0
    unusual: Unusual | None = None
    forms: dict[str, str] = {}

    def column(self, name: str) -> LearnedColumn | None:
        """The learned column of that name, None if there is none."""
        return next((c for c in self.columns if c.name == name), None)


class Series(msgspec.Struct, frozen=True):
    """Rows of ``table`` that are sequences of things without a table of their own: ``things`` is the one that stands in
    for it while rows are made, ``learned`` what is known of it, ``key`` leads there. ``order``: the column of time."""

    table: str
    things: Entity
    key: ForeignKey
    order: str
    learned: LearnedTable

    def laid(self, entity: Entity) -> Entity:
        """The table with its key to the things."""
        return with_things(entity, self.key, self.order)


def with_things(entity: Entity, key: ForeignKey, order: str) -> Entity:
    """A table with its key to things. A unique key of the thing and the time is met by the making alone, for the times
    of a thing rise."""
    fields = tuple(msgspec.structs.replace(f, nullable=False) if f.name in key.columns else f for f in entity.fields)
    uniques = tuple(u for u in entity.uniques if set(u.columns) != {key.columns[0], order})
    return msgspec.structs.replace(entity, fields=fields, foreign_keys=(*entity.foreign_keys, key), uniques=uniques)


class Spent(msgspec.Struct, frozen=True, omit_defaults=True):
    """Draws of noise of one kind: ``gaussian`` (``size``: its spread, on counts that one row changes by 1),
    ``exponential`` (its epsilon), ``threshold`` (its delta) or, for what is only planned, ``rho``; ``times``: how
    many; ``use``: what for."""

    kind: str
    size: float
    times: int = 1
    use: str = ""


class Guarantee(msgspec.Struct, frozen=True, omit_defaults=True):
    """Differential privacy of a model: ``epsilon`` and ``delta`` for tables that differ by one row. ``known``: what was
    taken as public, for it is not protected; ``released``: epsilon and delta of this source's releases in ``ledger``
    together, this one included. ``tables``: the epsilon that each table costs alone, at its part of delta; together
    they come to less than their sum, and not to more than ``epsilon``."""

    epsilon: float
    delta: float
    mechanism: str
    accountant: str
    known: tuple[str, ...] = ()
    spent: tuple[Spent, ...] = ()
    released: tuple[float, float] = (0.0, 0.0)
    ledger: str = ""
    tables: dict[str, float] = {}


class Card(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a person should know of a model: what it saw, how it was made, how near it stays to its rows. ``privacy``:
    its level; ``levels``: per table or ``table.column`` those that differ from it; ``protection``: per level in use
    what it means."""

    source: str
    fitted: str
    versions: dict[str, str] = {}
    privacy: str = "medium"
    figures: dict[str, float] = {}
    notes: tuple[str, ...] = ()
    guarantee: Guarantee | None = None
    levels: dict[str, str] = {}
    protection: dict[str, str] = {}


class Model(msgspec.Struct, frozen=True, omit_defaults=True):
    """Learned tables of a schema; ``artefacts`` travel beside it in :class:`Fitted`. ``series``: tables whose rows are
    sequences of things that have no table."""

    name: str
    schema: Schema
    tables: tuple[LearnedTable, ...]
    card: Card
    format: int = FORMAT
    series: tuple[Series, ...] = ()

    def table(self, name: str) -> LearnedTable | None:
        """The learned table of that name, also of things without one; None if there is none."""
        return next((t for t in (*self.tables, *(s.learned for s in self.series)) if t.name == name), None)


class Fitted(msgspec.Struct, frozen=True):
    """A model in memory, with its artefacts by name."""

    model: Model
    artefacts: dict[str, pa.Array | pa.Table] = {}
