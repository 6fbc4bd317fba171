"""What a column's default says of its values: most rows have it."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation

from understudy.model.expression import Case, Chance, Const, Node, When
from understudy.model.schema import Field
from understudy.semantics import numbers
from understudy.semantics.nouns import Want
from understudy.semantics.words import tokens
from understudy.types import Kind

SHARE = 0.55
"""Of the rows that have the default."""
FLAGS = {"true": 0.85, "1": 0.85, "t": 0.85, "false": 0.15, "0": 0.15, "f": 0.15}
"""Share of true where the default is so."""
BEGINNINGS = frozenset({"status", "state", "stage", "phase", "step"})
"""Of these the default is where things begin, not where most of them are."""
_CAST = re.compile(r"::[\w \[\]().\"]+$")


def literal(field: Field) -> str | None:
    """The default as plain text, where it is a constant."""
    text = field.default.strip()
    while text.startswith("(") and text.endswith(")"):
        text = text[1:-1].strip()
    text = _CAST.sub("", text).strip()
    if re.fullmatch(r"[bB]?'(?:[^']|'')*'", text):
        return text[text.index("'") + 1 : -1].replace("''", "'")
    return text if re.fullmatch(r"-?\d+(\.\d+)?|(?i:true|false)", text) else None


def share_of_true(field: Field) -> float | None:
    """How many rows are true, as far as the default tells."""
    return FLAGS.get((literal(field) or "").lower())


def weighted(field: Field, labels: tuple[object, ...], weights: tuple[float, ...]) -> tuple[float, ...]:
    """Weights with the default's raised to more than half of all."""
    default = literal(field)
    if default is None or tokens(field.name)[-1] in BEGINNINGS:
        return weights
    place = next((i for i, label in enumerate(labels) if str(label) == default), None)
    if place is None or len(labels) < 2:
        return weights
    others = sum(weights) - weights[place]
    raised = max(weights[place], others * SHARE / (1 - SHARE))
    return (*weights[:place], round(raised, 4), *weights[place + 1 :])


def mostly(want: Want, node: Node) -> Node:
    """A number that is the default in more than half of the rows."""
    kind, default = want.field.type.kind, literal(want.field)
    if default is None or want.unique or kind not in (Kind.INTEGER, Kind.DECIMAL):
        return node
    try:
        units = Decimal(default) * 10 ** numbers.scale_of(want.field.type)
    except InvalidOperation:
        return node
    low, high, _ = numbers.bounds(want)
    step = want.domain.multiple or 1
    refused = default in {str(v) for v in want.domain.refused}
    if units != int(units) or not low <= units <= high or int(units) % step or refused:
        return node
    return Case((When(Chance("usual", SHARE), Const(int(units))),), node)
