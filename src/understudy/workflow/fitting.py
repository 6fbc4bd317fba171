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
from understudy.model.learned import Along, Card, Chosen, Fitted, LearnedTable, Model
from understudy.model.schema import Entity, Schema
from understudy.workflow.extras import require
from understudy.workflow.levels import level_of, levels_of, with_schema
from understudy.workflow.reading import read, shown
from understudy.workflow.rows import rows_of
from understudy.workflow.sequencing import split_off
from understudy.workflow.writing import wishes, with_texts

if TYPE_CHECKING:
    import pyarrow as pa

    from understudy.learning import Choice, Level, Member, Represented
    from understudy.model.plan import PlannedColumn
    from understudy.model.schema import ForeignKey

GRAPH = "node2vec"
MOST_ROWS = 200_000
"""Rows of a table that are learned from; of more, a sample that depends on their keys only, and the card says so."""


def fit(
    source: str,
    *,
    privacy: str = "medium",
    seed: int = 0,
    only: Sequence[str] = (),
    learners: Mapping[str, str] | None = None,
    levels: Mapping[str, str] | None = None,
    schema: str = "",
    most_rows: int = MOST_ROWS,
    anomalies: bool = False,
    sequences: Mapping[str, str] | None = None,
    listen: Listener = silent,
) -> Fitted:
    """A model of the tables of ``source`` that hold rows.

    ``privacy``: how near it may stay to them (low, medium, high); ``levels``: per table, ``column`` or ``table.column``
    another one, before those that ``schema`` says, a saved one whose levels of tables and fields count. Columns that
    keys and references settle are not learned: they are made as in any plan. ``learners``: per table the learner to
    take ("": for all others), else the one that suits it; per ``table.field`` what writes its texts (``t5``,
    ``t5:FOLDER``). ``anomalies``: learn as well how rows stand out. ``sequences``: per table the column that
    says whose sequence a row belongs to ("": none), else what the rows tell. Raises RequestError where nothing can be
    learned.
    """
    from understudy.learning import LEVELS
    from understudy.workflow.versions import versions

    if wrong := [p for p in (privacy, *(levels or {}).values()) if p not in LEVELS]:
        mend = f"Known: {', '.join(LEVELS)}."
        raise RequestError(f"there is no privacy level {wrong[0]!r}", where="--privacy", mend=mend)
    require("sklearn")
    understood = read([source], listen)
    started = time.monotonic()
    listen(StageStarted("fit", shown(source)))
    held = rows_of(source, understood, most_rows)
    chosen = [e for e in understood.entities if e.name in held and (not only or e.name in only or e.table in only)]
    if not chosen:
        raise RequestError("there are no rows to learn from", where=shown(source), mend="Name data that holds rows.")
    of_fields, of_tables = wishes(chosen, learners)
    protected = levels_of(with_schema(chosen, schema), privacy, levels or {})
    built = {e.name: level_of(privacy, protected, e) for e in chosen}
    apart = split_off(chosen, held, of_tables, sequences or {})
    built |= {s.things.name: built[name] for name, s in apart.splits.items()}
    fitting = _Fitting(apart.entities, apart.held, built, seed, apart.wished(of_tables), of_fields, listen)
    fitting.anomalies = anomalies
    tables = fitting.tables()
    series = apart.series({t.name: t for t in tables}, {n: m.matched for n, m in fitting.members.items()})
    tables = tuple(t for t in tables if t.name not in {s.things.name for s in series})
    seen = sum(t.seen for t in tables)
    listen(StageFinished("fit", time.monotonic() - started, f"{seen:,} rows in {len(tables)} tables"))
    notes = tuple(f"{t.name}.{c} is not learned: {why}" for t in tables for c, why in t.left.items())
    notes += tuple(f"{name}: {why}" for name, why in (*fitting.why.items(), *apart.why.items()))
    card = Card(
        shown(source),
        datetime.now(UTC).isoformat(timespec="seconds"),
        versions(),
        privacy,
        {},
        notes,
        levels=protected,
        protection={n: LEVELS[n].said for n in LEVELS if n in {privacy, *protected.values()}},
    )
    model = Model(understood.name, fitting.with_fanouts(understood, tables), tables, card, series=series)
    return Fitted(model, fitting.artefacts)


def keep_model(fitted: Fitted, path: Path) -> None:
    """Write a model as one file; TargetError where that is not possible."""
    from understudy.storage.models import save_model

    save_model(fitted, path)


class _Fitting:
    """Tables fitted parents first, each given what its parents are."""

    def __init__(
        self,
        entities: Mapping[str, Entity],
        held: Mapping[str, pa.Table],
        levels: Mapping[str, Level],
        seed: int,
        wishes: Mapping[str, str],
        writers: Mapping[str, Mapping[str, str]],
        listen: Listener,
    ) -> None:
        from understudy.learning import family

        self.members: dict[str, Member] = family(entities, {n: held[n] for n in entities})
        self.levels, self.seed, self.listen = levels, seed, listen
        self.artefacts: dict[str, pa.Array | pa.Table] = {}
        self.known: dict[str, tuple[Represented, ...]] = {}
        self.later: dict[str, list[PlannedColumn]] = {}
        self.wishes, self.writers, self.why = wishes, writers, dict[str, str]()
        self.anomalies = False
        self.communities = {n: self._joined(n) for n in self.members if wishes[n] == GRAPH}

    def _joined(self, name: str) -> dict[str, Represented]:
        """Communities of the rows that a table joins, per table: hidden columns of these, learned like others."""
        from understudy.learning import communities, joined

        member = self.members[name]
        keys = joined(member.entity, member.matched)
        if keys is None:
            raise RequestError(
                f"{name} joins no two rows of others", where=f"--model {name}={GRAPH}", mend="Use trees."
            )
        found = communities(name, keys, member.matched, self.seed)
        for table, column in found.items():
            self.members[table].extra.insert(0, column)
        return found

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

    def tables(self) -> tuple[LearnedTable, ...]:
        """All of them; parents with what their children choose them by."""
        made = [self.table(n) for n in self.order()]
        return tuple(msgspec.structs.replace(t, hidden=(*t.hidden, *self.later.get(t.name, ()))) for t in made)

    def keep(self, name: str, values: pa.Array | pa.Table) -> str:
        self.artefacts[name] = values
        return name

    def table(self, name: str) -> LearnedTable:
        from understudy.learning import Task, counts_column, forms, link_of, ready, run_of, suited, with_unusual
        from understudy.learning.columns import HIDDEN

        member = self.members[name]
        given = {k.name: self._given(name, k) for k in member.keys if k.target in self.known and k.target != name}
        laid = member.along is not None and member.along.name in given
        choices = self._choices(name, given)

        def tell(column: str, number: int, of: int) -> None:
            self.listen(StageStarted(f"fit {name}", f"{column} ({number + 1} of {of})"))

        task = Task(
            member.entity,
            member.data,
            level=self.levels[name],
            skipped=member.settled,
            given=[column for columns in given.values() for column in columns],
            counts={key: member.matched[key].counts for key in given},
            extra=member.extra,
            choices=choices,
            own={link_of(k): member.matched[k.name] for k in member.keys if k.target == name},
            run=member.run if laid else None,
            order=member.order,
            seed=self.seed,
            keep=self.keep,
            tell=tell,
        )
        learner, why = suited(member.data.num_rows, self.wishes[name], task)
        ready(learner.name)
        self.why[name] = f"learned as {learner.name} ({learner.says}): {why}"
        table, self.known[name] = learner.fit(task)
        if name in self.writers:
            table = with_texts(task, table, self.known[name], self.writers[name])
        if self.anomalies:
            table = with_unusual(table, self.known[name], self.seed, self.keep)
        table = msgspec.structs.replace(table, forms=forms(member.entity, member.data))
        for column, why in table.left.items():
            self.listen(Notice(f"{name}.{column} is not learned: {why}", "info"))
        chosen = {
            c.link: Chosen(HIDDEN + c.column.name, c.classes.name, HIDDEN + counts_column(name, k), c.size)
            for c in choices
            for k in member.keys
            if link_of(k) == c.link
        }
        if member.along is None or not laid:
            return msgspec.structs.replace(table, chosen=chosen)
        link = link_of(member.along)
        run = run_of(link, table.hidden, {n: c.column for n, c in chosen.items()})
        along = Along(link, HIDDEN + counts_column(name, member.along), run)
        return msgspec.structs.replace(table, along=along, chosen=chosen)

    def _given(self, name: str, key: ForeignKey) -> list[Represented]:
        """What a parent tells of its children."""
        from understudy.learning import counts_column, given_by, link_of

        told = [c for c in self.known[key.target] if c.name != counts_column(name, key)]
        return given_by(link_of(key), self.members[name].matched[key.name], told)

    def _choices(self, name: str, given: Mapping[str, list[Represented]]) -> list[Choice]:
        """How rows choose their parents along keys that do not lay them out, and that share no column with others."""
        from understudy.learning import choice, chosen_by_community, link_of

        member = self.members[name]
        found = []
        for key in member.keys:
            others = {c for k in member.entity.foreign_keys if k is not key for c in k.columns}
            if key is member.along or key.name not in given or others & set(key.columns):
                continue
            if name in self.communities:
                column = self.communities[name][key.target]
                made = chosen_by_community(name, key, member.matched[key.name], column)
                self.later.setdefault(key.target, []).append(made.classes)
                found.append(made)
                continue
            beside = [c for n, columns in given.items() if n != key.name for c in columns]
            made = choice(
                name,
                link_of(key),
                member.matched[key.name].parents,
                self.known[key.target],
                beside,
                self.seed,
                self.keep,
            )
            self.later.setdefault(key.target, []).append(made.classes)
            found.append(made)
        return found

    def with_fanouts(self, schema: Schema, tables: Sequence[LearnedTable]) -> Schema:
        """The schema with the children per parent that were seen, for the key along which each table is laid out, and
        how often references are empty (where the choice of a parent does not say so itself)."""
        learned = {t.name: t for t in tables}
        return msgspec.structs.replace(
            schema, entities=tuple(self._told(e, learned.get(e.name)) for e in schema.entities)
        )

    def _told(self, entity: Entity, table: LearnedTable | None) -> Entity:
        from understudy.learning import link_of

        if table is None:
            return entity
        member = self.members[entity.name]
        along = "" if member.along is None else member.along.name
        mean = round(member.matched[along].mean, 4) if along else 0.0
        keys = tuple(
            msgspec.structs.replace(k, fanout={"mean": mean}) if along and k.name == along else k
            for k in entity.foreign_keys
        )
        absent = {}
        for key in member.keys:
            share = 0.0 if link_of(key) in table.chosen else float((member.matched[key.name].parents < 0).mean())
            absent.update(dict.fromkeys(key.columns, round(share, 6)))
        fields = tuple(
            msgspec.structs.replace(f, null_share=absent[f.name]) if f.name in absent and f.nullable else f
            for f in entity.fields
        )
        return msgspec.structs.replace(entity, foreign_keys=keys, fields=fields)
