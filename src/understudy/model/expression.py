"""The columnar language: nodes as data.

One small closed language serves generation and rules alike. A node evaluates on an array of row
numbers to a column of values, given the plan, and nothing else (``kernels`` does it). Three-valued
logic throughout: null in, null out, except where a function says otherwise.

Values while evaluating: whole numbers are int64 (decimals scaled by 10**scale, dates days since
1970-01-01, times microseconds since midnight, timestamps microseconds since 1970-01-01 UTC),
floats are float64, booleans bool, text Arrow strings (dictionary encoded where they come from a
pool), lists and structs Arrow.

``use`` names a stream of randomness inside a column: two draws of one column never share it.
"""

from __future__ import annotations

from typing import TypeAlias

import msgspec

from understudy.types import Type


class _Node(msgspec.Struct, frozen=True, omit_defaults=True, tag_field="node"):
    """Common shape of all nodes."""


# ---- leaves ------------------------------------------------------------------------------------
class Const(_Node, frozen=True, tag="const"):
    """The same value in every row; ``None`` is null. Whole numbers, floats, booleans, text."""

    value: int | float | bool | str | None


class Row(_Node, frozen=True, tag="row"):
    """The dense row number of the table's generated rows, from 0 (int64)."""


class Column(_Node, frozen=True, tag="column"):
    """Another column of the same row (in a rule: a field). ``name`` is the planned column's name."""

    name: str


class Slot(_Node, frozen=True, tag="slot"):
    """Inside the element of a :class:`Listing`: the position within the list, from 0."""


# ---- relations ---------------------------------------------------------------------------------
class Lookup(_Node, frozen=True, tag="lookup"):
    """A column of the parent row that ``link`` (of this table) points to; null without a parent."""

    link: str
    column: str


class ParentRow(_Node, frozen=True, tag="parent_row"):
    """The parent's index (existing rows first, then generated ones); null without a parent."""

    link: str


class Ordinal(_Node, frozen=True, tag="ordinal"):
    """This row's position among its parent's children, from 0. Links that are owned or spread."""

    link: str


class Siblings(_Node, frozen=True, tag="siblings"):
    """How many children this row's parent has, this row included."""

    link: str


RUN = 256
"""Siblings that are made one after the other before a run begins anew: what the last of them costs at most."""


class Previous(_Node, frozen=True, tag="previous"):
    """``column`` of the row before this one among its parent's children; null for the first, and for every 256th
    (:data:`RUN`), with which a run begins anew. Owned links; columns of the table's :class:`~.plan.Run`."""

    link: str
    column: str


class Aggregate(_Node, frozen=True, tag="aggregate"):
    """Over the children of this row: ``function`` of sum, min, max, count, applied to ``column`` of
    table ``child`` along the child's ``link`` (owned or spread). Sum and count of none are 0."""

    child: str
    link: str
    function: str
    column: str = ""


class Children(_Node, frozen=True, tag="children"):
    """The rows of table ``child`` that point here along its ``link`` (owned, spread or paired): a list of their
    numbers, ascending, existing rows not among them; at most the first ``most`` (0: all)."""

    child: str
    link: str
    most: int = 0


class Gathered(_Node, frozen=True, tag="gathered"):
    """``column`` of several rows of ``table``: a list per row, of the rows that the list ``rows`` names."""

    table: str
    column: str
    rows: Node


# ---- draws -------------------------------------------------------------------------------------
class Uniform(_Node, frozen=True, tag="uniform"):
    """A whole number in [low, high], both included; bounds are expressions (usually constants)."""

    use: str
    low: Node
    high: Node


class Chance(_Node, frozen=True, tag="chance"):
    """True with probability ``share``."""

    use: str
    share: float


class Choice(_Node, frozen=True, tag="choice"):
    """Index 0..k-1 drawn by ``weights`` (relative, not all zero)."""

    use: str
    weights: tuple[float, ...]


class Zipf(_Node, frozen=True, tag="zipf"):
    """A rank in [0, size) by a bounded power law; exponent 0 is uniform."""

    use: str
    size: int
    exponent: float


class Quantile(_Node, frozen=True, tag="quantile"):
    """A whole number by inverting a law: ``points`` are its quantiles at 0, 1/n, …, 1 (n+1 of them,
    n a power of two), linear in between, in integers, so that bytes agree on every machine."""

    use: str
    points: tuple[int, ...]


class Bits(_Node, frozen=True, tag="bits"):
    """64 random bits as int64."""

    use: str


class Leaf(_Node, frozen=True, tag="leaf"):
    """The leaf of a decision tree that the row falls into, numbered from 0 over all trees of ``trees`` (an artefact:
    see :mod:`understudy.kernels.trees`); of several trees one is drawn. ``inputs``: whole numbers (decimals, dates and
    times in their own units); null counts as less than everything."""

    use: str
    trees: str
    inputs: tuple[Node, ...]


class Score(_Node, frozen=True, tag="score"):
    """A whole number: the sum of what every tree of ``trees`` (an artefact: see :mod:`understudy.kernels.scores`) says
    of the row. ``inputs``: whole numbers, as a leaf's; null counts as less than everything."""

    trees: str
    inputs: tuple[Node, ...]


class Drawn(_Node, frozen=True, tag="drawn"):
    """A whole number drawn from list ``row`` of ``lists``, an artefact: of int64, each as likely as the others, or of
    structs (``value``, ``upto``: cumulative weights, the last 2**32). ``between``: numbers in ascending order, of
    which any between two neighbours may come; ``unit``: then a whole multiple of it; ``habits``: a multiple of one of
    these stays one (ascending). -2**63 stands for null, and so does a row that is null."""

    use: str
    lists: str
    row: Node
    between: bool = False
    unit: int = 1
    habits: tuple[int, ...] = ()


# ---- codes -------------------------------------------------------------------------------------
class Permute(_Node, frozen=True, tag="permute"):
    """A keyed permutation of [0, size) applied to ``input`` (within it). ``per``: another
    permutation for each value of that expression; then ``size`` may vary with it too."""

    use: str
    input: Node
    size: Node
    per: Node | None = None


class Skip(_Node, frozen=True, tag="skip"):
    """The ``input``-th candidate that is not refused; ``refused`` names an artefact, the sorted
    int64 positions of refused candidates (values taken, or forbidden by a rule)."""

    input: Node
    refused: str


class Take(_Node, frozen=True, tag="take"):
    """Element ``index`` of an artefact that is an array (of any Arrow type)."""

    artefact: str
    index: Node


# ---- text --------------------------------------------------------------------------------------
class Pool(_Node, frozen=True, tag="pool"):
    """Word ``index`` of a pool (an artefact of distinct or repeated texts); kept dictionary encoded."""

    pool: str
    index: Node


class Digits(_Node, frozen=True, tag="digits"):
    """``input`` (not negative) written in the base of ``alphabet``, zero-padded to ``width`` symbols
    (more significant first; 0: as many as needed)."""

    input: Node
    width: int = 0
    alphabet: str = "0123456789"


class Join(_Node, frozen=True, tag="join"):
    """Parts written one behind the other, ``separator`` between; numbers in decimal. Null if any part is."""

    parts: tuple[Node, ...]
    separator: str = ""


class Prose(_Node, frozen=True, tag="prose"):
    """Running text: consecutive sentences of ``tape`` (an artefact of sentences), starting anywhere,
    ``minimum`` to ``maximum`` sentences, cut at a sentence's or word's end to ``length`` characters. ``separator``: a
    blank, or nothing for scripts that write without."""

    use: str
    tape: str
    minimum: int = 1
    maximum: int = 4
    length: int | None = None
    separator: str = " "


class Uuid(_Node, frozen=True, tag="uuid"):
    """A UUID as 36 characters, distinct for distinct rows. Version 4, or 7 with the time (timestamp)."""

    use: str
    version: int = 4
    time: Node | None = None


class Hexadecimal(_Node, frozen=True, tag="hex"):
    """``length`` random hexadecimal digits, distinct for distinct rows from 16 digits on."""

    use: str
    length: int


# ---- composition -------------------------------------------------------------------------------
class Call(_Node, frozen=True, tag="call"):
    """A function of the closed registry (``kernels.functions``): operators by their SQL sign
    (``+ - * / % = <> < <= > >= and or not``), ``is_null``, ``in``, ``like``, ``length`` …"""

    function: str
    args: tuple[Node, ...] = ()


class Cast(_Node, frozen=True, tag="cast"):
    """``value`` as another type (SQL semantics: rounding decimals, text to number and back). ``own_units``: a raw
    number counts in the type's own units, as it does for a column of that type."""

    value: Node
    type: Type
    own_units: bool = False


class When(msgspec.Struct, frozen=True):
    """A branch of :class:`Case`: taken where ``condition`` is true (not null)."""

    condition: Node
    value: Node


class Case(_Node, frozen=True, tag="case"):
    """The first branch whose condition is true, else ``otherwise``. Each branch is evaluated for its rows only."""

    branches: tuple[When, ...]
    otherwise: Node


class Nulls(_Node, frozen=True, tag="nulls"):
    """``value``, but null where ``where`` is true."""

    value: Node
    where: Node


class Listing(_Node, frozen=True, tag="listing"):
    """A list per row: ``length`` elements; ``element`` is evaluated per (row, position), drawn anew each."""

    element: Node
    length: Node


class Record(_Node, frozen=True, tag="record"):
    """A struct per row: named fields, in order."""

    fields: tuple[tuple[str, Node], ...]


class Document(_Node, frozen=True, tag="document"):
    """A JSON object per row, as text: named members, in order; nested documents and listings stay JSON. ``where``: for
    some members a condition; where it is not true the member is left out (a null member is written ``null``)."""

    members: tuple[tuple[str, Node], ...]
    where: tuple[tuple[str, Node], ...] = ()


class Written(_Node, frozen=True, tag="written"):
    """Any value as JSON text: text quoted, null as ``null``; what is JSON already stays as it is. Values of different
    kinds can stand side by side once they are written."""

    value: Node


class External(_Node, frozen=True, tag="external"):
    """A guest's node: ``name`` is found by entry point; ``parameters`` are its own, as JSON text."""

    name: str
    inputs: tuple[Node, ...] = ()
    parameters: str = "{}"


class Part(_Node, frozen=True, tag="part"):
    """A part of the structured column ``value`` as a rule names it: a member of a composite or document, an end of a
    range (``lower``, ``upper``), an element (``[1]``, or ``*`` for each). ``type``: what the rule reads it as.
    Planning gives every part a column of its own, of which the structure is then made; nothing evaluates it."""

    value: Node
    path: tuple[str, ...]
    type: Type


class Opaque(_Node, frozen=True, tag="opaque"):
    """Words of a rule that nobody here understands; evaluating it is an error, keeping it is not."""

    text: str


Node: TypeAlias = (
    Const | Row | Column | Slot
    | Lookup | ParentRow | Ordinal | Siblings | Previous | Aggregate | Children | Gathered
    | Uniform | Chance | Choice | Zipf | Quantile | Bits | Leaf | Score | Drawn
    | Permute | Skip | Take
    | Pool | Digits | Join | Prose | Uuid | Hexadecimal
    | Call | Cast | Case | Nulls | Listing | Record | Document | Written | External | Part
    | Opaque
)  # fmt: skip
