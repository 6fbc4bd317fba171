"""Which files of test cases a reading is judged by: ten of each kind, drawn by a seed.

    python benchmarks/case_sample.py SEED KIND=FOLDER…

Prints paths below the folder, of files that hold something a person could list (a line that types, chooses, visits or
expects), neither tiny nor endless.
"""

from __future__ import annotations

import random
import re
import sys
from pathlib import Path

HOLDS = re.compile(
    r"\bfill\(|\.type\(|send_?[kK]eys|select_?[oO]ption|\bpm\.(?:test|expect)|tests\[|^\s*(?:When|Then|Given|And)\b"
    r"|selectBy|select_by|\benters?\b|\bfills?\b",
    re.MULTILINE,
)
ENDS = {
    "gherkin": (".feature",),
    "playwright": (".spec.ts", ".spec.js", ".test.ts", ".py"),
    "selenium-java": ("Test.java",),
    "selenium-python": (".py",),
    "selenium-js": (".js",),
    "cypress": (".spec.ts", ".spec.js", ".cy.js", ".cy.ts"),
    "manual": (".md", ".txt", ".csv", ".xlsx"),
    "postman": (".json",),
}
SIZES = (200, 6000)


def main() -> int:
    seed = int(sys.argv[1])
    for told in sys.argv[2:]:
        kind, _, folder = told.partition("=")
        root = Path(folder)
        found = sorted(p for p in root.rglob("*") if p.is_file() and p.name.endswith(ENDS[kind]))
        held = [
            p
            for p in found
            if SIZES[0] <= p.stat().st_size <= SIZES[1] and HOLDS.search(p.read_text("utf-8", "replace"))
        ]
        for path in sorted(random.Random(f"{seed} {kind}").sample(held, min(10, len(held)))):
            print(kind, path.relative_to(root))
    return 0


if __name__ == "__main__":
    sys.exit(main())
