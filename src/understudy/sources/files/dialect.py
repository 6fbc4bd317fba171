"""How a delimited text is written: delimiter, quote, escape, comments, lines before the table, header.

Every combination that its characters allow is tried on the head, and judged by how even its rows and how well known
its cells are (van den Burg, Nazábal, Sutton: "Wrangling messy CSV files by detecting row and type patterns",
Data Mining and Knowledge Discovery 33, 2019), with rows of many cells weighed up. Only the head is looked at.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Sequence

import msgspec

DELIMITERS = (",", "\t", ";", "|", "\x01", "\x1f", "^", "~", ":", " ")
"""In the order in which they are believed where nothing else tells."""

QUOTES = ('"', "'", "")
HEAD_ROWS = 200
"""Rows that are tried: a dialect shows in the first few dozen."""
OFTEN = 0.2
MOST_PREAMBLE = 40
LONGEST_CELL = 1 << 24

KNOWN = re.compile(
    r"""\s*(?:
    | [+-]?[\d.,'\u00a0\u202f ]*\d(?:[eE][+-]?\d+)?\s*%?            # numbers
    | [$€£¥]\s?[+-]?[\d.,]+ | [+-]?[\d.,]+\s?(?:[$€£¥]|[A-Z]{3})
    | \d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}(?:[T ]\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?\s?(?:[AaPp][Mm]|Z|[+-]\d\d:?\d\d)?)?
    | \d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:\s?[AaPp][Mm])?
    | [A-Za-z]{3,9}\.?\s\d{1,2},?\s\d{4} | \d{1,2}[-\s][A-Za-z]{3,9}\.?[-\s]\d{2,4}
    | [\w.+-]+@[\w-]+(?:\.[\w-]+)+ | \w+://\S+ | \d{1,3}(?:\.\d{1,3}){3}
    | [0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}
    | \\N | <NA> | \(null\) | \#N/A | n/a | N/A | \?
    | [^\W_][\w.\-/ '’&()+#]*                                         # words
    )\s*""",
    re.VERBOSE,
)
"""A cell of which one would say at once what it is."""

NUMBERLIKE = re.compile(r"\s*[$€£¥]?[+-]?[\d.,'\u00a0\u202f ]*\d(?:[eE][+-]?\d+)?\s*(?:%|[$€£¥]|[A-Z]{3})?\s*")
DATELIKE = re.compile(
    r"\s*(?:\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}|\d{4}-?\d{2}-?\d{2}T|\d{1,2}:\d{2}|\d{1,2}[- ][A-Za-z]{3,9}[- ]\d{2,4})"
)
SEPARATOR_LINE = re.compile(r'\A"?sep=(.|\t)"?\r?\n', re.IGNORECASE)


class Dialect(msgspec.Struct, frozen=True):
    """``header``: the first row of the table holds names. ``skip``: bytes (UTF-8) before the first row of data.
    ``line``: the line (from 1) on which the data begin. ``names``: as the header writes them (() without one).
    ``width``: cells of a row. ``preamble``: the lines before the table. ``short``: rows with fewer cells are usual
    and mean that the last ones are empty."""

    delimiter: str
    quote: str
    escape: str
    comment: str
    header: bool
    names: tuple[str, ...]
    width: int
    skip: int
    line: int
    preamble: tuple[str, ...] = ()
    short: bool = False


def sniff(head: str, *, whole: bool, ending: str = "") -> Dialect:
    """The dialect of a text that begins with ``head``; ``whole``: nothing follows. ``ending``: the file's."""
    told = SEPARATOR_LINE.match(head)
    offset = told.end() if told else 0
    text = head[offset:]
    if not whole and "\n" in text:
        text = text[: text.rindex("\n") + 1]
    comment = _comment(text)
    best = _best(text, comment, told[1] if told else "", ending)
    return _framed(head, offset, text, best, comment, told)


class _Tried(msgspec.Struct, frozen=True):
    delimiter: str
    quote: str
    escape: str
    rows: tuple[tuple[str, ...], ...]
    ends: tuple[int, ...]
    score: float


def _comment(text: str) -> str:
    """The sign with which lines of comment begin, if there are some and data beside them."""
    lines = text.splitlines()[: HEAD_ROWS * 2]
    for sign in ("#", "//", "%"):
        marked = [i for i, line in enumerate(lines) if line.startswith(sign)]
        others = [line for line in lines if line.strip() and not line.startswith(sign)]
        if marked and others and len(marked) < len(others) + 20 and len(lines) > 2:
            if len(marked) == 1 and marked[0] == 0 and _aligned(lines, sign):
                return ""  # a header that begins with the sign: "#chrom,start,end"
            return sign
    return ""


def _aligned(lines: Sequence[str], sign: str) -> bool:
    """Whether the marked first line has as many cells as the next, by some delimiter."""
    first, second = lines[0], next((x for x in lines[1:] if x.strip()), "")
    return any(first.count(d) == second.count(d) > 0 for d in DELIMITERS[:-2]) and not first[len(sign) :].startswith(
        " "
    )


# ---- which dialect ----------------------------------------------------------------------------------
def _best(text: str, comment: str, told: str, ending: str) -> _Tried:
    present = [d for d in DELIMITERS if d in text] if not told else [told]
    if ending == ".tsv" and "\t" in text:
        present = ["\t", *(d for d in present if d != "\t")]
    tried = []
    for delimiter in present:
        for quote in QUOTES:
            if quote and (quote not in text or not _framing(text, quote, delimiter)):
                continue
            for escape in ("", "\\") if quote and f"\\{quote}" in text else ("",):
                tried.append(_try(text, delimiter, quote, escape, comment))
    alone = _try(text, "\0", '"' if text.lstrip().startswith('"') else "", "", comment)
    candidates = [t for t in tried if _width(t.rows) > 1]
    best = max(candidates, key=lambda t: t.score, default=alone)
    return best if candidates and best.score > 0.3 * alone.score else alone


def _framing(text: str, quote: str, delimiter: str) -> bool:
    """Whether the quote stands at the beginning of some cell."""
    edge = re.escape(delimiter)
    return re.search(rf"(?:\A|[\n\r]|{edge})\s*{quote}", text) is not None


def _try(text: str, delimiter: str, quote: str, escape: str, comment: str) -> _Tried:
    rows, ends = parsed(text, delimiter, quote, escape, comment, HEAD_ROWS)
    return _Tried(delimiter, quote, escape, tuple(rows), tuple(ends), _score(rows, delimiter, quote))


def parsed(
    text: str, delimiter: str, quote: str, escape: str, comment: str, most: int
) -> tuple[list[tuple[str, ...]], list[int]]:
    """The first rows of a text, blank and comment lines left out, and for each the number of lines up to its end."""
    source = _Lines(text)
    csv.field_size_limit(LONGEST_CELL)
    reader = csv.reader(
        source,
        delimiter=delimiter,
        quotechar=quote or None,
        quoting=csv.QUOTE_MINIMAL if quote else csv.QUOTE_NONE,
        escapechar=escape or None,
        doublequote=not escape,
    )
    rows: list[tuple[str, ...]] = []
    ends: list[int] = []
    try:
        for row in reader:
            if len(rows) >= most:
                break
            if not row or (comment and row[0].startswith(comment)) or (len(row) == 1 and not row[0].strip()):
                continue
            rows.append(tuple(row))
            ends.append(source.count)
    except csv.Error:
        pass  # what could be read of the head must do
    return rows, ends


class _Lines:
    """Lines with a count of those handed out."""

    def __init__(self, text: str) -> None:
        self.source, self.count = io.StringIO(text, newline=""), 0

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        line = self.source.readline()
        if not line:
            raise StopIteration
        self.count += 1
        return line


def _score(rows: Sequence[Sequence[str]], delimiter: str, quote: str) -> float:
    """Evenness of the rows times the share of cells that are known, weighed up by the cells of a row."""
    if not rows:
        return 0.0
    shapes = Counter(len(r) for r in rows)
    even = sum(n * max(w - 1, 0.05) / w * n / len(rows) for w, n in shapes.items()) / len(rows)
    cells = [c for r in rows[:100] for c in r[:200]]
    known = sum(KNOWN.fullmatch(c) is not None and len(c) < 400 for c in cells) / max(len(cells), 1)
    stray = sum(('"' in c or (quote == "" and c[:1] == "'")) for c in cells) / max(len(cells), 1)
    prior = 1.0 - 0.02 * DELIMITERS.index(delimiter) if delimiter in DELIMITERS[:6] else 0.55
    return even * (known + 1e-3) * (1 - min(stray, 0.9)) * prior


def _width(rows: Sequence[Sequence[str]]) -> int:
    """Cells of most rows; the widest of a good part of them, for empty cells at the end are often left out."""
    shapes = Counter(len(r) for r in rows)
    usual = max(shapes, key=lambda w: (shapes[w], w), default=0)
    return max((w for w, n in shapes.items() if n >= OFTEN * len(rows)), default=usual)


# ---- where the table begins -------------------------------------------------------------------------
def _framed(head: str, offset: int, text: str, best: _Tried, comment: str, told: re.Match[str] | None) -> Dialect:
    width = _width(best.rows)
    first = _first(best.rows, width)
    names = tuple(c.strip() for c in best.rows[first]) if best.rows else ()
    body = [r for r in best.rows[first + 1 :] if len(r) == width]
    header = bool(best.rows) and looks_like_header(names, body, alone=len(best.rows) == first + 1)
    lines = _offsets(text)
    before = best.ends[first - 1] if first else 0
    start = (best.ends[first] if header else before) if best.rows else 0
    skipped = [line for line in text[: lines[before]].splitlines() if line.strip()]
    rest = best.rows[first + header :]
    few = sum(len(r) < width for r in rest)
    return Dialect(
        delimiter=best.delimiter if best.delimiter != "\0" else "\x1e",
        quote=best.quote,
        escape=best.escape,
        comment=comment,
        header=header,
        names=names if header else (),
        width=width,
        skip=len(head[:offset].encode()) + len(text[: lines[start]].encode()),
        line=start + 1 + (1 if told else 0),
        preamble=tuple(x for x in skipped if not (comment and x.startswith(comment))),
        short=len(rest) >= 5 and few >= 0.05 * len(rest) and all(len(r) <= width for r in rest),
    )


def _offsets(text: str) -> list[int]:
    """Where each line begins, and the end."""
    found, position = [0], 0
    source = io.StringIO(text, newline="")
    for line in iter(source.readline, ""):
        position += len(line)
        found.append(position)
    return found


def _first(rows: Sequence[Sequence[str]], width: int) -> int:
    """The row at which the table begins: the first of full width (trailing empty cells aside) that others follow."""
    for i, row in enumerate(rows[:MOST_PREAMBLE]):
        if len(row) != width:
            continue
        filled = sum(bool(c.strip()) for c in row)
        after = rows[i + 1 : i + 6]
        even = sum(len(r) == width for r in after) >= (len(after) + 1) // 2
        sparse = width > 2 and filled <= max(1, width // 3) and any(_filled(r) > 2 * filled for r in after)
        if even and not sparse:
            return i
    return next((i for i, r in enumerate(rows) if len(r) == width), 0)


def _filled(row: Sequence[str]) -> int:
    return sum(bool(c.strip()) for c in row)


def looks_like_header(names: Sequence[str], body: Sequence[Sequence[str]], *, alone: bool = False) -> bool:
    """Whether a row holds the names of the columns below it."""
    filled = [n for n in names if n.strip()]
    if not filled or len(filled) < 0.5 * len(names):
        return False
    valued = sum(_value_like(n) for n in filled)
    if valued == len(filled) and not alone:
        return False
    if alone or not body:
        return valued == 0
    votes = 0.0
    for i, name in enumerate(names):
        column = [r[i].strip() for r in body if r[i].strip()]
        if column and name.strip():
            votes += _vote(name.strip(), column)
    if valued > 0.5 * len(filled):
        return votes > 0.5 * len(names)  # years as names of columns
    repeated = len(set(filled)) < 0.7 * len(filled)
    return votes > (0.5 if repeated else -0.15 * len(names))


def _vote(name: str, column: Sequence[str]) -> float:
    """Above 0 where the name stands out from the column's values, below where it could be one of them."""
    typed = sum(_value_like(v) for v in column) / len(column)
    if typed > 0.8:
        return -1.5 if _value_like(name) else 1.5
    if name in column:
        return -1.0
    lengths = {len(v) for v in column}
    if len(lengths) == 1 and len(column) > 3:
        return 0.7 if len(name) not in lengths else -0.3
    shaped = re.fullmatch(r"[A-Za-z_][\w .\-/()%#?]*", name) is not None and len(name) <= 40
    return 0.3 if shaped else -0.2


def _value_like(cell: str) -> bool:
    return NUMBERLIKE.fullmatch(cell) is not None or DATELIKE.match(cell) is not None or "@" in cell
