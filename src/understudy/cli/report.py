"""``understudy report``: how good synthetic data are, and how private."""

from __future__ import annotations

from pathlib import Path

import click

from understudy.cli.options import output, screen

EPILOG = """\b
Examples:
  understudy report --real people.csv --synthetic made.csv --save report.html
  understudy report --real train.csv --holdout holdout.csv --synthetic made.csv --save report.html
  understudy report --real sqlite:///shop.db --synthetic sqlite:///made.db --json
"""


@click.command("report", epilog=EPILOG, short_help="Compare with real data.")
@click.option("--real", required=True, metavar="SOURCE", help="The rows that were learned from.")
@click.option("--synthetic", required=True, metavar="SOURCE", help="The rows that were made.")
@click.option("--holdout", default="", metavar="SOURCE", help="Real rows that were not learned from: judges privacy.")
@click.option("--target", default="", metavar="COLUMN", help="The column whose prediction counts.")
@click.option("--save", "path", metavar="FILE", help="Where the page goes, such as report.html; JSON lies beside it.")
@output
def command(real: str, synthetic: str, holdout: str, target: str, path: str | None, as_json: bool, quiet: bool) -> int:
    """Compare synthetic rows with real ones: likeness, use, and whether anybody's record shows through."""
    from understudy import workflow
    from understudy.workflow.evaluating import keep_report

    out = screen(as_json, quiet)
    with out.progress() as listen:
        found = workflow.evaluate(real, synthetic, holdout=holdout, target=target, listen=listen)
    out.data(found)
    for t in found.tables:
        out.title(f"{t.name}: {t.rows[0]:,} real rows, {t.rows[1]:,} synthetic")
        figures: list[tuple[str, str]] = [("column shapes", f"{t.shapes:.3f}"), ("pair trends", f"{t.trends:.3f}")]
        if t.detection:
            figures.append(
                ("detection AUC", f"{t.detection.auc.value:.3f}, {t.detection.derived.value:.3f} with differences")
            )
        figures += [(f"{u.target}, {u.measure}", f"{u.synthetic:.3f} against {u.real:.3f}") for u in t.utility]
        if t.privacy:
            figures.append(("rows equal to a real one", f"{t.privacy.copies:,}"))
            if t.privacy.held_back:
                figures.append(("nearer to training rows", f"{t.privacy.nearer.value:.3f}"))
                figures.append(("membership attack", f"{t.privacy.membership.value:.3f}"))
        figures.append(("quality", f"{t.quality:.3f}"))
        figures.append(("privacy", "–" if t.privacy_score is None else f"{t.privacy_score:.3f}"))
        out.table(["figure", "value"], figures)
        worst = ", ".join(f"{c.name} ({c.similarity:.3f})" for c in t.columns[:4])
        out.say(f"  least alike: {worst}")
        out.say()
    if path:
        beside = keep_report(found, Path(path))
        out.say(f"{path}, and the figures in {beside}")
    return 0
