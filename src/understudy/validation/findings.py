"""Verdicts as violations: only what was found broken."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from understudy.model.violation import Verdict, Violation


def violations(verdicts: Iterable[Verdict]) -> tuple[Violation, ...]:
    """One violation per broken rule. ``fingerprint``: the same for the same rule of the same table in every run."""
    return tuple(_violation(v) for v in verdicts if v.violations)


def _violation(v: Verdict) -> Violation:
    parts = "\0".join((v.table, v.kind, v.rule, v.text))
    return Violation(
        table=v.table,
        kind=v.kind,
        rule=v.rule,
        text=v.text,
        count=v.violations or 0,
        column=v.column,
        sample=v.sample,
        fingerprint=hashlib.blake2b(parts.encode(), digest_size=8).hexdigest(),
    )
