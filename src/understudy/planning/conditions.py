"""What a person asks of the rows beyond the schema: conditions that every row fulfils, and shares of values.

    --where "age >= 60"            true in every row, also where a rule would let null pass
    --share "status=closed:0.5"    half of the rows have it, the others have not

A share is a hidden draw per row, which says what the row shall have, and a condition that it has that. Conditions are
met like rules. Where a model knows the table, its rows are drawn until they fit, together with all that they were drawn
from: what comes out is the model's own distribution given the condition, as exactly as it could be drawn without.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence

import msgspec

from understudy import rules
from understudy.errors import RequestError
from understudy.model.expression import Call, Case, Cast, Choice, Column, Const, Node, When
from understudy.model.learned import Fitted
from understudy.model.plan import PlannedColumn
from understudy.model.request import Share
from understudy.model.rule import Rule
from understudy.model.schema import Entity
from understudy.planning import names
from understudy.planning.solving.rulebook import Understood
from understudy.types import Kind, Type


class Asked(msgspec.Struct, frozen=True):
    """Conditions of one table, the hidden columns that they read, and what columns with wished shares are by them where
    no model knows better: per column the branches of a case."""

    conditions: tuple[Understood, ...] = ()
    hidden: tuple[PlannedColumn, ...] = ()
    given: dict[str, tuple[When, ...]] = {}


def conditions(
    entities: Mapping[str, Entity], where: Iterable[str], shares: Iterable[Share], known: rules.Known
) -> dict[str, Asked]:
    """Per table what is asked of it. RequestError for conditions that are not understood or read no table."""
    found: dict[str, list[Understood]] = {}
    for text in where:
        name, understood = _condition(entities, text, known)
        found.setdefault(name, []).append(understood)
    hidden: dict[str, list[PlannedColumn]] = {}
    given: dict[str, dict[str, tuple[When, ...]]] = {}
    for name, column, several in _by_column(entities, shares):
        wish, whens, understood = _share(entities[name], column, several)
        given.setdefault(name, {})[column] = whens
        hidden.setdefault(name, []).append(wish)
        found.setdefault(name, []).append(understood)
    return {n: Asked(tuple(c), tuple(hidden.get(n, ())), given.get(n, {})) for n, c in found.items()}


def refuse_followed(asked: Mapping[str, Asked], fitted: Fitted | None) -> None:
    """RequestError for conditions on columns that a model makes row after row: to draw one row again would change all
    that follow it, and what the row before leaves open may not contain what is asked for."""
    for table in fitted.model.tables if fitted is not None else ():
        run = table.along.run if table.along is not None else None
        if run is None or table.name not in asked:
            continue
        chained = {*run.columns, *run.between}
        reads = {h.name: set(rules.columns_of(h.expression)) for h in table.hidden}
        for wish in asked[table.name].conditions:
            for column in wish.columns:
                learned = table.column(column)
                if learned is not None and chained & _closure(set(rules.columns_of(learned.expression)), reads):
                    raise RequestError(
                        f"{column} goes on from row to row, so that rows cannot be drawn by it",
                        where=f"{table.name}: {wish.rule.text}",
                        mend="Ask it of a column of the parents, or leave rows out afterwards.",
                    )


def _closure(found: set[str], reads: Mapping[str, set[str]]) -> set[str]:
    todo = list(found)
    while todo:
        more = reads.get(todo.pop(), set()) - found
        found |= more
        todo += more
    return found


def _condition(entities: Mapping[str, Entity], text: str, known: rules.Known) -> tuple[str, Understood]:
    table, colon, rest = text.partition(":")
    named = [n for n, e in entities.items() if colon and table.strip() in (n, e.table)]
    words = rest if named else text
    tried = []
    for name in named or entities:
        types = {f.name: f.type for f in entities[name].fields}
        read = rules.understand(words, "", types, known)
        every = rules.columns_of(read.predicate)
        if read.columns and not read.opaque and set(every) <= set(types):
            tried.append((name, read))
    if len(tried) != 1:
        raise RequestError(_unread(entities, words, [n for n, _ in tried]), where=f"--where {text}", mend=_MEND)
    name, read = tried[0]
    rule = Rule("where", words.strip(), tuple(read.columns))
    return name, Understood(rule, Call("is_true", (read.predicate,)), tuple(read.columns))


_MEND = 'Write a condition in SQL over one table\'s columns, such as "age >= 60", or "people: age >= 60".'


def _unread(entities: Mapping[str, Entity], words: str, several: Sequence[str]) -> str:
    if several:
        return f"{' and '.join(several)} have such columns"
    columns = [f.name for e in entities.values() for f in e.fields]
    near = [m for w in words.split() for m in difflib.get_close_matches(w, columns, 1, 0.7) if w not in columns]
    return "it is no condition over the columns of one table" + (f" (is {near[0]!r} meant?)" if near else "")


# ---- shares --------------------------------------------------------------------------------------
def _by_column(entities: Mapping[str, Entity], shares: Iterable[Share]) -> list[tuple[str, str, list[Share]]]:
    found: dict[tuple[str, str], list[Share]] = {}
    for share in shares:
        table, dot, column = share.column.rpartition(".")
        fits = [
            (n, column if n2 else share.column)
            for n, e in entities.items()
            for n2 in (bool(dot) and table in (n, e.table),)
            if any(f.name == (column if n2 else share.column) for f in e.fields)
        ]
        if len(fits) != 1:
            why = "no table has it" if not fits else "several tables have it"
            raise RequestError(f"{share.column}: {why}", where="--share", mend="Write COLUMN or TABLE.COLUMN.")
        found.setdefault(fits[0], []).append(share)
    for (_, column), several in found.items():
        if sum(s.share for s in several) > 1 + 1e-9:
            raise RequestError(f"shares of {column} come to more than 1", where="--share", mend="Ask for less.")
        if len({s.value for s in several}) < len(several):
            raise RequestError(f"a value of {column} stands there twice", where="--share", mend="Name each once.")
    return [(n, c, several) for (n, c), several in found.items()]


def _share(entity: Entity, column: str, several: Sequence[Share]) -> tuple[PlannedColumn, tuple[When, ...], Understood]:
    kind = entity.field(column).type
    values = [_value(kind, s) for s in several]
    rest = max(1.0 - sum(s.share for s in several), 0.0)
    wish = names.wish(column)
    drawn = Choice("wish", (*(s.share for s in several), rest) if rest > 1e-9 else tuple(s.share for s in several))
    said = ", ".join(f"{s.value} in {s.share:.0%}" for s in several)
    has = [Call("is_true", (Call("=", (Column(column), v)),)) for v in values]
    other = Call("not", (Call("or", tuple(has)),)) if len(has) > 1 else Call("not", (has[0],))
    whens = tuple(When(Call("=", (Column(wish), Const(i))), h) for i, h in enumerate(has))
    hidden = PlannedColumn(wish, Type(Kind.INTEGER), drawn, f"what {column} shall be: {said}", hidden=True)
    rule = Rule("share", f"{column}: {said}", (column,))
    made = tuple(When(Call("=", (Column(wish), Const(i))), v) for i, v in enumerate(values))
    return hidden, made, Understood(rule, Case(whens, other), (column, wish))


def _value(kind: Type, share: Share) -> Node:
    text = Const(share.value)
    return text if kind.kind in (Kind.TEXT, Kind.ENUM, Kind.UUID) else Cast(text, kind)
