"""How much of a file is read, and how large it may be: everything that bounds time and memory, in one place."""

from __future__ import annotations

import msgspec

MIB = 1 << 20


class Limits(msgspec.Struct, frozen=True):
    """``file_bytes``: the largest file that is streamed, as it is unpacked. ``whole_bytes``: the largest that must be
    read in one piece (a JSON document that is one object, a workbook), as it is unpacked. ``deep_bytes``: up to here
    every row is measured; of larger files every n-th row, and keys on all rows. ``sample_cells``: cells kept in memory
    at once. ``faults``: places of faults that are told one by one, per file."""

    file_bytes: int = 16 << 30
    whole_bytes: int = 512 * MIB
    deep_bytes: int = 256 * MIB
    sample_cells: int = 4_000_000
    faults: int = 20
