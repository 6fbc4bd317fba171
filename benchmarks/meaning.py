"""Is a generated column of the meaning that the real one has? Every column of databases with data, against labels.

    UNDERSTUDY_CORPORA=../shared/corpora PYTHONPATH=src python benchmarks/meaning.py --out docs/evidence/meaning.md

``meaning_labels.json`` holds what a person says each column is: ``means`` in words, ``accept``: the semantic types
that are that (``formula``: computed from other columns, ``values``: one of the declared values). Columns that no
person could name a meaning of are left out, and so are keys and references: they mean their row. The labels were set
while looking at the real columns and at earlier output, so other databases judge better: ``--labels
meaning_labels_documented.json`` holds columns labelled by what their own documentation says (comments in the schema,
published descriptions), before anything was generated for them.
"""

from __future__ import annotations

import argparse
import datetime
import json
import os
import sys
from pathlib import Path

from understudy import workflow
from understudy.kernels import Runtime
from understudy.model.plan import PlannedColumn
from understudy.model.request import Request

HERE = Path(__file__).parent
CORPORA = Path(os.environ.get("UNDERSTUDY_CORPORA", "../shared/corpora")) / "databases"
FULL = Path(os.environ.get("MATERIALISED_DATABASES", "../databases"))
"""Where schemas with program code were written to (see the corpora's README)."""
CLOCK = 1_767_225_600_000_000
ROWS, SHOWN, WIDE = 300, 3, 48


def given(column: PlannedColumn) -> str:
    """The meaning that the plan gives a column."""
    if column.reason.startswith("= "):
        return "formula"
    if column.meaning == "value_set":
        return "values"
    return column.meaning or "none"


def main() -> int:
    """Print the table of verdicts; 1 where fewer than nine in ten of the nameable columns are right."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--labels", default="meaning_labels.json")
    parser.add_argument("--out", default="")
    options = parser.parse_args()
    labels = json.loads((HERE / options.labels).read_text(encoding="utf-8"))
    lines, right, named = [], 0, 0
    for database, columns in labels.items():
        places = [CORPORA / database / "schema.sql", FULL / database / "schema.sql"]
        place = next((p for p in places if p.is_file()), None)
        if place is None:
            print(f"{database}: not here, left out", file=sys.stderr)
            continue
        bundle = workflow.plan_schema(workflow.read([str(place)]), Request(default_rows=ROWS, clock=CLOCK))
        runtime = Runtime(bundle)
        lines += [f"\n## {database}\n", "| column | is | generated as | values | verdict |", "|---|---|---|---|---|"]
        for table in bundle.plan.tables:
            for column in table.columns:
                label = columns.get(f"{table.name.rsplit('.', 1)[-1]}.{column.name}")
                if column.hidden or label is None:
                    continue
                values = runtime.column(table.name, column.name, range(min(table.rows, 40))).to_pylist()
                shown = list(dict.fromkeys(_shown(v) for v in values if v is not None))[:SHOWN]
                meaning, good = given(column), given(column) in label["accept"]
                named, right = named + 1, right + good
                cells = [
                    f"{table.name.rsplit('.', 1)[-1]}.{column.name}",
                    label["means"],
                    meaning,
                    "; ".join(shown),
                    "right" if good else "**wrong**",
                ]
                lines.append(f"| {' | '.join(c.replace('|', '/') for c in cells)} |")
    head = f"{right} of {named} columns that a person can name are of that meaning: {right / max(named, 1):.1%}"
    print("\n".join(lines))
    print(f"\n{head}")
    if options.out:
        made = f"Made by `benchmarks/meaning.py`, {datetime.date.today().isoformat()}. {head}."
        Path(options.out).write_text(f"# Meaning\n\n{made}\n" + "\n".join(lines) + "\n", encoding="utf-8")
    return 0 if right >= 0.9 * named else 1


def _shown(value: object) -> str:
    text = " ".join(str(value).split())
    return text if len(text) <= WIDE else text[: WIDE - 1] + "…"


if __name__ == "__main__":
    sys.exit(main())
