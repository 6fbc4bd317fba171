"""The scalar members of one object: made together by semantics, so that they agree, and tried by the judge.

Each way is tried in turn: the meaning's own values; of them those that obey; a pattern's texts; examples; plain values
of the permitted size. What obeys only now and then becomes a pool of what obeys.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import chain
from typing import Any

import msgspec

from understudy import semantics
from understudy.model.domain import Domain
from understudy.model.expression import Call, Cast, Column, Const, Digits, Node, Uniform
from understudy.model.schema import Entity, Field
from understudy.planning.documents import texts
from understudy.planning.documents.judge import Judge
from understudy.planning.documents.parts import Conj, key_of, place_of
from understudy.planning.documents.shape import Shape
from understudy.planning.documents.workshop import Workshop, obeying
from understudy.planning.trees import marked, substitute
from understudy.rules.trees import walk
from understudy.semantics import Want
from understudy.types import Kind, Type

TRIED = 48
"""Values of a leaf that are tried before it is trusted."""
DRAWN = 400
"""Values drawn of a leaf that obeys only now and then."""
ENOUGH = 24
"""Distinct values that make a pool worth having where others could be made."""
LIGHT = 40
"""Nodes of a pattern that is drawn anew in each row; a larger one is a pool of what was drawn, for it is bound in every
place where it stands (a pattern of open length has hundreds)."""
LARGEST = 2**53
"""Whole numbers up to here are exact in every JSON reader."""
PLAIN_LENGTH = 24
PHRASE = 48
"""Characters at most of a text of no known meaning."""
INTEGER_BITS = {"int8": 8, "int16": 16, "int32": 32}
LONGEST_LANGUAGE = 900
"""Characters up to which plain text is made letter by letter; longer ones repeat a word."""
SMALLEST_STEP = 9
"""Digits after the point at most."""


class Leaf(msgspec.Struct, frozen=True):
    """A scalar to be made: ``name`` as its field is called; ``shape`` of one kind; ``use`` its streams' prefix."""

    name: str
    conj: Conj
    shape: Shape
    use: str

    @property
    def kind(self) -> str:
        """Its kind."""
        return next(iter(self.shape.kinds))


class Leaves:
    """Makes leaves for one document."""

    def __init__(self, workshop: Workshop, judge: Judge, locale: str, clock: int) -> None:
        self.workshop, self.judge, self.locale, self.clock = workshop, judge, locale, clock
        self.count = 0
        self._kept: dict[tuple[object, ...], list[str]] = {}

    def make(self, owner: str, leaves: Sequence[Leaf]) -> list[Node | None]:
        """An expression per leaf (typed, or JSON); None where nothing obeys."""
        made: list[Node | None] = [_constant(leaf, self.judge, self.workshop) for leaf in leaves]
        open_ = [i for i, node in enumerate(made) if node is None and _valued(leaves[i]) is None]
        composed = self._composed(owner, [leaves[i] for i in open_])
        doubtful = [k for k, i in enumerate(open_) if _doubtful(leaves[i])]
        verdicts = self._tried({str(k): composed[k] for k in doubtful}, [leaves[open_[k]] for k in doubtful])
        verdicts |= {str(k): False for k, i in enumerate(open_) if _unsure(leaves[i])}
        for k, i in enumerate(open_):
            made[i] = composed[k] if verdicts.get(str(k), True) else self._otherwise(leaves[i], composed[k])
        return made

    # ---- meaning ---------------------------------------------------------------------------
    def _composed(self, owner: str, leaves: Sequence[Leaf]) -> list[Node]:
        names = _distinct_names([leaf.name for leaf in leaves])
        wants = [Want(_field(owner, n, leaf), _domain(leaf), False) for n, leaf in zip(names, leaves, strict=True)]
        if not wants:
            return []
        entity = Entity(owner, tuple(w.field for w in wants))
        made = semantics.compose(entity, wants, locale=self.locale, clock=self.clock)
        self.workshop.artefacts.update(made.artefacts)
        hidden = {h.name: (h.expression, h.type) for h in made.hidden}
        hidden |= {w.field.name: (made.recipes[w.field.name].expression, w.field.type) for w in wants}
        mark = leaves[0].use + "~"
        inline = _Inline(hidden)
        return [_spoken(marked(inline.of(w.field.name), mark), leaf) for w, leaf in zip(wants, leaves, strict=True)]

    def _tried(self, nodes: dict[str, Node], leaves: Sequence[Leaf]) -> dict[str, bool]:
        """Per name whether all of a few values obey."""
        if not nodes:
            return {}
        found = self.workshop.texts(self._name("leaf"), nodes, TRIED)
        return {
            name: all(self.judge.obeys(leaf.conj, json.loads(t)) for t in found[name])
            for name, leaf in zip(nodes, leaves, strict=True)
        }

    def _name(self, what: str) -> str:
        self.count += 1
        return f"$document:{what}:{self.count}"

    # ---- where meaning does not do ---------------------------------------------------------
    def _otherwise(self, leaf: Leaf, first: Node) -> Node | None:
        """The next best way: some of the meaning's values, a pattern's texts, plain values, examples."""
        key = (key_of(leaf.conj), leaf.kind, leaf.shape.misses, leaf.shape.loose)
        if key in self._kept:  # the same scalar stands in many alternatives of one object
            kept = self._kept[key]
            return self.workshop.pool("values", kept, leaf.use + "pick") if kept else None
        strict = not (leaf.shape.misses or leaf.shape.loose or leaf.shape.refused)
        best: list[str] = []
        for node, sure in chain([(first, False)], self._text(leaf) if leaf.kind == "string" else self._number(leaf)):
            drawn = self.workshop.texts(self._name("leaf"), {"v": node}, DRAWN)["v"]
            kept = obeying(drawn, lambda v: self.judge.obeys(leaf.conj, v))
            if sure and strict and len(kept) == len(set(drawn)) > 1 and sum(1 for _ in walk(node)) <= LIGHT:
                return node
            if len(kept) > len(best):
                best = kept
            if len(best) >= ENOUGH:
                break
        best = best or obeying(
            [json.dumps(v, ensure_ascii=False) for v in self._candidates(leaf)],
            lambda v: self.judge.obeys(leaf.conj, v),
        )
        self._kept[key] = best
        return self.workshop.pool("values", best, leaf.use + "pick") if best else None

    def _text(self, leaf: Leaf) -> Iterator[tuple[Node, bool]]:
        """Ways to make a text, and whether each gives nothing but what it should."""
        shape, use = leaf.shape, leaf.use + "text"
        asked = shape.patterns + tuple(f.pattern for n in shape.formats if (f := texts.FORMATS.get(n)) and f.pattern)
        longest = shape.longest if shape.longest is not None else max(200, shape.shortest + 40)
        for wanted in (asked, shape.patterns) if asked else ():
            known = texts.language(wanted, shape.shortest, longest) if wanted else None
            if known is not None:
                yield known.expression(None, use), known.exact
        for form in shape.formats:
            node = texts.fallback(form, use + form)
            if node is not None:
                yield node, not shape.patterns
        low = max(shape.shortest, 1 if longest else 0)
        high = min(longest, max(low, min(low + 8, PLAIN_LENGTH)))
        if low <= LONGEST_LANGUAGE:
            plain = texts.language((f"^[a-z]{{{low},{min(high, LONGEST_LANGUAGE)}}}$",), low, high)
            if plain is not None:
                yield plain.expression(None, use + "plain"), not shape.patterns and not shape.formats
        else:
            word = Digits(Uniform(use + "long", Const(0), Const(26**8 - 1)), 8, "abcdefghijklmnopqrstuvwxyz")
            yield Call("left", (Call("repeat", (word, Const(-(-low // 8)))), Const(low))), True

    def _number(self, leaf: Leaf) -> Iterator[tuple[Node, bool]]:
        """Whole multiples within the bounds, where they are written exactly."""
        step, low, high = _grid(leaf.shape)
        if low > high:
            return
        if high - low < DRAWN:
            values = [_number_text((low + i) * step) for i in range(high - low + 1)]
        else:
            span = high - low
            values = [_number_text((low + span * i // DRAWN) * step) for i in range(DRAWN + 1)]
        kept = obeying(values, lambda v: self.judge.obeys(leaf.conj, v))
        if kept:
            yield self.workshop.pool("values", kept, leaf.use + "pick"), True

    def _candidates(self, leaf: Leaf) -> list[Any]:
        """Values that the schema itself shows, and a few odd ones."""
        shape = leaf.shape
        if leaf.kind == "string":
            extra: list[Any] = [
                "",
                "a",
                "A",
                "0",
                "1.0.0",
                "a-b",
                "a_b",
                "#ffffff",
                "en",
                "en-US",
                "https://example.com/",
            ]
            extra += ["x" * shape.shortest] if shape.shortest < texts.LONGEST_PATTERN * 25 else []
            return [*shape.hints, *extra]
        ends = [e for e in (shape.low, shape.high) if e is not None]
        near = [v for e in ends for v in (e, e + 1, e - 1, e + Fraction(1, 2), e - Fraction(1, 2))]
        return [*shape.hints, *(_number_value(v) for v in near), 0, 1, -1, 0.5, 1e-9, 1e20]


class _Inline:
    """Helper columns written out where they are read, for an element of a list has none of its own."""

    def __init__(self, columns: dict[str, tuple[Node, Type]]) -> None:
        self.columns = columns
        self.made: dict[str, Node] = {}

    def of(self, name: str) -> Node:
        """A column's expression without columns."""
        if name not in self.made:
            node, kind = self.columns[name]
            read = {n.name for n in walk(node) if isinstance(n, Column) and n.name in self.columns}
            own = marked(node, f"{name}:")  # a column's streams are its own, whatever others are called
            self.made[name] = Cast(substitute(own, {r: self.of(r) for r in sorted(read)}), kind, own_units=True)
        return self.made[name]


def _distinct_names(names: Sequence[str]) -> list[str]:
    """Names that do not coincide (two kinds of one member)."""
    out: list[str] = []
    for name in names:
        out.append(name if name not in out else f"{name} {len(out)}")
    return out


def _constant(leaf: Leaf, judge: Judge, workshop: Workshop) -> Node | None:
    """Where a schema names the values: those that obey."""
    values = _valued(leaf)
    if values is None:
        return None
    kept = [v for v in values if judge.obeys(leaf.conj, v)]
    if len(kept) == 1 and isinstance(kept[0], str):
        return Const(kept[0])
    written = [json.dumps(v, ensure_ascii=False) for v in kept]
    return workshop.pool("values", written, leaf.use + "value") if written else None


def _valued(leaf: Leaf) -> tuple[Any, ...] | None:
    if leaf.kind == "null":
        return (None,)
    values = leaf.shape.values
    if values is None and leaf.kind == "boolean":
        return (True, False) if leaf.shape.refused or leaf.shape.loose else None
    return values


def _field(owner: str, name: str, leaf: Leaf) -> Field:
    """What semantics is asked for."""
    shape = leaf.shape
    match leaf.kind:
        case "boolean":
            return Field(name, Type(Kind.BOOLEAN), nullable=False)
        case "number" if shape.whole and _grid(shape)[0].denominator == 1:
            bits = next((INTEGER_BITS[f] for f in shape.formats if f in INTEGER_BITS), 64)
            return Field(name, Type(Kind.INTEGER, bits=bits), nullable=False)
        case "number":
            return Field(name, Type(Kind.DECIMAL, precision=15, scale=_scale(shape)), nullable=False)
    form = next((texts.FORMATS[f] for f in shape.formats if f in texts.FORMATS), texts.Format())
    kind = form.type
    if kind.kind is Kind.TEXT and shape.longest is not None:
        kind = msgspec.structs.replace(kind, length=max(shape.longest, 1))
    field = Field(name, kind, nullable=False, meaning=form.meaning)
    nameless = kind.kind is Kind.TEXT and kind.length is None and leaf.shape.shortest < PHRASE
    if nameless and not semantics.matches(Entity(owner, (field,)), field):
        kind = msgspec.structs.replace(kind, length=PHRASE)  # what nobody can name is no essay
    return msgspec.structs.replace(field, type=kind)


def _domain(leaf: Leaf) -> Domain:
    shape = leaf.shape
    if leaf.kind == "number":
        step, low, high = _grid(shape)
        scale = 1 if shape.whole else 10 ** _scale(shape)
        named_low = None if shape.low is None else math.ceil(low * step * scale)
        named_high = None if shape.high is None else math.floor(high * step * scale)
        if named_low is not None and named_high is not None and named_low > named_high:
            return Domain()
        multiple = int(step * scale) if shape.multiples and (step * scale).denominator == 1 else None
        return Domain(low=named_low, high=named_high, multiple=multiple)
    if leaf.kind == "string":
        return Domain(shortest=shape.shortest or None, longest=shape.longest)
    return Domain()


def _spoken(node: Node, leaf: Leaf) -> Node:
    """A leaf's value as JSON wants it: moments as text of their format, patterns' texts."""
    if leaf.kind != "string":
        return node
    form = next((texts.FORMATS[f] for f in leaf.shape.formats if f in texts.FORMATS), None)
    if form is None:
        return node
    if form.written:
        return texts.written(node, form.written)
    if form.pattern:
        known = texts.language((form.pattern,), leaf.shape.shortest, leaf.shape.longest)
        if known is not None:
            return known.expression(None, leaf.use + "form")
    return node


def _unsure(leaf: Leaf) -> bool:
    """Whether a few values that obey say nothing about all of them."""
    shape = leaf.shape
    return bool(shape.loose or shape.refused or shape.patterns or shape.misses)


def _doubtful(leaf: Leaf) -> bool:
    """Whether a meaning's value may break what the schema asks."""
    shape = leaf.shape
    if _unsure(leaf):
        return False  # not trusted anyhow
    if leaf.kind == "string":
        return bool(shape.formats) or bool(shape.shortest) or shape.longest is not None
    return leaf.kind == "number" and bool(shape.multiples or shape.low is not None or shape.high is not None)


def _scale(shape: Shape) -> int:
    """Digits after the point that a number has: two, or as many as its bounds and steps are written with."""
    digits = 2
    for value in (shape.low, shape.high, *shape.multiples):
        if value is not None:
            while digits < SMALLEST_STEP and (value * 10**digits).denominator != 1:
                digits += 1
    if shape.low is not None and shape.high is not None:
        while digits < SMALLEST_STEP and 0 < (shape.high - shape.low) * 10**digits < 100:
            digits += 1
    return digits


def _grid(shape: Shape) -> tuple[Fraction, int, int]:
    """The step of the values, and the first and last multiple of it within the bounds."""
    step = Fraction(1) if shape.whole else Fraction(1, 10 ** _scale(shape))
    if shape.multiples:
        step = _common(shape.multiples + ((Fraction(1),) if shape.whole else ()))
    limit = Fraction(LARGEST)
    low = max(shape.low, -limit) if shape.low is not None else -limit
    high = min(shape.high, limit) if shape.high is not None else limit
    first, last = math.ceil(low / step), math.floor(high / step)
    if shape.low_open and shape.low is not None and first * step == shape.low:
        first += 1
    if shape.high_open and shape.high is not None and last * step == shape.high:
        last -= 1
    return step, first, last


def _common(steps: Sequence[Fraction]) -> Fraction:
    """The least common multiple of fractions."""
    top = math.lcm(*(s.numerator for s in steps))
    bottom = math.gcd(*(s.denominator for s in steps))
    return Fraction(top, bottom)


def _number_value(value: Fraction) -> int | float:
    return int(value) if value.denominator == 1 else float(value)


def _number_text(value: Fraction) -> str:
    return json.dumps(_number_value(value))


def told(leaf: Leaf) -> str:
    """Why a leaf cannot be made, for people."""
    return f"{place_of(leaf.conj)}: no {leaf.kind} was found that obeys everything asked there"
