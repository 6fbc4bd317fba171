"""Payloads for every operation and schema of every API description below a folder, judged by an oracle of others.

    python benchmarks/payloads.py CORPORA --oracle oracle_api.py [--rows 40] [--only TEXT] > docs/evidence/payloads.md

The oracle is a script with ``Spec`` and ``evaluate`` (see its help): it validates against the original file with
validators that nobody here wrote. Prints a table per file and what was not valid; exit code 1 where anything was not.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import platform
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

from understudy.errors import UnderstudyError
from understudy.kernels import Runtime
from understudy.model.face import FaceKind
from understudy.model.request import Request
from understudy.model.schema import Schema
from understudy.planning import plan
from understudy.sources.api import read

CLOCK = 1_764_288_000_000_000
SUITE = "test-suite"


def oracle(path: str) -> Any:
    spec = importlib.util.spec_from_file_location("oracle", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def documents(faces: Any, rows: int) -> tuple[dict[str, list[Any]], tuple[str, ...], tuple[str, ...]]:
    if not faces:
        return {}, (), ()
    bundle = plan(Schema("api", (), faces=faces), Request(default_rows=rows, clock=CLOCK, seed=7))
    runtime = Runtime(bundle)
    made = {
        t.name: [json.loads(str(v)) for v in runtime.batch(t.name, 0, t.rows).column(0).to_pylist()]
        for t in bundle.plan.faces
    }
    unmet = tuple(w for w in bundle.plan.warnings if "no document obeys" in w)
    return made, unmet, tuple(w for w in bundle.plan.warnings if w not in unmet)


def targets(face: Any, payloads: list[Any]) -> list[tuple[str, list[Any], str]]:
    """(the oracle's name, payloads, mode) of a face."""
    if face.kind is FaceKind.COMPONENT:
        return [(face.origin.place, payloads, "write")]
    if face.kind is FaceKind.RESPONSE:
        return [(face.name, payloads, "read")]
    if face.kind is FaceKind.REQUEST:
        return [(face.name, payloads, "write")]
    found: dict[str, list[Any]] = {}
    for p in payloads:
        for where, members in p.items():
            for name, value in members.items():
                shown = f"{{{name}}}" if where == "path" else f"?{name}"
                found.setdefault(f"{face.name} {shown}", []).append(value)
    return [(t, v, "write") for t, v in found.items()]


class Tally:
    def __init__(self) -> None:
        self.payloads = self.valid = self.targets = self.unmet = 0
        self.shares: list[float] = []
        self.distinct: list[float] = []
        self.rows: list[str] = []
        self.notes: list[str] = []


def whole(judges: Any) -> type:
    """The oracle's reader of a description, which finds what a definition of a bare schema refers to."""

    class Whole(judges.Spec):  # type: ignore[misc]
        def schema_of(self, target: str) -> Any:
            if self.kind == "jsonschema" and target.startswith("#/"):
                return {"$ref": self.base + target}, self.base
            return super().schema_of(target)

    return Whole


def graphql(path: Path, shown: str, rows: int, tally: Tally) -> None:
    """Variables and operations of a GraphQL schema, judged by graphql-core."""
    from graphql import build_client_schema, build_schema, parse, validate
    from graphql.execution.values import get_variable_values

    text = path.read_text(encoding="utf-8")
    started = time.process_time()
    try:
        evidence = read(str(path))
    except UnderstudyError as error:
        tally.rows.append(f"| {shown} | refused: {error.what} | | | | | |")
        return
    if not evidence.faces:
        tally.rows.append(f"| {shown} | 0 | 0 | – | – | {time.process_time() - started:.2f} | 0.0 |")
        return
    reading = time.process_time() - started
    if text.lstrip().startswith("{"):
        held = json.loads(text)
        schema = build_client_schema(held.get("data", held), assume_valid=True)
    else:
        schema = build_schema(text, assume_valid=True, assume_valid_sdl=True)
    started = time.process_time()
    made, unmet, warnings = documents(evidence.faces, rows)
    making = time.process_time() - started
    n = valid = 0
    shares: list[float] = []
    distinct: list[float] = []
    for face in evidence.faces:
        held = json.loads(face.document)
        tree = parse(held["$comment"])
        wrong = validate(schema, tree)
        sets = made.get(f"{face.kind.value}/{face.name}", [])
        operation: Any = tree.definitions[0]
        for values in sets:
            found = get_variable_values(schema, operation.variable_definitions, values)
            fine = not wrong and not isinstance(found, list)  # a list is one of errors
            valid += fine
            if not fine:
                tally.notes.append(f"{shown}: {face.name}: {str(wrong[:1] or found)[:200]}")
        n += len(sets)
        optional = [m for m in held["properties"] if m not in held.get("required", ())]
        if sets and optional:
            shares.append(sum(m in v for v in sets for m in optional) / len(sets) / len(optional))
        if sets:
            distinct.append(100 * len({json.dumps(v, sort_keys=True) for v in sets}) / len(sets))
    tally.notes += [f"{shown}: {u}" for u in (*unmet, *warnings)]
    tally.payloads, tally.valid, tally.targets = tally.payloads + n, tally.valid + valid, tally.targets + len(made)
    tally.unmet += len(unmet)
    tally.shares += shares
    tally.distinct += distinct
    share = f"{sum(shares) / len(shares):.2f}" if shares else "–"
    pct = f"{100 * valid / n:.2f}" if n else "–"
    tally.rows.append(f"| {shown} | {len(made)} | {n} | {pct} | {share} | {reading:.2f} | {making:.1f} |")


def judge(judges: Any, path: Path, shown: str, rows: int, tally: Tally) -> None:
    started = time.process_time()
    try:
        evidence = read(str(path))
    except UnderstudyError as error:
        tally.rows.append(f"| {shown} | refused: {error.what} | | | | | |")
        return
    reading = time.process_time() - started
    started = time.process_time()
    made, unmet, warnings = documents(evidence.faces, rows)
    making = time.process_time() - started
    spec = whole(judges)
    specs = {m: spec(path, m) for m in ("write", "read")}
    n = valid = count = 0
    shares: list[float] = []
    distinct: list[float] = []
    for face in evidence.faces:
        payloads = made.get(f"{face.kind.value}/{face.name}")
        if not payloads or "#/webhooks" in face.origin.place:
            continue
        for target, values, mode in targets(face, payloads):
            try:
                found = judges.evaluate(specs[mode], target, values)
                if face.kind is FaceKind.COMPONENT and not found["valid"]:  # required and read-only: a response
                    found = judges.evaluate(specs["read"], target, values)
            except Exception as error:  # the oracle's own trouble with a target is told, not counted as ours
                tally.notes.append(
                    f"{shown}: {target}: the oracle cannot judge it: {type(error).__name__}: {error}"[:200]
                )
                continue
            crashed = sum(found["validator_errors"].values())
            if crashed:
                tally.notes.append(f"{shown}: {target}: the oracle failed: {list(found['validator_errors'])[:1]}"[:200])
            n, valid, count = n + found["n"] - crashed, valid + found["valid"], count + 1
            if found["mean_optional_presence"] is not None:
                shares.append(found["mean_optional_presence"])
            distinct.append(found["distinct_pct"])
            if found["valid"] + crashed < found["n"]:
                wrong = f"{found['n'] - found['valid']} invalid: {found['sample_errors'][:2]}"
                tally.notes.append(f"{shown}: {target}: {wrong}")
    tally.notes += [f"{shown}: {u}" for u in unmet] + [f"{shown}: {w}" for w in warnings]
    tally.payloads, tally.valid, tally.targets = tally.payloads + n, tally.valid + valid, tally.targets + count
    tally.unmet += len(unmet)
    tally.shares += shares
    tally.distinct += distinct
    share = f"{sum(shares) / len(shares):.2f}" if shares else "–"
    pct = f"{100 * valid / n:.2f}" if n else "–"
    tally.rows.append(f"| {shown} | {count} | {n} | {pct} | {share} | {reading:.2f} | {making:.1f} |")


def suite(judges: Any, path: Path, shown: str, rows: int, tally: Tally, folder: Path) -> None:
    """A file of the JSON Schema test suite: each of its schemas as a file of its own."""
    draft = {"draft7": "http://json-schema.org/draft-07/schema#"}.get(path.parent.name, "")
    for number, group in enumerate(json.loads(path.read_text())):
        schema = group["schema"]
        if isinstance(schema, bool):
            continue
        single = folder / f"{path.parent.name}-{path.stem}-{number}.json"
        single.write_text(json.dumps({"$schema": draft, **schema} if draft and "$schema" not in schema else schema))
        impossible = not any(t["valid"] for t in group["tests"])
        before = tally.unmet
        judge(judges, single, f"{shown}[{number}] {group['description']}", rows, tally)
        if impossible and tally.unmet > before:
            tally.unmet = before  # nothing obeys it, and that was said
            tally.notes.pop()


def main() -> None:
    import tempfile

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("corpora", type=Path)
    parser.add_argument("--oracle", required=True)
    parser.add_argument("--rows", type=int, default=40)
    parser.add_argument("--only", default="")
    wishes = parser.parse_args()
    judges, tally = oracle(wishes.oracle), Tally()
    files = sorted(
        p
        for kind in ("openapi", "swagger2", "jsonschema", "graphql", "systems")
        for p in (wishes.corpora / kind).rglob("*")
        if p.suffix in (".json", ".yaml", ".yml", ".graphql", ".graphqls", ".gql")
        and (kind != "systems" or "/api/" in str(p))
        and "postman" not in str(p)
    )
    with tempfile.TemporaryDirectory() as folder:
        for path in files:
            shown = str(path.relative_to(wishes.corpora))
            if wishes.only and wishes.only not in shown:
                continue
            print(shown, file=sys.stderr)
            if shown.startswith("graphql/"):
                graphql(path, shown, wishes.rows, tally)
            elif SUITE in shown:
                suite(judges, path, shown, wishes.rows, tally, Path(folder))
            else:
                judge(judges, path, shown, wishes.rows, tally)
    lines = [r for r in tally.rows if SUITE not in r]
    own = [r for r in tally.rows if SUITE in r]
    print(f"Measured {time.strftime('%Y-%m-%d')} on {platform.machine()}, Python {platform.python_version()}.\n")
    print(f"{tally.targets} targets, {tally.payloads} payloads, {tally.valid} valid", end=" ")
    print(f"({100 * tally.valid / max(tally.payloads, 1):.3f} %); {tally.unmet} schemas said to be impossible.")
    if tally.shares:
        print(f"Optional members present: {sum(tally.shares) / len(tally.shares):.2f} on average.")
        print(f"Distinct payloads: {sum(tally.distinct) / len(tally.distinct):.1f} % on average.\n")
    print(
        "| file | targets | payloads | valid % | optional | read s | plan and make s |\n|---|---|---|---|---|---|---|"
    )
    print("\n".join(lines))
    kinds = Counter("valid" if "| 100.00 |" in r else "other" for r in own)
    if own:
        print(f"\nJSON Schema test suite: {len(own)} schemas, {kinds['valid']} with payloads that are all valid.\n")
    print("\n".join(f"- {n}" for n in tally.notes))
    sys.exit(tally.valid < tally.payloads)


if __name__ == "__main__":
    main()
