"""Listeners that show: a bar per table on a terminal, plain lines elsewhere, warnings in any case."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from understudy.cli.failures import masked
from understudy.model.event import (
    Event,
    Listener,
    Notice,
    RowsDelivered,
    StageFinished,
    StageStarted,
    TableFinished,
    TableStarted,
)

SECONDS_BETWEEN_LINES = 10.0
"""In a log file a long table shows that it lives, and does not fill the disk."""


def _line(text: str) -> None:
    sys.stderr.write(masked(text) + "\n")
    sys.stderr.flush()


@contextmanager
def quiet() -> Iterator[Listener]:
    """Nothing but warnings: quiet does not hide them."""

    def listen(event: Event) -> None:
        if isinstance(event, Notice) and event.severity != "info":
            _line(f"{event.severity}: {event.text}")

    yield listen


@contextmanager
def lines() -> Iterator[Listener]:
    """Plain lines: stages with their time, tables when they end, a sign of life in long ones."""
    done: dict[str, int] = {}
    wanted: dict[str, int] = {}
    began: dict[str, float] = {}
    last = time.monotonic()

    def listen(event: Event) -> None:
        nonlocal last
        now = time.monotonic()
        match event:
            case StageStarted(stage, detail):
                _line(f"{stage} …{f' {detail}' if detail else ''}")
            case StageFinished(stage, seconds, detail):
                _line(f"{stage} done in {seconds:.1f} s{f': {detail}' if detail else ''}")
            case TableStarted(table, rows):
                done[table], wanted[table], began[table] = 0, rows, now
            case RowsDelivered(table, rows):
                done[table] = done.get(table, 0) + rows
                if now - last > SECONDS_BETWEEN_LINES:
                    last = now
                    _line(f"  {table}: {done[table]:,} of {wanted.get(table, done[table]):,} rows")
            case TableFinished(table, rows):
                seconds = max(now - began.get(table, now), 1e-3)
                _line(f"  {table}: {rows:,} rows, {rows / seconds:,.0f} rows/s")
            case Notice(text, severity):
                _line(f"{severity}: {text}")

    yield listen


@contextmanager
def bars() -> Iterator[Listener]:
    """A bar per table with rows, rows per second and time left; a finished table's bar makes room."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

    console = Console(stderr=True, markup=False, highlight=False, emoji=False)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(bar_width=30),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(),
    )
    tasks: dict[str, TaskID] = {}
    with Progress(*columns, console=console, transient=True) as progress:

        def rate(task: TaskID) -> str:
            found = next(t for t in progress.tasks if t.id == task)
            return f"{found.finished_speed or found.speed or 0:,.0f} rows/s"

        def listen(event: Event) -> None:
            match event:
                case StageStarted(stage, detail):
                    console.print(masked(f"{stage} … {detail}".rstrip()), style="dim")
                case StageFinished(stage, seconds, detail):
                    console.print(masked(f"{stage} done in {seconds:.1f} s {detail}".rstrip()), style="dim")
                case TableStarted(table, rows):
                    tasks[table] = progress.add_task(table, total=rows, rate="")
                case RowsDelivered(table, rows) if table in tasks:
                    progress.advance(tasks[table], rows)
                    progress.update(tasks[table], rate=rate(tasks[table]))
                case TableFinished(table, rows) if table in tasks:
                    console.print(f"  {table}: {rows:,} rows, {rate(tasks[table])}", style="dim")
                    progress.remove_task(tasks.pop(table))
                case Notice(text, severity):
                    console.print(masked(f"{severity}: {text}"), style="yellow" if severity == "warning" else "")

        yield listen
