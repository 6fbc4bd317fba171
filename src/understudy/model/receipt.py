"""Receipts: what a sink accepted."""

from __future__ import annotations

import msgspec


class Receipt(msgspec.Struct, frozen=True, omit_defaults=True):
    """One partition delivered: rows sent and accepted, bytes, checksum (SHA-256 of the file, or of the
    Arrow data where there is no file), and where it went."""

    table: str
    start: int
    stop: int
    accepted: int
    place: str = ""
    size_bytes: int = 0
    checksum: str = ""
