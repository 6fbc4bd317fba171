"""Addresses of the four databases and connections to them. Passwords are never shown.

``postgresql://user:password@host:5432/name?sslmode=require`` · ``mysql://…`` (also ``mariadb://``) ·
``sqlite:///relative.db``, ``sqlite:////absolute.db`` · ``duckdb:///file.duckdb``; a driver's name behind ``+`` is
accepted and passed over.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

import msgspec

from understudy.errors import ConnectionFailedError, RequestError, SettingsError, TargetError

SCHEMES = {
    "postgresql": "postgresql",
    "postgres": "postgresql",
    "mysql": "mysql",
    "mariadb": "mysql",
    "sqlite": "sqlite",
    "duckdb": "duckdb",
}
"""URL scheme → the database family that answers."""

SETTING = {"postgresql": re.compile(r"[A-Za-z_][\w.]*"), "mysql": re.compile(r"(@|@@)?[A-Za-z_][\w.]*")}
"""How session settings are called."""

NUMBER = re.compile(r"-?\d+(\.\d+)?")

CONNECT_TIMEOUT_S = 10
"""Long enough for a server abroad, short enough to be told soon that none is there."""


LOG_IN = "Correct user and password in the URL (escape @ : / as %40 %3A %2F)."
REACH = "Check host and port, and that the server runs and lets this machine in."


class Address(msgspec.Struct, frozen=True):
    """A database's URL taken apart. ``path``: of file databases (``:memory:`` where the URL names none)."""

    dialect: str
    host: str = ""
    port: int | None = None
    user: str = ""
    password: str = ""
    database: str = ""
    path: str = ""
    options: dict[str, str] = {}

    @property
    def masked(self) -> str:
        """The URL without its password and options."""
        if self.path:
            return f"{self.dialect}:///{self.path}"
        secret = f"{self.user}@" if self.user else ""
        port = f":{self.port}" if self.port else ""
        return f"{self.dialect}://{secret}{self.host}{port}/{self.database}"


def is_database(target: str) -> bool:
    """Whether a target is the URL of one of the four databases."""
    return scheme(target) in SCHEMES


def scheme(target: str) -> str:
    """The scheme of a URL without a driver's name, lower case; '' where there is none."""
    head, found, _ = target.partition("://")
    return head.split("+")[0].lower() if found else ""


def parse_address(url: str) -> Address:
    """A URL taken apart; RequestError where it is none of the four databases' or lacks the database."""
    family = SCHEMES.get(scheme(url))
    if family is None:
        raise RequestError(f"unknown database scheme {scheme(url)!r}", mend=f"One of {', '.join(SCHEMES)}.")
    mend = "Mend host and port; escape : / ? # @ inside a user name or password (%3A %2F %3F %23 %40)."
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as e:
        raise RequestError("the database URL is malformed", where=f"{family}://…", mend=mend) from e
    if family not in ("sqlite", "duckdb") and "@" in parts.path + parts.fragment:
        raise RequestError("an @ stands behind the host", where=f"{family}://…", mend=mend)
    if family in ("sqlite", "duckdb"):
        path = unquote(parts.path.removeprefix("/")) if not parts.netloc else unquote(parts.netloc + parts.path)
        return Address(family, path=path or ":memory:", options=dict(parse_qsl(parts.query)))
    database = unquote(parts.path.lstrip("/"))
    address = Address(
        family,
        parts.hostname or "",
        port,
        unquote(parts.username or ""),
        unquote(parts.password or ""),
        database,
        options=dict(parse_qsl(parts.query)),
    )
    if not database:
        raise RequestError("the URL names no database", where=address.masked, mend="Add /NAME behind the host.")
    return address


def with_settings(url: str, settings: Mapping[str, str]) -> str:
    """The URL of a database whose sessions have these settings: parameters (``app.tenant``) of PostgreSQL; variables
    (``@tenant``, ``sql_mode``) of MySQL and MariaDB. RequestError where the database has none, or a name is none."""
    if not settings:
        return url
    family = SCHEMES.get(scheme(url), "")
    form = SETTING.get(family)
    if form is None:
        mend = "Leave --set out; PostgreSQL, MySQL and MariaDB have session settings."
        raise RequestError(f"{scheme(url) or 'this target'} has no session settings", mend=mend)
    if bad := [n for n in settings if not form.fullmatch(n)]:
        mend = "Write --set app.tenant=VALUE (PostgreSQL) or --set @tenant=VALUE (MySQL, MariaDB)."
        raise RequestError(f"{bad[0]!r} is no session setting of {family}", mend=mend)
    head, _, query = url.partition("?")
    options = dict(parse_qsl(query))
    if family == "postgresql":
        escaped = {n: v.replace("\\", "\\\\").replace(" ", "\\ ") for n, v in settings.items()}
        words = [options.get("options", ""), *(f"-c {n}={v}" for n, v in escaped.items())]
        options["options"] = " ".join(w for w in words if w)
    else:
        told = ", ".join(f"{n} = {_mysql_value(v)}" for n, v in settings.items())
        options["init_command"] = f"SET {told}"
    return f"{head}?{urlencode(options, quote_via=quote)}"


def _mysql_value(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("'", "''")
    return text if NUMBER.fullmatch(text) else f"'{escaped}'"


def connect_postgresql(address: Address) -> Any:
    """A psycopg connection, autocommit off, time zone UTC, messages in the server's language."""
    psycopg = _driver("psycopg", "postgresql")
    known = {"host": address.host, "port": address.port, "user": address.user, "password": address.password}
    wanted = {k: v for k, v in known.items() if v}
    try:
        connection = psycopg.connect(
            dbname=address.database, **{"connect_timeout": CONNECT_TIMEOUT_S, **wanted, **address.options}
        )
    except psycopg.Error as e:
        raise _refused(address, str(e)) from e
    connection.execute("SET TIME ZONE 'UTC'")
    connection.execute("SET client_encoding TO 'UTF8'")
    connection.execute("SET DateStyle TO 'ISO, YMD'")
    connection.execute("SET IntervalStyle TO 'postgres'")
    connection.execute("SET standard_conforming_strings TO on")
    connection.commit()
    return connection


def connect_mysql(address: Address, *, connection_class: Any = None, **settings: Any) -> Any:
    """A PyMySQL connection, autocommit off, strict, UTC, utf8mb4. ``connection_class``: a subclass to use."""
    pymysql = _driver("pymysql", "mysql")
    try:
        connection = (connection_class or pymysql.connections.Connection)(
            host=address.host or "127.0.0.1",
            port=address.port or 3306,
            user=address.user or None,
            password=address.password,
            database=address.database,
            charset="utf8mb4",
            connect_timeout=CONNECT_TIMEOUT_S,
            autocommit=False,
            init_command="SET SESSION time_zone = '+00:00'",
            **{"unix_socket": address.options["unix_socket"]} if "unix_socket" in address.options else {},
            **settings,
        )
        if told := address.options.get("init_command"):
            connection.query(told)
        return connection
    except pymysql.err.Error as e:
        raise _refused(address, str(e.args[-1] if e.args else e)) from e


def connect_duckdb(address: Address) -> Any:
    """A DuckDB connection to a file (made where missing)."""
    import duckdb

    _folder_exists(address)
    try:
        return duckdb.connect(address.path)
    except duckdb.Error as e:
        said = " ".join(str(e).split()).rstrip(".!")
        if "Could not set lock" in said or "Conflicting lock" in said:
            mend = "End the other program that uses it, and run again."
            raise ConnectionFailedError("the database file is locked", where=address.masked, mend=mend) from e
        raise TargetError(f"DuckDB cannot open it: {said}", where=address.masked, mend="Name another file.") from e


def sqlite_path(address: Address) -> str:
    """The file of a SQLite address, its folder checked, and that it is a SQLite file where it exists."""
    _folder_exists(address)
    path = Path(address.path)
    if address.path != ":memory:" and path.is_file() and path.stat().st_size:
        with path.open("rb") as file:
            if file.read(16) != b"SQLite format 3\0":
                raise TargetError("it is not a SQLite file", where=address.masked, mend="Name another file.")
    return address.path


def _folder_exists(address: Address) -> None:
    path = Path(address.path)
    if address.path == ":memory:":
        return
    if path.is_dir():
        raise TargetError("it is a folder, not a database file", where=address.masked, mend="Name a file.")
    if not path.parent.exists():
        raise TargetError(f"there is no folder {path.parent}", where=address.masked, mend="Make it, or mend the path.")


def _driver(module: str, extra: str) -> Any:
    import importlib

    try:
        return importlib.import_module(module)
    except ImportError as e:
        mend = f'Install it: pip install "understudy[{extra}]".'
        raise SettingsError(f"the driver {module} is not installed", mend=mend) from e


def _refused(address: Address, message: str) -> ConnectionFailedError:
    """What is in the way, and its mend; else the server's words without the password, should it repeat it."""
    low = message.lower()
    user = address.user or "the default user"
    for words, what, mend in (
        (("password", "access denied"), f"the server refused the log-in of {user}", LOG_IN),
        (("role",), f"the server knows no user {user!r}", LOG_IN),
        (("does not exist", "unknown database"), f"there is no database {address.database!r}", "Create it first."),
        (("refused",), "nothing listens there (connection refused)", REACH),
        (("resolve", "not known", "getaddrinfo", "translate host"), "the host is not known", REACH),
        (("timeout", "timed out"), f"no answer within {CONNECT_TIMEOUT_S} s", REACH),
    ):
        if any(w in low for w in words):
            return ConnectionFailedError(what, where=address.masked, mend=mend)
    told = message.replace(address.password, "***") if address.password else message
    mend = "Check that the server runs, and host, port, name, user and password."
    return ConnectionFailedError(f"cannot connect: {told.rstrip('.?! ')}", where=address.masked, mend=mend)
