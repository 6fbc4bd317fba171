"""What real data look like, measured: columns, pairs of columns, keys, tables and how they hang together.

Numbers stand as themselves, dates, times and timestamps as ISO 8601 text. Shares are 0..1. Where not every row was
looked at, ``sampled`` says how many were; what is exact for all rows is said to be so.
"""

from __future__ import annotations

import msgspec

from understudy.model.distribution import Scalar


class Lengths(msgspec.Struct, frozen=True, omit_defaults=True):
    """Characters of texts, items of lists: ``low``, ``high``, ``mean``, and ``points``, quantiles at 0, 1/n, …, 1."""

    low: int
    high: int
    mean: float
    points: tuple[int, ...] = ()


class Shape(msgspec.Struct, frozen=True, omit_defaults=True):
    """``pattern``: a regular expression (RE2) that texts of one shape match as a whole; ``share``: of the texts."""

    pattern: str
    share: float
    example: str = ""


class Temporal(msgspec.Struct, frozen=True, omit_defaults=True):
    """When things happen. ``weekdays``: shares of Monday … Sunday; ``hours``: of 0 … 23; ``months``: of January …
    December; ``trend``: shares of eight equal spans between the first and the last moment. ``step``: the coarsest unit
    of which all are whole multiples: day, hour, minute, second, or less. ``gaps``: quantiles of the seconds between
    neighbours in time; ``regular``: share of gaps that are the most frequent one."""

    weekdays: tuple[float, ...] = ()
    hours: tuple[float, ...] = ()
    months: tuple[float, ...] = ()
    trend: tuple[float, ...] = ()
    step: str = ""
    gaps: tuple[float, ...] = ()
    regular: float = 0.0


class Digits(msgspec.Struct, frozen=True, omit_defaults=True):
    """How people write numbers down. ``scale``: digits after the point that occur; ``scales``: shares of values with
    0, 1, 2, … of them; ``last``: shares of the last digits 0 … 9; ``multiple``: all are whole multiples of it (1 or 0:
    of nothing worth telling); ``round``: (step, share of multiples beyond what chance gives), coarse ones first."""

    scale: int = 0
    scales: tuple[float, ...] = ()
    last: tuple[float, ...] = ()
    multiple: float = 0.0
    round: tuple[tuple[float, float], ...] = ()


class Outliers(msgspec.Struct, frozen=True, omit_defaults=True):
    """Values far out: outside ``low`` … ``high`` (Tukey's far fences, three interquartile ranges beyond the quartiles,
    on a logarithmic scale where all are positive and skewed). ``examples``: the furthest."""

    low: float
    high: float
    share: float
    examples: tuple[Scalar, ...] = ()


class Flaw(msgspec.Struct, frozen=True, omit_defaults=True):
    """Something that is wrong, or looks so, in ``share`` of the rows: ``what`` in a person's words."""

    what: str
    share: float
    example: str = ""


class ColumnProfile(msgspec.Struct, frozen=True, omit_defaults=True):
    """One column. ``kind``: of the logical type. ``rows``, ``nulls``: of all rows. ``distinct``: different values
    (nulls not counted), ``exact`` or estimated (HyperLogLog, about 1 %). ``low``, ``high``: of all rows (texts: by
    code point). ``points``: quantiles at 0, 1/n, …, 1 of numbers and moments. ``frequent``: values with their share of
    the rows that have one, most frequent first; ``whole``: these are all there are."""

    name: str
    kind: str
    rows: int
    nulls: int
    distinct: int
    exact: bool = True
    low: Scalar | None = None
    high: Scalar | None = None
    mean: float | None = None
    deviation: float | None = None
    points: tuple[int | float | str, ...] = ()
    frequent: tuple[tuple[Scalar, float], ...] = ()
    whole: bool = False
    lengths: Lengths | None = None
    shapes: tuple[Shape, ...] = ()
    temporal: Temporal | None = None
    digits: Digits | None = None
    outliers: Outliers | None = None
    flaws: tuple[Flaw, ...] = ()
    samples: tuple[Scalar, ...] = ()

    @property
    def unique(self) -> bool:
        """Whether no value stands twice, for certain."""
        return self.exact and self.distinct == self.rows - self.nulls and self.distinct > 0

    @property
    def null_share(self) -> float:
        """Share of rows without a value."""
        return self.nulls / self.rows if self.rows else 0.0


class Association(msgspec.Struct, frozen=True, omit_defaults=True):
    """How much two columns of any types tell about each other: ``strength`` 0..1 (mutual information over the lesser
    entropy, freed from the bias of small samples); ``correlation``: of ranks, -1..1, where both have an order."""

    one: str
    other: str
    strength: float
    correlation: float | None = None


class Dependency(msgspec.Struct, frozen=True, omit_defaults=True):
    """``column`` follows from ``given`` (a functional dependency) in ``share`` of the rows."""

    given: tuple[str, ...]
    column: str
    share: float = 1.0


class Ordering(msgspec.Struct, frozen=True, omit_defaults=True):
    """``lesser`` <= ``greater`` in ``share`` of the rows that have both; ``strict``: never equal."""

    lesser: str
    greater: str
    share: float = 1.0
    strict: bool = False


class Sum(msgspec.Struct, frozen=True, omit_defaults=True):
    """``total`` is ``left`` ``sign`` ``right`` in ``share`` of the rows that have all three."""

    total: str
    left: str
    sign: str
    right: str
    share: float = 1.0


class Missing(msgspec.Struct, frozen=True, omit_defaults=True):
    """``columns`` that are empty together, and no others, in ``share`` of the rows."""

    columns: tuple[str, ...]
    share: float


class TableProfile(msgspec.Struct, frozen=True, omit_defaults=True):
    """One table. ``sampled``: rows that pairs, quantiles and patterns were measured on (None: all). ``keys``: sets of
    columns (smallest first) of which no two rows agree. ``duplicates``: share of rows that repeat an earlier one."""

    name: str
    rows: int
    columns: tuple[ColumnProfile, ...]
    sampled: int | None = None
    keys: tuple[tuple[str, ...], ...] = ()
    associations: tuple[Association, ...] = ()
    dependencies: tuple[Dependency, ...] = ()
    orderings: tuple[Ordering, ...] = ()
    sums: tuple[Sum, ...] = ()
    missing: tuple[Missing, ...] = ()
    duplicates: float = 0.0
    flaws: tuple[Flaw, ...] = ()

    def column(self, name: str) -> ColumnProfile:
        """The column of that name; KeyError if there is none."""
        for c in self.columns:
            if c.name == name:
                return c
        raise KeyError(f"{self.name}.{name}")


class Inclusion(msgspec.Struct, frozen=True, omit_defaults=True):
    """Values of ``child.columns`` are found among ``parent.target``: ``share`` of the different ones. ``fanout``:
    shares of parents with 0, 1, 2, … children (the last: that many or more); ``mean``, ``most``: children per parent;
    ``certainty``: that it is a reference and no chance."""

    child: str
    columns: tuple[str, ...]
    parent: str
    target: tuple[str, ...]
    share: float = 1.0
    fanout: tuple[float, ...] = ()
    mean: float = 0.0
    most: int = 0
    certainty: float = 1.0

    @property
    def cardinality(self) -> str:
        """``1:1`` where no parent has two children, else ``1:n``."""
        return "1:1" if self.most <= 1 else "1:n"


class Profile(msgspec.Struct, frozen=True, omit_defaults=True):
    """Tables, and what holds between them."""

    source: str
    tables: tuple[TableProfile, ...]
    inclusions: tuple[Inclusion, ...] = ()

    def table(self, name: str) -> TableProfile:
        """The table of that name; KeyError if there is none."""
        for t in self.tables:
            if t.name == name:
                return t
        raise KeyError(name)
