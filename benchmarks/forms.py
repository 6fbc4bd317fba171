"""Records for forms that nobody here wrote, typed into a real browser.

For every page of the corpus (``UNDERSTUDY_CORPORA``, default ``../shared/corpora``: ``html/`` and the systems'
``ui-*``): read it as a user would (``understudy generate PAGE``), take a few records of each of its forms, and let the
corpus's own oracle type them into headless Chromium. A record is *valid* when ``form.checkValidity()`` says so, *exact*
when nothing was truncated, rewritten or left over either. Templates that a browser cannot show as they are (their
controls are components) are counted apart: their faces speak of the rendered page.

    python benchmarks/forms.py [--records 5] [--only WORD] [--out forms.md]
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from pathlib import Path
from typing import Any

from understudy import workflow
from understudy.errors import UnderstudyError
from understudy.model.request import Request
from understudy.sources.ui import page_files, pages_of
from understudy.sources.ui.claims import face_name, members_of
from understudy.sources.ui.document import demanded, described

ROOT = Path(__file__).resolve().parent.parent
CORPORA = Path(os.environ.get("UNDERSTUDY_CORPORA", ROOT.parent / "shared" / "corpora"))
ORACLES = Path(os.environ.get("UNDERSTUDY_ORACLES", CORPORA.parent / "oracles"))
sys.path.insert(0, str(ORACLES))
UNSEEN = ("vue", "react", "svelte")
"""Frameworks whose files a browser does not show by themselves."""


def records(path: Path, count: int, seed: int) -> tuple[dict[str, list[Any]], list[str]]:
    """Records by face, and what the plan could not meet."""
    schema = workflow.read([str(path)])
    if not schema.faces:
        return {}, []
    names = tuple(f"form/{f.name}" for f in schema.faces)
    request = Request(default_rows=count, seed=seed, only=names)
    bundle = workflow.plan_schema(schema, request)
    if bundle.plan.unmet:
        return {}, list(bundle.plan.unmet)
    shown = workflow.preview(bundle, rows=count)
    return {n.removeprefix("form/"): [json.loads(t) for t in shown[n]["document"].to_pylist()] for n in shown}, []


class Tally:
    """What was found."""

    def __init__(self) -> None:
        self.pages = self.forms = self.records = self.valid = self.exact = self.filled = 0
        self.templates = self.template_records = self.template_valid = 0
        self.impossible = 0
        self.faults: list[str] = []


def made_and_judged(path: Path, oracle: Any, tally: Tally, count: int, name: str) -> None:
    """Make and try the records of one page."""
    try:
        made, unmet = records(path, count, seed=7)
    except UnderstudyError as error:
        tally.faults.append(f"{name}: {error.line}")
        return
    tally.faults += [f"{name}: {u}" for u in unmet]
    judge(path, made, oracle, tally, name)


def judge(path: Path, made: dict[str, list[Any]], oracle: Any, tally: Tally, name: str) -> None:
    """Try records, by the names of their faces, in the page's forms."""
    tally.pages += 1
    (page,) = pages_of(path)
    for form in page.forms:
        found = made.get(face_name(page, form))
        if found is None:
            continue
        own = {c.name or c.id for c in form.controls}
        impossible = {
            m.first.name or m.first.id
            for m in members_of(page, form)[1]
            if m.role == "field" and demanded(m) and described(m)[0] is None
        }
        only_outside = form.index < 0 and any(f.index >= 0 for f in page.forms)
        oracle.path, oracle.form = (
            path.resolve(),
            "body" if only_outside else str(form.index) if form.index >= 0 else None,
        )
        template = page.framework in UNSEEN or any(not c.native for c in form.controls)
        for record in found:
            verdict = oracle.check(record)
            wrong = [i for i in verdict["invalid"] if not only_outside or i["control"] in own]
            told = [(i["control"], i["flags"]) for i in wrong]
            valid = not wrong if only_outside else verdict["checkValidity"]
            if impossible:
                tally.impossible += record is found[0]
                if {i["control"] for i in wrong} != impossible:
                    tally.faults.append(f"{name} {face_name(page, form)}: {told}, only {impossible} was told")
                continue
            if template or (page.framework and verdict["unmatched"]):
                tally.templates += record is found[0]
                tally.template_records += 1
                tally.template_valid += verdict["checkValidity"]
                continue
            tally.forms += record is found[0]
            tally.records += 1
            tally.valid += valid
            tally.filled += len(record)
            exact = valid and not (verdict["problems"] or verdict["coerced"] or verdict["unmatched"])
            tally.exact += exact
            if not exact:
                problems = {**verdict["problems"], **verdict["coerced"]}
                tally.faults.append(
                    f"{name} {face_name(page, form)}: {told} {problems} unmatched {verdict['unmatched']}"
                )


def main() -> int:
    from oracle_form import Oracle

    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--records", type=int, default=5)
    arguments.add_argument("--only", default="")
    arguments.add_argument("--out", type=Path)
    given = arguments.parse_args()
    roots = [CORPORA / "html", *sorted(CORPORA.glob("systems/*/ui-*"))]
    pages = [(p, p.relative_to(CORPORA).as_posix()) for r in roots for p in page_files(r)]
    pages = [(p, n) for p, n in pages if given.only in n]
    tally, started = Tally(), time.monotonic()
    with Oracle(pages[0][0]) as oracle:
        for path, name in pages:
            made_and_judged(path, oracle, tally, given.records, name)
            print(f"{name}: {tally.valid}/{tally.records} valid, {tally.exact} exact", file=sys.stderr)
    share = 100 * tally.valid / tally.records if tally.records else 0.0
    lines = [
        f"{tally.pages} pages, {tally.forms} forms, {tally.records} records with {tally.filled} members, "
        f"{time.monotonic() - started:.0f} s",
        f"valid by the browser: {tally.valid}/{tally.records} = {share:.1f} %; "
        f"nothing rewritten or left over: {tally.exact}",
        f"templates that a browser cannot show as they are: {tally.templates} forms, "
        f"{tally.template_valid}/{tally.template_records} records valid for the controls that it does show",
        f"forms that no record satisfies as the page stands (something must be chosen, nothing is there), "
        f"told by name: {tally.impossible}",
        *(f"  {f}" for f in dict.fromkeys(tally.faults)),
    ]
    print("\n".join(lines))
    if given.out:
        given.out.write_text("\n".join(lines) + "\n")
    return 0 if tally.valid == tally.records else 1


if __name__ == "__main__":
    raise SystemExit(main())
