"""A database for one rehearsal, made beside the target and dropped afterwards, where DDL cannot be undone."""

from __future__ import annotations

from understudy.delivery.databases.server import RefusedError, Server
from understudy.delivery.text.quoting import quote
from understudy.errors import NotRehearsedError, TargetError

MEND = "Make the structure first, or let the user make databases (GRANT CREATE, DROP), to have it rehearsed."


def enter_scratch(server: Server, missing: int, where: str) -> str:
    """Make an empty database like the target's and use it; its name. NotRehearsedError where that is not permitted."""
    number, letters, collation = server.query("SELECT connection_id(), @@character_set_database, @@collation_database")[
        0
    ]
    name = f"us_rehearsal_{number}"
    try:
        refusal = server.attempt(
            f"CREATE DATABASE {quote(name, server.dialect)} CHARACTER SET {letters} COLLATE {collation}"
        )
    except TargetError as error:
        refusal = RefusedError(error.what)
    if refusal is not None:
        what = f"{missing} tables are not there yet, and a database to try them in cannot be made: {refusal.message}"
        raise NotRehearsedError(what, where=where, mend=MEND)
    server.execute(f"USE {quote(name, server.dialect)}")
    return name


def leave_scratch(server: Server, name: str) -> tuple[str, ...]:
    """Drop it; what could not be done, a line."""
    refusal = server.attempt(f"DROP DATABASE {quote(name, server.dialect)}")
    return (f"the rehearsal's database {name} could not be dropped: {refusal.message}",) if refusal else ()
