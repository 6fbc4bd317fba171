"""Manual test cases: plain text, Markdown, tables (CSV, Excel), as fragments.

A table's columns are known by their heads (steps, expected result, preconditions, test data, in any order); a row
is a case, or a step of the case above it. In prose a case begins with a title or an identifier, and numbered lines
under "Steps" are its steps.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from understudy.model.flow import Fragment, Step, StepKind
from understudy.sources.about import meant, snake, thing
from understudy.sources.cases.prose import steps_of
from understudy.sources.cases.telling import NEGATIVE, refused, related

HEADS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("expected", re.compile(r"expected|erwartet|attendu|esperad|should|pass criteria", re.IGNORECASE)),
    ("before", re.compile(r"pre-?\s?conditions?|pre-?\s?requisites?|vorbedingung|set-?\s?up|^given$", re.IGNORECASE)),
    ("data", re.compile(r"test\s*-?\s*data|^data$|^inputs?(?:\s+data|\s+values?)?$|testdaten|values?$", re.IGNORECASE)),
    ("number", re.compile(r"^(?:step\s*(?:no|nr|number|#|id)\.?|no\.?|#|nr\.?)$", re.IGNORECASE)),
    ("steps", re.compile(r"steps?\b|actions?\b|procedure|schritte?|étapes?|pasos|reproduce|^when$", re.IGNORECASE)),
    ("id", re.compile(r"^(?:test\s*)?(?:case\s*)?(?:id|key|nr|no|ref)\.?$|^tc\b|case\s*id", re.IGNORECASE)),
    (
        "title",
        re.compile(r"title|summary|scenario|name|objective|description|test\s*cases?$|^case$|titel", re.IGNORECASE),
    ),
    ("module", re.compile(r"module|feature|component|area|suite|section|story", re.IGNORECASE)),
)
NUMBERED = re.compile(r"^\s*(?:(?:step\s*)?\d{1,3}\s*[.):\-]|[-*+•]|step\s*\d+)\s+", re.IGNORECASE)
CASE_TITLE = re.compile(
    r"^\s*(?:#+\s*)?(?:\**)(?:(?:test\s*case|tc|scenario|bug|case|test)\s*(?:id)?\s*[#:\-]?\s*[\w-]*\d[\w-]*|(?:test\s*case|scenario|test\s*name|title)\s*[:\-])\s*[:.\-–—]*\s*(?P<title>.*?)\**\s*$",
    re.IGNORECASE,
)
SECTION = re.compile(
    r"^\s*(?:#+\s*)?(?:[*_]{0,3})(?P<head>[A-Za-z][A-Za-z \-/]{2,40}?)(?:[*_]{0,3})\s*(?::\s*(?:[*_]{0,3})\s*("
    r"?P<rest>.*))?$"
)
PAIR = re.compile(
    r"(?:^|[;,\n]|<br\s*/?>)\s*(?P<field>[A-Za-z][\w \-/]{1,40}?)\s*[:=]\s*(?P<value>\"[^\"]*\"|'[^']*'|[^;,\n<]+)"
)
BREAK = re.compile(r"<br\s*/?>|\n", re.IGNORECASE)
INLINE = re.compile(r"(?<!\w)(?=\d{1,2}[.)]\s+[A-Z])")


class Case(msgspec.Struct):
    """One case on its way to a fragment. ``lines``: steps and outcomes as they stand: place, text, what it is.
    ``sure``: a title or a head says that it is a test case; else its lines must read like steps."""

    title: str
    place: str
    about: str = ""
    before: list[tuple[str, str]] = []
    lines: list[tuple[str, str, str]] = []
    data: list[tuple[str, str]] = []
    sure: bool = False


def fragments_of(cases: Sequence[Case], source: str) -> list[Fragment]:
    """The cases that have steps, as fragments."""
    found = [(c, _fragment(c, source)) for c in cases if c.lines or c.data]
    return [f for c, f in found if c.sure or 2 * sum(s.kind is not StepKind.DO for s in f.steps) >= len(f.steps)]


def _fragment(case: Case, source: str) -> Fragment:
    about = meant(case.title) or meant(case.about) or thing(case.about) or thing(case.title) or snake(case.about)
    negative = bool(NEGATIVE.search(case.title))
    steps: list[Step] = []
    for place, text in case.before:
        steps += steps_of(text, place, about, StepKind.GIVEN)
    for place, text in case.data:
        steps += _pairs(text, place, about)
    for place, text, what in case.lines:
        steps += steps_of(text, place, about, StepKind.EXPECT if what == "expected" else None)
    return Fragment(case.title, source, related(refused(steps, negative)), case.place, negative=negative)


def _pairs(text: str, place: str, about: str) -> list[Step]:
    """``email: a@b.c; password: x`` as steps."""
    found = [(m["field"].strip(), m["value"].strip().strip("\"'")) for m in PAIR.finditer(text)]
    return [Step(StepKind.FILL, f"{f}: {v}", "", about, snake(f), (v,), place=place) for f, v in found if snake(f)]


# ---- tables -----------------------------------------------------------------------------------------
def head_of(text: str) -> str:
    """Which column a head is of, "" for others."""
    clean = re.sub(r"[*_`]", "", text).strip()
    return next((kind for kind, pattern in HEADS if pattern.search(clean)), "") if len(clean) <= 40 else ""


def heads_of(cells: Sequence[str]) -> dict[str, int] | None:
    """Which column is which; None where this is no head of test cases."""
    found: dict[str, int] = {}
    for i, cell in enumerate(cells):
        kind = head_of(cell)
        if kind and kind not in found:
            found[kind] = i
    return (
        found
        if "steps" in found and ("expected" in found or "title" in found or "id" in found or "number" in found)
        else None
    )


def cases_of_rows(rows: Sequence[Sequence[str]], where: str, first: int = 1) -> list[Case]:
    """Cases of a table whose head stands in one of its first rows."""
    for start, row in enumerate(rows[:20]):
        heads = heads_of(row)
        if heads is not None:
            return _cases(rows[start + 1 :], heads, where, first + start + 1)
    return []


def _cases(rows: Sequence[Sequence[str]], heads: dict[str, int], where: str, first: int) -> list[Case]:
    found: list[Case] = []

    def cell(row: Sequence[str], kind: str) -> str:
        at = heads.get(kind, -1)
        return row[at].strip() if 0 <= at < len(row) else ""

    for number, row in enumerate(rows, first):
        if not any(c.strip() for c in row):
            continue
        place = f"{where}row {number}".strip()
        title, ident = cell(row, "title"), cell(row, "id")
        named = title or (ident if "title" not in heads else "")
        if not found or (
            named and (ident or "id" not in heads or title) and not (found and named in (found[-1].title, ""))
        ):
            name = re.sub(r"[*_`]", "", " ".join((named or ident).split()))
            found.append(Case(name, place, cell(row, "module"), [], [], [], True))
        case = found[-1]
        case.before += [(place, t) for t in lines_of(cell(row, "before"))]
        if cell(row, "data"):
            case.data.append((place, cell(row, "data")))
        case.lines += [(place, t, "step") for t in lines_of(cell(row, "steps"))]
        case.lines += [(place, t, "expected") for t in lines_of(cell(row, "expected"))]
    return found


def lines_of(text: str) -> list[str]:
    """The single steps of a cell: by line, or by numbers inside a line."""
    parts = [p for chunk in BREAK.split(text) for p in INLINE.split(chunk)]
    return [t for p in parts if (t := NUMBERED.sub("", p, count=1).strip().strip("|").strip())]


# ---- text and Markdown ------------------------------------------------------------------------------
def cases_of_text(text: str) -> list[Case]:
    """Cases of plain text or Markdown."""
    found: list[Case] = []
    heading, mode = "", ""
    lines = text.splitlines()
    at = 0
    while at < len(lines):
        line, number = lines[at], at + 1
        if line.lstrip().startswith("|"):
            end = at
            while end < len(lines) and lines[end].lstrip().startswith("|"):
                end += 1
            for case in cases_of_rows(
                [_cells(row) for row in lines[at:end] if not re.fullmatch(r"[\s|:\-]+", row)], "", number
            ):
                found.append(
                    msgspec.structs.replace(
                        case, about=case.about or heading, place=f"line {_line(case.place, number)}"
                    )
                )
            at, mode = end, ""
            continue
        heading, mode = _line_of(found, line, number, heading, mode)
        at += 1
    return [c for c in found if c.lines or c.data]


def _line(place: str, number: int) -> int:
    row = re.search(r"row (\d+)", place)
    return int(row[1]) + 1 if row else number


def _cells(line: str) -> list[str]:
    return [c.strip().replace("\\|", "|") for c in re.split(r"(?<!\\)\|", line.strip().strip("|"))]


def _line_of(found: list[Case], line: str, number: int, heading: str, mode: str) -> tuple[str, str]:
    """Take one line in; the heading and the section that hold after it."""
    text = line.strip()
    if not text or re.fullmatch(r"[-=*_]{3,}", text):
        return heading, mode
    place = f"line {number}"
    titled = CASE_TITLE.match(text)
    bare = re.sub(r"^#+\s*|[*_]{2,}", "", text).strip()
    section = SECTION.match(text)
    kind = head_of(section["head"]) if section else ""
    if titled and not NUMBERED.match(text) and kind != "before":
        found.append(Case(titled["title"].strip("*# ") or bare, place, heading, [], [], [], True))
        return heading, ""
    if section and kind in ("steps", "expected", "before", "data"):
        if not found or (kind in ("before", "steps") and found[-1].lines and found[-1].title != heading):
            found.append(Case(heading or "", place, heading, [], [], [], True))
        found[-1].sure = True
        if section["rest"]:
            _taken(found[-1], kind, section["rest"], place)
        return heading, kind
    if text.startswith("#"):
        if found and found[-1].title == bare:
            return bare, ""
        return bare, ""
    gherkin = re.match(r"^(given|when|then|and|but)\b\s*(.*)", text, re.IGNORECASE)
    if gherkin and found and mode != "other":
        mode = {"given": "before", "when": "steps", "then": "expected"}.get(gherkin[1].lower(), mode)
        _taken(found[-1], mode or "steps", gherkin[2], place)
        return heading, mode
    if NUMBERED.match(line):
        if not found or (
            mode == ""
            and (found[-1].about != heading or not found[-1].title)
            and found[-1].lines
            and found[-1].title != heading
        ):
            found.append(Case(heading, place, heading, [], [], []))
        if mode != "other":
            _taken(found[-1], mode or "steps", text, place)
        return heading, mode or "steps"
    if section and kind == "title" and found and not section["rest"]:
        return heading, "other"
    if mode and found and not (section and kind):
        if section and section["rest"] is None and re.fullmatch(r"[*_]{2}.*[*_]{2}\s*", text):
            return heading, "other"
        if mode != "other":
            _taken(found[-1], mode, text, place)
    elif section and section["rest"] is not None and kind == "title":
        found.append(Case(section["rest"], place, heading, [], [], []))
    return heading, mode


def _taken(case: Case, kind: str, text: str, place: str) -> None:
    for part in lines_of(text):
        outcome = re.match(r"^(?:expected(?: result)?|expect|verify that|result)\s*[:\-]\s*(.+)", part, re.IGNORECASE)
        if kind == "before":
            case.before.append((place, part))
        elif kind == "data":
            case.data.append((place, part))
        elif outcome:
            case.lines.append((place, outcome[1], "expected"))
        else:
            step, _, then = part.partition(" → ") if " → " in part else part.partition(" => ")
            case.lines.append((place, step, "expected" if kind == "expected" else "step"))
            if then:
                case.lines.append((place, then, "expected"))


# ---- sheets -----------------------------------------------------------------------------------------
def cases_of_csv(text: str) -> list[Case]:
    """Cases of a table in CSV, whatever separates its cells."""
    import csv
    import io

    first = text.splitlines()[0] if text.splitlines() else ""
    mark = max(",;\t|", key=first.count)
    csv.field_size_limit(1 << 24)
    return cases_of_rows(list(csv.reader(io.StringIO(text), delimiter=mark)), "")


def cases_of_sheets(path: Any) -> list[Case]:
    """Cases of every sheet of an Excel workbook."""
    found: list[Case] = []
    for name, rows in _sheets(path):
        found += cases_of_rows(rows, f"{name}, ")
    return found


def _sheets(path: Any) -> Iterator[tuple[str, list[list[str]]]]:
    from python_calamine import CalamineWorkbook

    book = CalamineWorkbook.from_path(str(path))
    for name in book.sheet_names:
        rows = book.get_sheet_by_name(name).to_python(skip_empty_area=False)
        yield name, [[_shown(c) for c in row] for row in rows[:20_000]]


def _shown(value: Any) -> str:
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
