"""The door of the command line: finds the command, and turns what goes wrong into one line and an exit code.

0 done, 1 a check found something, 2 the user's mistake, 3 our own fault (130: interrupted by the user, 143: ended from
outside).
"""

from __future__ import annotations

import atexit
import difflib
import errno
import gc
import os
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from importlib import import_module
from types import FrameType
from typing import Any

import click

from understudy.errors import UnderstudyError, WorldError

COMMANDS = {
    "generate": "Make data for a system and load it: the main job.",
    "inspect": "Show what was understood of a system.",
    "review": "Decide what is unsure or contradictory, once for all runs.",
    "plan": "Show how each column will be made, and what cannot be met.",
    "preview": "Show a few rows, exactly as they would be generated.",
    "fit": "Learn from real rows, to make others like them.",
    "impute": "Fill the nulls of real rows by a model.",
    "extend": "Go on with real rows by a model: new entities, or the future of those there.",
    "report": "Compare synthetic rows with real ones: likeness, use, privacy.",
    "rehearse": "Try a few rows on a live target, rolled back, and show what that teaches.",
    "verify-load": "Verify a certified load again.",
    "validate": "Check data against a system's constraints.",
    "packs": "Domain packs: what is known of a trade.",
    "demo": "A guided first run on a shop of its own.",
    "doctor": "Show what works on this machine.",
    "config": "Show every setting and where it comes from.",
    "types": "Show what columns may mean, with examples.",
    "formats": "Show what data can be delivered to.",
}
"""Command → one line. A command's module is imported when it is called, lest ``--help`` pays for all."""

MEMORY_POOL = ("ARROW_DEFAULT_MEMORY_POOL", "system")
"""Arrow's own pool keeps what it freed: 40 MB more at the peak, growing with the rows, and no faster (measured)."""

ONE_THREAD = ("OPENBLAS_NUM_THREADS", "1")
"""NumPy's linear algebra starts threads that wait by spinning, which nothing of ours has any use for."""

GARBAGE_AFTER = 20_000
"""New objects after which Python looks for cycles: after every 700, as by default, it took a tenth of a small run."""

INTERRUPTED, TERMINATED = 130, 143
QUERY_INTERRUPTED = "Query interrupted"
"""What DuckDB raises (a RuntimeError) in place of an exception that a signal's handler raised while it was at work."""

UNWRITABLE = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EACCES, errno.EPERM, errno.EIO})
"""What a disk or a descriptor says when nothing more can be written: no fault of ours, wherever it comes up."""


class PipeClosedError(Exception):
    """The reader of standard output went away. (click would end the process with 1 on the plain error.)"""


class TerminatedError(KeyboardInterrupt):
    """Somebody asked the process to end (SIGTERM): as Ctrl-C, so that nothing is left half-written."""


class Commands(click.Group):
    """Commands found by name in the modules beside this one."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All names, the main job first."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name, its module imported now."""
        if cmd_name not in COMMANDS:
            return None
        command = import_module(f"understudy.cli.{cmd_name.replace('-', '_')}").command
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list of commands, written from this table."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; a pipe that nobody reads any more is told in our own words."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError as e:
            raise PipeClosedError from e

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command, or an error that suggests the nearest."""
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            near = difflib.get_close_matches(args[0], COMMANDS, 1)
            hint = f"Did you mean {near[0]!r}?" if near else f"Known: {', '.join(COMMANDS)}."
            raise click.UsageError(f"unknown command {args[0]!r}. {hint}", ctx)
        return super().resolve_command(ctx, args)


EPILOG = """\b
Examples:
  understudy generate postgresql://localhost/shop --to postgresql://localhost/shop --rows 1000
  understudy generate schema.sql --to sqlite:///shop.db --rows orders=1e5 --seed 7
  understudy demo
"""


@click.command(cls=Commands, epilog=EPILOG, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="understudy", message="understudy %(version)s")
def cli() -> None:
    """Data that stands in for your production data, and that the real system accepts with every constraint on."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command line; returns the exit code. Nothing is raised but by the interpreter itself."""
    for name, value in (MEMORY_POOL, ONE_THREAD):
        os.environ.setdefault(name, value)
    gc.set_threshold(GARBAGE_AFTER)
    if arguments is None:  # the process ends with us: nobody needs to look once more for what is garbage (0.1 CPU-s)
        atexit.register(gc.freeze)
    arguments = list(sys.argv[1:] if arguments is None else arguments)
    sys.stdout = sys.stdout or open(os.devnull, "w")  # noqa: SIM115  closed by the caller, who wants to hear nothing
    sys.stderr = sys.stderr or open(os.devnull, "w")  # noqa: SIM115
    asked: list[int] = []
    try:
        with _ends_cleanly(asked):
            return _run(arguments)
    except KeyboardInterrupt:
        if asked:
            click.echo("understudy: ended from outside; nothing is half-written", err=True)
            return TERMINATED
        click.echo("understudy: stopped; nothing is half-written", err=True)
        return INTERRUPTED


def _run(arguments: list[str]) -> int:
    try:
        answer = cli.main(args=arguments, prog_name="understudy", standalone_mode=False)
        sys.stdout.flush()
        return answer if isinstance(answer, int) else 0
    except UnderstudyError as error:
        return _told(error, arguments)
    except click.ClickException as error:
        from understudy.cli.failures import tell_usage

        return tell_usage(error, arguments)
    except click.Abort as error:  # click's own word for Ctrl-C, whoever raised it
        raise (error.__cause__ if isinstance(error.__cause__, KeyboardInterrupt) else KeyboardInterrupt()) from None
    except (BrokenPipeError, PipeClosedError):  # the reader of the pipe went away, as `head` does
        _nowhere()
        return 0
    except ModuleNotFoundError as error:
        from understudy.cli.failures import tell_fault
        from understudy.workflow.extras import missing

        told = missing(error)
        return tell_fault(error, arguments) if told is None else _told(told, arguments)
    except OSError as error:
        if error.errno not in UNWRITABLE:
            from understudy.cli.failures import tell_fault

            return tell_fault(error, arguments)
        _nowhere()
        mend = "Make room, or choose a place that this user may write to."
        place = str(error.filename or "standard output")
        return _told(WorldError((error.strerror or str(error)).lower(), where=place, mend=mend), arguments)
    except Exception as error:
        if isinstance(error, RuntimeError) and str(error) == QUERY_INTERRUPTED:
            raise KeyboardInterrupt from error
        from understudy.cli.failures import tell_fault

        return tell_fault(error, arguments)


@contextmanager
def _ends_cleanly(asked: list[int]) -> Iterator[None]:
    """SIGTERM raises inside the block, as Ctrl-C does, and is noted in ``asked``: libraries swallow what it raises."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def end(number: int, frame: FrameType | None) -> None:
        asked.append(number)
        raise TerminatedError

    before = signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _nowhere() -> None:
    """Nothing is written to standard output any more, not at the interpreter's end either."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _told(error: UnderstudyError, arguments: Sequence[str]) -> int:
    from understudy.cli.failures import tell, tell_fault

    return tell_fault(error, arguments) if error.exit_code == 3 else tell(error, arguments)


if __name__ == "__main__":
    sys.exit(main())
