"""Files and folders of test cases to evidence."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

from understudy.errors import SourceError
from understudy.model.evidence import Claim, Evidence, FacetKind
from understudy.model.flow import Flow, Fragment, StepKind, Transition
from understudy.model.origin import Origin, SourceKind
from understudy.model.schema import Remark
from understudy.sources.cases.claims import claims_of
from understudy.sources.cases.gherkin import Remarks, read_feature
from understudy.sources.cases.manual import cases_of_csv, cases_of_sheets, cases_of_text, fragments_of
from understudy.sources.cases.programs import SKIPPED, neighbours, program_files, read_programs
from understudy.sources.code.parsing import language_of

LARGEST_BYTES = 16 << 20
PROSE = frozenset({".md", ".txt", ".csv", ".tsv", ".xlsx", ".xls", ".markdown"})
MOST_REMARKS = 50


def read(path: Path) -> Evidence:
    """The evidence of one file of test cases, or of all in a folder. SourceError where no case is found."""
    fragments, remarks, rules = _folder(path) if path.is_dir() else _file(path)
    if not fragments:
        why = f": {remarks[0][0]}: {remarks[0][1]}" if remarks else ""
        raise SourceError(
            f"no test case was found in it{why}", where=str(path), mend="Name a feature, test code or steps."
        )
    return evidence_of(fragments, remarks, str(path), rules)


def evidence_of(fragments: Sequence[Fragment], remarks: Remarks, source: str, rules: Sequence[Claim] = ()) -> Evidence:
    """The evidence of fragments of one source. ``rules``: what it says in words of fields."""
    claims = [*claims_of(fragments), *rules]
    steps = sum(len(f.steps) for f in fragments)
    refused = sum(f.negative for f in fragments)
    told = f"{len(fragments)} test cases with {steps} steps; {refused} cases show something refused"
    claims.append(_remark(source, "", told, "info"))
    claims += [_remark(source, place, text, "warning") for place, text in remarks[:MOST_REMARKS]]
    if len(remarks) > MOST_REMARKS:
        claims.append(_remark(source, "", f"{len(remarks) - MOST_REMARKS} more places could not be read", "warning"))
    flow = visited(fragments, source)
    return Evidence(source, tuple(claims), flows=(flow,) if flow is not None else (), fragments=tuple(fragments))


def _remark(source: str, place: str, text: str, severity: str) -> Claim:
    return Claim(FacetKind.REMARK, "", Remark(place or source, text, severity), Origin(SourceKind.CASE, source, place))


def visited(fragments: Sequence[Fragment], source: str) -> Flow | None:
    """Pages in the order in which the cases come to them; None where fewer than two are visited."""
    ways: dict[tuple[str, str], int] = {}
    states: dict[str, None] = {}
    for fragment in fragments:
        pages = [s.target for s in fragment.steps if s.kind is StepKind.VISIT and s.target]
        states |= dict.fromkeys(pages)
        for start, end in pairwise(pages):
            if start != end:
                ways[start, end] = ways.get((start, end), 0) + 1
    if not ways:
        return None
    leaving: dict[str, int] = {}
    for (start, _), count in ways.items():
        leaving[start] = leaving.get(start, 0) + count
    transitions = tuple(Transition(a, b, round(n / leaving[a], 4)) for (a, b), n in ways.items())
    kind = "linear" if len(leaving) == len(ways) else "probabilistic"
    return Flow(f"pages visited in {source}", "", tuple(states), transitions, initial=next(iter(states)), kind=kind)


# ---- files and folders ------------------------------------------------------------------------------
Found = tuple[list[Fragment], Remarks, list[Claim]]
"""Fragments, what could not be read, rules said in words."""


def _folder(folder: Path) -> Found:
    fragments, remarks = read_programs(program_files(folder), folder)
    rules: list[Claim] = []
    for path in sorted(folder.rglob("*")):
        parts = path.relative_to(folder).parts
        if SKIPPED.intersection(parts) or not path.is_file():
            continue
        name = "/".join(parts)
        if name.endswith((".feature", ".feature.md")):
            found, told, said = read_feature(_text(path), name)
            rules += said
        elif path.suffix.lower() in PROSE:
            found, told = _prose(path, name)
        else:
            continue
        fragments += found
        remarks += told
    return fragments, remarks, rules


def _file(path: Path) -> Found:
    if path.name.endswith((".feature", ".feature.md")):
        return read_feature(_text(path), path.name)
    if language_of(path.name):
        files = neighbours(path)
        fragments, remarks = read_programs(files, path.parent if len(files) == 1 else _root(files))
        return [f for f in fragments if f.source.endswith(path.name)], remarks, []
    if path.suffix.lower() in PROSE:
        return *_prose(path, path.name), []
    return read_feature(_text(path), path.name)


def _root(files: Sequence[Path]) -> Path:
    import os

    return Path(os.path.commonpath([f.parent for f in files]))


def _prose(path: Path, name: str) -> tuple[list[Fragment], Remarks]:
    ending = path.suffix.lower()
    if ending in (".xlsx", ".xls"):
        try:
            return fragments_of(cases_of_sheets(path), name), []
        except Exception as error:  # calamine has errors of its own for every fault of a workbook
            return [], [(name, f"is no workbook that can be read: {error}")]
    text = _text(path)
    cases = cases_of_csv(text) if ending in (".csv", ".tsv") else cases_of_text(text)
    return fragments_of(cases, name), []


def _text(path: Path) -> str:
    try:
        if path.stat().st_size > LARGEST_BYTES:
            raise SourceError(f"larger than {LARGEST_BYTES:,} bytes", where=str(path), mend="Split it.")
        data = path.read_bytes()
    except OSError as error:
        raise SourceError(f"cannot be read: {error.strerror or error}", where=str(path)) from error
    for mark, encoding in ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be")):
        if data.startswith(mark):
            return data[len(mark) :].decode(encoding, "replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("windows-1252", "replace")
