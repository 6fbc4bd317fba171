"""How much of pages and test cases is read: against lists made by hand, and against other people's labels.

    python benchmarks/reading.py [--full FOLDER]

``UNDERSTUDY_CORPORA`` (default ``../shared/corpora``) holds pages, features and manual cases; ``--full`` the folder
into which the corpora's own script wrote the test sources. Three parts: everything is read (crashes, seconds); the
lists made by hand in ``reading_lists.py`` (found of expected); captured forms whose controls carry human labels of
their meaning in an attribute that the reader does not look at (recall of fields, and of meanings). Seconds are of the
processor; the largest project of test code is also read twice over, for the ratio.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

from reading_lists import FEATURES, MANUAL, PAGES, PROGRAMS
from understudy.errors import UnderstudyError
from understudy.model.evidence import Bounds, Choices, Evidence, FacetKind
from understudy.model.flow import StepKind
from understudy.sources import cases, ui
from understudy.sources.cases.programs import program_files
from understudy.sources.ui.claims import members_of
from understudy.sources.ui.scan import tags

ROOT = Path(__file__).resolve().parent.parent
CORPORA = Path(os.environ.get("UNDERSTUDY_CORPORA", ROOT.parent / "shared" / "corpora"))
LABEL = "data-manual-scoring"
SAME = {
    "emailAddress": {"email"},
    "firstName": {"first_name"},
    "lastName": {"last_name"},
    "middleName": {"middle_name"},
    "fullName": {"person_name"},
    "cardName": {"person_name"},
    "phone": {"phone"},
    "addressPostalCode": {"postcode"},
    "addressCity": {"city"},
    "addressProvince": {"region", "region_code"},
    "addressStreet": {"street_address", "address"},
    "addressStreet2": {"address_extra"},
    "addressCountryCode": {"country", "country_code"},
    "cardNumber": {"card_number"},
    "username": {"user_name"},
    "birthday": {"birth_date"},
}
"""Human labels → our words for them."""


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--full", type=Path, default=CORPORA)
    full = arguments.parse_args().full
    crashes = everything(full)
    short = [
        listed("pages", PAGES, CORPORA, page_facts),
        listed("features", FEATURES, CORPORA, case_facts),
        listed("programs", PROGRAMS, full, case_facts),
        listed("manual cases", MANUAL, full, case_facts),
    ]
    captured()
    return int(crashes > 0 or not all(short))


def everything(full: Path) -> int:
    """Read every page, feature and manual case by itself, and every project's test code as one folder."""
    pages = [p for r in (CORPORA / "html", *CORPORA.glob("systems/*")) for p in ui.page_files(r)]
    told = [
        p
        for r in (CORPORA / "gherkin", CORPORA / "manual", full / "manual")
        for p in r.rglob("*")
        if PROSE.search(p.name)
    ]
    projects = [p for k in ("playwright/*", "selenium/*", "cypress/*", "systems/*/tests-*") for p in full.glob(k)]
    crashes = sum(
        read_all(name, files, reader)
        for name, files, reader in (
            ("pages and templates", pages, ui),
            ("features and manual cases", sorted(told), cases),
            ("projects of test code", sorted(projects), cases),
        )
    )
    doubled(max(projects, key=lambda p: len(program_files(p)), default=None))
    return crashes


def doubled(project: Path | None) -> None:
    """Seconds of the largest project once, and of two copies of it side by side."""
    if project is None:
        return
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(project, Path(folder, "one", "a"))
        shutil.copytree(project, Path(folder, "two", "a"))
        shutil.copytree(project, Path(folder, "two", "b"))
        spent = []
        for name in ("one", "two"):
            begun = time.process_time()
            cases.read(Path(folder, name))
            spent.append(time.process_time() - begun)
    print(f"{project.name} once {spent[0]:.1f} CPU-s, twice {spent[1]:.1f}: {spent[1] / spent[0]:.2f} times")


PROSE = re.compile(r"\.feature$|\.feature\.md$|\.md$|\.txt$|\.csv$")


def read_all(name: str, paths: list[Path], reader: Any) -> int:
    """Read each; how many made the reader crash."""
    slowest, refused, faults, steps = (0.0, ""), 0, [], 0
    started = time.process_time()
    for path in paths:
        begun = time.process_time()
        try:
            steps += sum(len(f.steps) for f in reader.read(path).fragments)
        except UnderstudyError:
            refused += 1
        except Exception as error:
            faults.append(f"{path}: {error!r}")
        slowest = max(slowest, (time.process_time() - begun, path.name))
    print(
        f"{name}: {len(paths)} read, {len(faults)} crashes, {refused} refused in one line (nothing in them), "
        f"{steps:,} steps, {time.process_time() - started:.0f} CPU-s, slowest {slowest[1]} {slowest[0]:.1f}"
    )
    for fault in faults:
        print("  " + fault)
    return len(faults)


# ---- lists made by hand -----------------------------------------------------------------------------
def listed(name: str, lists: dict[str, str], root: Path, facts: object) -> bool:
    """Compare with the lists; whether at least 95 % of what they hold was found."""
    total = hits = 0
    missing: list[str] = []
    for file, text in lists.items():
        path = root / file
        if not path.exists():
            missing.append(f"{file}: not there")
            continue
        wanted = text.split(";") if ";" in text or ("=" in text and ":" not in text) else text.split()
        there = facts(path)  # type: ignore[operator]
        for item in wanted:
            total += 1
            hits += item in there
            if item not in there:
                missing.append(f"{Path(file).name}: {item}")
    share = 100 * hits / total if total else 0.0
    print(f"{name}: {hits}/{total} = {share:.1f} % of what {len(lists)} lists hold")
    for line in missing:
        print("  missing: " + line)
    return share >= 95


def page_facts(path: Path) -> set[str]:
    """What was read of a page, in the words of the lists."""
    evidence = ui.read(path)
    facts: set[str] = set()
    for claim in evidence.claims:
        field, value = claim.field, claim.value
        match claim.facet:
            case FacetKind.FIELD:
                facts.add(field)
            case FacetKind.NULLABILITY if value is False:
                facts.add(f"{field}:required")
            case FacetKind.TYPE:
                kind = value.kind.value  # type: ignore[union-attr]
                facts |= {f"{field}:type={kind}"} | (
                    {f"{field}:type=number"} if kind in ("integer", "decimal") else set()
                )
            case FacetKind.LENGTH if isinstance(value, Bounds):
                facts |= {f"{field}:least={value.low}", f"{field}:most={value.high}"}
            case FacetKind.RANGE if isinstance(value, Bounds):
                facts |= {f"{field}:low={value.low}", f"{field}:high={value.high}"}
            case FacetKind.ENUM if isinstance(value, Choices):
                facts.add(f"{field}:one_of={len(value.values)}")
            case FacetKind.MEANING:
                facts.add(f"{field}:means={value}")
            case FacetKind.REMARK:
                key, _, said = str(value).partition(": ")
                facts |= {f"{key}:trap"} if "robots" in said or "left empty" in said else set()
            case _:
                pass
    return facts | {f"birth_date:type={f.rsplit('=', 1)[1]}" for f in facts if ":type=date" in f}


def case_facts(path: Path) -> set[str]:
    """What was read of test cases, in the words of the lists."""
    evidence: Evidence = cases.read(path)
    facts: set[str] = set()
    for fragment in evidence.fragments:
        for step in fragment.steps:
            if step.field and step.kind is not StepKind.EXPECT:
                facts.add(step.field)
                for value in step.values:
                    facts |= {f"{step.field}={value}", f"{step.entity}.{step.field}={value}"}
    return facts


# ---- other people's labels --------------------------------------------------------------------------
def captured() -> None:
    """Recall of the controls that people labelled."""
    total = Counter[str]()
    for path in sorted((CORPORA / "html").glob("*captured-forms*/*.html")):
        text = path.read_text("utf-8", "replace")
        wanted = {t.start: t.get(LABEL) or "" for t in tags(text) if t.get(LABEL)}
        (page,) = ui.pages_of(path)
        roles: dict[int, str] = {}
        meanings: dict[str, set[str]] = {}
        for claim in ui.read(path).claims:
            if claim.facet is FacetKind.MEANING:
                meanings.setdefault(claim.origin.place, set()).add(str(claim.value))
        told: dict[int, set[str]] = {}
        for form in page.forms:
            for member in members_of(page, form)[1]:
                for control in member.controls:
                    roles[control.offset] = member.role
                    place = f"line {control.line} {control.own_name or control.path}"
                    told[control.offset] = meanings.get(place, set())
        for offset, label in wanted.items():
            total["labelled"] += 1
            total["fields"] += roles.get(offset) in ("field", "part", "confirmation", "unfilled")
            if label in SAME and roles.get(offset) == "field":
                total["with a meaning of ours"] += 1
                total["same meaning"] += bool(told[offset] & SAME[label])
    share = 100 * total["fields"] / max(1, total["labelled"])
    print(
        f"captured forms: {total['fields']}/{total['labelled']} = {share:.1f} % "
        f"of labelled controls are fields; meaning agrees in {total['same meaning']}/{total['with a meaning of ours']}"
    )


if __name__ == "__main__":
    sys.exit(main())
