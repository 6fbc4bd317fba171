"""A schema of a lending library, small and with something of everything: unique texts and pairs, owned and drawn
children, a hierarchy, ordered moments, checks, derived columns, nullable columns, an aggregate over children."""

from __future__ import annotations

import hashlib
from pathlib import Path

import msgspec

from understudy import workflow
from understudy.generation import Executor, stream
from understudy.model.bundle import Bundle
from understudy.model.editable import from_yaml
from understudy.model.request import Request
from understudy.model.schema import Schema

TEXT = """
name: library
dialect: sqlite
entities:
- name: branch
  fields:
  - {name: id, type: {kind: integer}, nullable: false}
  - {name: name, type: {kind: text, length: 40}, nullable: false}
  - {name: part_of, type: {kind: integer}}
  uniques:
  - {name: branch_pk, parts: [{column: id}], primary: true}
  - {name: branch_name, parts: [{column: name}]}
  foreign_keys:
  - {name: branch_part_of, columns: [part_of], target: branch, target_columns: [id]}
- name: reader
  fields:
  - {name: id, type: {kind: integer}, nullable: false}
  - {name: email, type: {kind: text, length: 80}, nullable: false}
  - {name: first_name, type: {kind: text, length: 40}, nullable: false}
  - {name: home, type: {kind: integer}, nullable: false}
  - {name: joined_on, type: {kind: date}, nullable: false}
  - {name: left_on, type: {kind: date}}
  uniques:
  - {name: reader_pk, parts: [{column: id}], primary: true}
  - {name: reader_email, parts: [{column: email}]}
  foreign_keys:
  - {name: reader_home, columns: [home], target: branch, target_columns: [id]}
  checks:
  - {name: reader_days, text: left_on >= joined_on, columns: [joined_on, left_on]}
- name: loan
  fields:
  - {name: id, type: {kind: integer}, nullable: false}
  - {name: reader_id, type: {kind: integer}, nullable: false}
  - {name: state, type: {kind: text, length: 10}, nullable: false, values: [open, back, lost]}
  - {name: note, type: {kind: text, length: 200}}
  - {name: items, type: {kind: integer}, nullable: false, derive: count(item.loan_id)}
  - {name: worth, type: {kind: decimal, precision: 14, scale: 2}, nullable: false, derive: sum(item.fee)}
  uniques:
  - {name: loan_pk, parts: [{column: id}], primary: true}
  foreign_keys:
  - {name: loan_reader, columns: [reader_id], target: reader, target_columns: [id], fanout: {mean: 3}}
- name: item
  fields:
  - {name: loan_id, type: {kind: integer}, nullable: false}
  - {name: number, type: {kind: integer, bits: 16}, nullable: false}
  - {name: days, type: {kind: integer, bits: 16}, nullable: false}
  - {name: rate, type: {kind: decimal, precision: 8, scale: 2}, nullable: false}
  - {name: fee, type: {kind: decimal, precision: 12, scale: 2}, nullable: false, derive: days * rate}
  uniques:
  - {name: item_pk, parts: [{column: loan_id}, {column: number}], primary: true}
  foreign_keys:
  - {name: item_loan, columns: [loan_id], target: loan, target_columns: [id], fanout: {min: 1, max: 5, mean: 2}}
  checks:
  - {name: item_days, text: days BETWEEN 1 AND 60, columns: [days]}
  - {name: item_rate, text: rate > 0 AND rate < 20, columns: [rate]}
"""
SCHEMA = from_yaml(TEXT, Schema)
CLOCK = 1_780_000_000_000_000
ROWS = {"branch": 12, "reader": 150, "loan": 450, "item": 900}


def planned(schema: Schema = SCHEMA, *, batch_rows: int = 128, seed: int = 5, rows: dict[str, int] = ROWS) -> Bundle:
    """A plan of the schema that nothing stands against."""
    bundle = workflow.plan_schema(schema, Request(rows=rows, seed=seed, clock=CLOCK))
    assert not bundle.plan.unmet
    return with_batches(bundle, batch_rows)


def with_batches(bundle: Bundle, batch_rows: int) -> Bundle:
    """The same plan in batches of another size."""
    return msgspec.structs.replace(bundle, plan=msgspec.structs.replace(bundle.plan, batch_rows=batch_rows))


def rows(bundle: Bundle, table: str, start: int = 0, stop: int | None = None) -> list[dict[str, object]]:
    """Rows as Python values."""
    end = bundle.plan.table(table).rows if stop is None else stop
    return [r for b in stream(bundle, table, start, end, omitted=True) for r in b.data.to_pylist()]


def column(bundle: Bundle, table: str, name: str, stop: int | None = None) -> list[object]:
    """One column."""
    return [r[name] for r in rows(bundle, table, 0, stop)]


def everything(bundle: Bundle, work: Executor | None = None) -> dict[str, list[dict[str, object]]]:
    """All rows by table, from an executor or from here."""
    flow = work.streamer(bundle) if work else lambda t, a, b: stream(bundle, t, a, b)
    return {t.name: [r for b in flow(t.name, 0, t.rows) for r in b.data.to_pylist()] for t in bundle.plan.tables}


def digests(folder: Path) -> dict[str, str]:
    """Checksum of each file below a folder, by its place in there."""
    found = (p for p in sorted(folder.rglob("*")) if p.is_file())
    return {p.relative_to(folder).as_posix(): hashlib.blake2b(p.read_bytes()).hexdigest() for p in found}
