"""What the user sees when something goes wrong: one line with the mend; for our own faults, where the log is."""

from __future__ import annotations

import os
import platform
import re
import sys
import tempfile
import traceback
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import click
import msgspec

from understudy.errors import RefusedRowError, UnderstudyError, UnsatisfiableError

SECRET = re.compile(r"(?<=://)([^:/@\s]*):\S+@")
"""User and password of a URL, up to its last @: a password may hold one, and a / too."""

OPTION = re.compile(r"([?&](?:password|passwd|sslpassword|passfile|ssl_key_password)=)[^&#\s]*", re.IGNORECASE)
"""A password among a URL's options."""


def tell(error: UnderstudyError, arguments: Sequence[str]) -> int:
    """The user's mistake, or the world's: one line on standard error, an object on standard output with --json."""
    if isinstance(error, UnsatisfiableError) and len(error.demands) > 1:
        for demand in error.demands:
            click.echo(f"understudy: cannot be met: {masked(' '.join(demand.split()))}", err=True)
        click.echo(f"understudy: nothing was generated. {error.mend}".rstrip(), err=True)
    else:
        click.echo(f"understudy: {masked(error.line)}", err=True)
    details = error.diagnosis if isinstance(error, RefusedRowError) else ()
    for line in details:
        click.echo(f"  {masked(line)}", err=True)
    retry = {"retry_may_help": True} if error.retry_may_help else {}
    demands = {"demands": [masked(d) for d in error.demands]} if isinstance(error, UnsatisfiableError) else {}
    shown = {"diagnosis": [masked(d) for d in details]} if details else {}
    _as_json(arguments, type(error).__name__, error.what, error.where, error.mend, **retry, **demands, **shown)
    return error.exit_code


def tell_usage(error: click.ClickException, arguments: Sequence[str]) -> int:
    """A command line that does not parse."""
    context = getattr(error, "ctx", None)
    path = context.command_path if context else "understudy"
    what = masked(" ".join(error.format_message().split()))
    mend = f"See `{path} --help`."
    click.echo(
        f"understudy: {what.rstrip('.')}. {mend}" if not what.endswith("?") else f"understudy: {what} {mend}", err=True
    )
    _as_json(arguments, "UsageError", what, "", mend)
    return 2


def tell_fault(error: BaseException, arguments: Sequence[str]) -> int:
    """Our own fault: the traceback goes to a file, a line to the screen."""
    place = _logged(error, arguments)
    what = masked(" ".join(f"{type(error).__name__}: {error}".split()))
    mend = f"This is a fault of Understudy; please report it with {place}."
    click.echo(f"understudy: {what[:300]}. {mend}", err=True)
    _as_json(arguments, "InternalError", what, "", mend)
    return 3


def masked(text: str) -> str:
    """The text without passwords of URLs."""
    return OPTION.sub(r"\1***", SECRET.sub(r"\1@", text))


def _as_json(arguments: Sequence[str], kind: str, what: str, where: str, mend: str, **more: object) -> None:
    if "--json" in arguments:
        fault = {"kind": kind, "what": masked(what), "where": masked(where), "mend": masked(mend), **more}
        sys.stdout.write(msgspec.json.encode({"error": fault}).decode() + "\n")
        sys.stdout.flush()


def _logged(error: BaseException, arguments: Sequence[str]) -> Path:
    """Write the traceback where this user keeps logs; in the temporary folder where that cannot be written."""
    now = datetime.now(UTC)
    lines = [
        f"{now.isoformat()} understudy on Python {platform.python_version()}, {platform.platform()}",
        "arguments: " + " ".join(masked(a.replace(" ", "%20")) for a in arguments),
        "".join(traceback.format_exception(error)),
    ]
    name = f"fault-{now:%Y%m%dT%H%M%S}-{os.getpid()}.log"
    state = os.environ.get("XDG_STATE_HOME") or str(Path.home() / ".local" / "state")
    for folder in (Path(state) / "understudy", Path(tempfile.gettempdir())):
        try:
            folder.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(masked("\n".join(lines)), encoding="utf-8")
        except OSError:
            continue
        return folder / name
    click.echo(masked("\n".join(lines)), err=True)  # no place can be written: the screen must do
    return Path("the lines above")
