"""``understudy generate``: the main job."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from understudy.cli.failures import masked
from understudy.cli.options import (
    chosen,
    in_session,
    output,
    reading,
    refuse_settled,
    request,
    screen,
    session,
    sources,
    wishes,
)
from understudy.cli.screen import Screen
from understudy.errors import RefusedRowError, RequestError

if TYPE_CHECKING:
    from understudy.model.bundle import Bundle
    from understudy.model.manifest import Manifest
    from understudy.ports.sink import WriteMode

EPILOG = """\b
Examples:
  understudy generate postgresql://localhost/shop --to postgresql://localhost/shop --rows 1000
  understudy generate schema.sql --to sqlite:///shop.db --rows 200 --rows orders=1e5
  understudy generate schema.sql --to ./data --format csv --only orders --follow
  understudy generate schema.sql --to - --only customers --format jsonl | head
  understudy generate people.model --real people.csv --synthetic-ratio 0.8 --rows 5000 --to mixed.csv
"""


WISHES = (
    "rows",
    "scale",
    "seed",
    "locale",
    "nulls",
    "only",
    "excluded",
    "follow",
    "clock",
    "append",
    "replace",
    "where",
    "shares",
    "anomalies",
    "settings",
)
"""Options of this command that `rehearse` knows too."""


@click.command("generate", epilog=EPILOG, short_help="The main job.")
@sources
@click.option("--to", "target", metavar="TARGET", help="Database URL, folder, file (format by its ending), or -.")
@wishes
@session
@click.option("--workers", type=click.IntRange(min=1), help="Processes that make files.")
@click.option(
    "--format", "file_format", default="", metavar="FORMAT", help="For folders and -: see `understudy formats`."
)
@click.option("--faces", default="", metavar="FOLDER", help="Where the documents of faces go beside a database.")
@click.option("--append", is_flag=True, help="Add to tables that hold rows; those rows are parents and stay.")
@click.option("--replace", is_flag=True, help="Empty the target's tables first.")
@click.option("--resume", is_flag=True, help="Keep what a failed run has made, and go on behind it.")
@click.option(
    "--rehearse/--no-rehearse",
    default=True,
    show_default=True,
    help="Try a few rows on a live target first, rolled back, and learn what its triggers and functions want.",
)
@click.option("--real", metavar="SOURCE", help="With a model: real rows, of which a share is mixed in.")
@click.option(
    "--synthetic-ratio", "ratio", type=float, metavar="SHARE", help="With --real: how many are made, such as 0.8."
)
@click.option("--allow-real", is_flag=True, help="With --real: although the model's privacy is medium or high.")
@click.option("--certificate", metavar="FOLDER", help="Write certificate.json and a page to read there.")
@output
def command(
    sources: tuple[str, ...],
    target: str | None,
    settings: tuple[str, ...],
    workers: int | None,
    file_format: str,
    faces: str,
    append: bool,
    replace: bool,
    resume: bool,
    rehearse: bool,
    certificate: str | None,
    real: str | None,
    ratio: float | None,
    allow_real: bool,
    as_json: bool,
    quiet: bool,
    **wanted: Any,
) -> int:
    """Make data for SOURCE and load it into TARGET, every constraint on, and certify the load.

    SOURCE is a database URL, a schema.sql, a saved schema (*.schema.yaml) or plan (*.plan).
    """
    from understudy import workflow

    refuse_settled(sources)
    if target is None:
        raise RequestError("no target named", mend="Add --to with a database URL, a folder or a file.")
    target = in_session(target, settings)
    mode = mode_of(append, replace)
    out = screen(as_json, quiet)
    wish = request(**wanted, append=append)
    if mixed(sources, real, ratio, allow_real):
        from understudy.cli.impute import handed_on
        from understudy.workflow.mixing import mix

        return handed_on(
            lambda listen: mix(sources[0], real or "", ratio or 0.0, wish, allowed=allow_real, listen=listen),
            target,
            file_format,
            append,
            replace,
            out,
        )
    with out.progress() as listen, explained(sources, target):
        if target == "-":
            return pour(workflow.prepare(sources, wish, None, listen, reading()), file_format, as_json, resume)
        manifest = workflow.load(
            sources,
            wish,
            target,
            reading=reading(),
            rehearse=rehearse,
            certificate=certificate,
            mode=mode,
            format=file_format,
            workers=chosen(workers=workers).number("generation.workers"),
            resume=resume,
            faces=faces,
            listen=listen,
        )
    return show(manifest, out)


def mixed(sources: tuple[str, ...], real: str | None, ratio: float | None, allowed: bool) -> bool:
    """Whether real rows are mixed in; RequestError where what that takes is not all there."""
    if real is None and ratio is None and not allowed:
        return False
    if real is None or ratio is None:
        mend = "Write --real SOURCE --synthetic-ratio 0.8, or leave both out."
        raise RequestError("real rows are mixed in by a source and a share", where="--synthetic-ratio", mend=mend)
    if len(sources) != 1 or not sources[0].endswith(".model"):
        raise RequestError("real rows stand beside those of one model", where="--real", mend="Name one *.model.")
    return True


@contextmanager
def explained(sources: tuple[str, ...], target: str) -> Iterator[None]:
    """A refused row with the command that shows it again."""
    try:
        yield
    except RefusedRowError as refusal:
        if refusal.diagnosis and not any(s.rstrip("/").endswith(".plan") for s in sources):
            line = again(sources, target, refusal.table, refusal.row)
            refusal.diagnosis += (f"again       {line}",)
        raise


def again(sources: tuple[str, ...], target: str, table: str, row: int | None) -> str:
    """The command that rehearses one row with the wishes of this call."""
    context = click.get_current_context()
    words = ["understudy", "rehearse", *sources, "--to", target]
    for parameter in context.command.params:
        name, value = parameter.name or "", context.params.get(parameter.name or "")
        if name not in WISHES or (not value and value != 0):
            continue
        if name == "clock" or context.get_parameter_source(name) is not click.core.ParameterSource.COMMANDLINE:
            continue
        for item in value if isinstance(value, tuple) else (value,):
            words += [parameter.opts[0]] if item is True else [parameter.opts[0], str(item)]
    clock = context.params.get("clock") or f"{datetime.now(UTC):%Y-%m-%d}"
    words += ["--clock", str(clock), "--table", table, *(["--row", str(row)] if row is not None else [])]
    return masked(shlex.join(words))


def show(manifest: Manifest, out: Screen) -> int:
    """The certificate; the exit code tells whether it holds."""
    from understudy.workflow.certificate import certificate

    out.data(manifest)
    out.say(certificate(manifest).rstrip("\n"))
    return 0 if manifest.holds else 1


def mode_of(append: bool, replace: bool) -> WriteMode:
    """What may happen to rows that are there; RequestError where both are asked."""
    from understudy.ports.sink import WriteMode

    if append and replace:
        raise RequestError("--append keeps the rows that --replace removes", mend="Choose one of them.")
    return WriteMode.APPEND if append else WriteMode.REPLACE if replace else WriteMode.CREATE


def pour(bundle: Bundle, file_format: str, as_json: bool, resume: bool) -> int:
    """Rows on standard output."""
    from understudy.workflow.streaming import stream

    if as_json or resume:
        flag = "--json" if as_json else "--resume"
        raise RequestError(f"{flag} has no meaning when the rows go to standard output", mend="Leave it out.")
    if sys.__stdout__ is None:
        raise RequestError("standard output is closed", where="--to -", mend="Open it, or name a file.")
    for chunk in stream(bundle, file_format):
        sys.stdout.buffer.write(chunk)
    sys.stdout.buffer.flush()
    return 0
