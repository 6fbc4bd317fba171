"""``understudy doctor``: what works on this machine."""

from __future__ import annotations

import click

from understudy.cli.options import output, screen

EPILOG = """\b
Example:
  understudy doctor
"""

MARKS = {"ok": "✓", "absent": "–", "broken": "✗"}


@click.command("doctor", epilog=EPILOG, short_help="What works here.")
@output
def command(as_json: bool, quiet: bool) -> int:
    """Show what works on this machine, and how to mend what does not (exit code 1 where nothing can work)."""
    from understudy.workflow.doctor import examine

    out = screen(as_json, quiet)
    findings = examine()
    out.data(findings)
    out.table(
        ("", "what", "found", "to mend"), [(MARKS[f.state], f.name, f.detail, f.mend) for f in findings], indent=0
    )
    return 1 if any(f.state == "broken" for f in findings) else 0
