"""Memory that is freed between batches stays with the process, so that the next batch finds it.

glibc gives large freed blocks back to the system, and the next NumPy array of the same size costs a page fault for each
4 kB. Every batch frees and takes the same few hundred arrays of half a megabyte.
"""

from __future__ import annotations

import ctypes
import sys

M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3

LARGEST = 32 << 20
"""Blocks up to this size come from the heap; glibc takes no larger number."""

KEPT = 256 << 20
"""So much free memory at the heap's end is kept; a batch needs a third of it."""


def keep_pages() -> bool:
    """Tell glibc; whether there is one that listened. Other systems' allocators keep pages by themselves."""
    if not sys.platform.startswith("linux"):
        return False
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    return bool(mallopt and mallopt(M_MMAP_THRESHOLD, LARGEST) and mallopt(M_TRIM_THRESHOLD, KEPT))
