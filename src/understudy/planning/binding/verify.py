"""Measure before believing: what no proof settles (:mod:`.proving`) is evaluated on a sample, what fails is redrawn.

The columns and links that a failing rule reads become one repair group with a common attempt; the
acceptance is measured again, and the limit of attempts follows from it.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from itertools import islice, product

import msgspec
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from understudy import rules
from understudy.model.domain import Domain
from understudy.model.expression import Call, Case, Node
from understudy.model.link import Coded, Drawn, Grouped, Link
from understudy.model.plan import PlannedTable, Repair
from understudy.planning.binding.proving import Proofs
from understudy.planning.binding.searching import witnesses
from understudy.planning.draft import Draft, flat, not_false
from understudy.planning.solving.rulebook import Understood
from understudy.planning.trees import links_of
from understudy.rules.trees import walk

SAMPLE = 1024
"""Rows on which rules are measured; a rule broken by one row in 200 is found with 99 %."""

FAILURE = 1e-9
"""Chance, over all rows, that some row finds no value within the limit of attempts."""

MOST_ATTEMPTS = 4096

LEAST_ATTEMPTS = 1024
"""However many rows pass on average, some row may have a parent under which few do: only such rows go so far."""

RARE_ATTEMPTS, SURE = 1 << 16, 12.0
"""Attempts for what a person asks of rows; it is refused where they would not find a row with near certainty."""

TRIED, ENOUGH = 1 << 14, 16
"""Draws that are looked at before nothing is found to satisfy a rule, and how many that do tell the share."""

SEARCHED = 2
"""Attempts of a row before it takes one that was found by search: draws do not help it."""

MOST_WAYS = 64

SCARCE = 0.02
"""Acceptance below which it is worth narrowing what is drawn: more than 50 draws a row cost more than the row."""


def repair_rules(
    draft: Draft, table: PlannedTable, checked: Iterable[Understood], domains: Mapping[str, Domain]
) -> tuple[PlannedTable, dict[str, str], list[Understood]]:
    """The table with repairs for the rules that fail on a sample; per rule's name how it is met; the rules that
    hardly any draw satisfies. Rules that cannot be met are noted in the draft."""
    how: dict[str, str] = {}
    failing: list[Understood] = []
    sample = _sample(table.rows)
    asked = tuple(checked)
    proofs = Proofs(table, draft.artefacts)
    unproved = [u for u in asked if not proofs.passes(u.predicate)]
    how |= {u.rule.name: "by construction" for u in asked if u not in unproved}
    later = [u for u in unproved if _reads_children(draft, table, u.columns)]
    how |= {u.rule.name: "by construction" for u in later}  # their values follow from rows that are not planned yet
    asked = tuple(u for u in asked if u not in later)
    measured = [u for u in unproved if u not in later]
    scarce: list[Understood] = []
    if not sample.size or not measured:
        return table, how, scarce
    rows = range(table.rows) if sample.size == table.rows else sample
    verdicts = draft.runtime(table).several(table.name, [u.predicate for u in measured], rows)
    for understood, verdict in zip(measured, map(flat, verdicts), strict=True):
        share = _broken(verdict)
        how[understood.rule.name] = "by construction"
        if share == 0 and _by_luck(draft, table, understood):
            failing.append(understood)
            how[understood.rule.name] = "by repair"
        if share > 0:
            failing.append(understood)
            how[understood.rule.name] = "by repair"
            if share > (1 - SCARCE) * (1 - verdict.null_count / len(verdict)):
                scarce.append(understood)  # redrawing would end with nulls, where they are permitted
    for group in _groups(table, failing):
        table, acceptance = _add_repair(draft, table, group, sample, asked, domains)
        scarce += [u for u in group.rules if u not in scarce] if acceptance < SCARCE else []
    return table, how, scarce


def _reads_children(draft: Draft, table: PlannedTable, columns: Iterable[str]) -> bool:
    """Whether columns follow from children, their own or a parent's, whose tables are not planned yet. What follows
    from planned tables alone stays so, and is not looked at again."""
    todo = [(table, c) for c in columns]
    seen: set[tuple[str, str]] = set()
    trees: dict[str, dict[str, Node]] = {}
    settled = True
    while todo:
        here, name = todo.pop()
        if (here.name, name) in seen or (here is not table and (here.name, name) in draft.closed):
            continue
        if here.name not in trees:
            trees[here.name] = {c.name: c.expression for c in here.columns}
        tree = trees[here.name].get(name)
        if tree is None:
            continue
        seen.add((here.name, name))
        reads = draft.reading.of(tree)
        if any(child not in draft.tables for child, _ in reads.aggregates):
            return True
        todo += [(here, c) for c in reads.columns]
        for link, column in reads.lookups:
            tie = next((x for x in here.links if x.name == link), None)
            if tie is not None and tie.parent not in draft.tables:
                settled = False  # a parent of a cycle, itself or its columns not known yet
            elif tie is not None:
                todo.append((draft.tables[tie.parent], column))
    if settled:
        draft.closed |= {(t, c) for t, c in seen if t != table.name}
    return False


def _by_luck(draft: Draft, table: PlannedTable, understood: Understood) -> bool:
    """Whether a rule that no row of the sample breaks is more than domains and orders of columns can say: one row in
    ten thousand may break it yet, so it is looked at in every row."""
    if table.rows <= SAMPLE or not any(_redrawable(table, understood.columns)):
        return False
    types = {f.name: f.type for f in draft.entity(table.name).fields}
    found = rules.branches([understood.predicate], types).branches
    return any(b.residue or any(r.right_factor <= 0 for r in b.relations) for b in found)


def _sample(rows: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    if rows <= SAMPLE:
        return np.arange(rows, dtype=np.int64)
    ends = np.arange(64, dtype=np.int64)
    spread = np.linspace(64, rows - 65, SAMPLE - 128).astype(np.int64)
    return np.concatenate([ends, spread, rows - 1 - ends[::-1]])


def _broken(verdict: pa.Array) -> float:
    """The share of rows for which a rule is false."""
    return 1.0 - np.count_nonzero(not_false(verdict)) / max(len(verdict), 1)


class _Group(msgspec.Struct):
    rules: list[Understood]
    columns: set[str]
    links: set[str]


def _groups(table: PlannedTable, failing: list[Understood]) -> list[_Group]:
    """Failing rules that share what may be redrawn are repaired together."""
    groups: list[_Group] = []
    for understood in failing:
        columns, links = _redrawable(table, understood.columns)
        group = _Group([understood], columns, links)
        for other in [g for g in groups if g.columns & columns or g.links & links]:
            groups.remove(other)
            group = _Group(other.rules + group.rules, other.columns | group.columns, other.links | group.links)
        groups.append(group)
    return groups


def _redrawable(table: PlannedTable, columns: tuple[str, ...]) -> tuple[set[str], set[str]]:
    """The columns (with their helpers) and links behind a rule's columns that a redraw may change."""
    planned = {c.name: c for c in table.columns}
    drawn = {k.name for k in table.links if _drawn(k)}
    absent = {k.name: rules.columns_of(k.absent) for k in table.links if k.absent is not None}
    found: set[str] = set()
    seen: set[str] = set()
    links: set[str] = set()
    todo = [c for c in columns if c in planned]
    while todo:
        name = todo.pop()
        if name in seen or name.startswith(("$code:", "$key:", "$wish:")):
            continue
        expression = planned[name].expression
        if any(getattr(n, "use", None) is not None for n in walk(expression)):  # what draws nothing stays as it is
            found.add(name)
        seen.add(name)
        links |= {link for link in links_of(expression) if link in drawn}
        todo += [c for link in links_of(expression) for c in absent.get(link, ()) if c in planned]
        todo += [c for c in rules.columns_of(expression) if c in planned]
    return found, links


def _drawn(link: Link) -> bool:
    """Whether a link's parents are drawn row by row, so that another attempt gives another parent."""
    match link.mode:
        case Drawn():
            return True
        case Grouped(member=None):
            return True
        case Coded(index=index):
            return any(getattr(n, "use", None) is not None for n in walk(index))
    return False


def _add_repair(
    draft: Draft,
    table: PlannedTable,
    group: _Group,
    sample: NDArray[np.int64],
    checked: tuple[Understood, ...],
    domains: Mapping[str, Domain],
) -> tuple[PlannedTable, float]:
    """The table with the group's repair, and the share of draws that satisfy it."""
    if not group.columns and not group.links:
        words = "; ".join(f"{u.rule.name}: {u.rule.text}" for u in group.rules)
        draft.unmet.append(f"{table.name}: what {words} reads is settled by keys and parents, and does not fulfil it")
        return table, 0.0
    asked = any(u.rule.name in ("where", "share") for u in group.rules)
    predicates = tuple(u.predicate for u in group.rules)
    predicate = predicates[0] if len(predicates) == 1 else Call("and", predicates)
    names = ", ".join(u.rule.name for u in group.rules)
    repair = Repair(f"repair of {names}", tuple(sorted(group.columns)), predicate, 64, tuple(sorted(group.links)))
    ways = [msgspec.structs.replace(repair, predicate=way) for way in _ways(predicates)]
    acceptance = min(_acceptance(draft, table, way, sample) for way in ways)
    most = RARE_ATTEMPTS if asked else MOST_ATTEMPTS
    if acceptance * most < SURE and (found := witnesses(draft, table, repair, checked, domains)):
        draft.warnings.append(f"{table.name}: {names} is met by values found by search, for hardly a draw meets it")
        settled = msgspec.structs.replace(repair, limit=SEARCHED, acceptance=round(acceptance, 6), witnesses=found)
        return msgspec.structs.replace(table, repairs=(*table.repairs, settled)), 1.0
    if acceptance <= 0:
        words = "; ".join(f"{u.rule.name}: {u.rule.text}" for u in group.rules)
        draft.unmet.append(f"{table.name}: no value found that satisfies {words}")
        return table, 0.0
    limit = attempts(table.rows, acceptance, most)
    if asked and acceptance * limit < SURE:
        words = "; ".join(u.rule.text for u in group.rules)
        draft.unmet.append(f"{table.name}: hardly a row in {1 / acceptance:,.0f} fulfils {words}: ask for less")
        return table, acceptance
    settled = msgspec.structs.replace(repair, limit=limit, acceptance=round(acceptance, 6))
    return msgspec.structs.replace(table, repairs=(*table.repairs, settled)), acceptance


def _ways(predicates: tuple[Node, ...]) -> list[Node]:
    """What rows may be asked for: where a rule asks different things of them, each thing on its own, for the rarest of
    them takes longest."""
    parts = [(*(w.value for w in p.branches), p.otherwise) if isinstance(p, Case) else (p,) for p in predicates]
    return [way[0] if len(way) == 1 else Call("and", way) for way in islice(product(*parts), MOST_WAYS)]


def _acceptance(draft: Draft, table: PlannedTable, repair: Repair, sample: NDArray[np.int64]) -> float:
    """The share of draws that satisfy a repair; of a few rows, or where hardly any does, of several draws of each."""
    trial = msgspec.structs.replace(table, repairs=(*table.repairs, repair))
    runtime, passed = draft.runtime(trial), 0.0
    for attempt in range(max(1, TRIED // sample.size)):
        passed += runtime.acceptance(trial.name, repair, sample, attempt) * sample.size
        if passed >= ENOUGH:
            break
    return passed / ((attempt + 1) * sample.size)


def attempts(rows: int, acceptance: float, most: int = MOST_ATTEMPTS) -> int:
    """How many attempts leave every one of ``rows`` served but for a chance of :data:`FAILURE`."""
    if acceptance >= 1.0:
        return LEAST_ATTEMPTS
    return min(most, max(LEAST_ATTEMPTS, math.ceil(math.log(max(rows, 1) / FAILURE) / -math.log1p(-acceptance * 0.9))))
