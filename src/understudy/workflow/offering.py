"""What there is to deliver to, and what verdicts come to: small answers that doors ask for."""

from __future__ import annotations

from collections.abc import Iterable

from understudy.model.capability import Capability
from understudy.model.violation import Verdict, Violation


def formats() -> tuple[Capability, ...]:
    """Every file format and database that takes data, with what it can do."""
    from understudy.delivery import formats as known

    return known()


def violations(verdicts: Iterable[Verdict]) -> tuple[Violation, ...]:
    """What was found broken: one violation per rule, with its count and some rows."""
    from understudy.validation import violations as broken

    return broken(verdicts)
