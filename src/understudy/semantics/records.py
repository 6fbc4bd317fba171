"""Things that are known by several columns: an airport's code, name and city; a diagnosis and its code; a car's make
and model.

    records/*.txt ─► one hidden draw of a line per row ─► every column of the row that speaks of the thing reads it

A unique column leads: its code says which line. Where the table refers to one that holds such things already
(a product to its category), the line is chosen among those that belong to it.
"""

from __future__ import annotations

from functools import cache

from understudy.model.expression import Call, Const, Join, Lookup, Node, Pool, Take, Uniform, Zipf
from understudy.model.schema import Entity, Field
from understudy.semantics import codes, numbers, textual
from understudy.semantics.catalogue import semantic_type
from understudy.semantics.loom import UNLIMITED, Loom, limits
from understudy.semantics.making import PREPARERS, Made, label, maker, number, option
from understudy.semantics.nouns import Coded, SemanticType, Want
from understudy.semantics.pools import distinct, fitted, fold, localised, rows_of, words
from understudy.semantics.recognition import matches
from understudy.types import Kind

GROUPED = {"category": ("product", "category"), "department": ("job", "department"), "make": ("vehicle", "make")}
"""Tables that are the distinct values of a column of another: the whole, and that column."""


SPOKEN = {
    "diagnosis": ("name",), "lab": ("test", "specimen"), "merchant": ("category",), "language": ("name",),
    "drug": ("form", "route", "dosage", "frequency"), "product": ("thing",), "color": ("name",), "unit": ("name",),
}  # fmt: skip
"""Columns that hold words of a language, rather than codes and names that are the same everywhere."""


@cache
def _in_locale(name: str, locale: str) -> dict[str, tuple[str, ...]]:
    """A table of records, its words in the locale's language where it has them."""
    found = table(name)
    return found if locale.startswith("en") else {c: localised(v, locale) for c, v in found.items()}


@cache
def table(name: str) -> dict[str, tuple[str, ...]]:
    """The columns of a table of records. KeyError if there is none."""
    if name in GROUPED:
        whole, column = GROUPED[name]
        return {"name": tuple(dict.fromkeys(table(whole)[column]))}
    header, rows = rows_of(name)
    return {column: tuple(row[k] for row in rows) for k, column in enumerate(header)}


def size_of(name: str) -> int:
    """How many records a table has."""
    return len(next(iter(table(name).values())))


def natural_size(entity: Entity, field: Field) -> int | None:
    """How many of the things that the column names there are, where it names one of a closed list (countries,
    airports)."""
    from understudy.semantics.gazetteer import countries

    found = matches(entity, field)
    t = semantic_type(found[0].meaning) if found and found[0].certainty >= CLOSED else None
    if t is None or field.type.kind is not Kind.TEXT:
        return None
    if t.maker == "record" and t.options.get("key") and not t.options.get("kinds"):
        return size_of(option(t, "of"))
    if t.maker == "record" and t.options.get("key"):
        return size_of(option(t, "of")) * len(words(option(t, "kinds")))
    return len(countries()) if t.maker == "place" and option(t, "aspect") in ("country", "country_code") else None


CLOSED = 0.85


def prepare(loom: Loom) -> None:
    """Finds the records that the row speaks of, and the unique column that leads each."""
    for name, meaning in loom.meanings.items():
        t = semantic_type(meaning)
        if t is None or t.maker not in ("record", "product", "card"):
            continue
        of = option(t, "of")
        key = f"{of}.{group_of(loom, name)}"
        loom.shared.setdefault(f"record {key}", Const(True))
        if loom.wants[name].unique and t.maker != "card" and (t.options.get("key") or t.maker == "product"):
            loom.shared.setdefault(f"record leader {key}", Const(name))


def group_of(loom: Loom, column: str) -> str:
    """Which of several such things of the row: the site in its name (departure, arrival), '' for the only one."""
    from understudy.semantics.places import SITES, SYNONYMS

    site = next((w for w in loom.tokens.get(column, ()) if w in SITES), "")
    return SYNONYMS.get(site, site)


class Record:
    """The shared draw of one record of the row."""

    def __init__(self, loom: Loom, of: str, group: str = "", alone: str = "") -> None:
        self.loom, self.of, self.group = loom, of, group
        self.columns = _in_locale(of, loom.locale)
        self.size = size_of(of)
        self.tongue = "" if self.columns == table(of) else f"@{loom.locale[:2]}"
        if of == "card" and loom.shared.get("card number") is not None and "card of 16" in loom.shared:
            self.size -= 1  # all but the last have sixteen digits
        leader = None if alone else loom.shared.get(f"record leader {of}.{group}")
        self.leader = str(leader.value) if isinstance(leader, Const) else ""
        tag = f"record.{of}{'.' + group if group else ''}"
        draw: Node = Zipf(alone or "v", self.size, 0.5)
        if alone:
            self.index = draw
            return
        if self.leader:
            draw = codes.place(codes.code_of(loom.wants[self.leader]), 1, self.size)
        elif (above := self._above()) is not None:
            draw = above
        self.index = loom.hide(tag, draw, reason=f"which {of.replace('_', ' ')} it is")

    def _above(self) -> Node | None:
        """The record as a parent, or another record of this row, settles it."""
        whole = GROUPED.get(self.of)
        if whole is not None and f"record {whole[0]}.{self.group}" in self.loom.shared:
            values, members = table(whole[0])[whole[1]], table(self.of)["name"]
            kept = self.loom.keep_numbers(f"records:{self.of}_of_{whole[0]}", [members.index(v) for v in values])
            return Take(kept, Record(self.loom, whole[0], self.group).index)
        for up in self.loom.ups:
            same = f"$record.{self.of}"
            if same in up.columns and up.required and self.of in GROUPED:
                return Lookup(up.link, same)
            for part, (of, column) in GROUPED.items():
                if of == self.of and f"$record.{part}" in up.columns and up.required:
                    return self._within(part, column, Lookup(up.link, f"$record.{part}"))
        return None

    def _within(self, part: str, column: str, index: Node) -> Node:
        """A record among those that belong to one of ``part``."""
        members = table(part)["name"]
        lines = [[i for i, v in enumerate(table(self.of)[column]) if v == m] for m in members]
        keep, name = self.loom.keep_numbers, f"records:{self.of}_by_{part}"
        start = Take(keep(f"{name}_start", [sum(map(len, lines[:k])) for k in range(len(lines))]), index)
        size = Take(keep(f"{name}_size", [len(x) for x in lines]), index)
        order = keep(name, [i for x in lines for i in x])
        return Take(order, Call("+", (start, Call("%", (Uniform("which", Const(0), Const(5039)), size)))))

    def english(self, column: str) -> bool:
        """Whether the words of a column stay English though the locale has another language."""
        told = column in SPOKEN.get(self.of, ())
        return told and not self.loom.locale.startswith("en") and self.columns[column] is table(self.of)[column]

    def text(self, column: str, shortest: int = 0, longest: int = UNLIMITED) -> Node | None:
        """A column as text, others in place of what does not fit."""
        members = self.columns[column]
        fits = fitted(members, shortest, None if longest >= UNLIMITED else longest)
        if not fits:
            return None
        tag = "" if fits == members else f":{shortest}-{longest}"
        return Pool(self.loom.keep(f"records:{self.of}.{column}{self.tongue}{tag}", fits), self.index)

    def number(self, column: str, scale: int = 0) -> Node:
        """A column as whole numbers of 10**-scale."""
        values = [round(float(v) * 10**scale) for v in self.columns[column]]
        return Take(self.loom.keep_numbers(f"records:{self.of}.{column}:{scale}", values), self.index)


@maker("record")
def make_record(loom: Loom, want: Want, t: SemanticType, use: str) -> Made | None:
    """An aspect of the row's record ``of`` a table: text, or a number about it (``spread`` percent to both sides)."""
    record = Record(loom, option(t, "of"), group_of(loom, want.field.name), "" if use == "v" else use)
    loom.borrowed |= record.english(option(t, "aspect"))
    aspect, what = option(t, "aspect"), f"{label(t)} of the row's {option(t, 'of').replace('_', ' ')}"
    if want.field.type.kind is not Kind.TEXT:
        return _numeric(record, want, t, use, aspect, what)
    low, high = limits(want)
    if (
        high < min(map(len, record.columns[aspect]))
        or sum(len(v) <= high for v in record.columns[aspect]) * 2 < record.size
    ):
        return None
    node = record.text(aspect, low, high)
    if node is None:
        return None
    if not want.unique:
        return Made(node, what)
    return Made(node, what, _coded(record, want, t, aspect, node))


def _coded(record: Record, want: Want, t: SemanticType, aspect: str, node: Node) -> Coded | None:
    """Every record once; where more rows are asked for, its name with what tells its namesakes apart."""
    loom, code = record.loom, codes.code_of(want)
    members = record.columns[aspect]
    plain = len({fold(m) for m in members}) == len(members) and record.leader == want.field.name
    if plain and loom.rows <= record.size:
        return Coded(record.size, node)
    ways: list[Coded | None] = []
    if plain and (kinds := option(t, "kinds")):
        pool, size = loom.pool(kinds, unique=True)
        ways.append(Coded(record.size * size, Join((Pool(pool, codes.place(code, record.size, size)), node), " ")))
    if plain:
        width = codes.digits_for(loom.rows, record.size)
        ways.append(Coded(record.size * 10**width, Join((node, codes.place(code, record.size, 10**width)), " ")))
    if not plain:
        name = loom.keep(f"records:{record.of}.{aspect}{record.tongue}:distinct", distinct(members))
        ways.append(codes.mixture(loom, code, [name]))
        ways.append(codes.mixture(loom, code, [name, "= ", "#"], codes.digits_for(loom.rows, len(members))))
    return textual.coded(loom, want, ways)


def _numeric(record: Record, want: Want, t: SemanticType, use: str, aspect: str, what: str) -> Made | None:
    scale = numbers.scale_of(want.field.type)
    low, high, _ = numbers.bounds(want)
    try:
        values = [round(float(v) * 10**scale) for v in record.columns[aspect]]
    except ValueError:
        return None
    spread = number(t, "spread", 0)
    if min(values) * (1 - spread / 100) < low or max(values) * (1 + spread / 100) > high:
        return None
    node = record.number(aspect, scale)
    if spread:
        share = Uniform(use, Const(round(1000 - 10 * spread)), Const(round(1000 + 10 * spread)))
        step = round(number(t, "step", 1) * 10**scale) or 1
        node = Call("*", (Call("/", (Call("*", (node, share)), Const(1000 * step))), Const(step)))
    return Made(numbers.as_float(want, node), what)


PREPARERS.append(prepare)
