"""File names for tables: safe on every file system, readable, never two tables in one file.

Letters and digits of any script stay, everything else becomes ``_``; names that file systems reserve get a
``_`` in front; what would clash where case does not count gets the first digits of the name's BLAKE2b.
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections import Counter

from understudy.model.schema import Schema

RESERVED = frozenset(
    {"con", "prn", "aux", "nul", *(f"com{i}" for i in range(1, 10)), *(f"lpt{i}" for i in range(1, 10))}
)
"""Device names that one wide-spread system refuses as file names, with any ending."""

LONGEST_BYTES = 120
"""File systems allow 255 bytes a name; endings, part numbers and temporary names need some of them."""

KEPT = frozenset("_-.")


def safe(name: str) -> str:
    """One name made safe; not yet free of clashes."""
    text = "".join(c if c.isalnum() or c in KEPT else "_" for c in unicodedata.normalize("NFC", name))
    text = text.strip(".") or "_"
    if text.split(".")[0].casefold() in RESERVED or text.startswith("-"):
        text = f"_{text}"
    return text.encode()[:LONGEST_BYTES].decode(errors="ignore")


def file_names(schema: Schema, tables: tuple[str, ...]) -> dict[str, str]:
    """Table name → file name without ending; the namespace that need not be written is left out."""
    prefix = f"{schema.default_namespace}." if schema.default_namespace else ""
    plain = {t: safe(t.removeprefix(prefix) if prefix else t) for t in tables}
    counts = Counter(_folded(p) for p in plain.values())
    names: dict[str, str] = {}
    for table, name in plain.items():
        digest = hashlib.blake2b(table.encode(), digest_size=4).hexdigest()
        names[table] = name if counts[_folded(name)] == 1 else f"{name}-{digest}"
    return names


def _folded(name: str) -> str:
    return unicodedata.normalize("NFKC", name).casefold()
