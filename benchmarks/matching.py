"""How well fields are matched to semantic types: labelled fields that our own matcher did not label.

    UNDERSTUDY_CORPORA=../shared/corpora PYTHONPATH=src python benchmarks/matching.py [--part held] [--calibrate]
        [--out docs/evidence/matching.md]

Three kinds of labels: what people wrote on the fields of captured forms (``data-manual-scoring``; the control's
``autocomplete`` is not shown to the matcher), what API descriptions say by ``format`` (the format is not shown, the
example is), and columns of databases and tables labelled by hand (``matching_labels.txt``, ``meaning_labels.json``).
Sources are split whole: forms and APIs by a hash of their name, databases as the label file says. ``--calibrate`` fits
the table of certainties on the tuning part; figures of the held part are what counts.
"""

from __future__ import annotations

import argparse
import datetime
import hashlib
import json
import os
import platform
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import yaml
from selectolax.lexbor import LexborHTMLParser

from understudy import workflow
from understudy.semantics import matching
from understudy.semantics.catalogue import catalogue
from understudy.semantics.matching import Clues, ranked
from understudy.sources.ui import pages_of
from understudy.types import Kind, Type
from understudy.workflow.profiling import profile

HERE = Path(__file__).parent
CORPORA = Path(os.environ.get("UNDERSTUDY_CORPORA", "../shared/corpora"))
FULL = Path(os.environ.get("MATERIALISED_DATABASES", "../databases"))
SURE = 0.5
"""An answer is given from this certainty on; below, the matcher is said to pass."""
SAMPLES = 60


class Case(msgspec.Struct, frozen=True):
    """A labelled field. ``accept``: types that are right; empty: a person said that it is none of the usual."""

    kind: str
    source: str
    part: str
    clues: Clues
    accept: frozenset[str]
    refuse: frozenset[str] = frozenset()


def halved(source: str) -> str:
    """The part of a source by a hash of its name."""
    return "held" if hashlib.sha256(source.encode()).digest()[0] % 2 else "tune"


def moments() -> frozenset[str]:
    """All types of dates and times."""
    return frozenset(t.name for t in catalogue().values() if t.maker == "moment")


# ---- forms ------------------------------------------------------------------------------------------------------
SCORED = {
    "emailAddress": "email",
    "addressProvince": "region region_code",
    "addressPostalCode": "postcode",
    "lastName": "last_name",
    "firstName": "first_name",
    "addressStreet": "street_address address",
    "addressCity": "city",
    "cardNumber": "card_number",
    "addressStreet2": "address_extra",
    "phone": "phone",
    "cardSecurityCode": "cvv",
    "password": "password_hash",
    "password.new": "password_hash",
    "expirationYear": "year_number expires_at",
    "expirationMonth": "month_number expires_at",
    "addressCountryCode": "country country_code",
    "fullName": "person_name",
    "expiration": "card_expiry_text expires_at",
    "cardName": "person_name",
    "username": "user_name",
    "birthdayYear": "year_number birth_date",
    "birthdayMonth": "month_number birth_date month_name",
    "birthdayDay": "day_number birth_date",
    "middleName": "middle_name",
    "birthday": "birth_date",
    "username OR emailAddress": "user_name email",
}
"""Words of those who labelled the forms, as our types."""
PERSONAL = frozenset(t for types in SCORED.values() for t in types.split())


def of_forms() -> Iterator[Case]:
    """Fields of captured forms."""
    for path in sorted((CORPORA / "html").glob("*/*.html")):
        text = path.read_text(encoding="utf-8", errors="replace")
        if "data-manual-scoring" not in text:
            continue
        scored = {}
        for node in LexborHTMLParser(text).css("[data-manual-scoring]"):
            for key in ("name", "id"):
                if node.attributes.get(key):
                    scored.setdefault((key, node.attributes[key]), node.attributes["data-manual-scoring"])
        site = path.stem.split("_")[0]
        for page in pages_of(path):
            for form in page.forms:
                for c in form.controls:
                    found = scored.get(("name", c.name)) or scored.get(("id", c.id))
                    if found is None or (found not in SCORED and found != "unknown"):
                        continue
                    label = c.labels[0].text if c.labels else ""
                    clues = Clues(
                        c.name or c.id, table="", label=label,
                        values=tuple(o.label for o in c.options if o.value)[:SAMPLES],
                    )  # fmt: skip
                    accept = frozenset(SCORED.get(found, "").split())
                    yield Case("form", site, halved(site), clues, accept, frozenset() if accept else PERSONAL)


# ---- APIs -------------------------------------------------------------------------------------------------------
FORMATS = {
    "uri": "url image_url referrer url_path domain_name",
    "url": "url image_url",
    "uuid": "uuid",
    "email": "email",
    "ipv4": "ipv4",
    "hostname": "domain_name",
    "password": "password_hash",
    "phone-number": "phone msisdn",
    "http-method": "http_method",
}
DATED = ("date", "date-time", "dateTime", "ISO 8601 date-time")


def of_apis() -> Iterator[Case]:
    """String properties with a format in API descriptions and JSON schemas; each name once per source."""
    seen: set[tuple[str, str, str]] = set()
    for folder in ("openapi", "swagger2", "jsonschema"):
        for path in sorted(p for root in (CORPORA, FULL.parent / "corpora") for p in root.glob(f"{folder}/*/**/*.*")):
            if path.suffix not in (".json", ".yaml", ".yml"):
                continue
            source = path.parts[path.parts.index(folder) + 1]
            text = path.read_text(encoding="utf-8")
            try:
                document = json.loads(text) if path.suffix == ".json" else yaml.load(text, yaml.CSafeLoader)
            except (ValueError, yaml.YAMLError):
                continue
            for name, about, beside in _properties(document, ""):
                form = about["format"]
                accept = frozenset(FORMATS.get(form, "").split()) or (moments() if form in DATED else frozenset())
                if not accept or (source, name, form) in seen:
                    continue
                seen.add((source, name, form))
                example = about.get("example")
                samples = (
                    (str(example),)
                    if isinstance(example, str | int | datetime.date) and not isinstance(example, bool)
                    else ()
                )
                comment = about.get("description") or ""
                clues = Clues(
                    name, neighbours=beside, comment=comment if isinstance(comment, str) else "", samples=samples
                )
                yield Case("api", source, halved(source), clues, accept)


def _properties(node: Any, name: str) -> Iterator[tuple[str, dict[str, Any], tuple[str, ...]]]:
    if isinstance(node, dict):
        held = node.get("properties")
        if isinstance(held, dict):
            for key, about in held.items():
                if (
                    isinstance(about, dict)
                    and about.get("format")
                    and about.get("type") in ("string", ["string", "null"])
                ):
                    yield key, about, tuple(k for k in held if k != key)
        for key, inner in node.items():
            yield from _properties(inner, key)
    elif isinstance(node, list):
        for inner in node:
            yield from _properties(inner, name)


# ---- databases and tables ---------------------------------------------------------------------------------------
def labels() -> Iterator[tuple[str, str, str, frozenset[str]]]:
    """(source, part, table.column, accepted types) of both label files."""
    for database, columns in json.loads((HERE / "meaning_labels.json").read_text(encoding="utf-8")).items():
        for column, label in columns.items():
            accept = frozenset(label["accept"]) - {"formula", "values", "none", "value_set"}
            if accept:
                yield database, "tune", column, accept
    source = part = ""
    for line in (HERE / "matching_labels.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            source, part = line.strip("[]").split()
        elif line and not line.startswith("#"):
            column, _, types = line.partition(" = ")
            accept = frozenset(x.strip() for x in types.split("/"))
            yield source, part, column, accept | moments() if "moment" in accept else accept


def of_databases() -> Iterator[Case]:
    """Labelled columns, with values where the source holds rows."""
    found: dict[str, list[tuple[str, str, frozenset[str]]]] = defaultdict(list)
    for source, part, column, accept in labels():
        found[source].append((part, column, accept))
    for source, columns in found.items():
        opened = _opened(source)
        if opened is None:
            print(f"{source}: not here, left out", file=sys.stderr)
            continue
        fields, samples = opened
        for part, place, accept in columns:
            table, column = place.split(".", 1)
            if (table, column) not in fields:
                print(f"{source}: no {place}", file=sys.stderr)
                continue
            kind, beside, comment, values = fields[table, column]
            clues = Clues(
                column, kind, table, beside, comment=comment, values=values, samples=samples.get((table, column), ())
            )
            yield Case("column", source, part, clues, accept)


Fields = dict[tuple[str, str], tuple[Type, tuple[str, ...], str, tuple[str, ...]]]
Values = dict[tuple[str, str], tuple[Any, ...]]


def _opened(source: str) -> tuple[Fields, Values] | None:
    csv = next(iter(sorted(CORPORA.glob(f"tabular/**/train/{source}.csv"))), CORPORA / "tabular" / source / "train.csv")
    if csv.is_file():
        table = profile([str(csv)])[0].tables[0]
        beside = tuple(c.name for c in table.columns)
        fields: Fields = {
            (source, c.name): (Type(Kind(c.kind)), tuple(n for n in beside if n != c.name), "", ())
            for c in table.columns
        }
        return fields, {(source, c.name): c.samples[:SAMPLES] for c in table.columns}
    dump = next(
        (p for p in (CORPORA / "databases" / source / "schema.sql", FULL / source / "schema.sql") if p.is_file()), None
    )
    if dump is None:
        return None
    schema = workflow.read([str(dump)])
    fields = {}
    for e in schema.entities:
        names = tuple(f.name for f in e.fields)
        for f in e.fields:
            labels_ = f.type.labels or f.values
            fields[e.table, f.name] = (f.type, tuple(n for n in names if n != f.name), f.comment, tuple(labels_))
    return fields, _rows(source, dump)


def _rows(source: str, dump: Path) -> Values:
    """Different values of each column of a dump with data."""
    with loaded(source, dump) as url:
        profiled = profile([url])[0]
        return {(t.name.rsplit(".", 1)[-1], c.name): c.samples[:SAMPLES] for t in profiled.tables for c in t.columns}


@contextmanager
def loaded(source: str, dump: Path) -> Iterator[str]:
    """The URL of a dump with its data, loaded for a moment into a server of its own dialect."""
    name = f"us_mean_{source}"
    files = [dump, *(p for p in (dump.parent / "data.sql",) if p.is_file())]
    mysql = source.endswith("_mysql")
    client = ["mariadb", "-h127.0.0.1", "-uroot"] if mysql else ["psql", "-h", "127.0.0.1", "-U", "postgres", "-q"]
    run = ["-e"] if mysql else ["-c"]

    def do(*words: str, file: Path | None = None) -> None:
        given = file.open("rb") if file else subprocess.DEVNULL
        where = file.parent if file else None
        subprocess.run([*client, *words], stdin=given, cwd=where, check=True, capture_output=True, timeout=300)

    do(*run, f"drop database if exists {name}")
    do(*run, f"create database {name}")
    try:
        for file in files:
            do(*(() if mysql else ("-d",)), name, file=file)
        yield f"mysql://root@127.0.0.1:3306/{name}" if mysql else f"postgresql://postgres@127.0.0.1:5432/{name}"
    finally:
        do(*run, f"drop database if exists {name}")


# ---- judging ----------------------------------------------------------------------------------------------------
class Answer(msgspec.Struct):
    """What the matcher said to a case."""

    case: Case
    meaning: str
    certainty: float
    right: bool


def answered(cases: list[Case]) -> list[Answer]:
    """An answer per case; a case without a right type is right where the matcher passes or names none of the usual."""
    out = []
    for case in cases:
        found = ranked(case.clues, 1)
        meaning, certainty = (found[0].meaning, found[0].certainty) if found else ("", 0.0)
        right = meaning in case.accept if case.accept else meaning not in case.refuse
        out.append(Answer(case, meaning, certainty, right))
    return out


def calibration(answers: list[Answer], bins: int = 10) -> tuple[float, list[tuple[str, int, float, float]]]:
    """Expected calibration error, and (range, answers, mean certainty, share right) per bin."""
    table, error = [], 0.0
    given = [a for a in answers if a.case.accept and a.meaning]
    for i in range(bins):
        inside = [a for a in given if i / bins <= a.certainty < (i + 1) / bins or (i == bins - 1 and a.certainty >= 1)]
        if inside:
            mean = sum(a.certainty for a in inside) / len(inside)
            right = sum(a.right for a in inside) / len(inside)
            error += abs(mean - right) * len(inside) / len(given)
            table.append((f"{i / bins:.1f}-{(i + 1) / bins:.1f}", len(inside), mean, right))
    return error, table


def fitted(answers: list[Answer]) -> list[tuple[float, float]]:
    """Points of a rising table of certainties: pool adjacent violators (Ayer et al. 1955) over bins of 60, each kind of
    source weighing alike; shares by Laplace's rule, so that nothing is certain. Databases on which the product was
    developed are left out: they are answered better than anything new will be."""
    known = set(json.loads((HERE / "meaning_labels.json").read_text(encoding="utf-8")))
    given = [a for a in answers if a.case.accept and a.meaning and a.case.source not in known]
    given.sort(key=lambda a: a.certainty)
    sizes = defaultdict(int)
    for a in given:
        sizes[a.case.kind] += 1
    blocks: list[list[float]] = []
    for start in range(0, len(given), 60):
        part = given[start : start + 60]
        w = np.array([1.0 / sizes[a.case.kind] for a in part])
        blocks.append(
            [
                float(np.average([a.certainty for a in part], weights=w)),
                float((np.average([a.right for a in part], weights=w) * len(part) + 1) / (len(part) + 2)),
                float(w.sum()),
            ]
        )
        while len(blocks) > 1 and blocks[-2][1] > blocks[-1][1]:
            x, y, n = blocks.pop()
            b = blocks[-1]
            total = b[2] + n
            blocks[-1] = [(b[0] * b[2] + x * n) / total, (b[1] * b[2] + y * n) / total, total]
    points = [(0.0, 0.0), *((round(x, 3), round(y, 3)) for x, y, _ in blocks)]
    return points if points[-1][0] >= 1 else [*points, (1.0, max(points[-1][1], 0.99))]


def told(answers: list[Answer], title: str) -> list[str]:
    """Figures of some answers, as lines of a table."""
    lines = [
        f"\n## {title}\n",
        "| fields | of them | answered (coverage) | right of answered | right of all (top 1) |",
        "|---|---|---|---|---|",
    ]
    named = [a for a in answers if a.case.accept]
    for what, some in (
        ("all", named),
        *((k, [a for a in named if a.case.kind == k]) for k in ("form", "api", "column")),
    ):
        sure = [a for a in some if a.certainty >= SURE]
        if some:
            right = sum(a.right for a in sure) / max(len(sure), 1)
            top = sum(a.right for a in some) / len(some)
            lines.append(f"| {what} | {len(some)} | {len(sure) / len(some):.1%} | {right:.1%} | {top:.1%} |")
    none = [a for a in answers if not a.case.accept]
    if none:
        wrong = sum(a.certainty >= SURE and not a.right for a in none)
        lines.append(f"\nOf {len(none)} form fields that people called none of the usual, {wrong} were taken for one.")
    error, table = calibration(answers)
    lines += [
        f"\nExpected calibration error {error:.3f}.\n",
        "| certainty | answers | mean certainty | right |",
        "|---|---|---|---|",
    ]
    return lines + [f"| {b} | {n} | {m:.2f} | {r:.2f} |" for b, n, m, r in table]


ABOUT = """Fields whose labels do not come from the matcher: forms that people labelled, formats of API descriptions
(hidden from the matcher), columns labelled by hand. Sources are whole in one part; the held part was not looked at
while the matcher was made, and the table of certainties was fitted on the tuning part. In the tuning part, the
databases of `meaning_labels.json` are those on which the product grew up. *Answered*: with a certainty of 0.5 or
more."""


def main() -> int:
    """Print the figures, and the misses of the tuning part."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--part", choices=("tune", "held", "both"), default="both")
    parser.add_argument("--calibrate", action="store_true")
    parser.add_argument("--misses", action="store_true")
    parser.add_argument("--out", default="")
    options = parser.parse_args()
    if options.calibrate:
        matching.CALIBRATION = ((0.0, 0.0), (1.0, 1.0))
    cases = [c for c in (*of_forms(), *of_apis(), *of_databases()) if options.part in ("both", c.part)]
    answers = answered(cases)
    by_part = {p: [a for a in answers if a.case.part == p] for p in ("held", "tune")}
    if options.calibrate:
        print(fitted(by_part["tune"]))
        return 0
    lines = [
        x
        for part, what in (("held", "Held out"), ("tune", "Tuned on"))
        if by_part[part]
        for x in told(by_part[part], what)
    ]
    if options.misses:
        for a in by_part["tune"]:
            if not a.right:
                c = a.case
                print(
                    f"{c.source} {c.clues.table}.{c.clues.name} [{c.clues.label}] {c.clues.samples[:2]}: "
                    f"{a.meaning} {a.certainty} not {sorted(c.accept)[:3]}"
                )
    print("\n".join(lines))
    if options.out:
        used = "; ".join(f"{p}: {', '.join(sorted({a.case.source for a in by_part[p]}))}" for p in by_part)
        made = f"{datetime.date.today().isoformat()}, {platform.machine()}, Python {platform.python_version()}"
        head = f"# Matching\n\nMade by `benchmarks/matching.py`, {made}.\n\n{ABOUT}\n\nSources: {used}."
        Path(options.out).write_text(head + "\n" + "\n".join(lines) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
