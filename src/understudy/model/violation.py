"""What a check found."""

from __future__ import annotations

import msgspec


class Violation(msgspec.Struct, frozen=True, omit_defaults=True):
    """``count`` rows of ``table`` break ``rule`` (of ``kind`` not_null, unique, foreign_key, check, exclusion,
    type, length, enum, domain); ``sample``: a few offending rows as text; ``text``: the rule's words."""

    table: str
    kind: str
    rule: str
    text: str
    count: int
    column: str = ""
    sample: tuple[str, ...] = ()
    fingerprint: str = ""


class Verdict(msgspec.Struct, frozen=True, omit_defaults=True):
    """The outcome for one constraint: ``method`` is how it was verified (the query's kind, the server's word);
    ``violations`` None: not verifiable here, and ``reason`` says why. ``sample``: a few offending rows as text."""

    table: str
    kind: str
    rule: str
    text: str
    method: str
    violations: int | None
    reason: str = ""
    column: str = ""
    sample: tuple[str, ...] = ()
