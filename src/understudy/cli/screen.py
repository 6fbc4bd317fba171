"""What commands print with: text for people on standard output, JSON for machines, progress on standard error."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import msgspec

from understudy.model.event import Listener

if TYPE_CHECKING:
    from rich.console import Console

PIPE_WIDTH = 160
"""Characters of a line where standard output is no terminal: wide, since nobody's window wraps it."""

NUMBER = (int, float)
GAP = 2
"""Blanks between two columns."""

MOST_SHOWN = 48
"""Characters of a cell that are shown where rows are looked at."""


class Screen:
    """One command's output. ``json``: only JSON on standard output; ``quiet``: no words and no progress."""

    def __init__(self, *, json: bool = False, quiet: bool = False) -> None:
        self.json, self.quiet = json, quiet
        self._console: Console | None = None

    @property
    def words(self) -> bool:
        """Whether text for people is wanted."""
        return not self.json and not self.quiet

    def data(self, value: Any) -> None:
        """JSON on standard output, if asked for."""
        if self.json:
            text = msgspec.json.Encoder(decimal_format="number", enc_hook=str).encode(value)
            sys.stdout.write(msgspec.json.format(text, indent=1).decode() + "\n")

    def say(self, text: str = "") -> None:
        """A line of text."""
        if self.words:
            sys.stdout.write(text + "\n")

    def title(self, text: str) -> None:
        """A heading."""
        if self.words:
            self.console.print(text, style="bold")

    def table(self, columns: Sequence[str], rows: Sequence[Sequence[object]], *, indent: int = 2) -> None:
        """Rows under headings, as wide as the terminal; numbers to the right."""
        if not self.words or not rows:
            return
        from rich.padding import Padding
        from rich.table import Table
        from rich.text import Text

        table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
        for i, name in enumerate(columns):
            right = all(isinstance(r[i], NUMBER) or r[i] in ("", None) for r in rows)
            table.add_column(name, justify="right" if right else "left", overflow="fold")
        for row in rows:
            table.add_row(*(Text(cell(v)) for v in row))
        self.console.print(Padding(table, (0, 0, 0, indent), expand=False))

    def rows(self, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
        """Rows of data: a line each where they fit the width; else a column each, as many as fit."""
        from rich.cells import cell_len

        shown = [[short(cell(v)) for v in row] for row in rows]
        widths = [max(cell_len(t) for t in (name, *(r[i] for r in shown))) for i, name in enumerate(columns)]
        if not rows or sum(widths) + GAP * len(widths) <= self.console.width:
            numbers = [
                [v if isinstance(v, NUMBER) else t for v, t in zip(*pair, strict=True)]
                for pair in zip(rows, shown, strict=True)
            ]
            self.table(columns, numbers)
            return
        room, fitting = self.console.width - max(cell_len(c) for c in columns) - GAP, 0
        for row in shown:
            room -= max(cell_len(t) for t in row) + GAP
            fitting += room >= 0
        fitting = max(fitting, 1)
        lines = [[name, *(r[i] for r in shown[:fitting])] for i, name in enumerate(columns)]
        self.table(["", *(str(n) for n in range(1, fitting + 1))], lines)
        if fitting < len(rows):
            self.say(f"  ({fitting} of {len(rows)} rows fit the width of this screen; --json shows all)")

    @property
    def console(self) -> Console:
        """Rich on standard output; no markup, so that data are shown as they are."""
        if self._console is None:
            from rich.console import Console

            width = None if sys.stdout.isatty() else PIPE_WIDTH
            self._console = Console(markup=False, highlight=False, emoji=False, width=width, soft_wrap=False)
            self._console.on_broken_pipe = _gone  # type: ignore[method-assign]  # Rich ends the process with 1
        return self._console

    @contextmanager
    def progress(self) -> Iterator[Listener]:
        """A listener for the workflow's events while a block runs."""
        from understudy.cli.progress import bars, lines, quiet

        if self.quiet:
            with quiet() as listener:
                yield listener
        else:
            with (bars if sys.stderr.isatty() else lines)() as listener:
                yield listener


def _gone() -> None:
    """The reader of a pipe went away: told to the door, which knows what that means."""
    raise BrokenPipeError


def cell(value: object) -> str:
    """A value in one line of a table."""
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case bytes():
            return "0x" + value.hex()
        case _:
            return " ".join(str(value).split("\n"))


def short(text: str) -> str:
    """A cell's text, cut where it is long.

    >>> short("a" * 60) == "a" * 47 + "…"
    True
    """
    return text if len(text) <= MOST_SHOWN else text[: MOST_SHOWN - 1] + "…"
