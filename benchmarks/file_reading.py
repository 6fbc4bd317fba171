"""How much of what a careful person would list of a data file is found: ten files, their lists made by hand.

    python benchmarks/file_reading.py [CORPORA] [--as json|jsonl|xml|xlsx|parquet|avro|feather]

``--as``: the single files among them, written anew in another format by other people's libraries (pandas, Polars,
XlsxWriter, lxml), so that the same lists hold.

Lists stand in ``benchmarks/file_reading.yaml``: per file its tables' rows and keys, per column its type, and, where one
would say so, that it may be empty (``null``), its words (``enum``), what it refers to (``to``), bounds (``low``,
``high``).
"""

from __future__ import annotations

import argparse
import os
import tempfile
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


def rewritten(file: Path, ending: str, folder: Path) -> Path:
    """The table of a CSV in another format, as other people's libraries write it."""
    import pandas as pd
    import polars as pl

    made = folder / f"{file.stem}.{ending}"
    frame = pd.read_csv(file, keep_default_na=False, na_values=[""], sep=None, engine="python").convert_dtypes()
    match ending:
        case "json" | "jsonl":
            frame.to_json(made, orient="records", lines=ending == "jsonl", date_format="iso")
        case "xml":
            frame.to_xml(made, index=False, row_name=file.stem)
        case "xlsx":
            frame.to_excel(made, index=False, sheet_name=file.stem, engine="xlsxwriter")
        case "parquet":
            frame.to_parquet(made)
        case "feather":
            frame.to_feather(made)
        case "avro":
            pl.from_pandas(frame).write_avro(made)
    return made


def renamed(claims: list[Claim], name: str) -> list[Claim]:
    """The claims of a file with one table, under the list's name for it."""
    import msgspec

    tables = {c.entity for c in claims if c.facet is FacetKind.ENTITY}
    return [msgspec.structs.replace(c, entity=name) for c in claims] if len(tables) == 1 else claims


def main() -> int:
    """Print the counts; 1 where fewer than 95 % are found."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpora", nargs="?", default=os.environ.get("UNDERSTUDY_CORPORA", "../shared/corpora"))
    parser.add_argument("--as", dest="ending", default="")
    given = parser.parse_args()
    corpora = Path(given.corpora)
    lists = yaml.safe_load((Path(__file__).parent / "file_reading.yaml").read_text(encoding="utf-8"))
    counts: Counter[tuple[str, bool]] = Counter()
    for file, listed in lists.items():
        if given.ending and not (corpora / file).is_file():
            continue
        with tempfile.TemporaryDirectory() as folder:
            made = rewritten(corpora / file, given.ending, Path(folder)) if given.ending else corpora / file
            claims = list(read(made).claims)
        claims = renamed(claims, next(iter(listed))) if given.ending else claims
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
