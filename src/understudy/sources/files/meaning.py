"""What a column means, by its name and by what its values look like; where the two differ the values are right."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from understudy.model.profile import ColumnProfile
from understudy.model.schema import Entity, Field
from understudy.semantics import matches
from understudy.types import Kind, Type

ENOUGH = 0.9
"""Share of values that must look like a meaning."""
NAME_CERTAINTY = 0.75
"""How far a name alone is believed."""
LEAST = 0.55
"""Matches by name that are less sure are not claimed."""


def _luhn(text: str) -> bool:
    digits = [int(c) for c in re.sub(r"[ -]", "", text)][::-1]
    total = sum(d if i % 2 == 0 else sum(divmod(2 * d, 10)) for i, d in enumerate(digits))
    return total % 10 == 0


def _iban(text: str) -> bool:
    plain = text.replace(" ", "").upper()
    moved = plain[4:] + plain[:4]
    return int("".join(str(int(c, 36)) for c in moved)) % 97 == 1


def _form(pattern: str, also: Callable[[str], bool] | None = None) -> Callable[[str], bool]:
    compiled = re.compile(pattern)
    return lambda text: compiled.fullmatch(text) is not None and (also is None or also(text))


BY_VALUES: tuple[tuple[str, Callable[[str], bool]], ...] = (
    ("email", _form(r"[^@\s]+@[^@\s.]+(?:\.[^@\s.]+)+")),
    ("iban", _form(r"[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,4})?", _iban)),
    ("card_number", _form(r"\d{4}(?:[ -]?\d{4}){2}[ -]?\d{1,7}", _luhn)),
    ("url", _form(r"(?:https?|ftp)://\S+")),
    ("ip_address", _form(r"(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)")),
    ("mac_address", _form(r"(?:[0-9A-Fa-f]{2}[:-]){5}[0-9A-Fa-f]{2}")),
    ("uuid", _form(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")),
    ("hex_color", _form(r"#[0-9A-Fa-f]{6}")),
    ("phone", _form(r"(?:\+|00)\d[\d ()/.-]{6,18}|\(\d{3}\) ?\d{3}-\d{4}|\d{3}-\d{3}-\d{4}(?: ?x\d+)?")),
)
"""Meanings that values show by themselves; the stricter first."""


def meanings(entity: Entity, column: ColumnProfile, kind: Type) -> Iterator[tuple[str, float, str]]:
    """(semantic type, certainty, why), surest first."""
    shown = _shown(column) if kind.kind in (Kind.TEXT, Kind.UUID) else None
    if shown is not None:
        yield shown, 0.95, "its values look like it"
    for match in matches(entity, Field(column.name, kind))[:3]:
        if match.certainty < LEAST or match.meaning == shown:
            continue
        known = dict(BY_VALUES).get(match.meaning)
        if shown is not None or (known is not None and kind.kind is Kind.TEXT and not _looks(column, known)):
            continue
        yield match.meaning, round(match.certainty * NAME_CERTAINTY, 3), match.reason
        return


def _shown(column: ColumnProfile) -> str | None:
    return next((name for name, test in BY_VALUES if _looks(column, test)), None)


def _looks(column: ColumnProfile, test: Callable[[str], bool]) -> bool:
    """Whether most of some values pass a test."""
    texts = [v.strip() for v in column.samples[:60] if isinstance(v, str)]
    return len(texts) >= 3 and sum(map(test, texts)) >= ENOUGH * len(texts)
