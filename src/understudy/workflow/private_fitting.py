"""Learning with differential privacy: what it costs is settled, written down and only then spent."""

from __future__ import annotations

import secrets
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from understudy.errors import InternalError, RequestError
from understudy.model.event import Listener, Notice, StageFinished, StageStarted, silent
from understudy.model.learned import Card, Fitted, Guarantee, Model, Spent
from understudy.model.schema import Entity, Schema
from understudy.workflow.extras import require
from understudy.workflow.reading import read, shown
from understudy.workflow.rows import rows_of

if TYPE_CHECKING:
    import pyarrow as pa

    from understudy.learning.private import Public
    from understudy.storage.ledgers import Ledger

ALL_ROWS = 1 << 40
"""No sample: one that depends on how many rows there are would let a single row move all others."""

DELTA = 1e-6
"""Should be well below one over the number of rows; a larger one lets somebody's row out now and then."""

MECHANISM = (
    "noisy marginals, chosen in rounds by the exponential mechanism and measured with Gaussian noise (MST and AIM: "
    "McKenna et al. 2021, 2022), values that nobody declared above a threshold (Korolova et al. 2009), one "
    "distribution inferred from them (McKenna, Sheldon, Miklau 2019)"
)
ACCOUNTANT = "Rényi accountant of dp-accounting; exponential mechanism as epsilon²/8-zCDP (Cesar and Rogers 2021)"


class Terms(msgspec.Struct, frozen=True):
    """What a private fit may cost. ``ledger``: the file that keeps count, ``limit``: the epsilon that all releases of
    the source may reach together from now on."""

    epsilon: float
    delta: float = DELTA
    ledger: str = ""
    limit: float | None = None


def fit_privately(
    source: str,
    terms: Terms,
    *,
    model: str,
    public: str = "",
    only: Sequence[str] = (),
    secret: int | None = None,
    listen: Listener = silent,
) -> Fitted:
    """A model of ``source`` whose every trace of a single row is hidden: see :class:`Guarantee`. ``model``: what the
    ledger calls it; ``public``: a schema that declares what everybody knows. ``secret``: what the noise is drawn from;
    only for tests, for whoever knows it sees through the noise.

    Raises RequestError where epsilon, delta or the ledger's limit do not allow it, or there are no rows.
    """
    from understudy.storage.ledgers import Release, held, load_ledger, place_of, save_ledger

    _checked(terms)
    require("scipy", "dp_accounting")
    name = _identity(source)
    place = Path(terms.ledger) if terms.ledger else place_of(name)
    with held(place):
        before = load_ledger(place, name)
        limit = before.limit if terms.limit is None else terms.limit
        made = datetime.now(UTC).isoformat(timespec="seconds")
        release = Release(model, made, terms.epsilon, terms.delta, _planned(terms))
        after = msgspec.structs.replace(before, releases=(*before.releases, release), limit=limit)
        _afforded(before, after, place)
        schema, held_rows, known = _material(source, public, only, listen)
        save_ledger(after, place)
        started = time.monotonic()
        listen(StageStarted("fit", f"{shown(source)}, epsilon {terms.epsilon:g}"))
        fitted, by_table = _fitted(schema, held_rows, known, terms, secret, listen)
        spent = tuple(s for found in by_table.values() for s in found)
        release = msgspec.structs.replace(release, spent=spent)
        after = msgspec.structs.replace(after, releases=(*before.releases, release))
        save_ledger(after, place)
    listen(StageFinished("fit", time.monotonic() - started, f"{len(fitted.model.tables)} tables"))
    total = _total(after)
    guarantee = Guarantee(
        terms.epsilon,
        terms.delta,
        MECHANISM,
        ACCOUNTANT,
        known.said,
        spent,
        (round(total, 4), after.delta),
        str(place),
        {n: round(_alone(found, terms.delta / len(by_table)), 4) for n, found in by_table.items()},
    )
    return _carded(fitted, source, made, guarantee)


class _Known(msgspec.Struct, frozen=True):
    """What was taken as public, per table, and in words."""

    columns: dict[str, dict[str, Public]]
    said: tuple[str, ...]


def _checked(terms: Terms) -> None:
    if not 0 < terms.epsilon < float("inf"):
        mend = "Name a number above 0: 1 protects well, 10 hardly."
        raise RequestError(f"epsilon cannot be {terms.epsilon:g}", where="--epsilon", mend=mend)
    if not 0 < terms.delta < 1:
        mend = "Name a number above 0 and far below one over the number of rows, such as 1e-6."
        raise RequestError(f"delta cannot be {terms.delta:g}", where="--delta", mend=mend)
    if terms.limit is not None and not terms.limit > 0:
        raise RequestError(f"a limit cannot be {terms.limit:g}", where="--limit", mend="Name a number above 0.")


def _identity(source: str) -> str:
    return shown(source) if "://" in source else str(Path(source).resolve())


def _planned(terms: Terms) -> tuple[Spent, ...]:
    from understudy.learning.private import shares

    rho, delta = shares(terms.epsilon, terms.delta)
    return Spent("rho", rho, 1, "planned"), Spent("threshold", delta, 1, "planned")


def _total(ledger: Ledger) -> float:
    from understudy.learning.private import epsilon_of

    return epsilon_of(ledger.spent, ledger.delta) if ledger.releases else 0.0


def _alone(spent: Sequence[Spent], delta: float) -> float:
    from understudy.learning.private import epsilon_of

    return epsilon_of(spent, delta)


def _afforded(before: Ledger, after: Ledger, place: Path) -> None:
    if after.limit is None:
        return
    total = _total(after)
    if total > after.limit * (1 + 1e-9):
        raise RequestError(
            f"epsilon would reach {total:.3g}, over the limit of {after.limit:g}; {len(before.releases)} releases of "
            f"this source came to {_total(before):.3g}",
            where=str(place),
            mend="Ask for a smaller --epsilon, or use a model that was released.",
        )


def _material(
    source: str, public: str, only: Sequence[str], listen: Listener
) -> tuple[Schema, dict[str, pa.Table], _Known]:
    """The schema as far as it is public, the rows, and what was taken as known."""
    from understudy.learning.private import bare, declared
    from understudy.learning.private.declared import structure
    from understudy.sources.recognise import recognise

    found = read([source], listen)
    live = recognise(source).kind == "database"
    held = rows_of(source, found, ALL_ROWS)
    chosen = [e for e in found.entities if e.name in held and (not only or e.name in only or e.table in only)]
    if not chosen:
        raise RequestError("there are no rows to learn from", where=shown(source), mend="Name data that holds rows.")
    entities = [structure(e) if live else bare(e) for e in chosen]
    said = ["names and kinds of columns"] + (["the database's structure"] if live else [])
    dialect = found.dialect
    if public:
        there = read([public], listen)
        dialect = there.dialect or dialect
        entities = [structure(_named(there, e, public, alone=len(chosen) == 1)) for e in entities]
        said.append(f"what {shown(public)} declares")
    known = {e.name: declared(e, dialect) for e in entities}
    kept = {e.name for e in entities}
    entities = [
        msgspec.structs.replace(e, foreign_keys=tuple(k for k in e.foreign_keys if k.target in kept)) for e in entities
    ]
    schema = Schema(
        found.name,
        tuple(entities),
        dialect if live or public else "",
        default_namespace=found.default_namespace,
        types=found.types if live else (),
    )
    return schema, {e.name: held[e.name] for e in chosen}, _Known(known, tuple(said))


def _named(there: Schema, entity: Entity, public: str, *, alone: bool) -> Entity:
    """The public description of a table, under the table's own name."""
    tables = [e for e in there.entities if not e.view]
    found = [e for e in tables if e.table.lower() == entity.table.lower()] or (tables if alone else [])
    if len(found) != 1:
        raise RequestError(f"it does not describe {entity.name}", where=public, mend="Name its table as the data do.")
    described = {f.name: f for f in found[0].fields}
    fields = tuple(described.get(f.name, f) for f in entity.fields)
    return msgspec.structs.replace(found[0], name=entity.name, fields=fields, foreign_keys=())


def _fitted(
    schema: Schema, held: dict[str, pa.Table], known: _Known, terms: Terms, secret: int | None, listen: Listener
) -> tuple[Fitted, dict[str, list[Spent]]]:
    import numpy as np

    from understudy.learning.private import Budget, epsilon_of, fit_private, shares

    rho, delta = shares(terms.epsilon, terms.delta)
    random = np.random.default_rng(secrets.randbits(256) if secret is None else secret)
    artefacts: dict[str, pa.Array | pa.Table] = {}

    def keep(name: str, values: pa.Array | pa.Table) -> str:
        artefacts[name] = values
        return name

    tables, spent = [], dict[str, list[Spent]]()
    for entity in schema.entities:
        budget = Budget(rho / len(schema.entities), delta / len(schema.entities), random)

        def tell(what: str, name: str = entity.name) -> None:
            listen(StageStarted(f"fit {name}", what))

        settled = {c for k in entity.foreign_keys for c in k.columns}
        settled |= {c for u in entity.uniques if u.primary or len(u.columns) == 1 for c in u.columns}
        table = fit_private(
            entity, held[entity.name], known.columns[entity.name], budget, skipped=sorted(settled), keep=keep, tell=tell
        )
        for column, why in table.left.items():
            listen(Notice(f"{entity.name}.{column} is not learned: {why}", "info"))
        tables.append(table)
        spent[entity.name] = budget.spent
    total = epsilon_of([s for found in spent.values() for s in found], terms.delta)
    if total > terms.epsilon * (1 + 1e-6):
        raise InternalError(f"the fit cost epsilon {total:g}, more than {terms.epsilon:g}")
    card = Card("", "")
    return Fitted(Model(schema.name, schema, tuple(tables), card), artefacts), spent


def _carded(fitted: Fitted, source: str, made: str, guarantee: Guarantee) -> Fitted:
    from understudy.workflow.versions import versions

    tables = fitted.model.tables
    notes = [f"{t.name}.{c} is not learned: {why}" for t in tables for c, why in t.left.items()]
    notes.append(
        f"({guarantee.epsilon:g}, {guarantee.delta:g})-differential privacy for tables that differ by one row: whoever "
        "has rows in several tables, or several rows in one, is protected for each of them, not for all together"
    )
    if len(tables) > 1:
        notes.append("tables are learned each on its own: counts per parent and trends across tables are not")
    card = Card(
        shown(source),
        made,
        versions(),
        "differential",
        {"epsilon": guarantee.epsilon, "delta": guarantee.delta},
        tuple(notes),
        guarantee,
    )
    return msgspec.structs.replace(fitted, model=msgspec.structs.replace(fitted.model, card=card))
