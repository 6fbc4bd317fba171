"""Plain words for texts whose own kind of value a rule never accepts: the alphabet that the rules accept most."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

import msgspec
import numpy as np

from understudy.model.domain import Domain
from understudy.model.expression import Const, Digits, Node, Uniform
from understudy.model.plan import PlannedColumn, PlannedTable
from understudy.model.schema import Field
from understudy.planning.binding.fill import PROBED, Filling
from understudy.planning.draft import not_false
from understudy.planning.solving.rulebook import Understood
from understudy.planning.table_draft import TableDraft

LETTERS = "abcdefghijklmnopqrstuvwxyz"
ALPHABETS = (LETTERS, LETTERS.upper(), "0123456789", LETTERS + "0123456789", LETTERS.upper() + "0123456789")
"""Tried in this order; the first of those that do best is taken."""

WIDTH = 8
"""Characters of a word where nothing bounds its length."""


def simplify(here: TableDraft, filling: Filling, domains: Mapping[str, Domain], understood: list[Understood]) -> None:
    """Plain words for the texts whose natural values a rule never accepts."""
    for column in sorted(here.plain):
        alone = [u for u in understood if not u.opaque and set(u.columns) == {column}]
        field = here.entity.field(column)

        def accepted(node: Node, field: Field = field, alone: list[Understood] = alone) -> float:
            made = PlannedColumn(field.name, field.type, node)
            return _accepted(here, PlannedTable(here.entity.name, PROBED, (made,)), alone)

        chosen = best(tokens(domains.get(column, Domain()), field.type.length), accepted)
        if chosen is not None:
            why = "plain words, which its checks accept"
            filling.recipes[column] = msgspec.structs.replace(
                filling.recipes[column], expression=chosen, reason=why, meaning=""
            )


def _accepted(here: TableDraft, trial: PlannedTable, checked: list[Understood]) -> float:
    """The share of a trial's rows that pass all of ``checked``."""
    rows = np.arange(trial.rows, dtype=np.int64)
    verdicts = [not_false(here.draft.evaluate(trial, u.predicate, rows)) for u in checked]
    return float(np.logical_and.reduce(verdicts).mean()) if verdicts else 1.0


def tokens(domain: Domain, length: int | None) -> Iterable[Node]:
    """A drawn word in each alphabet, within the lengths permitted."""
    longest = min((n for n in (domain.longest, length) if n is not None), default=WIDTH)
    width = max(1, min(WIDTH if (domain.shortest or 0) <= WIDTH else 11, longest))  # 11: 62**11 would leave 64 bits
    for alphabet in ALPHABETS:
        yield Digits(Uniform("token", Const(0), Const(len(alphabet) ** width - 1)), width, alphabet)


def best(candidates: Iterable[Node], accepted: Callable[[Node], float]) -> Node | None:
    """The candidate that ``accepted`` rates highest (a share); None where it accepts none at all."""
    rated = [(accepted(c), -at, c) for at, c in enumerate(candidates)]
    share, _, chosen = max(rated, key=lambda r: r[:2])
    return chosen if share > 0 else None
