"""A person's wish for how values are spread (``spread:`` in the schema file), checked."""

from __future__ import annotations

from understudy.errors import RequestError
from understudy.semantics.nouns import Want

KNOWN = {
    "law": "lognormal, normal, uniform or zipf", "median": "a number", "sigma": "a number", "mean": "a number",
    "deviation": "a number", "low": "a number", "high": "a number", "exponent": "a number",
    "weights": "a list of numbers", "weekdays": "flat, office, usual, shop, weekend, or 7 weights from Monday",
    "hours": "flat, office, evening, night, or 24 weights", "growth": "how many times as many a year",
}  # fmt: skip
LAWS = ("lognormal", "normal", "uniform", "zipf")


def checked(want: Want) -> dict[str, float | str | tuple[float, ...]]:
    """The wish; RequestError where it names what does not exist."""
    wish, where = want.field.spread, want.field.name
    for key in wish:
        if key not in KNOWN:
            raise RequestError(f"no distribution has {key!r}", where=where, mend=f"Known: {', '.join(KNOWN)}.")
    law = wish.get("law")
    if law is not None and law not in LAWS:
        raise RequestError(f"no distribution is called {law!r}", where=where, mend=f"Known: {', '.join(LAWS)}.")
    return wish


def value(want: Want, key: str, default: float) -> float:
    """A number of the wish."""
    found = want.field.spread.get(key, default)
    if isinstance(found, int | float) and not isinstance(found, bool):
        return float(found)
    raise RequestError(f"spread: {key} is {KNOWN[key]}, not {found!r}", where=want.field.name)


def weights(want: Want, count: int) -> tuple[float, ...] | None:
    """Weights asked for, one per value."""
    found = checked(want).get("weights")
    if found is None:
        return None
    if not isinstance(found, tuple | list) or len(found) != count or min(found) < 0 or sum(found) <= 0:
        raise RequestError(f"spread: weights must be {count} numbers, not all 0", where=want.field.name)
    return tuple(float(w) for w in found)
