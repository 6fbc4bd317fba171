"""Events: the engine tells, it never shows. One stream, many listeners."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import msgspec


class _Event(msgspec.Struct, frozen=True, omit_defaults=True, tag_field="event"):
    """Common shape of events."""


class StageStarted(_Event, frozen=True, tag="stage_started"):
    """A stage of the pipeline began (read, plan, create, generate, load, verify …)."""

    stage: str
    detail: str = ""


class StageFinished(_Event, frozen=True, tag="stage_finished"):
    """It ended, after ``seconds``."""

    stage: str
    seconds: float
    detail: str = ""


class TableStarted(_Event, frozen=True, tag="table_started"):
    """Rows of a table begin to flow; ``rows`` are wanted."""

    table: str
    rows: int


class RowsDelivered(_Event, frozen=True, tag="rows_delivered"):
    """``rows`` more of ``table`` were accepted."""

    table: str
    rows: int


class TableFinished(_Event, frozen=True, tag="table_finished"):
    """All rows of the table are delivered."""

    table: str
    rows: int


class Notice(_Event, frozen=True, tag="notice"):
    """Something a user should see: a warning, another way taken, a resumed part."""

    text: str
    severity: str = "warning"


Event: TypeAlias = StageStarted | StageFinished | TableStarted | RowsDelivered | TableFinished | Notice
Listener: TypeAlias = Callable[[Event], None]


def silent(_event: Event) -> None:
    """A listener that does nothing."""
