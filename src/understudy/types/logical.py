"""Logical types: what a value is, whatever the system that holds it.

One record instead of thirty classes: readers fill in what the source says, planning and the
sinks `match` on :class:`Kind`. What no kind covers is ``OPAQUE`` with the source's own words in
``raw``; it is never guessed at silently.
"""

from __future__ import annotations

from enum import StrEnum

import msgspec


class Kind(StrEnum):
    """The families of values that Understudy knows how to make."""

    BOOLEAN = "boolean"
    INTEGER = "integer"
    DECIMAL = "decimal"
    FLOAT = "float"
    TEXT = "text"
    BINARY = "binary"
    DATE = "date"
    TIME = "time"
    TIMESTAMP = "timestamp"
    INTERVAL = "interval"
    YEAR = "year"
    UUID = "uuid"
    JSON = "json"
    XML = "xml"
    ENUM = "enum"
    SET = "set"
    BITS = "bits"
    ARRAY = "array"
    STRUCT = "struct"
    MAP = "map"
    UNION = "union"
    RANGE = "range"
    MULTIRANGE = "multirange"
    NETWORK = "network"
    GEOMETRIC = "geometric"
    SPATIAL = "spatial"
    SEARCH = "search"
    MONEY = "money"
    OPAQUE = "opaque"


class Type(msgspec.Struct, frozen=True, omit_defaults=True):
    """A logical type.

    ``length``: characters (TEXT), bytes (BINARY) or bits (BITS) at most; None where unbounded.
    ``fixed``: the length is exact (CHAR(n), BIT(n), BINARY(n)).
    ``bits``: width of INTEGER (8..64) and FLOAT (32, 64). ``signed``: INTEGER only.
    ``precision``/``scale``: digits in all / after the point (DECIMAL, MONEY); for TIME and
    TIMESTAMP ``precision`` is fractional digits of a second. ``zoned``: with time zone.
    ``labels``: permitted words, in order (ENUM, SET). ``element``: of ARRAY, RANGE, MULTIRANGE
    and the value type of MAP; ``key``: the key type of MAP. ``fields``: of STRUCT and UNION, in order.
    ``variant``: the source's own name where one kind has several (inet, cidr, macaddr; point, box;
    jsonb; citext; hstore; ltree; tsvector; geography …), lower case. ``srid``: SPATIAL.
    ``folded``: TEXT that the source compares without regard to case (citext, *_ci collations).
    ``raw``: the type in the source's words. ``name``: the user-defined type (enum, domain,
    composite) it came from, qualified, if any. ``checks``: what the domain of an element or member
    demands of its VALUE (of a column's own domain the table's rules tell). ``charset``: of TEXT where it does not hold
    every character (a name of :data:`understudy.types.encoding.CODECS`).
    """

    kind: Kind
    length: int | None = None
    fixed: bool = False
    bits: int = 64
    signed: bool = True
    precision: int | None = None
    scale: int | None = None
    zoned: bool = False
    labels: tuple[str, ...] = ()
    element: Type | None = None
    key: Type | None = None
    fields: tuple[tuple[str, Type], ...] = ()
    variant: str = ""
    srid: int = 0
    folded: bool = False
    raw: str = ""
    name: str = ""
    checks: tuple[str, ...] = ()
    charset: str = ""

    @property
    def integer_bounds(self) -> tuple[int, int]:
        """Least and greatest value of an INTEGER (inclusive)."""
        if self.signed:
            return -(1 << (self.bits - 1)), (1 << (self.bits - 1)) - 1
        return 0, (1 << self.bits) - 1
