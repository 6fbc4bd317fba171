"""Sources and wishes to a plan, with a look at what the target already holds."""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from pathlib import Path

from understudy.errors import RequestError
from understudy.model.bundle import Bundle
from understudy.model.event import Listener, Notice, StageFinished, StageStarted, silent
from understudy.model.learned import Fitted
from understudy.model.lesson import Lesson
from understudy.model.request import Request
from understudy.model.schema import Schema
from understudy.model.snapshot import Snapshot
from understudy.workflow.patience import patient
from understudy.workflow.reading import DEFAULT, Reading, read

MOST_ERRORS, MOST_WARNINGS = 100, 10
"""Lines that are told before the work begins: errors say what is left out; warnings would bury them."""


def prepare(
    sources: Sequence[str],
    request: Request,
    target: str | None = None,
    listen: Listener = silent,
    reading: Reading = DEFAULT,
) -> Bundle:
    """Read, look at the target (where rows are to be added to it), plan. A saved plan comes back as it is."""
    if len(sources) == 1 and sources[0].rstrip("/").endswith(".plan"):
        from understudy.storage.plans import load

        return load(Path(sources[0]))
    schema, fitted = described(sources, listen, reading)
    return plan_schema(schema, request, target, listen, fitted)


def described(
    source: Sequence[str] | Schema, listen: Listener = silent, reading: Reading = DEFAULT
) -> tuple[Schema, Fitted | None]:
    """The schema of sources (or the one given) and the model among them; faults in it are told."""
    if isinstance(source, Schema):
        return source, None
    schema, fitted = read_learned(source, listen, reading)
    _tell_faults(schema, listen)
    return schema, fitted


def read_learned(
    sources: Sequence[str], listen: Listener = silent, reading: Reading = DEFAULT
) -> tuple[Schema, Fitted | None]:
    """The schema of the sources, and the model among them, if there is one. A model alone brings its own schema."""
    models = [s for s in sources if s.endswith(".model")]
    if not models:
        return read(sources, listen, reading), None
    if len(models) > 1:
        raise RequestError(f"two models: {models[0]} and {models[1]}", mend="Name one.")
    from understudy.storage.models import load_model

    fitted = load_model(Path(models[0]))
    others = [s for s in sources if s not in models]
    return (read(others, listen, reading) if others else fitted.model.schema), fitted


def _tell_faults(schema: Schema, listen: Listener) -> None:
    """What could not be read or followed, each with its place; the rest is read all the same."""
    for severity, most in (("error", MOST_ERRORS), ("warning", MOST_WARNINGS)):
        found = [r for r in schema.remarks if r.severity == severity]
        for remark in found[:most]:
            listen(Notice(f"{remark.place}: {remark.text}", severity))
        if len(found) > most:
            listen(Notice(f"{len(found) - most} more {severity}s of this kind: see `understudy inspect`", severity))


def plan_schema(
    schema: Schema,
    request: Request,
    target: str | None = None,
    listen: Listener = silent,
    fitted: Fitted | None = None,
) -> Bundle:
    """Plan a schema that is already read; ``fitted``: a model of its tables."""
    return planned(schema, request, look(schema, request, target, listen), fitted, (), listen)


def look(schema: Schema, request: Request, target: str | None, listen: Listener = silent) -> Snapshot:
    """What the target holds that planning must know: nothing, unless rows are added to it."""
    if not request.append or not target or target == "-":
        return Snapshot()
    from understudy.delivery import resolved

    place = resolved(target)
    return _snapshot(schema, place, listen) if "://" in place else Snapshot()


def planned(
    schema: Schema,
    request: Request,
    snapshot: Snapshot,
    fitted: Fitted | None,
    lessons: tuple[Lesson, ...],
    listen: Listener = silent,
) -> Bundle:
    """Plan with what the target holds and what a rehearsal taught."""
    from understudy.planning import plan

    started = time.monotonic()
    listen(StageStarted("plan"))
    with patient():
        bundle = plan(schema, request, snapshot, fitted, lessons)
    rows = sum(t.rows for t in bundle.plan.tables)
    told = f"{rows:,} rows in {len(bundle.plan.tables)} tables"
    if bundle.plan.faces:
        told += f", {sum(t.rows for t in bundle.plan.faces):,} documents for {len(bundle.plan.faces)} faces"
    listen(StageFinished("plan", time.monotonic() - started, told))
    return bundle


def _snapshot(schema: Schema, target: str, listen: Listener) -> Snapshot:
    """What keys and children need of the rows that are already there."""
    from understudy.sources.database.snapshot import snapshot

    started = time.monotonic()
    listen(StageStarted("snapshot"))
    wanted: dict[str, set[str]] = {e.name: set() for e in schema.entities if not e.view}
    for entity in schema.entities:
        if entity.view:
            continue
        for unique in entity.uniques:
            wanted[entity.name].update(unique.columns)
        texts = [text for x in entity.exclusions for text, _ in x.elements]
        texts += [part.text for u in entity.uniques for part in u.parts if part.text]
        texts += [f.generated for f in entity.fields if f.generated and f.name in wanted[entity.name]]
        wanted[entity.name].update(f.name for f in entity.fields if any(f.name in text for text in texts))
        for key in entity.foreign_keys:
            wanted[entity.name].update(key.columns)
            if key.target in wanted:
                wanted[key.target].update(key.target_columns)
    for text in (t.lower() for t in schema.prelude if "FUNCTION" in t.upper()):  # what functions of checks look up
        words = set(re.findall(r"\w+", text))
        for entity in (e for e in schema.entities if e.name in wanted and e.table.lower() in words):
            wanted[entity.name].update(f.name for f in entity.fields if f.name.lower() in words)
    found = snapshot(target, schema, {n: tuple(sorted(c)) for n, c in wanted.items()})
    held = sum(t.rows for t in found.tables.values())
    listen(StageFinished("snapshot", time.monotonic() - started, f"{held:,} rows are already there"))
    return found
