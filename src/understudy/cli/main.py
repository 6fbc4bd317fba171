"""The door of the command line: finds the command, and turns what goes wrong into one line and an exit code.

0 done, 1 a check found something, 2 the user's mistake, 3 our own fault (130: interrupted by the user).
"""

from __future__ import annotations

import difflib
import os
import sys
from collections.abc import Sequence
from importlib import import_module

import click

from understudy.errors import UnderstudyError

COMMANDS = {
    "generate": "Make data for a system and load it: the main job.",
    "inspect": "Show what was understood of a system.",
    "plan": "Show how each column will be made, and what cannot be met.",
    "preview": "Show a few rows, exactly as they would be generated.",
    "validate": "Check data against a system's constraints.",
    "demo": "A guided first run on a shop of its own.",
    "doctor": "Show what works on this machine.",
    "config": "Show every setting and where it comes from.",
    "formats": "Show what data can be delivered to.",
}
"""Command → one line. A command's module is imported when it is called, lest ``--help`` pays for all."""

INTERRUPTED = 130


class Commands(click.Group):
    """Commands found by name in the modules beside this one."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All names, the main job first."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name, its module imported now."""
        if cmd_name not in COMMANDS:
            return None
        command = import_module(f"understudy.cli.{cmd_name}").command
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list of commands, written from this table."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

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
    arguments = list(sys.argv[1:] if arguments is None else arguments)
    try:
        answer = cli.main(args=arguments, prog_name="understudy", standalone_mode=False)
        sys.stdout.flush()
        return answer if isinstance(answer, int) else 0
    except UnderstudyError as error:
        return _told(error, arguments)
    except click.ClickException as error:
        from understudy.cli.failures import tell_usage

        return tell_usage(error, arguments)
    except (KeyboardInterrupt, click.Abort):
        click.echo("understudy: stopped; nothing is half-written", err=True)
        return INTERRUPTED
    except BrokenPipeError:  # the reader of the pipe went away, as `head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:
        from understudy.cli.failures import tell_fault

        return tell_fault(error, arguments)


def _told(error: UnderstudyError, arguments: Sequence[str]) -> int:
    from understudy.cli.failures import tell, tell_fault

    return tell_fault(error, arguments) if error.exit_code == 3 else tell(error, arguments)


if __name__ == "__main__":
    sys.exit(main())
