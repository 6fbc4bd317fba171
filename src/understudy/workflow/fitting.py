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
from understudy.model.learned import Card, Fitted, LearnedTable, Model
from understudy.model.schema import Entity, Schema
from understudy.workflow.reading import read, shown
from understudy.workflow.rows import rows_of

if TYPE_CHECKING:
    import pyarrow as pa

    from understudy.learning import Children, Level, Represented

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
        self.entities, self.held, self.level, self.seed, self.listen = entities, held, level, seed, listen
        self.artefacts: dict[str, pa.Array | pa.Table] = {}
        self.known: dict[str, tuple[Represented, ...]] = {}
        self.means: dict[tuple[str, str], Children] = {}

    def order(self) -> list[str]:
        """Parents before children; in a circle as they stand."""
        out: list[str] = []
        todo = list(self.entities)
        while todo:
            waiting = set(todo)
            ready = [n for n in todo if not any(k.target in waiting - {n} for k in self.entities[n].foreign_keys)]
            ready = ready or todo[:1]
            out += ready
            todo = [n for n in todo if n not in ready]
        return out

    def keep(self, name: str, values: pa.Array | pa.Table) -> str:
        self.artefacts[name] = values
        return name

    def table(self, name: str) -> LearnedTable:
        from understudy.learning import children, fit_table, given_by

        entity, data = self.entities[name], self.held[name]
        given: list[Represented] = []
        counts: dict[str, tuple[float, ...]] = {}
        for key in entity.foreign_keys:
            if key.target not in self.known or key.target == name:
                continue
            found = children(key, data, self.held[key.target])
            self.means[name, key.name] = found
            counts[key.name] = found.counts
            given += given_by(key, key.name or "_".join(("fk", *key.columns)), found, self.known[key.target])
        settled = {c for k in entity.foreign_keys for c in k.columns}
        settled |= {c for u in entity.uniques if u.primary or len(u.columns) == 1 for c in u.columns}
        table, self.known[name] = fit_table(
            entity,
            data,
            level=self.level,
            skipped=sorted(settled),
            given=given,
            counts=counts,
            seed=self.seed,
            keep=self.keep,
        )
        for column, why in table.left.items():
            self.listen(Notice(f"{name}.{column} is not learned: {why}", "info"))
        return table

    def with_fanouts(self, schema: Schema) -> Schema:
        """The schema with the children per parent that were seen, for the reference of each table that says most: the
        one whose parents have the fewest."""
        entities = []
        for entity in schema.entities:
            mine = [(found.mean, key) for (table, key), found in self.means.items() if table == entity.name]
            mine = [(mean, key) for mean, key in mine if mean > 0]
            keys = entity.foreign_keys
            if mine:
                mean, least = min(mine)
                keys = tuple(
                    msgspec.structs.replace(k, fanout={"mean": round(mean, 4)}) if k.name == least else k for k in keys
                )
            entities.append(msgspec.structs.replace(entity, foreign_keys=keys))
        return msgspec.structs.replace(schema, entities=tuple(entities))
