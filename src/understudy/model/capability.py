"""Capabilities: what a sink can do, declared instead of discovered by failure."""

from __future__ import annotations

import msgspec


class Capability(msgspec.Struct, frozen=True, omit_defaults=True):
    """``transactional``: a failed load leaves no trace; ``resumable``; ``defers``: foreign keys can wait for
    the commit; ``one_statement``: several inserts in one statement; ``creates``: structure is made where
    missing; ``parallel``: tables or parts may be written at the same time; ``nested``: lists and structs
    stay what they are; ``lean``: values may come in Arrow's leaner forms (texts as views, decimals in 64 bits)."""

    name: str
    transactional: bool = False
    resumable: bool = False
    defers: bool = False
    one_statement: bool = False
    creates: bool = True
    parallel: bool = False
    nested: bool = False
    lean: bool = False
    note: str = ""
