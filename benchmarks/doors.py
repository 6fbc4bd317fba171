"""Whole systems by one command: rows in a real database, payloads and form records of the same rows, all judged by
others.

    UNDERSTUDY_CORPORA=… python benchmarks/doors.py --material FOLDER --judge PYTHON [--rows 50] [--only NAME] [--save FILE]

Per system of ``systems_truth.yaml``: its DDL is loaded by the database's own client, then one
``understudy generate DDL SPECIFICATION PAGES TESTS --to DATABASE --faces FOLDER`` is run, and its outcome is judged by the
oracles beside the corpora (``oracle_db.py`` by query; ``oracle_api.py`` against the specification, in the environment
of PYTHON; ``oracle_form.py`` in real Chromium). Exit code 1 where a row was rejected, or anything was not valid.
"""

# ruff: noqa: E501  the printout's lines are as long as they are

from __future__ import annotations

import argparse
import json
import os
import platform
import re
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from forms import ORACLES, Tally, judge
from systems import OWN, Doors, sources, truth
from understudy.model.face import FaceKind
from understudy.model.manifest import Manifest
from understudy.model.schema import Schema
from understudy.sources.ui import page_files
from understudy.validation import face_files
from understudy.workflow.reading import read

SERVER = "postgresql://postgres@127.0.0.1/"
CLIENT = ("mariadb", "-h", "127.0.0.1", "-u", "root")
MARIADB = "mariadb://root@127.0.0.1/"
NAMES = "us_fuse_doors_"


class Outcome(msgspec.Struct):
    """What became of one system."""

    command: str = ""
    seconds: float = 0.0
    log: list[str] = []
    sent: int = 0
    rejected: int = 0
    verified: str = ""
    oracle: str = ""
    payloads: dict[str, tuple[int, int]] = {}
    """By kind: valid, all."""
    targets: int = 0
    faults: list[str] = []
    forms: Tally | None = None

    @property
    def holds(self) -> bool:
        every = all(valid == count for valid, count in self.payloads.values())
        forms = self.forms is None or (
            self.forms.valid == self.forms.records and self.forms.template_valid == self.forms.template_records
        )
        return (
            not self.rejected
            and self.verified.endswith(" 0 broken")
            and self.oracle.startswith("0 of")
            and every
            and forms
        )


def run(command: list[str], **settings: Any) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, timeout=1800, check=False, **settings)


class Database:
    """An empty database with the system's structure, gone afterwards."""

    def __init__(self, name: str, kind: str, ddl: str, folder: Path) -> None:
        self.name, self.kind, self.file = NAMES + name.replace("-", "_"), kind, folder / "rows.db"
        if kind == "sqlite":
            self.url, self.server = f"sqlite:///{self.file}", f"sqlite:///{self.file}"
            with sqlite3.connect(self.file) as connection:
                connection.executescript(Path(ddl).read_text(encoding="utf-8"))
            connection.close()
            return
        if kind == "mariadb":
            self.url, self.server = MARIADB + self.name, MARIADB
            self.drop()
            run([*CLIENT, "-e", f"create database `{self.name}`"])
            made = run([*CLIENT, self.name], input=Path(ddl).read_text(encoding="utf-8"))
            if made.returncode:
                raise SystemExit(f"{ddl}: {made.stderr.strip()}")
            return
        self.url, self.server = SERVER + self.name, SERVER
        self._psql("postgres", f'drop database if exists "{self.name}"', f'create database "{self.name}"')
        loaded = run(["psql", "-qX", "-v", "ON_ERROR_STOP=1", SERVER + self.name, "-f", ddl])
        if loaded.returncode:
            raise SystemExit(f"{ddl}: {loaded.stderr.strip()}")

    def _psql(self, database: str, *statements: str) -> None:
        run(["psql", "-qX", SERVER + database, *(a for s in statements for a in ("-c", s))])

    def drop(self) -> None:
        if self.kind == "mariadb":
            run([*CLIENT, "-e", f"drop database if exists `{self.name}`"])
        elif self.kind != "sqlite":
            self._psql("postgres", f'drop database if exists "{self.name}"')

    def oracle(self, command: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        name = [] if self.kind == "sqlite" else ["--db", self.name]
        return run([sys.executable, str(ORACLES / "oracle_db.py"), command, "--url", self.server, *name, *arguments])


def at_the_doors(name: str, doors: Doors, where: argparse.Namespace, corpora: Path, folder: Path) -> Outcome:
    given = sources(name, doors, where.material, corpora)
    if len(given) < len(doors.sources):
        raise SystemExit(f"{name}: not all of {', '.join(doors.sources)} are there")
    found = Outcome()
    database = Database(name, doors.database, given[0], folder)
    try:
        before, faces = folder / "before.json", folder / "faces"
        database.oracle("snapshot", "--out", str(before))
        command = [
            "generate",
            *given,
            "--to",
            database.url,
            "--append",
            "--rows",
            str(where.rows),
            "--faces",
            str(faces),
            "--json",
        ]
        started = time.monotonic()
        made = run([sys.executable, "-m", "understudy.cli.main", *command])
        found.seconds = time.monotonic() - started
        shown = [
            s.removeprefix(f"{where.material}/").removeprefix(f"{corpora / 'systems'}/").removeprefix(f"{OWN}/")
            for s in given
        ]
        found.command = f"understudy generate {' '.join(shown)} --to {doors.database}://… --append --rows {where.rows} --faces FOLDER"
        found.log = [line for line in made.stderr.splitlines() if line.startswith("warning")]
        if made.returncode not in (0, 1) or not made.stdout.strip():
            found.faults.append(made.stderr.strip().splitlines()[-1])
            found.rejected = -1
            return found
        manifest = msgspec.json.decode(made.stdout.encode(), type=Manifest)
        _rows(found, manifest, database, before, folder)
        schema = read(given)
        _payloads(found, schema, given[1], faces, where.judge, folder)
        _forms(found, schema, given, faces)
    finally:
        database.drop()
    return found


def _rows(found: Outcome, manifest: Manifest, database: Database, before: Path, folder: Path) -> None:
    found.sent, found.rejected = sum(t.sent for t in manifest.tables), sum(t.rejected for t in manifest.tables)
    verified = [c for c in manifest.constraints if c.violations is not None]
    broken = sum(bool(c.violations) for c in verified)
    found.verified = f"{len(verified)} of {len(manifest.constraints)} verified, {broken} broken"
    report = folder / "oracle.json"
    told = database.oracle("check", "--baseline", str(before), "--out", str(report))
    if told.returncode == 2:
        found.oracle = told.stderr.strip()
        return
    judged = json.loads(report.read_text())
    summary = judged["summary"]
    found.oracle = f"{summary['violated_constraints']} of {summary['constraints_checked']}"
    if not judged["ok"]:
        found.faults.append(f"oracle: {told.stdout.strip().splitlines()[-1]}")


# ---- payloads ------------------------------------------------------------------------------------------
def _payloads(found: Outcome, schema: Schema, spec: str, faces: Path, python: str, folder: Path) -> None:
    files = face_files(faces, schema.faces)
    lines: dict[str, list[str]] = {"write": [], "read": []}
    kinds: dict[str, str] = {}
    for face in schema.faces:
        path = files.get(f"{face.kind.value}/{face.name}")
        if path is None or face.kind is FaceKind.FORM or "#/webhooks" in face.origin.place:
            continue
        mode = "read" if face.kind is FaceKind.RESPONSE else "write"
        for document in (json.loads(line) for p in path for line in p.read_text().splitlines()):
            for target, payload in _targets(face.kind, face.name, face.origin.place, document):
                kinds[target] = face.kind.value
                lines[mode].append(json.dumps({"target": target, "payload": payload}))
    for mode, made in lines.items():
        if made:
            _judged(found, spec, mode, made, kinds, python, folder)


def _targets(kind: FaceKind, name: str, place: str, document: Any) -> Iterator[tuple[str, Any]]:
    """The oracle's name of a door, and what passes through."""
    if kind is FaceKind.COMPONENT:
        yield place, document
    elif kind is FaceKind.PARAMETERS:
        for where, members in document.items():
            for member, value in members.items():
                yield f"{name} {f'{{{member}}}' if where == 'path' else f'?{member}'}", value
    else:
        yield name, document


def _judged(
    found: Outcome, spec: str, mode: str, made: list[str], kinds: dict[str, str], python: str, folder: Path
) -> None:
    payloads, out = folder / f"{mode}.jsonl", folder / f"{mode}.json"
    payloads.write_text("\n".join(made))
    told = run([python, str(ORACLES / "oracle_api.py"), spec, str(payloads), f"--{mode}", "--json", str(out)])
    if not out.exists():
        found.faults.append(f"the oracle of payloads: {told.stderr.strip().splitlines()[-1]}")
        return
    responses: list[str] = []
    for said in json.loads(out.read_text()):
        if mode == "write" and kinds[said["target"]] == "component" and not said["valid"]:
            start = json.dumps({"target": said["target"]})[:-1] + ","  # required and read-only: it is a response
            responses += [line for line in made if line.startswith(start)]
            continue
        if said.get("error"):
            found.faults.append(f"{said['target']}: the oracle cannot judge it: {said['error'][:120]}")
            continue
        kind = kinds[said["target"]]
        valid, count = found.payloads.get(kind, (0, 0))
        found.payloads[kind] = valid + said["valid"], count + said["n"]
        found.targets += 1
        if said["valid"] < said["n"]:
            found.faults.append(
                f"{said['target']}: {said['n'] - said['valid']} of {said['n']} not valid: {said['sample_errors'][:1]}"
            )
    if responses:
        _judged(found, spec, "read", responses, kinds, python, folder)


# ---- forms ---------------------------------------------------------------------------------------------
def _forms(found: Outcome, schema: Schema, given: list[str], faces: Path) -> None:
    from oracle_form import Oracle

    files = face_files(faces, schema.faces)
    made = {
        n.removeprefix("form/"): [json.loads(line) for p in paths for line in p.read_text().splitlines()]
        for n, paths in files.items()
        if n.startswith("form/")
    }
    pages = [p for s in given for p in _pages(Path(s))]
    found.forms = Tally()
    if not pages:
        return
    with Oracle(pages[0]) as oracle:
        for page in pages:
            judge(page, made, oracle, found.forms, page.name)
    found.faults += dict.fromkeys(found.forms.faults)


def _pages(source: Path) -> list[Path]:
    return (
        [p for p in page_files(source) if p.suffix == ".html"]
        if source.is_dir()
        else [source] * (source.suffix == ".html")
    )


# ---- printout ------------------------------------------------------------------------------------------
def report(outcomes: dict[str, Outcome]) -> Iterator[str]:
    yield "## One command, every door\n"
    yield f"Made by `benchmarks/doors.py`, {datetime.now(UTC):%Y-%m-%d %H:%M} UTC, {platform.machine()}, {os.cpu_count()} cores."
    yield "Rows were sent to a real database; payloads and form records show these very rows. All judges are others' or"
    yield "share no code with the product.\n"
    yield "| system | rows sent | rejected | constraints (certificate) | violated (oracle, by query) | payloads valid | form records valid | time |"
    yield "|---|---|---|---|---|---|---|---|"
    for name, o in outcomes.items():
        valid, count = (sum(v[i] for v in o.payloads.values()) for i in (0, 1))
        forms = o.forms or Tally()
        told = f"{forms.valid + forms.template_valid} of {forms.records + forms.template_records} in {forms.forms + forms.templates} forms"
        yield f"| {name} | {o.sent:,} | {o.rejected} | {o.verified} | {o.oracle} | {valid:,} of {count:,} at {o.targets} doors | {told} | {o.seconds:.0f} s |"
    for name, o in outcomes.items():
        yield f"\n### {name}\n"
        yield f"`{o.command}`\n"
        yield ", ".join(f"{k}: {v} of {n}" for k, (v, n) in o.payloads.items()) + "\n"
        yield from (f"- {f}" for f in o.faults)
        yield from (f"- {line}" for line in dict.fromkeys(_short(x) for x in o.log) if line)


def _short(warning: str) -> str:
    text = warning.removeprefix("warning: ")
    told = re.search(r"no document obeys|is not taken by this face|wins|required, and forbidden", text)
    return text if told else ""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--material", type=Path, default=Path("/nowhere"))
    parser.add_argument("--judge", default=sys.executable)
    parser.add_argument("--rows", type=int, default=50)
    parser.add_argument("--only", default="")
    parser.add_argument("--save", type=Path)
    given = parser.parse_args()
    corpora = Path(os.environ.get("UNDERSTUDY_CORPORA", ""))
    outcomes: dict[str, Outcome] = {}
    for name, system in truth().items():
        if system.doors is not None and given.only in ("", name):
            with tempfile.TemporaryDirectory() as folder:
                outcomes[name] = at_the_doors(name, system.doors, given, corpora, Path(folder))
            print(name, "holds" if outcomes[name].holds else "DOES NOT HOLD", file=sys.stderr)
    text = "\n".join(report(outcomes))
    if given.save:
        given.save.write_text(text + "\n", encoding="utf-8")
    print(text)
    return 0 if all(o.holds for o in outcomes.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
