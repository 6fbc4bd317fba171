"""LOAD DATA LOCAL INFILE fed from memory.

In this protocol the *server* names the file that the client is to send. A client that opens whatever it is asked for
can be robbed; this one knows no files at all: it sends the rows it was given, or nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from pymysql.connections import Connection, MySQLResult

from understudy.errors import InternalError


class FeedingResult(MySQLResult):  # type: ignore[misc]
    """A result whose request for a file is answered with rows."""

    def _read_load_local_packet(self, first_packet: Any) -> None:
        connection: Any = self.connection
        try:
            for chunk in connection.take_feed():
                connection.write_packet(chunk)
        finally:
            connection.write_packet(b"")
            packet = connection._read_packet()
        if not packet.is_ok_packet():
            raise InternalError("the server did not acknowledge LOAD DATA")
        super()._read_ok_packet(packet)  # type: ignore[misc]


class FeedingConnection(Connection):  # type: ignore[misc]
    """A PyMySQL connection that feeds LOAD DATA from memory."""

    _feed: Iterable[bytes] = ()

    def take_feed(self) -> Iterable[bytes]:
        """The rows to send, once."""
        rows, self._feed = self._feed, ()
        return rows

    def _read_query_result(self, unbuffered: bool = False) -> int:
        self._result = None
        result = FeedingResult(self)
        if unbuffered:
            result.init_unbuffered_query()
        else:
            result.read()
        self._result = result
        if result.server_status is not None:
            self.server_status = result.server_status
        return int(result.affected_rows or 0)


@contextmanager
def feed(connection: FeedingConnection, rows: Iterable[bytes]) -> Iterator[None]:
    """Within the block, a LOAD DATA statement gets these rows."""
    connection._feed = rows
    try:
        yield
    finally:
        connection._feed = ()
