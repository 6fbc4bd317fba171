"""Documents of faces as files: ``faces/request/POST__owners.jsonl``, a document a line (or one JSON array)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from understudy.delivery.files.names import file_names
from understudy.delivery.files.spool import whole_file
from understudy.errors import InternalError
from understudy.model.batch import Batch
from understudy.model.plan import Plan
from understudy.model.receipt import Receipt
from understudy.ports.sink import Part

FACES = "faces"
"""The folder beside the tables' files."""


def is_face(plan: Plan, table: str) -> bool:
    """Whether a planned table holds the documents of a face."""
    return any(t.name == table for t in plan.faces)


def face_parts(plan: Plan, file_format: str, run: str = "") -> tuple[Part, ...]:
    """One part a face; ``run``: what is put behind the names of an added run."""
    ending = ".json" if file_format == "json" else ".jsonl"
    found: list[Part] = []
    kinds: dict[str, list[str]] = {}
    for table in plan.faces:
        kind, _, name = table.name.partition("/")
        kinds.setdefault(kind, []).append(name)
    names = {(k, n): stem for k, group in kinds.items() for n, stem in file_names(plan.schema, tuple(group)).items()}
    for table in plan.faces:
        kind, _, name = table.name.partition("/")
        found.append(Part(table.name, 0, table.rows, f"{FACES}/{kind}/{names[kind, name]}{run}{ending}"))
    return tuple(found)


def write_face(path: Path, part: Part, batches: Iterator[Batch]) -> Receipt:
    """Write the documents of one face."""
    from understudy.delivery.text import columns as text  # it imports pyarrow.compute, a tenth of a small run

    lines = path.suffix == ".jsonl"
    rows = 0
    with whole_file(path) as file:
        if not lines:
            file.write(b"[")
        for batch in batches:
            column = batch.data.column(0)
            documents = text.plain(column)
            if not len(documents):
                continue
            if lines:
                file.write(text.text_bytes(text.framed(documents, "", "\n")))
            else:
                made = text.text_bytes(text.framed(documents, ",\n", ""))
                file.write(made if rows else made[1:])
            rows += len(documents)
        if not lines:
            file.write(b"\n]\n" if rows else b"]\n")
    if rows != part.stop - part.start:
        raise InternalError(f"{part.table}: rows {part.start}..{part.stop} were wanted, {rows} came")
    return Receipt(part.table, part.start, part.stop, rows, str(path), file.size, file.digest)
