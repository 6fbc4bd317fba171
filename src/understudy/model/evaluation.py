"""How like real rows synthetic ones are, how useful, and how far from any of them: what an evaluation finds.

All similarities and scores lie in 0..1, 1 is best; an AUC of 0.5 means that nobody can tell the two apart.
"""

from __future__ import annotations

import msgspec


class Spread(msgspec.Struct, frozen=True, omit_defaults=True):
    """A column's values on both sides, as a plot shows them: ``labels`` of bars or bins, shares of each side."""

    labels: tuple[str, ...]
    real: tuple[float, ...]
    synthetic: tuple[float, ...]


class ColumnShape(msgspec.Struct, frozen=True, omit_defaults=True):
    """``similarity``: one minus the Kolmogorov–Smirnov distance (numbers, times) or the total variation distance
    (categories). ``nulls``: shares on both sides. ``range_kept``: share of synthetic values within the real range, or
    among the real categories."""

    name: str
    kind: str
    similarity: float
    nulls: tuple[float, float]
    range_kept: float
    spread: Spread


class PairTrend(msgspec.Struct, frozen=True, omit_defaults=True):
    """``similarity`` of the dependence of two columns: of correlations for numbers, of joint shares otherwise.
    ``strength``: how much they depend on each other in the real rows."""

    first: str
    second: str
    similarity: float
    strength: float = 0.0


class Interval(msgspec.Struct, frozen=True):
    """A figure and the bounds of its 95 % confidence interval (bootstrap)."""

    value: float
    low: float
    high: float


class Detection(msgspec.Struct, frozen=True, omit_defaults=True):
    """How well a gradient-boosted classifier tells real from synthetic rows (out of fold). ``derived``: when it also
    sees differences and ratios of columns. ``gives_away``: the columns it goes by, most telling first."""

    auc: Interval
    derived: Interval
    gives_away: tuple[tuple[str, float], ...] = ()


class Utility(msgspec.Struct, frozen=True, omit_defaults=True):
    """A model trained on synthetic rows against one trained on real rows, both tested on real rows not seen.
    ``measure``: AUC (mean of one against the rest) or R²."""

    target: str
    measure: str
    synthetic: float
    real: float


class Privacy(msgspec.Struct, frozen=True, omit_defaults=True):
    """``nearer``: share of synthetic rows nearer to a training row than to a held-back one (0.5 is best). ``distance``,
    ``distance_real``: median distance to the closest training row, of synthetic and of held-back rows. ``ratio``,
    ``ratio_real``: nearest over second nearest. ``copies``: synthetic rows that equal a training row, ``copies_real``:
    held-back ones that do. ``membership``: AUC of an attack that guesses from distances who was trained on.
    ``attribute``: how much better an attacker who knows the other columns guesses the most exposed column (of
    ``tried``) of a training row than of a held-back one. ``singled``: share of combinations that single out one
    synthetic and one training row, beyond what held-back rows show. ``held_back``: whether rows were held back;
    without, the training rows' own distances stand in."""

    nearer: Interval
    distance: float
    distance_real: float
    ratio: float
    ratio_real: float
    copies: int
    copies_real: int
    membership: Interval
    attribute: tuple[str, Interval] = ("", Interval(0.0, 0.0, 0.0))
    singled: Interval = Interval(0.0, 0.0, 0.0)
    tried: int = 0
    held_back: bool = True


class Unusual(msgspec.Struct, frozen=True, omit_defaults=True):
    """A synthetic row (from 0, as it was read) that no real row is like: ``because`` of these columns and values."""

    row: int
    score: float
    because: tuple[tuple[str, str], ...] = ()


class Anomalies(msgspec.Struct, frozen=True, omit_defaults=True):
    """``share`` of synthetic rows that stand out from real ones (above ``edge`` of an isolation forest's score), where
    ``expected`` of the real rows do; ``rows``: those that stand out most."""

    share: Interval
    expected: float
    edge: float
    rows: tuple[Unusual, ...] = ()


class Triple(msgspec.Struct, frozen=True, omit_defaults=True):
    """Three columns together: one minus the total variation distance of their joint shares. ``natural``: the same of
    rows held back against the real ones: what chance leaves; None without."""

    columns: tuple[str, str, str]
    similarity: float
    natural: float | None = None


class Clock(msgspec.Struct, frozen=True, omit_defaults=True):
    """A column of dates or times: how alike rows fall over the span (in tenths of the real rows), over months, weekdays
    and hours; None where the column does not tell."""

    column: str
    course: float
    months: float | None = None
    weekdays: float | None = None
    hours: float | None = None


class Part(msgspec.Struct, frozen=True, omit_defaults=True):
    """A part of a score: its ``weight`` and what it came to (``value``, 0..1); ``why``: how that is counted."""

    name: str
    weight: float
    value: float
    why: str = ""


class TableReport(msgspec.Struct, frozen=True, omit_defaults=True):
    """Everything about one table. ``rules``: orderings and sums between columns that hold in all real rows, and the
    share of synthetic rows in which each does. ``quality``, ``privacy_score``: means of ``quality_parts`` and
    ``privacy_parts``, weighted."""

    name: str
    rows: tuple[int, int]
    columns: tuple[ColumnShape, ...]
    pairs: tuple[PairTrend, ...]
    shapes: float
    trends: float
    detection: Detection | None = None
    utility: tuple[Utility, ...] = ()
    privacy: Privacy | None = None
    rules: tuple[tuple[str, float], ...] = ()
    quality: float = 0.0
    privacy_score: float | None = None
    quality_parts: tuple[Part, ...] = ()
    privacy_parts: tuple[Part, ...] = ()
    triples: tuple[Triple, ...] = ()
    clocks: tuple[Clock, ...] = ()
    missing: tuple[str, ...] = ()
    anomalies: Anomalies | None = None


class Families(msgspec.Struct, frozen=True, omit_defaults=True):
    """AUC of a classifier that is shown ``children`` beside their parents, the ``sums`` of the children of each parent,
    or the ``steps`` from child to child; ``over_time``: similarity of these steps. None: too few rows."""

    children: Interval | None = None
    sums: Interval | None = None
    steps: Interval | None = None
    over_time: float | None = None


class Relation(msgspec.Struct, frozen=True, omit_defaults=True):
    """Children per parent along a reference: similarity of the counts, and of parents' and children's columns;
    ``families``: whether these can be told from real ones."""

    child: str
    parent: str
    columns: tuple[str, ...]
    cardinality: float
    trends: float
    orphans: int = 0
    families: Families = Families()


class Evaluation(msgspec.Struct, frozen=True, omit_defaults=True):
    """All tables and the references between them."""

    real: str
    synthetic: str
    made: str
    tables: tuple[TableReport, ...]
    relations: tuple[Relation, ...] = ()
    versions: dict[str, str] = {}
    notes: tuple[str, ...] = ()
