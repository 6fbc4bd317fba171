"""How fast is running text, and does a sentence come twice? Texts of about forty words, one core.

PYTHONPATH=src python benchmarks/texts.py
"""

from __future__ import annotations

import collections
import re
import sys
import time

from understudy.kernels import Runtime
from understudy.model.request import Request
from understudy.model.schema import Entity, Field, Schema
from understudy.planning import plan
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


def main() -> int:
    """Print a line per kind of text and locale; 1 where a target is missed."""
    failed = 0
    for locale in ("en_US", "de_DE", "fr_FR", "es_ES", "it_IT", "pt_BR", "nl_NL", "pl_PL", "tr_TR", "ja_JP", "zh_CN"):
        for table, column in COLUMNS:
            entity = Entity(
                table, (Field("rating", Type(Kind.INTEGER)), Field(column, Type(Kind.TEXT), nullable=False))
            )
            bundle = plan(Schema("texts", (entity,)), Request(default_rows=TEXTS, clock=CLOCK, locale=locale))
            runtime = Runtime(bundle)
            first = runtime.batch(table, 0, CHECKED).column(column).to_pylist()
            words = sum(len(t.split()) for t in first) / len(first)
            sentences = collections.Counter(s for t in first for s in re.split(r"(?<=[.!?])\s+", t))
            twice = sum(n > 1 for s, n in sentences.items() if len(s) > 24)
            started = time.process_time()
            for start in range(0, TEXTS, BATCH):
                runtime.batch(table, start, min(start + BATCH, TEXTS))
            rate = TEXTS / (time.process_time() - started)
            failed += rate * words / 40 < 200_000
            said = f"{rate:,.0f} texts/s of {words:.0f} words, {rate * words / 40:,.0f} of 40"
            print(f"{locale} {table}.{column}: {said}; {twice} sentences twice in {CHECKED:,} rows", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
