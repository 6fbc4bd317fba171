"""``understudy config``: settings and their origin."""

from __future__ import annotations

import click

from understudy.cli.options import output, screen

EPILOG = """\b
Examples:
  understudy config
  UNDERSTUDY_GENERATION_SEED=7 understudy config --json
"""


@click.command("config", epilog=EPILOG, short_help="Settings and their origin.")
@output
def command(as_json: bool, quiet: bool) -> int:
    """Show each setting, its value, and where that came from.

    A flag wins over the environment (UNDERSTUDY_GROUP_KEY, .env), then understudy.yaml or [tool.understudy] in
    pyproject.toml, then the user's own file, then the default.
    """
    from understudy.workflow.settings import settings

    out = screen(as_json, quiet)
    found = settings().entries
    out.data(found)
    out.table(
        ("setting", "value", "from", "what it is"), [(s.key, str(s.value), s.origin, s.help) for s in found], indent=0
    )
    return 0
