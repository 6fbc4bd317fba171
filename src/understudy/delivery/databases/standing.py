"""How a database stands: server, fingerprint of all that can reject a row, rows per table. Nothing is written."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

import msgspec

from understudy.delivery.databases.server import Server
from understudy.delivery.databases.sink import connect
from understudy.delivery.text.quoting import quoted_table, table_path
from understudy.errors import RequestError
from understudy.model.schema import Schema
from understudy.storage.databases import is_database, parse_address


class Standing(msgspec.Struct, frozen=True):
    """``rows``: per table that is there; ``missing``: tables that are not."""

    server: str
    fingerprint: str
    rows: dict[str, int]
    missing: tuple[str, ...] = ()


def standing(target: str, schema: Schema, tables: Iterable[str]) -> Standing:
    """Look at the named tables of ``schema`` in a database; RequestError where the target is none."""
    if not is_database(target):
        raise RequestError("only a database can be looked at again", where=target, mend="Name its URL with --to.")
    server = connect(parse_address(target))
    try:
        paths = {t: table_path(schema, schema.entity(t), server.dialect) for t in tables}
        there = server.existing(list(paths.values())) if paths else set()
        found = {t: p for t, p in paths.items() if p in there}
        rows = {t: _count(server, schema, t) for t in found}
        missing = tuple(t for t in paths if t not in found)
        return Standing(server.version(), digest_of(server, list(found.values())), rows, missing)
    finally:
        server.rollback()
        server.close()


def digest_of(server: Server, paths: list[tuple[str, str]]) -> str:
    """Digest of everything that can reject a row of these tables, whatever their order."""
    lines = server.fingerprint(sorted(paths)) if paths else []
    return hashlib.blake2b("\n".join(lines).encode(), digest_size=16).hexdigest()


def _count(server: Server, schema: Schema, table: str) -> int:
    name = quoted_table(schema, schema.entity(table), server.dialect)
    return int(server.query(f"SELECT count(*) FROM {name}")[0][0])
