"""Rows that were sent against rows that are there, compared inside the database in the columns' own types."""

from __future__ import annotations

from understudy.delivery.databases.server import Server
from understudy.delivery.text.quoting import quote
from understudy.ports.tryout import Readback


class Comparison:
    """A staged sample (with ``us_position``) beside the table it was inserted into."""

    def __init__(self, server: Server, table: str, staged: str, columns: tuple[str, ...]) -> None:
        self.server, self.table, self.staged, self.columns = server, table, staged, columns

    def by(self, key: tuple[str, ...], rows: int) -> Readback:
        """The comparison of rows with equal ``key``."""
        q = [quote(c, self.server.dialect) for c in self.columns]
        same = ", ".join(f"CASE WHEN {self._same(f's.{c}', f't.{c}')} THEN 0 ELSE 1 END" for c in q)
        there = f"CASE WHEN t.{quote(key[0], self.server.dialect)} IS NULL THEN 0 ELSE 1 END"
        found = self.server.query(f"SELECT s.us_position, {there}, {same} FROM {self._joined(key)} ORDER BY 1")
        missing = tuple(int(r[0]) for r in found if not r[1])
        matched = [r for r in found if r[1]]
        differing = [i for i in range(len(q)) if any(r[i + 2] for r in matched)]
        changed = {self.columns[i]: self._pairs(key, q[i]) for i in differing}
        return Readback(rows, missing, changed)

    def _pairs(self, key: tuple[str, ...], column: str) -> tuple[tuple[int, str | None, str | None], ...]:
        first = quote(key[0], self.server.dialect)
        sql = (
            f"SELECT s.us_position, {self._text(f's.{column}')}, {self._text(f't.{column}')} FROM {self._joined(key)} "
            f"WHERE t.{first} IS NOT NULL AND NOT ({self._same(f's.{column}', f't.{column}')}) ORDER BY 1"
        )
        return tuple((int(p), _word(a), _word(b)) for p, a, b in self.server.query(sql))

    def _joined(self, key: tuple[str, ...]) -> str:
        names = [quote(k, self.server.dialect) for k in key]
        same = " AND ".join(f"t.{k} = s.{k}" for k in names)
        return f"{self.staged} s LEFT JOIN {self.table} t ON {same}"

    def _same(self, a: str, b: str) -> str:
        match self.server.dialect:
            case "postgresql":
                return f"({a})::text IS NOT DISTINCT FROM ({b})::text"
            case "mysql":
                return f"CAST({a} AS BINARY) <=> CAST({b} AS BINARY)"
            case _:
                return f"{a} IS {b}"

    def _text(self, x: str) -> str:
        match self.server.dialect:
            case "postgresql":
                return f"({x})::text"
            case "mysql":
                return f"CAST({x} AS CHAR)"
            case _:
                return f"CAST({x} AS TEXT)"


def _word(value: object) -> str | None:
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return None if value is None else str(value)
