"""Tables whose rows are sequences of things without a table: split for learning, put together in the model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import msgspec

from understudy.errors import RequestError
from understudy.model.learned import Fitted, LearnedTable, Series
from understudy.model.schema import Entity

if TYPE_CHECKING:
    import pyarrow as pa

    from understudy.learning import Split
    from understudy.learning.relations import Children

PLAIN = ("auto", "trees", "fast")
"""Learners that a sequence of rows can be learned by."""


class Apart(msgspec.Struct):
    """All tables to be learned, things among them, with their rows; per table how it was split, its order column, and
    why."""

    entities: dict[str, Entity]
    held: dict[str, pa.Table]
    splits: dict[str, Split] = {}
    orders: dict[str, str] = {}
    why: dict[str, str] = {}

    def wished(self, learners: Mapping[str, str]) -> dict[str, str]:
        """Learners per table, also of the things."""
        own = {s.things.name: learners[name] for name, s in self.splits.items()}
        trees = {name: "trees" for name in self.splits if learners[name] == "auto"}
        return {**learners, **own, **trees}

    def series(
        self, tables: Mapping[str, LearnedTable], matched: Mapping[str, Mapping[str, Children]]
    ) -> tuple[Series, ...]:
        """What the model is to say of them."""
        found = []
        for name, split in self.splits.items():
            mean = matched[name][split.key.name].mean
            key = msgspec.structs.replace(split.key, fanout={"mean": round(mean, 4)})
            found.append(Series(name, split.things, key, self.orders[name], tables[split.things.name]))
        return tuple(found)


def split_off(
    chosen: Sequence[Entity], held: Mapping[str, pa.Table], learners: Mapping[str, str], asked: Mapping[str, str]
) -> Apart:
    """Split tables that are not laid out along a key of their own. ``asked``: per table the column that names the
    things ("": it is no sequence). RequestError where that cannot be."""
    from understudy.learning import sequence, split
    from understudy.learning.sequences import regular

    apart = Apart({e.name: e for e in chosen}, {e.name: held[e.name] for e in chosen})
    names = {n: e.name for e in chosen for n in (e.table, e.name)}
    if lost := [n for n in asked if n not in names]:
        raise RequestError(f"no table {lost[0]!r} is learned", where="--sequence", mend="Write TABLE=COLUMN.")
    wanted = {names[n]: column for n, column in asked.items()}
    for entity in chosen:
        name, by = entity.name, wanted.get(entity.name)
        laid = any(k.target in held and k.target != name for k in entity.foreign_keys)
        thing = any(k.target == name for e in chosen for k in e.foreign_keys)  # its rows are things themselves
        if by and laid:
            raise RequestError(
                f"{name} has a key to a table of its own", where=f"--sequence {name}={by}", mend="Leave it out."
            )
        if by and learners[name] not in PLAIN:
            mend = "Leave --model out, or take trees."
            raise RequestError(f"{learners[name]} learns no sequences by a column", where=f"{name}={by}", mend=mend)
        if (
            by == ""
            or laid
            or (by is None and thing)
            or learners[name] not in PLAIN
            or (by is None and regular(entity, held[name]))
        ):
            continue
        told = sequence(entity, held[name], by or "")
        if told is None:
            continue
        made = split(entity, held[name], told)
        apart.entities |= {name: made.entity, made.things.name: made.things}
        apart.held[made.things.name] = made.rows
        apart.splits[name], apart.orders[name] = made, told.order
        apart.why[name] = f"sequences of {told.by} over {told.order}: {told.why}"
    return apart


def refuse_things(fitted: Fitted, what: str) -> None:
    """RequestError where a model's rows are sequences of things without a table: who they are is not known of rows that
    are there, and new ones could take their names."""
    for series in fitted.model.series:
        raise RequestError(
            f"{series.table}: sequences of {series.key.columns[0]}, which has no table, cannot be {what}",
            mend=f"Fit a model without them: `understudy fit SOURCE --sequence {series.table}=`.",
        )
