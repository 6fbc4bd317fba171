"""How much of API descriptions is read, against lists made by hand (``api_reading.yaml``).

    python benchmarks/api_reading.py CORPORA

Each entity, field, type, "required", list of words and reference is one fact. Prints what was found of what, and what
was not; exit code 1 below 95 %.
"""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from understudy.model.evidence import FacetKind
from understudy.sources.api import read
from understudy.types import Kind

KINDS = {
    "text": {Kind.TEXT},
    "number": {Kind.DECIMAL, Kind.FLOAT, Kind.MONEY},
    "array": {Kind.ARRAY},
    "json": {Kind.JSON},
    "integer": {Kind.INTEGER},
    "boolean": {Kind.BOOLEAN},
    "date": {Kind.DATE},
    "timestamp": {Kind.TIMESTAMP},
    "uuid": {Kind.UUID},
}
FACT = re.compile(r"(?:-> (?P<target>\w+)|(?P<type>\w+))(?P<required> required)?(?: \[(?P<words>[^\]]*)\])?")


def facts(path: Path, expected: dict[str, dict[str, str]]) -> Iterator[tuple[str, bool]]:
    """(fact, whether it was found)."""
    claims = read(str(path)).claims
    said: dict[tuple[str, str, FacetKind], Any] = {(c.entity.lower(), c.field, c.facet): c.value for c in claims}
    for entity, fields in expected.items():
        yield entity, (entity.lower(), "", FacetKind.ENTITY) in said
        for field, text in fields.items():
            name, key = f"{entity}.{field}", (entity.lower(), field)
            fact = FACT.fullmatch(text)
            assert fact is not None, text
            yield name, (*key, FacetKind.FIELD) in said
            if fact["target"]:
                found = said.get((*key, FacetKind.FOREIGN_KEY))
                yield f"{name} -> {fact['target']}", found is not None and found.target == fact["target"]
            else:
                found = said.get((*key, FacetKind.TYPE))
                yield f"{name}: {fact['type']}", found is not None and found.kind in KINDS[fact["type"]]
            if fact["required"]:
                yield f"{name} required", said.get((*key, FacetKind.NULLABILITY)) is False
            if fact["words"]:
                found = said.get((*key, FacetKind.ENUM))
                yield f"{name} [{fact['words']}]", found is not None and list(found.values) == fact["words"].split(", ")


def main() -> int:
    corpora = Path(sys.argv[1])
    lists = yaml.safe_load((Path(__file__).parent / "api_reading.yaml").read_text())
    total = hits = 0
    missing: list[str] = []
    print(f"Measured {time.strftime('%Y-%m-%d')}.\n\n| file | found | expected |\n|---|---|---|")
    for file, expected in lists.items():
        found = list(facts(corpora / file, expected))
        good = sum(ok for _, ok in found)
        total, hits = total + len(found), hits + good
        missing += [f"{file}: {fact}" for fact, ok in found if not ok]
        print(f"| {file} | {good} | {len(found)} |")
    print(f"\n{hits} of {total} facts ({100 * hits / total:.1f} %) in {len(lists)} files. Not found:\n")
    print("\n".join(f"- {m}" for m in missing))
    return int(hits < 0.95 * total)


if __name__ == "__main__":
    sys.exit(main())
