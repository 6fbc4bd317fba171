"""Learning from the rows of a system: sources in, a fitted model out."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from understudy.errors import RequestError
from understudy.model.event import Listener, Notice, StageFinished, StageStarted, silent
from understudy.model.learned import Along, Card, Fitted, LearnedTable, Model
from understudy.model.schema import Entity, Schema
from understudy.workflow.reading import read, shown
from understudy.workflow.rows import rows_of

if TYPE_CHECKING:
    import pyarrow as pa

    from understudy.learning import Level, Member, Represented

MOST_ROWS = 200_000
"""Rows of a table that are learned from; of more, a sample that depends on their keys only, and the card says so."""


def fit(
    source: str,
    *,
    privacy: str = "medium",
    seed: int = 0,
    only: Sequence[str] = (),
    most_rows: int = MOST_ROWS,
    listen: Listener = silent,
) -> Fitted:
    """A model of the tables of ``source`` that hold rows.

    ``privacy``: how near it may stay to them (low, medium, high). Columns that keys and references settle are not
    learned: they are made as in any plan. Raises RequestError where nothing can be learned.
    """
    from understudy.learning import LEVELS
    from understudy.workflow.versions import versions

    if privacy not in LEVELS:
        raise RequestError(f"there is no privacy level {privacy!r}", mend=f"Known: {', '.join(LEVELS)}.")
    schema = read([source], listen)
    started = time.monotonic()
    listen(StageStarted("fit", shown(source)))
    held = rows_of(source, schema, most_rows)
    chosen = [e for e in schema.entities if e.name in held and (not only or e.name in only or e.table in only)]
    if not chosen:
        raise RequestError("there are no rows to learn from", where=shown(source), mend="Name data that holds rows.")
    fitting = _Fitting({e.name: e for e in chosen}, held, LEVELS[privacy], seed, listen)
    tables = tuple(fitting.table(n) for n in fitting.order())
    seen = sum(t.seen for t in tables)
    listen(StageFinished("fit", time.monotonic() - started, f"{seen:,} rows in {len(tables)} tables"))
    notes = tuple(f"{t.name}.{c} is not learned: {why}" for t in tables for c, why in t.left.items())
    card = Card(shown(source), datetime.now(UTC).isoformat(timespec="seconds"), versions(), privacy, {}, notes)
    return Fitted(Model(schema.name, fitting.with_fanouts(schema), tables, card), fitting.artefacts)


def keep_model(fitted: Fitted, path: Path) -> None:
    """Write a model as one file; TargetError where that is not possible."""
    from understudy.storage.models import save_model

    save_model(fitted, path)


class _Fitting:
    """Tables fitted parents first, each given what its parents are."""

    def __init__(
        self, entities: Mapping[str, Entity], held: Mapping[str, pa.Table], level: Level, seed: int, listen: Listener
    ) -> None:
        from understudy.learning import family

        self.members: dict[str, Member] = family(entities, {n: held[n] for n in entities})
        self.level, self.seed, self.listen = level, seed, listen
        self.artefacts: dict[str, pa.Array | pa.Table] = {}
        self.known: dict[str, tuple[Represented, ...]] = {}

    def order(self) -> list[str]:
        """Parents before children; in a circle as they stand."""
        out: list[str] = []
        todo = list(self.members)
        while todo:
            waiting = set(todo)
            ready = [n for n in todo if not any(k.target in waiting - {n} for k in self.members[n].entity.foreign_keys)]
            ready = ready or todo[:1]
            out += ready
            todo = [n for n in todo if n not in ready]
        return out

    def keep(self, name: str, values: pa.Array | pa.Table) -> str:
        self.artefacts[name] = values
        return name

    def table(self, name: str) -> LearnedTable:
        from understudy.learning import counts_column, fit_table, given_by, link_of, run_of
        from understudy.learning.columns import HIDDEN

        member = self.members[name]
        entity = member.entity
        given: list[Represented] = []
        counts: dict[str, tuple[float, ...]] = {}
        for key in entity.foreign_keys:
            if key.target not in self.known or key.target == name or key.name not in member.matched:
                continue
            found = member.matched[key.name]
            counts[key.name] = found.counts
            told = [c for c in self.known[key.target] if c.name != counts_column(name, key)]
            given += given_by(link_of(key), found, told)
        table, self.known[name] = fit_table(
            entity,
            member.data,
            level=self.level,
            skipped=member.settled,
            given=given,
            counts=counts,
            extra=member.extra,
            run=member.run if member.along is None or member.along.target in self.known else None,
            order=member.order,
            seed=self.seed,
            keep=self.keep,
        )
        for column, why in table.left.items():
            self.listen(Notice(f"{name}.{column} is not learned: {why}", "info"))
        if member.along is None or member.along.target not in self.known:
            return table
        link = link_of(member.along)
        along = Along(link, HIDDEN + counts_column(name, member.along), run_of(link, table.hidden))
        return msgspec.structs.replace(table, along=along)

    def with_fanouts(self, schema: Schema) -> Schema:
        """The schema with the children per parent that were seen, for the key along which each table is laid out."""
        entities = []
        for entity in schema.entities:
            member = self.members.get(entity.name)
            keys = entity.foreign_keys
            if member is not None and member.along is not None:
                along = member.along
                mean = round(member.matched[along.name].mean, 4)
                keys = tuple(
                    msgspec.structs.replace(k, fanout={"mean": mean}) if k.name == along.name else k for k in keys
                )
            entities.append(msgspec.structs.replace(entity, foreign_keys=keys))
        return msgspec.structs.replace(schema, entities=tuple(entities))
