"""A share of real rows among those of a model, where the model's privacy allows it.

Whole families are taken: a real row comes with its children, and with whatever else they refer to.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from understudy.errors import RequestError
from understudy.model.bundle import Bundle
from understudy.model.event import Listener, Notice, StageFinished, StageStarted, silent
from understudy.model.learned import Fitted
from understudy.model.request import Request
from understudy.model.schema import Entity
from understudy.workflow.keys import beyond
from understudy.workflow.sequencing import refuse_things
from understudy.workflow.using import delivered, made_rows, model_of, parents, real_rows

if TYPE_CHECKING:
    import pyarrow as pa

    from understudy.workflow.using import Above

FREE = "low"
"""The privacy level whose models may stand beside real rows without being asked."""


def mix(
    model: str | Path | Fitted,
    real: str,
    ratio: float,
    request: Request,
    *,
    allowed: bool = False,
    listen: Listener = silent,
) -> Bundle:
    """A plan of rows of which the share ``ratio`` (above 0, below 1) is made by ``model`` and the rest taken from
    ``real``; shares count in tables without parents, the others follow. ``request``: sizes and conditions of all rows.

    RequestError for models with differential privacy (real rows void the guarantee), for those of the levels medium
    and high unless ``allowed``, and where there are too few real rows.
    """
    if not 0 < ratio < 1:
        mend = "Name a share between 0 and 1, such as 0.8; leave it out for synthetic rows alone."
        raise RequestError(f"{ratio:g} is no share of synthetic rows", where="--synthetic-ratio", mend=mend)
    fitted = model_of(model)
    _permitted(fitted, allowed)
    refuse_things(fitted, "mixed with real rows")
    started = time.monotonic()
    listen(StageStarted("mix", f"{1 - ratio:.0%} real rows"))
    ours = real_rows(fitted, real)
    made = made_rows(fitted, msgspec.structs.replace(request, scale=request.scale * ratio))
    taken = _families(fitted, ours, {n: t.num_rows / ratio * (1 - ratio) for n, t in made.items()}, request.seed)
    fresh = beyond(fitted.model.schema, made, taken)
    tables = {n: _shuffled(n, taken.get(n), t, request.seed) for n, t in fresh.items()}
    counts = {n: taken[n].num_rows for n in tables if n in taken and taken[n].num_rows}
    said = [f"{n}: {k:,} real rows among {tables[n].num_rows:,}" for n, k in counts.items()]
    for line in said:
        listen(Notice(line, "info"))
    listen(StageFinished("mix", time.monotonic() - started, f"{sum(counts.values()):,} real rows"))
    why = dict.fromkeys(tables, "rows of the model and real ones")
    return delivered(fitted.model.schema, tables, why, counts, said, request.seed)


def _permitted(fitted: Fitted, allowed: bool) -> None:
    card = fitted.model.card
    if card.guarantee is not None:
        raise RequestError(
            "the model's differential privacy would be void beside real rows",
            where="--synthetic-ratio",
            mend="Leave it out, or fit without --epsilon.",
        )
    levels = {card.privacy, *card.levels.values()} - {FREE}
    if levels and not allowed:
        raise RequestError(
            f"a model of privacy {' and '.join(sorted(levels))} does not stand beside real rows",
            where="--synthetic-ratio",
            mend="Add --allow-real if everybody who gets the data may see them, or fit with --privacy low.",
        )


def _families(
    fitted: Fitted, ours: Mapping[str, pa.Table], wanted: Mapping[str, float], seed: int
) -> dict[str, pa.Table]:
    """Real rows of tables without parents, as many as wanted, with their descendants and whatever these refer to."""
    import numpy as np
    import pyarrow as pa

    from understudy.rng import bits, key

    entities = {n: fitted.model.schema.entity(n) for n in ours}
    chosen = {n: np.zeros(t.num_rows, np.bool_) for n, t in ours.items()}
    above = {n: parents(e, ours) for n, e in entities.items()}
    for name, rows in ours.items():
        if above[name]:
            continue
        number = round(wanted.get(name, 0.0))
        if number > rows.num_rows:
            raise RequestError(
                f"{number:,} real rows are wanted, {rows.num_rows:,} are there",
                where=name,
                mend="Ask for fewer rows, or for a larger --synthetic-ratio.",
            )
        order = np.argsort(bits(np.arange(rows.num_rows), key(seed, name, "real")))
        chosen[name][order[:number]] = True
    for name in _downwards(entities, above):
        if above[name]:
            laid, at = _first(fitted, entities[name], above[name])
            chosen[name] |= (at >= 0) & chosen[laid.target][np.maximum(at, 0)]
    for name in reversed(_downwards(entities, above)):
        for k, at in above[name]:
            chosen[k.target][at[chosen[name] & (at >= 0)]] = True
    return {n: t.filter(pa.array(chosen[n])) for n, t in ours.items()}


def _first(fitted: Fitted, entity: Entity, above: Sequence[Above]) -> Above:
    """The reference along which a table's rows are children of one parent."""
    from understudy.learning.relations import link_of

    table = fitted.model.table(entity.name)
    along = None if table is None or table.along is None else table.along.link
    return next((found for found in above if link_of(found[0]) == along), above[0])


def _downwards(entities: Mapping[str, Entity], above: Mapping[str, Sequence[Above]]) -> list[str]:
    """Parents before children; in a circle as they stand."""
    out: list[str] = []
    todo = list(entities)
    while todo:
        ready = [n for n in todo if not any(k.target in todo and k.target != n for k, _ in above[n])] or todo[:1]
        out += ready
        todo = [n for n in todo if n not in ready]
    return out


def _shuffled(name: str, real: pa.Table | None, made: pa.Table, seed: int) -> pa.Table:
    """Both together, in an order that does not tell which is which."""
    import numpy as np
    import pyarrow as pa

    from understudy.rng import bits, key
    from understudy.workflow.using import below_one_another

    if real is None or not real.num_rows:
        return made
    whole = below_one_another(real, made)
    return whole.take(pa.array(np.argsort(bits(np.arange(whole.num_rows), key(seed, name, "mixed")))))
