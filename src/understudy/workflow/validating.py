"""Data against a schema, by engines that share nothing with the generator."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from understudy.errors import SourceError
from understudy.model.event import Listener, Notice, silent
from understudy.model.plan import Plan
from understudy.model.receipt import Receipt
from understudy.model.schema import Schema
from understudy.model.violation import Verdict

SHOWN = 5
"""Offending rows given per rule where nobody asks for more."""


def validate(schema: Schema, data: str, listen: Listener = silent, shown: int = SHOWN) -> tuple[Verdict, ...]:
    """A verdict per constraint of ``schema`` on the data in a database (URL), a folder or a file. ``shown``: offending
    rows given per rule (of files; 0: all of them)."""
    from understudy import validation

    data = _located(data)
    if "://" in data:
        return validation.validate_database(data, schema, None, listen)
    path = Path(data)
    found = validation.face_files(path, schema.faces) if path.is_dir() else {}
    judged = validation.validate_faces(schema.faces, found)
    left = _unjudged(path, [f for files in found.values() for f in files]) if path.is_dir() else 0
    if left:
        listen(Notice(f"{left} file(s) in {path / 'faces'} are of doors that no source named describes: not looked at"))
    if not any(not e.view for e in schema.entities):
        return judged
    from understudy.workflow.judging import in_the_wild, judge

    if in_the_wild(path):
        return (*judge(path, schema, listen, shown), *judged)
    return (*validation.validate_files(path, schema, listen=listen, shown=shown), *judged)


def _unjudged(folder: Path, judged: Sequence[Path]) -> int:
    """How many files of documents belong to no face that is known."""
    from understudy.validation.places import of_faces

    files = {p for p in (folder / "faces").rglob("*") if p.is_file() and of_faces(p.relative_to(folder))}
    return len(files - set(judged))


def _located(data: str) -> str:
    """A database's file, named by its path, as a URL."""
    from understudy.sources.signatures import HEAD_BYTES, signature

    if "://" in data or not Path(data).is_file():
        return data
    try:
        with Path(data).open("rb") as file:
            known = signature(file.read(HEAD_BYTES))
    except OSError as e:
        raise SourceError(f"cannot be read: {e.strerror}", where=data, mend="Change its permissions.") from e
    return f"{known.kind}:///{data}" if known is not None and known.kind in ("sqlite", "duckdb") else data


def verify_target(
    plan: Plan, target: str, receipts: Sequence[Receipt], listen: Listener = silent
) -> tuple[Verdict, ...]:
    """The same for what was just delivered, for the tables of the plan; nothing for standard output."""
    from understudy import validation

    tables = [t.name for t in plan.tables]
    if target == "-":
        return ()
    if "://" in target:
        return validation.validate_database(target, plan.schema, tables, listen)
    if Path(target).is_file():
        return validation.validate_files(Path(target), plan.schema, tables, listen)
    files: dict[str, list[Path]] = {}
    for receipt in receipts:
        files.setdefault(receipt.table, []).append(Path(receipt.place))
    made = {t.name for t in plan.faces}
    judged = validation.validate_faces(plan.schema.faces, {n: f for n, f in files.items() if n in made})
    of_tables = {n: f for n, f in files.items() if n not in made}
    return (*validation.validate_files(of_tables, plan.schema, listen=listen), *judged) if of_tables else judged
