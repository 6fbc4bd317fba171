"""``understudy generate``: the main job."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from understudy.cli.options import chosen, output, reading, refuse_settled, request, screen, sources, wishes
from understudy.cli.screen import Screen
from understudy.errors import RequestError

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
"""


@click.command("generate", epilog=EPILOG, short_help="The main job.")
@sources
@click.option("--to", "target", metavar="TARGET", help="Database URL, folder, file (format by its ending), or -.")
@wishes
@click.option("--workers", type=click.IntRange(min=1), help="Processes that make files.")
@click.option(
    "--format", "file_format", default="", metavar="FORMAT", help="For folders and -: see `understudy formats`."
)
@click.option("--append", is_flag=True, help="Add to tables that hold rows; those rows are parents and stay.")
@click.option("--replace", is_flag=True, help="Empty the target's tables first.")
@click.option("--resume", is_flag=True, help="Keep what a failed run has made, and go on behind it.")
@click.option(
    "--rehearse/--no-rehearse",
    default=True,
    show_default=True,
    help="Try a few rows on a live target first, rolled back, and learn what its triggers and functions want.",
)
@output
def command(
    sources: tuple[str, ...],
    target: str | None,
    workers: int | None,
    file_format: str,
    append: bool,
    replace: bool,
    resume: bool,
    rehearse: bool,
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
    mode = _mode(append, replace)
    out = screen(as_json, quiet)
    wish = request(**wanted, append=append)
    with out.progress() as listen:
        if target == "-":
            return _pour(workflow.prepare(sources, wish, None, listen, reading()), file_format, as_json, resume)
        manifest = workflow.load(
            sources,
            wish,
            target,
            reading=reading(),
            rehearse=rehearse,
            mode=mode,
            format=file_format,
            workers=chosen(workers=workers).number("generation.workers"),
            resume=resume,
            listen=listen,
        )
    return show(manifest, out)


def show(manifest: Manifest, out: Screen) -> int:
    """The certificate; the exit code tells whether it holds."""
    from understudy.workflow.certificate import certificate

    out.data(manifest)
    out.say(certificate(manifest).rstrip("\n"))
    return 0 if manifest.holds else 1


def _mode(append: bool, replace: bool) -> WriteMode:
    from understudy.ports.sink import WriteMode

    if append and replace:
        raise RequestError("--append keeps the rows that --replace removes", mend="Choose one of them.")
    return WriteMode.APPEND if append else WriteMode.REPLACE if replace else WriteMode.CREATE


def _pour(bundle: Bundle, file_format: str, as_json: bool, resume: bool) -> int:
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
