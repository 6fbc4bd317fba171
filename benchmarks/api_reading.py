"""How much of API descriptions is read, against lists made by hand (``api_reading.yaml``).

    python benchmarks/api_reading.py FOLDER [LISTS.yaml]

Each entity, field, type, "required", list of words, length or range and reference is one fact. An entity whose
name is not in the file (``?login``) is the one that has the most of its fields. Prints what was found of what per kind,
and what was not; exit code 1 where a kind has less than 95 %.
"""

from __future__ import annotations

import json
import re
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from understudy.errors import SourceError, WorldError
from understudy.model.evidence import FacetKind
from understudy.model.face import FaceKind
from understudy.sources.api import read
from understudy.types import Kind, Type

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
SPOKEN = {
    "string": Kind.TEXT,
    "integer": Kind.INTEGER,
    "number": Kind.FLOAT,
    "boolean": Kind.BOOLEAN,
    "array": Kind.ARRAY,
}
FACT = re.compile(
    r"(?:-> (?P<target>\w+)|(?P<type>\w+))(?P<required> required)?(?: \[(?P<words>[^\]]*)\])?"
    r"(?: \{(?P<low>\d*)\.\.(?P<high>\d*)\})?"
)


def facts(path: Path, expected: dict[str, dict[str, str]]) -> Iterator[tuple[str, bool]]:
    """(fact, whether it was found)."""
    try:
        found = read(str(path))
        claims, faces = found.claims, found.faces
    except (SourceError, WorldError) as refused:
        print(f"{path.name}: {refused.line}", file=sys.stderr)
        claims, faces = (), ()
    said: dict[tuple[str, str, FacetKind], Any] = {(c.entity.lower(), c.field, c.facet): c.value for c in claims}
    for face in faces:
        for name, document in json.loads(face.document).get("$defs", {}).items():
            if face.kind is FaceKind.VARIABLES:
                _input(said, name.lower(), document)
    taken: set[str] = set()
    for entity, fields in expected.items():
        meant = _likest(said, fields, taken) if entity.startswith("?") else entity.lower()
        taken.add(meant)
        yield entity, (meant, "", FacetKind.ENTITY) in said
        for field, text in fields.items():
            name, key = f"{entity}.{field}", (meant, field)
            fact = FACT.fullmatch(text)
            assert fact is not None, text
            yield name, (*key, FacetKind.FIELD) in said
            if fact["target"]:
                found = said.get((*key, FacetKind.FOREIGN_KEY))
                yield f"{name} -> {fact['target']}", found is not None and found.target == fact["target"]
            elif fact["type"] != "any":
                found = said.get((*key, FacetKind.TYPE))
                yield f"{name}: {fact['type']}", found is not None and found.kind in KINDS[fact["type"]]
            if fact["required"]:
                yield f"{name} required", said.get((*key, FacetKind.NULLABILITY)) is False
            if fact["words"]:
                found = said.get((*key, FacetKind.ENUM))
                yield f"{name} [{fact['words']}]", found is not None and list(found.values) == fact["words"].split(", ")
            for side in ("low", "high"):
                if fact[side]:
                    facets = (said.get((*key, k)) for k in (FacetKind.LENGTH, FacetKind.RANGE))
                    yield f"{name} {side} {fact[side]}", int(fact[side]) in [getattr(f, side, None) for f in facets]


def _input(said: dict[tuple[str, str, FacetKind], Any], name: str, document: Any) -> None:
    """What is said of an input of GraphQL, which is no entity but a part of what an operation is given."""
    said.setdefault((name, "", FacetKind.ENTITY), None)
    for member, schema in document.get("properties", {}).items():
        kinds = [k.get("type") for k in schema.get("anyOf", [schema]) if k.get("type") != "null"]
        said.setdefault((name, member, FacetKind.FIELD), None)
        said.setdefault((name, member, FacetKind.NULLABILITY), member not in document.get("required", ()))
        if kinds and kinds[0] in SPOKEN:
            said.setdefault((name, member, FacetKind.TYPE), Type(SPOKEN[kinds[0]]))


def _likest(said: dict[tuple[str, str, FacetKind], Any], fields: dict[str, str], taken: set[str]) -> str:
    """The entity that has the most of some fields, and of those the one with the fewest others."""
    entities: dict[str, set[str]] = {}
    for entity, field, kind in said:
        if kind is FacetKind.FIELD and entity not in taken:
            entities.setdefault(entity, set()).add(field)
    return max(entities, key=lambda e: (len(entities[e] & fields.keys()), -len(entities[e])), default="")


def main() -> int:
    folder = Path(sys.argv[1])
    named = Path(sys.argv[2]) if len(sys.argv) > 2 else Path(__file__).parent / "api_reading.yaml"
    kinds: dict[str, list[tuple[int, int]]] = {}
    missing: list[str] = []
    print(f"Measured {time.strftime('%Y-%m-%d')}.\n\n| file | found | expected |\n|---|---|---|")
    for file, expected in yaml.safe_load(named.read_text()).items():
        found = list(facts(folder / file, expected))
        good = sum(ok for _, ok in found)
        kinds.setdefault(file.split("/")[0], []).append((good, len(found)))
        missing += [f"{file}: {fact}" for fact, ok in found if not ok]
        print(f"| {file} | {good} | {len(found)} |")
    print("\n| kind | files | found | expected | % |\n|---|---|---|---|---|")
    worst = 1.0
    for kind, counts in kinds.items():
        good, count = sum(g for g, _ in counts), sum(n for _, n in counts)
        worst = min(worst, good / count)
        print(f"| {kind} | {len(counts)} | {good} | {count} | {100 * good / count:.1f} |")
    print("\nNot found:\n")
    print("\n".join(f"- {m}" for m in missing))
    return int(worst < 0.95)


if __name__ == "__main__":
    sys.exit(main())
