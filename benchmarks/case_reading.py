"""How much of test cases is read, against lists made by hand (``case_reading.yaml``).

    python benchmarks/case_reading.py CORPORA PROJECTS

``PROJECTS`` holds public repositories' files, each in a folder ``owner+name``. Prints per kind what was found of what,
and what was not; exit code 1 where a kind is below 95 %.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

import yaml

from understudy.model.evidence import Evidence
from understudy.model.flow import StepKind
from understudy.sources import api, cases


def facts(evidence: Evidence) -> set[str]:
    """What was read, in the words of the lists, names without case and marks."""
    found: set[str] = set()
    for step in (s for f in evidence.fragments for s in f.steps):
        match step.kind:
            case StepKind.VISIT:
                found.add(f"visit:{step.target}")
            case StepKind.EXPECT:
                found |= {f"expect:{v}" for v in step.values} | {f"member:{step.target}"}
                if step.target:
                    found.add(f"expect:{step.target.partition('=')[2]}")
            case StepKind.REQUEST:
                found.add(f"request:{' '.join(step.values)}")
            case _:
                found.add(plain(step.field))
                mark = "!" if step.invalid else ""
                for value in step.values:
                    found |= {
                        f"{mark}{plain(step.field)}={value}",
                        f"{mark}{plain(step.entity)}.{plain(step.field)}={value}",
                    }
                    found.add(f"{mark}*={value}")
                    if step.field == "name":  # a zone named V is a zone V
                        found.add(f"{mark}{plain(step.entity)}={value}")
    return found


def plain(name: str) -> str:
    """A name as letters and digits."""
    return re.sub(r"[\W_]", "", name.lower())


def wanted(fact: str) -> str:
    """A fact of a list in the same words."""
    if fact.startswith(("visit:", "expect:", "member:", "request:", "*=", "!*=")):
        return fact
    mark = "!" if fact.startswith("!") else ""
    name, equals, value = fact.removeprefix("!").partition("=")
    return mark + ".".join(plain(n) for n in name.split(".")) + equals + value


def main() -> int:
    roots = [Path(a) for a in sys.argv[1:3]]
    lists = yaml.safe_load((Path(__file__).parent / "case_reading.yaml").read_text())
    short = False
    for kind, files in lists.items():
        total = hits = 0
        missing: list[str] = []
        for file, expected in files.items():
            path = next((r / file for r in roots if (r / file).exists()), None)
            if path is None:
                missing.append(f"{file}: not there")
                total += len(expected)
                continue
            try:
                there = facts(api.read(str(path)) if kind == "postman" else cases.read(path))
            except Exception as error:
                missing.append(f"{file}: {error}")
                there = set()
            for fact in expected:
                total += 1
                hits += wanted(fact) in there
                if wanted(fact) not in there:
                    missing.append(f"{path.name}: {fact}")
        short = short or hits < 0.95 * total
        print(f"{kind}: {hits} of {total} = {100 * hits / total:.1f} % in {len(files)} files")
        print("".join(f"  missing: {m}\n" for m in missing), end="")
    return int(short)


if __name__ == "__main__":
    sys.exit(main())
