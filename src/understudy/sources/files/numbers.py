"""Numbers as people write them: decimal commas, thousands separators, currencies, percents, accountants' brackets.

Which sign is the point is settled over the whole column: ``1,234`` alone could be either.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from understudy.sources.files.reading import Reading
from understudy.types import Kind, Type

MONEY = r"(?:[$€£¥₹₽]|[A-Z]{3}|zł|kr|Kč|R\$)"
GROUPS = {",": r",", ".": r"\.", " ": r"[\x{00A0}\x{202F}\x{2009} ]", "'": r"['’]", "_": "_"}
"""Signs between thousands, as DuckDB's regular expressions (RE2) say them."""

SIGNS = {",": "comma", ".": "point", " ": "blank", "'": "apostrophe", "_": "underscore"}

INTEGER = re.compile(r"[+-]?\d+")
CODE = re.compile(r"0\d+")
"""Digits with a leading zero are a code (postal, account), not a number."""
MOST_DIGITS = 18
MOST_SCALE = 6
"""Digits after the point up to which decimals are exact amounts; measured things carry more and are floats."""
HEAD = 60
"""Values on which a form must do well before all are tried."""
HALFWAY = 0.7
ROOM = 16
"""A number column keeps its width when its values grow so many times."""


class _Form:
    """One way to write numbers: decimal sign, thousands sign."""

    def __init__(self, point: str, group: str) -> None:
        self.point, self.group = point, group
        whole = rf"(?:\d{{1,3}}(?:{GROUPS[group]}\d{{3}})+|\d+)" if group else r"\d+"
        p = re.escape(point)
        self.pattern = rf"[+-]?(?:{whole}(?:{p}\d*)?|{p}\d+)(?:[eE][+-]?\d+)?"
        self.python = re.compile(_python(self.pattern))

    def plain(self, text: str) -> str:
        """The number as Python reads it."""
        if self.group:
            text = re.sub(_python(GROUPS[self.group]), "", text)
        return text.replace(self.point, ".")


def _python(pattern: str) -> str:
    return re.sub(r"\\x\{([0-9A-F]{4})\}", lambda m: rf"\u{m[1]}", pattern)


FORMS = tuple(
    _Form(p, g)
    for p, g in (
        (".", ""),
        (",", ""),
        (".", ","),
        (",", "."),
        (".", " "),
        (",", " "),
        (".", "'"),
        (",", "'"),
        (".", "_"),
    )
)


class _Dress:
    """What stands around the number: currency, percent sign, brackets for negative ones."""

    def __init__(self, name: str, before: str, after: str, brackets: bool = False) -> None:
        self.name, self.before, self.after, self.brackets = name, before, after, brackets
        self.python = re.compile(f"(?P<a>{before})(?P<n>.*?)(?P<z>{after})", re.DOTALL)

    def undressed(self, text: str) -> str | None:
        """The number inside; None where the dress does not fit."""
        if self.brackets and text.startswith("(") and text.endswith(")"):
            text = "-" + text[1:-1].strip()
        if self.name == "currency":
            text = re.sub(rf"^([+-]){MONEY}\s?", r"\1", text)
        found = self.python.fullmatch(text)
        return found["n"] if found else None


BLANK = r"[\x{00A0} ]?"
DRESSES = (
    _Dress("", "", ""),
    _Dress("percent", "", _python(BLANK) + "%"),
    _Dress("currency", rf"(?:{MONEY}{_python(BLANK)})?", rf"(?:{_python(BLANK)}{MONEY})?", brackets=True),
)


LIKELY = re.compile(rf"\(?[+-]?\s?(?:{MONEY})?\s?[+-]?[\d.,][\d.,' _\u00a0\u202feE+-]*\s?(?:%|{MONEY})?\)?")
"""What any number in any dress looks like: what does not is not tried in each of them."""


def numeric(values: Sequence[str], weights: Sequence[int], *, comma: bool, least: float) -> Reading | None:
    """The reading as numbers of texts of which a share of at least ``least`` (by weight) are such; None if there is
    none. ``comma``: the file writes decimal commas elsewhere."""
    total = sum(weights)
    plain = [v for v in values if FORMS[0].python.fullmatch(v)]
    if len(plain) == len(values) and (not comma or not any("." in v for v in plain)):
        return _reading(FORMS[0], DRESSES[0], plain, comma)
    head = values[:: max(1, len(values) // HEAD)]
    if sum(LIKELY.fullmatch(v) is not None for v in head) < HALFWAY * least * len(head):
        return None
    likely = [(d, f) for d in DRESSES for f in FORMS if _fits(d, f, head) >= HALFWAY * least * len(head)]
    best: tuple[float, int, _Form, _Dress, list[str]] | None = None
    for rank, (dress, form) in enumerate(likely):
        hits, inner, alone = 0, [], False
        for value, weight in zip(values, weights, strict=True):
            bare = dress.undressed(value)
            if bare is not None and form.python.fullmatch(bare):
                hits += weight
                inner.append(bare)
                alone |= bare != value
        if hits < least * total or not inner or (dress.name and not alone):
            continue
        preferred = rank - (100 if _prefers(form, inner, comma) else 0)
        if (
            best is None
            or (hits / total, -preferred) > (best[0] + 0.005, -best[1])
            or (hits / total >= best[0] - 0.005 and preferred < best[1])
        ):
            best = (hits / total, preferred, form, dress, inner)
    return None if best is None else _reading(best[2], best[3], best[4], comma)


def _fits(dress: _Dress, form: _Form, values: Sequence[str]) -> int:
    """How many values are written so."""
    bare = (dress.undressed(v) for v in values)
    return sum(b is not None and form.python.fullmatch(b) is not None for b in bare)


def _prefers(form: _Form, inner: Sequence[str], comma: bool) -> bool:
    """Whether a form is the one meant although a plainer one fits as well: ``1.234`` in a file of decimal commas,
    ``12,345`` where every comma stands before three digits."""
    grouped = [v for v in inner if form.group and form.group in v]
    if not grouped:
        return form.group == "" and form.point == "," and comma and any("," in v for v in inner)
    if form.group == ",":
        return not comma and all(re.fullmatch(r"[+-]?\d{1,3}(,\d{3})+(\.\d*)?", v) for v in grouped)
    if form.group == ".":
        several = any(v.count(".") > 1 or "," in v for v in grouped)
        return (comma or several) and all(re.fullmatch(r"[+-]?\d{1,3}(\.\d{3})+(,\d*)?", v) for v in grouped)
    return False


def _reading(form: _Form, dress: _Dress, inner: Sequence[str], comma: bool) -> Reading | None:
    plain = [form.plain(v) for v in inner]
    if not dress.name and any(CODE.fullmatch(v.lstrip("+-")) for v in plain):
        return None
    whole = all(INTEGER.fullmatch(v) for v in plain)
    if whole and any(len(v.lstrip("+-")) > MOST_DIGITS for v in plain):
        return None
    clean = _cleaning(form, dress)
    guard = _guard(form, dress)
    style = _style(form, dress, inner)
    doubt = ""
    if form.group == "," and not comma and all(re.fullmatch(r"[+-]?\d{1,3},\d{3}", v) for v in inner if "," in v):
        doubt = "commas before three digits are read as thousands; they could be decimal commas"
    if whole:
        top = max((abs(int(v)) for v in plain), default=0)
        kind = Type(Kind.INTEGER, bits=32 if top * ROOM < 1 << 31 else 64)
        return Reading(kind, style, guard, clean, "TRY_CAST({} AS BIGINT)", doubt=doubt)
    kind = _fractional(plain)
    if kind.kind is Kind.FLOAT:
        return Reading(kind, style, guard, clean, "TRY_CAST({} AS DOUBLE)", doubt=doubt)
    return Reading(kind, style, guard, clean, f"TRY_CAST({{}} AS DECIMAL(18, {kind.scale}))", doubt=doubt)


def _fractional(plain: Sequence[str]) -> Type:
    """DECIMAL where few digits after the point tell an amount, else FLOAT."""
    scales = [len(v.partition(".")[2]) for v in plain]
    scale = max(scales, default=0)
    digits = max((len(v.partition(".")[0].lstrip("+-")) for v in plain), default=1)
    exponent = any("e" in v.lower() for v in plain)
    if exponent or scale > MOST_SCALE or digits + scale + 2 > MOST_DIGITS:
        return Type(Kind.FLOAT, bits=64)
    return Type(Kind.DECIMAL, precision=min(MOST_DIGITS, max(digits + 2 + scale, scale + 3)), scale=scale)


def _cleaning(form: _Form, dress: _Dress) -> tuple[tuple[str, str], ...]:
    found = []
    if dress.brackets:
        found.append((r"^\((.*)\)$", r"-\1"))
        found.append((f"{MONEY}|{BLANK}%", ""))
    if dress.name == "percent":
        found.append((rf"{BLANK}%", ""))
    if dress.brackets or form.group == " ":
        found.append((r"[\x{00A0}\x{202F}\x{2009} ]", ""))
    if form.group and form.group != " ":
        found.append((GROUPS[form.group], ""))
    if form.point == ",":
        found.append((",", "."))
    return tuple(found)


def _guard(form: _Form, dress: _Dress) -> str:
    if dress.name == "percent":
        return rf"{form.pattern}{BLANK}%"
    if dress.brackets:
        inner = rf"[+-]?(?:{MONEY}{BLANK})?{form.pattern}(?:{BLANK}{MONEY})?"
        return rf"(?:{inner}|\({inner}\))"
    return form.pattern


def _style(form: _Form, dress: _Dress, inner: Sequence[str]) -> str:
    said = []
    if form.point == "," and any("," in v for v in inner):
        said.append("decimal comma")
    if form.group and any(form.group in v for v in inner):
        said.append(f"{SIGNS[form.group]} between thousands")
    if dress.name:
        said.append(dress.name)
    return ", ".join(said)
