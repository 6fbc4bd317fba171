"""What is still running ends later, what is over has ended: the end of a row's span goes with its status.

    status in (active, open, …)    ─► the end lies ahead of the clock
    status in (expired, closed, …) ─► the end lies behind it

Only where the status tells these apart; the beginning stays where it is.
"""

from __future__ import annotations

from understudy.model.expression import Call, Case, Column, Const, Node, Uniform, When
from understudy.semantics import stages
from understudy.semantics.loom import Loom
from understudy.semantics.moments import DAY, SECOND
from understudy.semantics.nouns import Want
from understudy.types import Kind

RUNNING = frozenset(
    {"active", "open", "running", "ongoing", "current", "in progress", "live", "in force", "valid", "in effect"}
    | {"enabled", "on display", "in service", "ok", "good standing", "started", "trialing", "trial"}
)
OVER = frozenset(
    {"expired", "ended", "closed", "finished", "completed", "complete", "terminated", "past", "lapsed", "archived"}
    | {"over", "done", "inactive", "returned", "settled"}
)
ENDS = ("ended_at", "expires_at")
"""Meanings of the end of a span."""
AHEAD = (2, 300)
"""Days ahead at which what is running ends."""


def prepare(loom: Loom, order: list[Want]) -> None:
    """Moves the ends of spans to where the row's status wants them; ``order``: the row's moments from first to last."""
    status = stages.status_of(loom, "")
    if status is None:
        return
    column, labels = status
    running = [v for v in labels if stages.plain(v) in RUNNING]
    over = [v for v in labels if stages.plain(v) in OVER]
    if not running or len(running) == len(labels):
        return
    for place, want in enumerate(order):
        if place and loom.meanings.get(want.field.name) in ENDS and _free(want) and _last(loom, order[place + 1 :]):
            _moved(loom, want, order[place - 1], column, running, over)


def _moved(loom: Loom, want: Want, before: Want, status: str, running: list[str], over: list[str]) -> None:
    name = want.field.name
    end, start = loom.shared[f"moment of {name}"], loom.shared[f"moment of {before.field.name}"]
    now = loom.clock // DAY * DAY
    ahead: Node = Call("*", (Uniform("ahead", Const(AHEAD[0]), Const(AHEAD[1])), Const(DAY)))
    later = Call("greatest", (end, Call("+", (Const(now + 9 * 3600 * SECOND), ahead))))
    whens = [When(_among(status, running), later)]
    if over:
        gone = Call("greatest", (Call("+", (start, Const(DAY))), Call("least", (end, Const(now - DAY)))))
        whens.append(When(_among(status, over), gone))
    moved = loom.hide(f"time.until.{name}", Case(tuple(whens), end), reason="when it ends, as its status says")
    loom.shared[f"moment of {name}"] = moved


def _among(column: str, labels: list[str]) -> Node:
    return Call("is_true", (Call("in", (Column(column), *(Const(v) for v in labels))),))


def _free(want: Want) -> bool:
    """Whether nothing but the row's life bounds the column."""
    dated = want.field.type.kind in (Kind.DATE, Kind.TIMESTAMP)
    return dated and want.domain.high is None and want.domain.low is None and not want.unique


def _last(loom: Loom, later: list[Want]) -> bool:
    """Whether what comes after the end may lack, or says when the row was changed: it is not moved along."""
    return all(w.field.nullable or loom.meanings.get(w.field.name) in (*ENDS, "updated_at") for w in later)
