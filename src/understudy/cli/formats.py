"""``understudy formats``: what data can be delivered to."""

from __future__ import annotations

import click

from understudy.cli.options import output, screen

EPILOG = """\b
Example:
  understudy formats
"""

ABILITIES = ("transactional", "resumable", "parallel", "nested", "defers")


@click.command("formats", epilog=EPILOG, short_help="What takes data.")
@output
def command(as_json: bool, quiet: bool) -> int:
    """Show the file formats and databases that take data, and what each can do."""
    from understudy.workflow.offering import formats

    out = screen(as_json, quiet)
    found = formats()
    out.data(found)
    rows = [(f.name, ", ".join(a for a in ABILITIES if getattr(f, a)), f.note) for f in found]
    out.table(("name", "can", "note"), rows, indent=0)
    return 0
