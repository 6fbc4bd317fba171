"""Reading test cases that a test writes."""

from __future__ import annotations

from pathlib import Path

from understudy.model.evidence import Evidence, FacetKind, Samples
from understudy.model.flow import Fragment, Step, StepKind
from understudy.sources import cases

ACTS = (StepKind.FILL, StepKind.CHOOSE, StepKind.TICK, StepKind.UPLOAD)


def read(folder: Path, files: dict[str, str]) -> Evidence:
    """The evidence of a folder with these files."""
    for name, text in files.items():
        write(folder, name, text)
    return cases.read(folder)


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    return path


def one(folder: Path, files: dict[str, str]) -> Fragment:
    """The only fragment of a folder with these files."""
    (fragment,) = read(folder, files).fragments
    return fragment


def touched(fragment: Fragment) -> list[tuple[str, tuple[str, ...]]]:
    """Fields that a fragment fills in, with their values."""
    return [(s.field, s.values) for s in fragment.steps if s.kind in ACTS]


def kinds(steps: tuple[Step, ...]) -> list[str]:
    return [s.kind.value for s in steps]


def samples(evidence: Evidence, field: str) -> dict[bool, tuple[object, ...]]:
    """Values of a field: right ones under False, wrong ones under True."""
    found = [c.value for c in evidence.claims if c.facet is FacetKind.SAMPLE and c.field == field]
    return {v.invalid: v.values for v in found if isinstance(v, Samples)}
