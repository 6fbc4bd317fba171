"""What follows from other tables: a line's price is its product's, a total the sum of its lines, a currency the
parent's.

    entities ──inferred──► Inference(entity, field, derive, because) …

Each inference is a formula that a person could have written in the schema file (``derive:``), and is overridden by
one, by ``values:``, ``meaning:``, or by ``derive: none``. Nothing is inferred for a column that a key or a rule
(other than
"not negative") speaks of: what is computed cannot bend.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

import msgspec

from understudy.model.schema import Entity, Field, ForeignKey
from understudy.semantics.catalogue import semantic_type
from understudy.semantics.recognition import matches
from understudy.semantics.words import own_tokens, singular, spoken, subject, tokens
from understudy.types import Kind

NUMBERS = frozenset({Kind.INTEGER, Kind.DECIMAL, Kind.MONEY, Kind.FLOAT})
EXACT = frozenset({Kind.INTEGER, Kind.DECIMAL, Kind.MONEY})
PLAIN = re.compile(r"[A-Za-z_]\w*")
SURE = 0.75
HARMLESS = re.compile(r"^\(*\s*\"?\w+\"?\s*>=\s*\(?'?0(\.0+)?'?\)?(::\w+)?\s*\)*$")
"""Rules that a sum of nothing satisfies too."""
ROOM = 8
"""Digits before the point that a sum of lines may take."""
COPIED = frozenset(
    {"name", "title", "email", "code", "sku", "number", "phone", "address", "slug", "label", "city", "country"}
)
"""Last words of columns that repeat a parent's (``product_name`` beside ``product_id``)."""
LINES = frozenset({"item", "line", "detail", "entry", "position", "product"})
PRICES = frozenset({"track_price", "fare_price"})
BOUNDS = frozenset({"minimum", "min", "maximum", "max", "lowest", "highest", "monthly", "yearly", "annual"})
"""Words of prices at which nothing is sold."""
FARTHEST = 8
"""Tables that an inferred value may be handed on through."""
NONE = "none"
"""``derive: none``: made on its own, whatever could be inferred."""


class Inference(msgspec.Struct, frozen=True):
    """``derive`` is the formula of ``entity.field`` in the schema file's language; ``because``: why."""

    entity: str
    field: str
    derive: str
    because: str
    reads: tuple[tuple[str, str], ...] = ()
    """(entity, field) of other tables that it is computed from."""


class Helper(msgspec.Struct, frozen=True):
    """A hidden column that a formula of another table needs: ``field`` (its name starts with ``$``) of ``entity``."""

    entity: str
    field: Field


def inferred(
    entities: Sequence[Entity], readable: Mapping[str, frozenset[str] | None]
) -> tuple[list[Inference], list[Helper]]:
    """Formulas for columns that follow from parents or children.

    ``readable``: per table that holds rows already, the columns that are known of them (None: it holds none, all are).
    """
    return _Reading(entities, readable).all()


class _Reading:
    def __init__(self, entities: Sequence[Entity], readable: Mapping[str, frozenset[str] | None]) -> None:
        self.entities = {e.name: e for e in entities}
        self.readable = readable
        self.found: dict[tuple[str, str], Inference] = {}
        self.helpers: list[Helper] = []
        self.referred = {(k.target, c) for e in entities for k in e.foreign_keys for c in k.target_columns}
        self.below: dict[str, list[Entity]] = {}
        for e in entities:
            for target in dict.fromkeys(k.target for k in e.foreign_keys):
                self.below.setdefault(target, []).append(e)
        self.meant: dict[tuple[str, str], str] = {}
        for e in entities:
            for f in e.fields:
                known = matches(e, f)
                self.meant[e.name, f.name] = known[0].meaning if known and known[0].certainty >= SURE - 0.3 else ""

    def all(self) -> tuple[list[Inference], list[Helper]]:
        """First what comes from parents, then what lines add up to, then what only passes that on."""
        for step in (
            self._copies,
            self._currencies,
            self._prices,
            self._line_totals,
            self._measured,
            self._sums,
            self._counts,
            self._paid,
        ):
            for e in self.entities.values():
                for inference in step(e):
                    self.found.setdefault((inference.entity, inference.field), inference)
        return _bounded(self.found), self.helpers

    # ---- what may be inferred --------------------------------------------------------------
    def _free(self, e: Entity, f: Field, *, rules: Iterable[str] = ()) -> bool:
        """Whether a formula may settle the column: nobody has spoken for it."""
        if f.derive or f.values or f.generated or self._renamed(e, f) or (e.name, f.name) in self.found:
            return False
        if not PLAIN.fullmatch(f.name) or not PLAIN.fullmatch(e.table) or f.spread:
            return False
        if any(f.name in k.columns for k in e.foreign_keys):
            return False
        if any(f.name in u.columns or any(f.name in p.text for p in u.parts) for u in e.uniques):
            return False
        if any(f.name in x.text for x in e.exclusions) or (e.name, f.name) in self.referred:
            return False
        if e.partitioning is not None and any(f.name in key for key in e.partitioning.keys):
            return False
        said = [r.text for r in e.checks if f.name in r.columns or re.search(rf"\b{re.escape(f.name)}\b", r.text)]
        if any(f.name in other.generated for other in e.fields):
            return False
        return all(HARMLESS.match(t.strip()) or t in rules for t in said)

    @staticmethod
    def _renamed(e: Entity, f: Field) -> bool:
        """Whether the column was given another meaning than its name has."""
        own = matches(e, msgspec.structs.replace(f, meaning="")) if f.meaning else ()
        return bool(f.meaning) and (not own or own[0].meaning != f.meaning)

    def _parents(self, e: Entity) -> Iterator[tuple[ForeignKey, Entity]]:
        """Parents with plain names that every row has, each table once (twice the same one: which is meant?)."""
        targets = [k.target for k in e.foreign_keys]
        for key in e.foreign_keys:
            above = self.entities.get(key.target)
            if above is None or above is e or targets.count(key.target) > 1 or not PLAIN.fullmatch(above.table):
                continue
            if any(e.field(c).nullable for c in key.columns):
                continue
            yield key, above

    def _readable(self, e: Entity, f: Field) -> bool:
        known = self.readable.get(e.name)
        return (known is None or f.name in known) and PLAIN.fullmatch(f.name) is not None

    def _children(self, e: Entity) -> Iterator[tuple[ForeignKey, Entity]]:
        for below in self.below.get(e.name, ()):
            keys = [k for k in below.foreign_keys if k.target == e.name]
            if below is not e and len(keys) == 1 and PLAIN.fullmatch(below.table):
                yield keys[0], below

    def _role(self, e: Entity, f: Field) -> str:
        """The part that an amount plays (price, quantity, line_total, total …), '' for other columns."""
        t = semantic_type(self.meant[e.name, f.name])
        if t is None or f.type.kind not in NUMBERS:
            return ""
        return "price" if t.name in PRICES else str(t.options.get("role", "")) if t.maker == "amount" else ""

    def _with_role(self, e: Entity, *roles: str) -> Field | None:
        return next((f for role in roles for f in e.fields if self._role(e, f) == role), None)

    # ---- from parents ----------------------------------------------------------------------
    def _copies(self, e: Entity) -> Iterator[Inference]:
        """``product_name`` beside a reference to products is that product's name."""
        for _, above in self._parents(e):
            about = subject(above.table, spoken(above))
            for f in e.fields:
                words = tuple(singular(w) for w in tokens(f.name, spoken(e)))
                if f.type.kind is not Kind.TEXT or len(words) <= len(about) or words[-1] not in COPIED:
                    continue
                if words[: len(about)] != about or not self._free(e, f):
                    continue
                rest = words[len(about) :]
                source = next((g for g in above.fields if self._named(above, g) == rest), None)
                if source is not None and _holds(f, source) and self._readable(above, source):
                    why = f"the {' '.join(about)}'s own"
                    yield Inference(e.name, f.name, f"{above.table}.{source.name}", why, ((above.name, source.name),))

    @staticmethod
    def _named(e: Entity, f: Field) -> tuple[str, ...]:
        return tuple(singular(w) for w in own_tokens(e.table, f.name, spoken(e)))

    def _currencies(self, e: Entity) -> Iterator[Inference]:
        """An amount is in the currency of what it belongs to."""
        for f in (f for f in e.fields if self.meant[e.name, f.name] == "currency" and f.type.kind is Kind.TEXT):
            for _, above in self._parents(e):
                source = next((g for g in above.fields if self.meant[above.name, g.name] == "currency"), None)
                if source is not None and _holds(f, source) and self._free(e, f) and self._readable(above, source):
                    why = f"in the currency of its {above.table}"
                    yield Inference(e.name, f.name, f"{above.table}.{source.name}", why, ((above.name, source.name),))
                    break

    def _is_line(self, e: Entity) -> bool:
        """Whether a table has its price from what is sold by it: prices are not handed on from line to line."""
        if self._with_role(e, "price") is None or self._with_role(e, "quantity") is None:
            return False
        return any(self._with_role(above, "price") is not None for _, above in self._parents(e))

    def _prices(self, e: Entity) -> Iterator[Inference]:
        """A line's price is that of the thing sold."""
        price = self._with_role(e, "price")
        if price is None or self._with_role(e, "quantity") is None or price.type.kind not in NUMBERS:
            return
        for _, above in self._parents(e):
            source = self._with_role(above, "price")
            if source is None or not _numeric(price, source) or (source.nullable and not price.nullable):
                continue
            if (
                not self._readable(above, source)
                or self._is_line(above)
                or BOUNDS.intersection(tokens(source.name, spoken(above)))
            ):
                continue
            rules = {re.sub(rf"\b{re.escape(source.name)}\b", price.name, r.text) for r in above.checks}
            if self._free(e, price, rules=rules):
                why = "the price of what is sold"
                yield Inference(e.name, price.name, f"{above.table}.{source.name}", why, ((above.name, source.name),))
                return

    # ---- from children ---------------------------------------------------------------------
    def _line_totals(self, e: Entity) -> Iterator[Inference]:
        """A line's total is its quantity times its price, where the price comes from elsewhere."""
        total, price, quantity = (
            self._with_role(e, "line_total"),
            self._with_role(e, "price"),
            self._with_role(e, "quantity"),
        )
        if total is None or price is None or quantity is None or (e.name, price.name) not in self.found:
            return
        if any(
            self._role(e, f) in ("discount", "tax") or self.meant[e.name, f.name] == "discount_rate" for f in e.fields
        ):
            return
        if self._free(e, total) and total.type.kind in EXACT and _digits(total) >= _digits(price) + 2:
            own = ((e.name, price.name), (e.name, quantity.name))
            yield Inference(e.name, total.name, f"{quantity.name} * {price.name}", "quantity times price", own)

    def _measured(self, e: Entity) -> Iterator[Inference]:
        """Litres times the price per litre is what they cost."""
        total = self._with_role(e, "line_total", "total", "subtotal")
        if total is None or total.type.kind not in EXACT or not self._free(e, total):
            return
        for price in (f for f in e.fields if self.meant[e.name, f.name].startswith("price_per_")):
            unit = self.meant[e.name, price.name].removeprefix("price_per_")
            units = {unit, singular(tokens(price.name, spoken(e))[-1])}
            measure = next(
                (f for f in e.fields if f is not price and singular(tokens(f.name, spoken(e))[-1]) in units), None
            )
            if measure is None or not {price.type.kind, measure.type.kind} <= EXACT or not PLAIN.fullmatch(price.name):
                continue
            if PLAIN.fullmatch(measure.name) and _digits(total) >= min(_digits(measure) + _digits(price), ROOM):
                own = ((e.name, price.name), (e.name, measure.name))
                why = f"{measure.name} times the price per {unit}"
                yield Inference(
                    e.name, total.name, f"round({measure.name} * {price.name}, {total.type.scale or 0})", why, own
                )
                return

    def _sums(self, e: Entity) -> Iterator[Inference]:
        """What an order's lines add up to: its subtotal, or its total where it has none."""
        goal = self._with_role(e, "subtotal") or self._with_role(e, "total")
        if goal is None or not self._free(e, goal) or goal.type.kind not in EXACT or _digits(goal) < ROOM:
            return
        if self._with_role(e, "subtotal") is None and self._with_role(e, "tax", "shipping", "discount") is not None:
            return
        for _, below in self._children(e):
            single = (
                self._with_role(below, "total")
                if {"ticket", "charge", "fee", "entry", "leg", *LINES} & set(subject(below.table, spoken(below)))
                else None
            )
            if (
                self._with_role(below, "quantity") is None
                and single is not None
                and single.type.kind in EXACT
                and PLAIN.fullmatch(single.name)
            ):
                why = f"what its {below.table} add up to"
                read = ((below.name, single.name),)
                yield Inference(e.name, goal.name, f"sum({below.table}.{single.name})", why, read)
                return
            if self._with_role(below, "quantity") is None:
                continue
            line = self._with_role(below, "line_total")
            price, quantity = self._with_role(below, "price"), self._with_role(below, "quantity")
            if line is None and price is not None and quantity is not None and price.type.kind in EXACT:
                discounted = any(
                    self._role(below, f) == "discount" or self.meant[below.name, f.name] == "discount_rate"
                    for f in below.fields
                )
                if discounted or not (PLAIN.fullmatch(price.name) and PLAIN.fullmatch(quantity.name)):
                    continue
                wide = (
                    msgspec.structs.replace(price.type, precision=18, raw="")
                    if price.type.kind is Kind.DECIMAL
                    else price.type
                )
                line = Field("$line_total", wide, nullable=False, derive=f"{quantity.name} * {price.name}")
                self.helpers.append(Helper(below.name, line))
            if (
                line is not None
                and line.type.kind in EXACT
                and (line.name.startswith("$") or PLAIN.fullmatch(line.name))
            ):
                why = f"what its {below.table} add up to"
                parts = (line, price, quantity) if line.name.startswith("$") else (line,)
                made_of = tuple((below.name, p.name) for p in parts if p is not None)
                yield Inference(e.name, goal.name, f"sum({below.table}.{line.name})", why, made_of)
                return

    def _counts(self, e: Entity) -> Iterator[Inference]:
        """``track_count`` of an album is how many tracks it has."""
        for f in (f for f in e.fields if f.type.kind is Kind.INTEGER and self.meant[e.name, f.name] in ("count", "")):
            words = tuple(singular(w) for w in own_tokens(e.table, f.name, spoken(e)))
            if not {"count", "number", "total"} & set(words) or not self._free(e, f):
                continue
            rest = tuple(w for w in words if w not in ("count", "number", "of", "total"))
            for key, below in self._children(e):
                about = subject(below.table, spoken(below))
                if rest and (rest == about or rest == about[-1:] or (rest == ("item",) and about[-1] in LINES)):
                    yield Inference(
                        e.name, f.name, f"count({below.table}.{key.columns[0]})", f"how many {below.table} it has"
                    )
                    break

    def _paid(self, e: Entity) -> Iterator[Inference]:
        """The one payment of an order is of its total."""
        amount = self._with_role(e, "total")
        if amount is None or not self._free(e, amount) or self._with_role(e, "quantity", "subtotal", "tax") is not None:
            return
        for key, above in self._parents(e):
            alone = any(set(u.columns) == set(key.columns) and not u.predicate for u in e.uniques)
            source = self._with_role(above, "total")
            if alone and source is not None and _numeric(amount, source) and self._readable(above, source):
                why = f"the total of its {above.table}"
                yield Inference(e.name, amount.name, f"{above.table}.{source.name}", why, ((above.name, source.name),))


def _bounded(found: Mapping[tuple[str, str], Inference]) -> list[Inference]:
    """What is inferred through at most :data:`FARTHEST` tables: a value at the end of a longer way is made on its
    own again, for each table on the way costs rows of all before it, and hundreds would outgrow the stack."""
    far: dict[tuple[str, str], int] = {}
    kept: set[tuple[str, str]] = set()
    for start in found:
        todo = [start]
        while todo:
            here = todo[-1]
            if here in far or here not in found:
                todo.pop()
                continue
            missing = [r for r in found[here].reads if r in found and r not in far and r not in todo]
            if missing:
                todo.append(missing[0])
                continue
            steps = [far.get(r, 0) + (r[0] != here[0]) for r in found[here].reads]
            far[here] = max(steps, default=0)
            if far[here] > FARTHEST:
                far[here] = 0
            else:
                kept.add(here)
            todo.pop()
    return [inference for place, inference in found.items() if place in kept]


def _holds(f: Field, source: Field) -> bool:
    """Whether a text column takes whatever another holds."""
    if f.type.kind is not source.type.kind or (source.nullable and not f.nullable) or source.generated:
        return False
    if f.type.length is None:
        return not f.type.fixed
    return source.type.length is not None and source.type.length <= f.type.length


def _digits(f: Field) -> int:
    """Digits before the point."""
    if f.type.kind is Kind.INTEGER:
        return len(str(f.type.integer_bounds[1])) - 1
    return (f.type.precision or 18) - (f.type.scale or 0)


def _numeric(f: Field, source: Field) -> bool:
    """Whether a number column takes whatever another holds, digit by digit."""
    if f.type.kind is not source.type.kind:
        return False
    return f.type.kind is Kind.FLOAT or (
        _digits(f) >= _digits(source) and (f.type.scale or 0) >= (source.type.scale or 0)
    )
