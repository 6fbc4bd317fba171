"""Asks an engine many questions in few round trips.

Questions about single rows of one table share one scan of it; scans and whole queries are joined by UNION ALL,
about a hundred counts a statement. A statement that fails is halved until the question that cannot be asked
stands alone; the others are answered as if it were not there.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

import msgspec

from understudy.model.violation import Verdict
from understudy.validation.engines import Engine, QueryError, unpacked
from understudy.validation.questions import Question

COUNTS_PER_STATEMENT = 100
"""1,000 tables with 30,000 constraints are 300 round trips; larger statements cost the servers' planners more."""

SAMPLE = 5
"""Offending rows shown per rule: enough to see what is wrong."""

MOST_SHOWN = 100_000
"""Offending rows where all are asked for."""

TEXT_LIMIT = 80
"""Characters shown of one value."""


class _Unit(msgspec.Struct, frozen=True):
    """Counts over one source: question numbers and their expressions."""

    source: str
    counts: tuple[tuple[int, str], ...]


def verdicts(engine: Engine, questions: Sequence[Question], able: str, shown: int = SAMPLE) -> tuple[Verdict, ...]:
    """One verdict per question, in order. ``able``: who could answer what this engine cannot; '' if nobody.
    ``shown``: offending rows given per rule, 0: all (at most :data:`MOST_SHOWN`)."""
    answers: dict[int, int | QueryError] = {}
    for batch in _batches(_units(questions)):
        _answer(engine, batch, answers)
    return tuple(_verdict(engine, q, answers.get(i), able, shown) for i, q in enumerate(questions))


def _units(questions: Sequence[Question]) -> Iterator[_Unit]:
    scans: dict[str, list[tuple[int, str]]] = {}
    for i, q in enumerate(questions):
        if q.reason:
            continue
        if q.scalar:
            yield _Unit("", ((i, f"({q.scalar})"),))
        else:
            scans.setdefault(q.source, []).append((i, f"count(CASE WHEN {q.bad} THEN 1 END)"))
    for source, counts in scans.items():
        for part in _cut(counts, COUNTS_PER_STATEMENT):
            yield _Unit(source, tuple(part))


def _cut(items: Sequence[Any], size: int) -> Iterator[Sequence[Any]]:
    return (items[i : i + size] for i in range(0, len(items), size))


def _batches(units: Iterator[_Unit]) -> Iterator[list[_Unit]]:
    batch: list[_Unit] = []
    for unit in units:
        if batch and sum(len(u.counts) for u in batch) + len(unit.counts) > COUNTS_PER_STATEMENT:
            yield batch
            batch = []
        batch.append(unit)
    if batch:
        yield batch


def _answer(engine: Engine, batch: list[_Unit], answers: dict[int, int | QueryError]) -> None:
    """Ask a batch; what fails is asked again in smaller parts."""
    todo = [batch]
    while todo:
        units = todo.pop()
        try:
            _ask(engine, units, answers)
        except QueryError as error:
            if len(units) == 1 and len(units[0].counts) == 1:
                answers[units[0].counts[0][0]] = error
            else:
                todo += _smaller(units, late=error.late)


def _smaller(units: list[_Unit], *, late: bool) -> list[list[_Unit]]:
    """Halves; where time ran out single counts at once, lest the same wait is had at every halving."""
    if late:
        return [[_Unit(u.source, (c,))] for u in units for c in u.counts]
    if len(units) > 1:
        middle = len(units) // 2
        return [units[:middle], units[middle:]]
    unit = units[0]
    middle = len(unit.counts) // 2
    return [[_Unit(unit.source, part)] for part in (unit.counts[:middle], unit.counts[middle:])]


def _ask(engine: Engine, units: list[_Unit], answers: dict[int, int | QueryError]) -> None:
    statement = " UNION ALL ".join(
        f"SELECT {i} AS i, {engine.packed([c for _, c in u.counts])} AS n{f' FROM {u.source}' if u.source else ''}"
        for i, u in enumerate(units)
    )
    for i, value in engine.rows(statement):
        numbers = (number for number, _ in units[int(i)].counts)
        answers.update(zip(numbers, unpacked(value), strict=True))


def _verdict(engine: Engine, q: Question, answer: int | QueryError | None, able: str, shown: int) -> Verdict:
    found = Verdict(table=q.table, kind=q.kind, rule=q.rule, text=q.text, method="", violations=None, column=q.column)
    if q.reason or isinstance(answer, QueryError) or answer is None:
        why = q.reason or (f"{engine.name}: {answer}" if answer is not None else "no answer came")
        could = f"; {able} could" if able and able not in why else ""
        return msgspec.structs.replace(found, reason=f"not verifiable here: {why}{could}")
    if answer and not q.declared:
        why = f"not verifiable here: nobody enforces it, and {answer:,} rows do not follow it"
        return msgspec.structs.replace(found, reason=why, method=q.method)
    sample = _sample(engine, q, shown) if answer else ()
    return msgspec.structs.replace(found, method=f"{q.method} ({engine.name})", violations=answer, sample=sample)


def _sample(engine: Engine, q: Question, shown: int) -> tuple[str, ...]:
    """A few offending rows as text; where they cannot be fetched, the count must do and the sample says so."""
    try:
        rows = engine.rows(f"{q.sample} LIMIT {shown or MOST_SHOWN}")
    except QueryError as e:
        return (f"(rows cannot be shown: {e})",)
    labels = [label for label, _ in q.shown]
    return tuple(", ".join(_said(n, v) for n, v in zip(labels, row, strict=True)) for row in rows)


def _said(label: str, value: object) -> str:
    return str(value) if label == "at" and isinstance(value, str) else f"{label}={_shown(value)}"


def _shown(value: object) -> str:
    match value:
        case None:
            return "NULL"
        case bytes():
            text = "0x" + value[: TEXT_LIMIT // 2].hex()
        case str():
            text = repr(value)
        case bool() | int() | float() | Decimal():
            text = str(value)
        case _:
            text = str(value)
    return text if len(text) <= TEXT_LIMIT else text[:TEXT_LIMIT] + "…"


def count_of(verdict: Sequence[Verdict]) -> int:
    """All violations together."""
    return sum(itertools.chain(v.violations or 0 for v in verdict))
