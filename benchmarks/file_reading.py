"""How much of what a careful person would list of a data file is found: ten files, their lists made by hand.

    python benchmarks/file_reading.py [CORPORA]

Lists stand in ``benchmarks/file_reading.yaml``: per file its tables' rows and keys, per column its type, and, where one
would say so, that it may be empty (``null``), its words (``enum``), what it refers to (``to``), bounds (``low``,
``high``).
"""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from understudy.model.evidence import Bounds, Choices, Claim, FacetKind
from understudy.model.schema import Entity, ForeignKey, Unique
from understudy.sources.files.read import read
from understudy.types import Type

FAMILIES = {"integer": "number", "decimal": "number", "float": "number", "timestamp": "moment"}


def expected(table: str, listed: dict[str, Any], claims: list[Claim]) -> Iterator[tuple[str, str, bool]]:
    """(kind, subject, found) for everything on a table's list."""
    own = [c for c in claims if c.entity == table]
    rows = next((c.value.rows for c in own if isinstance(c.value, Entity)), None)
    yield "table", table, rows == listed["rows"]
    uniques = [c.value.columns for c in own if isinstance(c.value, Unique)]
    for key in listed.get("keys", ()):
        yield "key", f"{table}({', '.join(key)})", tuple(key) in uniques
    for name, said in listed["columns"].items():
        yield from _column(table, name, said if isinstance(said, dict) else {"type": said}, own)


def _column(table: str, name: str, said: dict[str, Any], own: list[Claim]) -> Iterator[tuple[str, str, bool]]:
    place = f"{table}.{name}"
    here = {c.facet: c.value for c in own if c.field == name}
    kind = here.get(FacetKind.TYPE)
    found = kind.kind.value if isinstance(kind, Type) else ""
    wanted = said["type"]
    same = found == wanted or (wanted == "number" and FAMILIES.get(found) == "number")
    yield "type", f"{place}: {wanted} (found {found})", same
    yield "null", place, here.get(FacetKind.NULLABILITY) is bool(said.get("null"))
    if "enum" in said:
        choices = here.get(FacetKind.ENUM)
        held = set(choices.values) if isinstance(choices, Choices) else set()
        yield "enum", f"{place} (found {sorted(map(str, held))[:6]})", held == set(said["enum"])
    for side in ("low", "high"):
        if side in said:
            bounds = here.get(FacetKind.RANGE)
            yield "range", f"{place} {side}", isinstance(bounds, Bounds) and getattr(bounds, side) == said[side]
    if "to" in said:
        keys = [c.value for c in own if isinstance(c.value, ForeignKey) and c.value.columns == (name,)]
        yield (
            "reference",
            f"{place} → {said['to']}",
            any(f"{k.target}.{k.target_columns[0]}" == said["to"] for k in keys),
        )


def main() -> int:
    """Print the counts; 1 where fewer than 95 % are found."""
    corpora = Path(sys.argv[1] if len(sys.argv) > 1 else os.environ.get("UNDERSTUDY_CORPORA", "../shared/corpora"))
    lists = yaml.safe_load((Path(__file__).parent / "file_reading.yaml").read_text(encoding="utf-8"))
    counts: Counter[tuple[str, bool]] = Counter()
    for file, listed in lists.items():
        claims = list(read(corpora / file).claims)
        told = [e for table, each in listed.items() for e in expected(table, each, claims)]
        counts.update((kind, hit) for kind, _, hit in told)
        missed = [f"{kind} {subject}" for kind, subject, hit in told if not hit]
        print(f"{file}: {len(told) - len(missed)} of {len(told)}")
        for line in missed:
            print(f"    missed: {line}")
    print()
    for kind in dict.fromkeys(k for k, _ in counts):
        print(f"{kind:10} {counts[kind, True]:4} of {counts[kind, True] + counts[kind, False]}")
    hits, every = sum(n for (_, h), n in counts.items() if h), sum(counts.values())
    print(f"{'all':10} {hits:4} of {every} ({hits / every:.1%})")
    return 0 if hits >= 0.95 * every else 1


if __name__ == "__main__":
    raise SystemExit(main())
