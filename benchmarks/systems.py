"""One command on whole systems: what fusion finds of their ground truth, and whether the data satisfies every face.

    UNDERSTUDY_CORPORA=… python benchmarks/systems.py [--material FOLDER] [--save docs/evidence/systems.md]

``--material``: the corpus with the tests' sources written out (see its README); else what lies in the corpus. The
truth stands in ``systems_truth.yaml``, made by hand. Found: of the members named there, those that fusion put where
they belong. Settled: of the facets named there, those that came out as expected.
"""

# ruff: noqa: E501  the printout's lines are as long as they are

from __future__ import annotations

import argparse
import os
import platform
import re
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import yaml

from understudy.model.schema import Facet, Schema, Standing
from understudy.workflow.reading import Reading, read
from understudy.workflow.understanding import told

HERE = Path(__file__).parent
OWN = HERE.parent / "tests" / "fusion" / "systems"


class Row(msgspec.Struct, frozen=True):
    id: str
    says: dict[str, list[str]]
    expect: dict[str, Any]
    column: str = ""
    relation: str = ""
    never: list[str] = []


class Doors(msgspec.Struct, frozen=True):
    """What ``doors.py`` runs: the database that the first source, the DDL, is loaded into, and all sources."""

    database: str
    sources: list[str]


class System(msgspec.Struct, frozen=True):
    sources: list[str]
    rows: list[Row]
    doors: Doors | None = None


class Verdict(msgspec.Struct, frozen=True):
    """``found``: per kind of source whether a member of the row stands where it belongs; ``settled``: per facet."""

    row: Row
    found: dict[str, bool]
    settled: dict[str, tuple[bool, str]]
    trap: str = ""


def truth() -> dict[str, System]:
    """The corpus' systems, then two that lie among the tests."""
    found = {}
    for file in (HERE / "systems_truth.yaml", OWN / "truth.yaml"):
        found |= msgspec.convert(yaml.safe_load(file.read_text()), dict[str, System])
    return found


def sources(name: str, system: System | Doors, material: Path, corpora: Path) -> list[str]:
    """The system's sources that are there, from the written-out material first."""
    found = []
    for source in system.sources:
        places = [material / name / source, corpora / "systems" / name / source, OWN / name / source]
        place = next((p for p in places if p.exists()), None)
        if place is not None:
            found.append(str(place))
    return found


def judged(schema: Schema, system: System) -> list[Verdict]:
    return [_verdict(schema, row) for row in system.rows]


def _verdict(schema: Schema, row: Row) -> Verdict:
    if row.never:
        return Verdict(row, {}, {}, _trapped(schema, row))
    found = {kind: _found(schema, row, kind, names) for kind, names in row.says.items()}
    return Verdict(row, found, {f: _settled(schema, row, f, v) for f, v in row.expect.items()})


def _found(schema: Schema, row: Row, kind: str, names: list[str]) -> bool:
    for facet in schema.facets:
        subject = facet.subject
        if facet.standing == Standing.UNPLACED.value:
            continue
        if row.column and not (facet.facet == "field" and subject == row.column):
            continue
        if row.relation and not (facet.facet in ("collection", "derived") and subject == row.relation):
            continue
        for s in facet.support:
            said = s.asset or subject
            if s.kind == kind and any(said == n or said.endswith((f".{n}", f"/{n}")) for n in names):
                return True
    return False


def _trapped(schema: Schema, row: Row) -> str:
    """What was taken for a field or an entity and is none; "" where nothing was."""
    names = {e.name for e in schema.entities} | {f"{e.name}.{f.name}" for e in schema.entities for f in e.fields}
    wrong = [n for n in row.never if n in names]
    for facet in schema.facets:
        if facet.standing != Standing.UNPLACED.value and facet.facet in ("field", "aligned", "entity"):
            wrong += [s.asset for s in facet.support if s.asset and s.asset in row.never]
    return ", ".join(dict.fromkeys(wrong))


def _settled(schema: Schema, row: Row, facet: str, wanted: Any) -> tuple[bool, str]:
    table, _, column = row.column.rpartition(".")
    entity = schema.entity(table)
    field = entity.field(column)
    account = next((f for f in schema.facets if f.subject == row.column and f.facet == facet), None)
    match facet:
        case "type":
            return field.type.kind.value == wanted, field.type.kind.value
        case "nullability":
            required = not field.nullable or any(
                r.text.endswith("IS NOT NULL") and r.columns == (column,) for r in entity.checks
            )
            return required == (wanted == "required"), "required" if required else "may be null"
        case "unique":
            return any(u.columns == (column,) for u in entity.uniques), "keys"
        case "refers":
            to = [k.target for k in entity.foreign_keys if k.columns == (column,)]
            return wanted in to, ", ".join(to)
        case "meaning":
            from understudy.semantics import matches

            known = matches(entity, field)
            said = known[0].meaning if known else ""
            return said == wanted, said
        case "length":
            low, high = _length(account, field.type.length)
            least, _, most = wanted.partition("..")
            fits = (not least or (low or 0) == int(least) or ((low or 0) == 0 and int(least) <= 1)) and high == int(
                most
            )
            return fits, f"{low}..{high}"
        case "enum":
            said = _words(account) or set(field.type.labels)
            return said == set(wanted), ", ".join(sorted(said))
        case "pattern":
            said = account.value if account is not None else ""
            return wanted in said, said
    raise ValueError(facet)


def _length(account: Facet | None, stored: int | None) -> tuple[int | None, int | None]:
    if account is None:
        return None, stored
    text = account.value
    if found := re.match(r"(\d+) to (\d+) char", text):
        return int(found[1]), int(found[2])
    if found := re.match(r"exactly (\d+)", text):
        return int(found[1]), int(found[1])
    low = re.search(r"at least (\d+)", text)
    high = re.search(r"at most (\d+)", text)
    return int(low[1]) if low else None, int(high[1]) if high else stored


def _words(account: Facet | None) -> set[str]:
    if account is None or not account.value.startswith("one of "):
        return set()
    return set(account.value.removeprefix("one of ").split(", "))


# ---- printout ------------------------------------------------------------------------------------------
def report(verdicts: dict[str, list[Verdict]], schemas: dict[str, Schema], seconds: dict[str, float]) -> Iterator[str]:
    yield "# Whole systems, read as one\n"
    yield f"Made by `benchmarks/systems.py`, {datetime.now(UTC):%Y-%m-%d %H:%M} UTC, {platform.machine()}, {os.cpu_count()} cores,"
    yield f"Python {platform.python_version()}. The truth was written by hand (`benchmarks/systems_truth.yaml`) before fusion was run on it.\n"
    yield "| system | correspondences found | facets settled as expected | traps taken for data | time |"
    yield "|---|---|---|---|---|"
    totals = [0, 0, 0, 0, 0]
    for name, rows in verdicts.items():
        found = [f for v in rows for f in v.found.values()]
        settled = [s for v in rows for s, _ in v.settled.values()]
        traps = sum(bool(v.trap) for v in rows)
        yield f"| {name} | {_share(found)} | {_share(settled)} | {traps} of {sum(bool(v.row.never) for v in rows)} | {seconds[name]:.1f} s |"
        totals = [
            totals[0] + sum(found),
            totals[1] + len(found),
            totals[2] + sum(settled),
            totals[3] + len(settled),
            totals[4] + traps,
        ]
    yield f"| all | {totals[0]} of {totals[1]} ({totals[0] / totals[1]:.1%}) | {totals[2]} of {totals[3]} ({totals[2] / totals[3]:.1%}) | {totals[4]} | |\n"
    for name, rows in verdicts.items():
        summary = told(schemas[name])
        yield f"## {name}\n"
        shown = f"{summary.agreed} facets agreed, {summary.resolved} met together, {summary.set_aside} with a claim set aside"
        yield f"{shown}; {len(summary.unplaced)} members without a place; mean confidence {summary.confidence:.2f}.\n"
        for v in rows:
            missing = [k for k, ok in v.found.items() if not ok]
            wrong = [
                f"{f}: {said or 'nothing'} (expected {v.row.expect[f]})"
                for f, (ok, said) in v.settled.items()
                if not ok
            ]
            if missing or wrong or v.trap:
                parts = [f"not found in {', '.join(missing)}"] if missing else []
                yield f"- {v.row.id}: {'; '.join([*parts, *wrong, *([f'taken for data: {v.trap}'] if v.trap else [])])}"
        yield ""


def _share(marks: list[bool]) -> str:
    return f"{sum(marks)} of {len(marks)} ({sum(marks) / max(len(marks), 1):.1%})"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--material", type=Path, default=Path("/nowhere"))
    parser.add_argument("--save", type=Path)
    parser.add_argument("--only", default="")
    arguments = parser.parse_args()
    corpora = Path(os.environ.get("UNDERSTUDY_CORPORA", ""))
    verdicts: dict[str, list[Verdict]] = {}
    schemas: dict[str, Schema] = {}
    seconds: dict[str, float] = {}
    for name, system in truth().items():
        if arguments.only and arguments.only != name:
            continue
        began = time.monotonic()
        schemas[name] = read(sources(name, system, arguments.material, corpora), reading=Reading(cache=False))
        seconds[name] = time.monotonic() - began
        verdicts[name] = judged(schemas[name], system)
    text = "\n".join(report(verdicts, schemas, seconds))
    if arguments.save:
        arguments.save.write_text(text + "\n", encoding="utf-8")
    print(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
