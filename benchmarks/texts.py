"""How fast is running text, and does a sentence come twice? Texts of about forty words, one core.

    PYTHONPATH=src python benchmarks/texts.py [--out docs/evidence/texts.md]

A sentence counts as repeated where the same 25 or more characters stand between two ends of sentences; texts without
blanks (Japanese, Chinese) count their characters by twos as words.
"""

from __future__ import annotations

import argparse
import collections
import datetime
import platform
import re
import sys
import time
from pathlib import Path

from understudy.kernels import Runtime
from understudy.model.request import Request
from understudy.model.schema import Entity, Field, Schema
from understudy.planning import plan
from understudy.semantics.pools import own_words
from understudy.types import Kind, Type

TEXTS, BATCH, CHECKED = 100_000, 32_768, 1_000
CLOCK = 1_767_225_600_000_000
COLUMNS = (
    ("reviews", "body"),
    ("products", "description"),
    ("comments", "body"),
    ("messages", "body"),
    ("posts", "content"),
    ("films", "plot"),
)


ABOUT = f"""Target: 200,000 texts of 40 words a second and core; no sentence twice in {CHECKED:,} rows (product
descriptions may share a short one). *Language*: own, or English where the locale has no words for such texts."""
HEADS = (
    "| locale | column | language | words | texts of 40 words/CPU-s | sentences twice |",
    "|---|---|---|---|---|---|",
)


def topic(table: str) -> str:
    """The topic that the texts of a table are made of."""
    kinds = {
        "reviews": "commerce.review_good", "products": "commerce.description", "comments": "text.comment",
        "messages": "text.message", "posts": "text.article", "films": "culture.plot",
    }  # fmt: skip
    return kinds[table]


def main() -> int:
    """Print a line per kind of text and locale; 1 where a target is missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", default="")
    out = parser.parse_args().out
    failed, lines = 0, []
    for locale in ("en_US", "de_DE", "fr_FR", "es_ES", "it_IT", "pt_BR", "nl_NL", "pl_PL", "tr_TR", "ja_JP", "zh_CN"):
        for table, column in COLUMNS:
            entity = Entity(
                table, (Field("rating", Type(Kind.INTEGER)), Field(column, Type(Kind.TEXT), nullable=False))
            )
            bundle = plan(Schema("texts", (entity,)), Request(default_rows=TEXTS, clock=CLOCK, locale=locale))
            runtime = Runtime(bundle)
            first = runtime.batch(table, 0, CHECKED).column(column).to_pylist()
            words = sum(len(t) / 2 if any(c > "\u3000" for c in t[:40]) else len(t.split()) for t in first) / len(first)
            sentences = collections.Counter(s for t in first for s in re.split(r"(?<=[.!?])\s+", t))
            twice = sum(n > 1 for s, n in sentences.items() if len(s) > 24)
            started = time.process_time()
            for start in range(0, TEXTS, BATCH):
                runtime.batch(table, start, min(start + BATCH, TEXTS))
            rate = TEXTS / (time.process_time() - started)
            failed += rate * words / 40 < 200_000
            own = own_words(topic(table), locale) or locale.startswith("en")
            cells = (
                locale,
                f"{table}.{column}",
                "own" if own else "English",
                f"{words:.0f}",
                f"{rate * words / 40:,.0f}",
                str(twice),
            )
            lines.append(f"| {' | '.join(cells)} |")
            print(lines[-1], flush=True)
    if out:
        made = (
            f"{datetime.date.today().isoformat()}, {platform.machine()}, Python {platform.python_version()}, one core"
        )
        head = f"# Running text\n\nMade by `benchmarks/texts.py`, {made}.\n\n{ABOUT}\n"
        Path(out).write_text("\n".join([head, *HEADS, *lines]) + "\n", encoding="utf-8")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
