"""Opens servers for reading: read-only by the server's own word, with time-outs for statements and locks."""

from __future__ import annotations

import re
from typing import Any

from understudy.errors import ConnectionFailedError, SourceError
from understudy.sources.database.address import SCHEMES, Address, describe, unknown_scheme
from understudy.sources.database.connection import (
    Connection,
    MysqlConnection,
    PostgresqlConnection,
    first_line,
    missing_driver,
)

CONNECT_TIMEOUT_S = 10
STATEMENT_TIMEOUT_S = 120
"""Catalog queries of a 1,000-table schema take under 2 s; counting and copying keys take longer."""
LOCK_TIMEOUT_S = 10
"""Reading catalogs waits only for a table that somebody is altering."""


# ---- PostgreSQL ------------------------------------------------------------------------------------
def open_postgresql(address: Address) -> PostgresqlConnection:
    """A PostgreSQL session in UTC that cannot write."""
    where = describe(address.url)
    try:
        import psycopg
    except ImportError as error:
        raise missing_driver(where, "psycopg", "postgresql") from error
    settings: dict[str, Any] = {
        "connect_timeout": CONNECT_TIMEOUT_S,
        "application_name": "understudy",
        **address.options,
    }
    given = {"host": address.host, "port": address.port, "user": address.user, "password": address.password}
    settings |= {k: v for k, v in given.items() if v}
    if address.database:
        settings["dbname"] = address.database
    try:
        raw = psycopg.connect(autocommit=True, prepare_threshold=None, **settings)
    except psycopg.ProgrammingError as error:
        raise SourceError(first_line(error, address), where=where, mend="Correct the URL's options.") from error
    except psycopg.OperationalError as error:
        raise _refused_by_postgresql(error, address, where) from error
    connection = PostgresqlConnection(address, where, raw, version=raw.info.server_version)
    connection.raw.execute(
        f"SET default_transaction_read_only = on; SET statement_timeout = '{STATEMENT_TIMEOUT_S}s'; "
        f"SET lock_timeout = '{LOCK_TIMEOUT_S}s'; SET client_encoding = 'UTF8'; SET IntervalStyle = 'postgres'; "
        "SET DateStyle = 'ISO, YMD'; SET TimeZone = 'UTC'; SET extra_float_digits = 1; SET bytea_output = 'hex'"
    )
    return connection


def _refused_by_postgresql(error: Exception, address: Address, where: str) -> SourceError | ConnectionFailedError:
    text = str(error)
    user = address.user or "the default user"
    if "password" in text:
        return ConnectionFailedError(
            f"the server refused the password of {user}",
            where=where,
            mend="Correct user and password in the URL (escape @ : / as %40 %3A %2F).",
        )
    if re.search(r'database ".*" does not exist', text):
        return SourceError(
            f"there is no database {address.database!r}", where=where, mend="Correct the name, or create it first."
        )
    if re.search(r'role ".*" does not exist', text):
        return ConnectionFailedError(f"there is no user {user!r}", where=where, mend="Correct the user in the URL.")
    return _unreachable(first_line(error, address), where, "PostgreSQL")


def _unreachable(text: str, where: str, server: str) -> ConnectionFailedError:
    low = text.lower()
    if "refused" in low:
        what = "nothing listens there (connection refused)"
    elif (
        "resolve" in low
        or "translate host" in low
        or "not known" in low
        or "getaddrinfo" in low
        or "name resolution" in low
    ):
        what = "the host is not known"
    elif "timeout" in low or "timed out" in low:
        what = f"no answer within {CONNECT_TIMEOUT_S} s"
    elif "no such file" in low:
        what = "the server's socket is not there"
    else:
        what = text
    return ConnectionFailedError(
        what, where=where, mend=f"Check host and port, and that {server} runs and lets this machine in."
    )


# ---- MySQL and MariaDB -----------------------------------------------------------------------------
MYSQL_OPTIONS = {
    "charset": "charset",
    "unix_socket": "unix_socket",
    "socket": "unix_socket",
    "ssl_ca": "ssl_ca",
    "ssl_cert": "ssl_cert",
    "ssl_key": "ssl_key",
    "ssl_disabled": "ssl_disabled",
    "connect_timeout": "connect_timeout",
    "read_timeout": "read_timeout",
    "local_infile": "local_infile",
    "init_command": "init_command",
}


def _mysql_options(address: Address, where: str) -> dict[str, Any]:
    out: dict[str, Any] = {}
    for name, value in address.options.items():
        if name not in MYSQL_OPTIONS:
            known = ", ".join(sorted(MYSQL_OPTIONS))
            raise SourceError(f"unknown URL option {name!r}", where=where, mend=f"Known: {known}.")
        target = MYSQL_OPTIONS[name]
        if target in ("connect_timeout", "read_timeout"):
            if not value.isdigit():
                raise SourceError(
                    f"URL option {name} is not a number of seconds", where=where, mend=f"Write {name}=10."
                )
            out[target] = int(value)
        elif target in ("ssl_disabled", "local_infile"):
            out[target] = value.lower() in ("1", "true", "yes", "on")
        else:
            out[target] = value
    return out


def open_mysql(address: Address) -> MysqlConnection:
    """A MySQL or MariaDB session in UTC that cannot write."""
    where = describe(address.url)
    try:
        import pymysql
    except ImportError as error:
        raise missing_driver(where, "PyMySQL", "mysql") from error
    if not address.database:
        raise SourceError("the URL names no database", where=where, mend="End it with /database.")
    settings: dict[str, Any] = {
        "connect_timeout": CONNECT_TIMEOUT_S,
        "charset": "utf8mb4",
        **_mysql_options(address, where),
    }
    if address.host.startswith("/"):
        settings["unix_socket"] = address.host
    else:
        settings |= {"host": address.host or "127.0.0.1", "port": address.port or 3306}
    given = {"user": address.user, "password": address.password}
    settings |= {k: v for k, v in given.items() if v}
    try:
        raw = pymysql.connect(database=address.database, autocommit=True, **settings)
    except (pymysql.MySQLError, OSError, LookupError) as error:
        raise _refused_by_mysql(error, address, where) from error
    with raw.cursor() as cursor:
        cursor.execute("SELECT version()")
        version = str((cursor.fetchone() or ("",))[0])
    dialect = "mariadb" if "mariadb" in version.lower() else "mysql"
    connection = MysqlConnection(address, where, raw, dialect, version)
    _calm_mysql(connection)
    return connection


def _calm_mysql(connection: MysqlConnection) -> None:
    limit = (
        f"max_statement_time = {STATEMENT_TIMEOUT_S}"
        if connection.dialect == "mariadb"
        else f"max_execution_time = {STATEMENT_TIMEOUT_S * 1000}"
    )
    fresh = "" if connection.dialect == "mariadb" else ", SESSION information_schema_stats_expiry = 0"
    major = int((re.match(r"\d+", connection.version) or ["0"])[0])
    if connection.dialect == "mysql" and major < 8:
        fresh = ""
    connection.query(
        f"SET SESSION {limit}, SESSION lock_wait_timeout = {LOCK_TIMEOUT_S}, "
        f"SESSION innodb_lock_wait_timeout = {LOCK_TIMEOUT_S}, "
        f"SESSION time_zone = '+00:00', SESSION group_concat_max_len = 1048576{fresh}"
    )
    connection.query("SET SESSION TRANSACTION READ ONLY")


MYSQL_DENIED, MYSQL_NO_DATABASE, MYSQL_NO_RIGHT = 1045, 1049, 1044


def _refused_by_mysql(error: Exception, address: Address, where: str) -> SourceError | ConnectionFailedError:
    code = error.args[0] if error.args else 0
    user = address.user or "the default user"
    if code in (MYSQL_DENIED, 1698):
        mend = "Correct user and password in the URL (escape @ : / as %40 %3A %2F)."
        return ConnectionFailedError(f"the server refused the log-in of {user}", where=where, mend=mend)
    if code == MYSQL_NO_DATABASE:
        return SourceError(
            f"there is no database {address.database!r}", where=where, mend="Correct the name, or create it first."
        )
    if code == MYSQL_NO_RIGHT:
        mend = "Grant SELECT on it, or use another account."
        return ConnectionFailedError(
            f"{user} has no right to the database {address.database!r}", where=where, mend=mend
        )
    return _unreachable(first_line(error, address), where, "the server")


# ---- anything else ---------------------------------------------------------------------------------
def open_other(address: Address) -> Connection:
    """A SQLAlchemy connection, for schemes that SQLAlchemy has a dialect for."""
    import sqlalchemy
    from sqlalchemy.dialects import registry

    where = describe(address.url)
    try:
        url = sqlalchemy.engine.make_url(address.url)
        registry.load(url.drivername.replace("+", ".")) if "+" in url.drivername else registry.load(url.drivername)
        engine = sqlalchemy.create_engine(url)
    except sqlalchemy.exc.NoSuchModuleError as error:
        known = (*SCHEMES, "oracle", "mssql")
        raise unknown_scheme(address, known) from error
    except sqlalchemy.exc.ArgumentError as error:
        raise SourceError(
            "not a database URL", where=where, mend="Write it as scheme://user:password@host/database."
        ) from error
    except ImportError as error:
        package = error.name or "its driver"
        raise SourceError(
            f"the driver {package} is not installed", where=where, mend=f"Run: pip install {package}."
        ) from error
    try:
        raw = engine.connect()
    except Exception as error:
        raise ConnectionFailedError(
            first_line(error, address), where=where, mend="Check host, user, password and database."
        ) from error
    return Connection(address, where, raw, engine.dialect.name)
