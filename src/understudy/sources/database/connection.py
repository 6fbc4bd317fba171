"""What an open database is to the readers: one small typed class per dialect.

Drivers' exceptions end here: what comes out are the classes of :mod:`understudy.errors`, one line
each, never with a password.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

from understudy.errors import SourceError, WorldError
from understudy.sources.database.address import Address
from understudy.storage.locks import HOLDERS, held_by

Rows = list[tuple[Any, ...]]
Params = tuple[Any, ...] | dict[str, Any]


@dataclass(frozen=True, slots=True)
class Connection:
    """An open database. ``where``: its URL without password. ``raw``: the driver's own connection."""

    address: Address
    where: str
    raw: Any
    dialect: str = ""

    def query(self, sql: str, params: Params = ()) -> Rows:
        """All rows of a query; parameters in the driver's style."""
        try:
            return list(self._run(sql, params))
        except Exception as error:
            raise self.explain(error) from error

    def query_none(self, sql: str) -> None:
        """A statement that returns no rows."""
        try:
            self.raw.execute(sql)
        except Exception as error:
            raise self.explain(error) from error

    def _run(self, sql: str, params: Params) -> Any:
        return self.raw.execute(sql, params).fetchall()

    def explain(self, error: BaseException) -> SourceError | WorldError:
        """A driver's exception as one of ours."""
        text = first_line(error, self.address)
        if any(word in text.lower() for word in ("lock", "timeout", "busy")):
            mend = "Another session may hold it; try again when that is done."
            what = f"the database did not answer in time: {text}{self.holders()}"
            return WorldError(what, where=self.where, mend=mend)
        return SourceError(f"the database refused a query: {text}", where=self.where, mend=REFUSED_MEND)

    def holders(self) -> str:
        """Who holds locks that stand in the way, as the end of a sentence; empty where that cannot be told."""
        return ""

    def quote(self, name: str) -> str:
        """An identifier, quoted for this dialect."""
        return '"' + name.replace('"', '""') + '"'

    def qualify(self, namespace: str, table: str) -> str:
        """A table's quoted name, with its namespace where that is not empty."""
        return f"{self.quote(namespace)}.{self.quote(table)}" if namespace else self.quote(table)

    def close(self) -> None:
        """Give the connection back."""
        self.raw.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


REFUSED_MEND = "Check that this account may read the tables and the catalog."


@dataclass(frozen=True, slots=True)
class PostgresqlConnection(Connection):
    """psycopg 3; parameters ``%s``. ``version`` as the server counts it (150020)."""

    dialect: str = "postgresql"
    version: int = 0

    def holders(self) -> str:
        """The sessions that hold more than reading locks, the oldest first."""
        try:
            return held_by(self._run(HOLDERS, (0,)))
        except Exception:  # the connection may be gone, or may not be asked: the lock is the news
            return ""


@dataclass(frozen=True, slots=True)
class MysqlConnection(Connection):
    """PyMySQL; parameters ``%s``. ``dialect`` is mysql or mariadb, by what the server says it is."""

    version: str = ""

    def _run(self, sql: str, params: Params) -> Any:
        with self.raw.cursor() as cursor:
            cursor.execute(sql, params or None)
            return cursor.fetchall()

    def quote(self, name: str) -> str:
        """An identifier in backquotes."""
        return "`" + name.replace("`", "``") + "`"


@dataclass(frozen=True, slots=True)
class SqliteConnection(Connection):
    """The standard library's sqlite3; parameters ``?``."""

    dialect: str = "sqlite"


@dataclass(frozen=True, slots=True)
class DuckdbConnection(Connection):
    """duckdb; parameters ``?``."""

    dialect: str = "duckdb"


def first_line(error: BaseException, address: Address) -> str:
    """A driver's message in one line, without the password."""
    text = str(error.args[-1] if len(error.args) > 1 else error).strip()
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    line = lines[0] if lines else type(error).__name__
    if len(address.password) > 3:
        line = line.replace(address.password, "***")
    return line.rstrip(".")


def missing_driver(where: str, package: str, extra: str) -> SourceError:
    """The error for a driver that is not installed."""
    return SourceError(f"{package} is not installed", where=where, mend=f"Run: pip install 'understudy[{extra}]'.")
