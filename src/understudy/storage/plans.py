"""Plans on disk: a folder that travels whole and can prove that it arrived whole.

    x.plan/
      plan.json                      readable; names every artefact with its digest
      artefacts/NAME-DIGEST.arrow    Arrow IPC files, addressed by content

A folder appears complete or not at all: it is written beside its place and renamed.
"""

from __future__ import annotations

import errno
import hashlib
import os
import re
import shutil
from collections.abc import Mapping
from pathlib import Path

import msgspec
import pyarrow as pa

from understudy.errors import SourceError, StorageFullError, TargetError
from understudy.model.artefact import Artefact, ArtefactKind
from understudy.model.bundle import Bundle
from understudy.model.document import digest, from_json, to_json
from understudy.model.plan import ERA, Plan

PLAN_FILE = "plan.json"
FOLDER = "artefacts"
COLUMN = "value"
"""Column of the IPC file in which a bare array lies."""

NAME_BYTES = 100
"""Longest readable part of an artefact's file name; the digest tells artefacts apart."""

DIGEST_BYTES = 16
"""128 bits: no two artefacts of one plan meet by chance."""


def save(bundle: Bundle, path: str | Path) -> Plan:
    """Write ``bundle`` as folder ``path`` (one that holds a plan already is replaced) and return its plan
    as written, with the artefacts' digests. TargetError where ``path`` is something else;
    StorageFullError where the disk is full."""
    place = Path(path)
    _refuse_foreign(place)
    plan = stamped(bundle)
    fresh = place.parent / f".{place.name}.{os.getpid()}.new"
    try:
        _write(fresh, plan, bundle)
        _swap(fresh, place)
    except OSError as e:
        if e.errno in (errno.ENOSPC, errno.EDQUOT):
            raise StorageFullError("no room left on the disk", where=str(place), mend="Free space and repeat.") from e
        raise TargetError(
            f"cannot be written: {e.strerror or e}", where=str(place), mend="Choose another place."
        ) from e
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    return plan


def load(path: str | Path) -> Bundle:
    """Read the folder ``path`` (or its plan.json), every artefact verified against its digest; SourceError
    where it is no plan, of another era, incomplete or changed."""
    place = Path(path)
    folder = place.parent if place.name == PLAN_FILE else place
    try:
        text = (folder / PLAN_FILE).read_bytes()
    except OSError as e:
        reason = f"no plan: {PLAN_FILE} cannot be read ({e.strerror})"
        raise SourceError(reason, where=str(place), mend="Make one with `understudy plan SOURCE --save x.plan`.") from e
    plan = from_json(text, Plan, where=str(folder / PLAN_FILE))
    if plan.era != ERA:
        what = f"made under the rules of era {plan.era}; this version makes rows under those of era {ERA}"
        raise SourceError(what, where=str(place), mend="Plan anew, or install the version that made it.")
    return Bundle(plan=plan, artefacts={a.name: _read(folder, a) for a in plan.artefacts})


def plan_hash(bundle: Bundle) -> str:
    """Content hash of plan and artefacts, whether or not the plan names its digests yet."""
    return digest(stamped(bundle))


def stamped(bundle: Bundle) -> Plan:
    """The bundle's plan with the artefacts as they are; kinds that the plan names are kept."""
    kinds = {a.name: a.kind for a in bundle.plan.artefacts}
    return msgspec.structs.replace(bundle.plan, artefacts=describe(bundle.artefacts, kinds))


def describe(
    artefacts: Mapping[str, pa.Array | pa.Table], kinds: Mapping[str, ArtefactKind] | None = None
) -> tuple[Artefact, ...]:
    """The artefacts' descriptions, by name: digest of the Arrow IPC bytes, rows, and the kind as given or
    as it shows (table; pool where it is text; else array)."""
    known = kinds or {}
    return tuple(
        Artefact(name=n, kind=known.get(n) or _kind(a), digest=digest_of(serialised(a)), rows=len(a))
        for n, a in sorted(artefacts.items())
    )


def _kind(data: pa.Array | pa.Table) -> ArtefactKind:
    if isinstance(data, pa.Table):
        return ArtefactKind.TABLE
    t = data.type.value_type if pa.types.is_dictionary(data.type) else data.type
    textual = pa.types.is_string(t) or pa.types.is_large_string(t) or pa.types.is_string_view(t)
    return ArtefactKind.POOL if textual else ArtefactKind.ARRAY


def serialised(data: pa.Array | pa.Table) -> pa.Buffer:
    """Arrow IPC file bytes, uncompressed so that they do not follow a codec's version."""
    table = data if isinstance(data, pa.Table) else pa.Table.from_arrays([data], names=[COLUMN])
    sink = pa.BufferOutputStream()
    with pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table.combine_chunks() if table.num_rows else table)
    return sink.getvalue()


def digest_of(data: pa.Buffer) -> str:
    """The digest by which an artefact is named and proved."""
    return hashlib.blake2b(data, digest_size=DIGEST_BYTES).hexdigest()


def _file(artefact: Artefact) -> str:
    """A safe file name, also where the plan's text is a stranger's."""
    if not re.fullmatch(r"[0-9a-f]{32}", artefact.digest):
        raise SourceError(f"artefact {artefact.name!r} has no valid digest", mend="Plan anew.")
    readable = re.sub(r"[^\w.-]+", "_", artefact.name).strip(".").encode()[:NAME_BYTES].decode(errors="ignore")
    return f"{readable or '_'}-{artefact.digest}.arrow"


def _write(folder: Path, plan: Plan, bundle: Bundle) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    (folder / FOLDER).mkdir(parents=True)
    for artefact in plan.artefacts:
        with (folder / FOLDER / _file(artefact)).open("wb") as f:
            f.write(serialised(bundle.artefacts[artefact.name]))
    (folder / PLAN_FILE).write_text(to_json(plan) + "\n", encoding="utf-8")


def _swap(fresh: Path, place: Path) -> None:
    """Put ``fresh`` where ``place`` is; the old folder goes last, so that a kill never leaves none."""
    old = place.parent / f".{place.name}.{os.getpid()}.old"
    if place.exists():
        place.rename(old)
    try:
        fresh.rename(place)
    except OSError:
        if old.exists():
            old.rename(place)
        raise
    shutil.rmtree(old, ignore_errors=True)


def _refuse_foreign(place: Path) -> None:
    """Only a folder that is a plan, or an empty one, may be replaced."""
    if not place.exists():
        return
    if not place.is_dir() or (any(place.iterdir()) and not (place / PLAN_FILE).is_file()):
        raise TargetError("exists and is no plan", where=str(place), mend="Name another place.")


def _read(folder: Path, artefact: Artefact) -> pa.Array | pa.Table:
    place = folder / FOLDER / _file(artefact)
    try:
        data = pa.memory_map(str(place)).read_buffer()
    except OSError as e:
        what = f"artefact {artefact.name!r} cannot be read ({e.strerror or e})"
        raise SourceError(what, where=str(place), mend="Copy the plan's folder whole, or plan anew.") from e
    if digest_of(data) != artefact.digest:
        what = f"artefact {artefact.name!r} is not what was planned (its digest differs)"
        raise SourceError(what, where=str(place), mend="Copy the plan's folder anew, or plan anew.")
    try:
        table = pa.ipc.open_file(data).read_all()
    except pa.ArrowInvalid as e:
        raise SourceError(f"artefact {artefact.name!r} is no Arrow file: {e}", where=str(place)) from e
    if artefact.kind is ArtefactKind.TABLE:
        return table
    column = table.column(COLUMN)
    return column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()
