"""Database URLs: what they say, and how they are shown without their password.

Taken apart by hand rather than by :mod:`urllib.parse`, which lowers the case of socket paths in
the host's place and puts parts of an unescaped password into its error messages.
"""

from __future__ import annotations

import difflib
import re
from urllib.parse import parse_qsl, unquote

import msgspec

from understudy.errors import SourceError

SCHEMES = {
    "postgresql": "postgresql",
    "postgres": "postgresql",
    "postgresql+psycopg": "postgresql",
    "mysql": "mysql",
    "mariadb": "mysql",
    "mysql+pymysql": "mysql",
    "mariadb+pymysql": "mysql",
    "sqlite": "sqlite",
    "sqlite3": "sqlite",
    "duckdb": "duckdb",
}
"""URL scheme → the reader that takes it. MariaDB tells itself apart once connected."""

SECRETS = frozenset({"password", "passwd", "sslpassword", "passfile", "ssl_key_password"})


class Address(msgspec.Struct, frozen=True):
    """A URL taken apart. ``reader``: postgresql, mysql, sqlite, duckdb or other. ``path``: of a file."""

    url: str
    scheme: str
    reader: str
    user: str = ""
    password: str = ""
    host: str = ""
    port: int | None = None
    database: str = ""
    path: str = ""
    options: dict[str, str] = {}


def describe(url: str) -> str:
    """The URL without its password, whatever is wrong with it.

    >>> describe("postgresql://ann:se%40cret@db/shop?sslmode=require")
    'postgresql://ann@db/shop?sslmode=require'
    """
    scheme, mark, rest = url.partition("://")
    if not mark:
        return re.sub(r":[^:@/]*@", "@", url)
    network = re.split(r"[/?#]", rest, maxsplit=1)[0]
    if "@" in network and "@" in rest[len(network) :].partition("?")[0]:
        rest = network.partition(":")[0] + "@" + rest.partition("?")[0].rpartition("@")[2]  # an unescaped @ and /
    elif "@" in network:
        user, _, host = rest[: len(network)].rpartition("@")
        rest = user.partition(":")[0] + "@" + host + rest[len(network) :]
    elif "@" in rest and ":" in network and not _is_host_and_port(network, rest[len(network) :]):
        rest = network.partition(":")[0] + "@" + rest.rpartition("@")[2]  # a password with an unescaped / or ?
    for name in SECRETS:
        rest = re.sub(rf"([?&]){name}=[^&#]*", r"\1" + name + "=***", rest, flags=re.IGNORECASE)
    return f"{scheme}://{rest}"


def _is_host_and_port(network: str, after: str) -> bool:
    """Whether ``network`` is a host's name, and the @ after it one of an option: what is in doubt is a password."""
    if network.startswith("["):
        return True
    return re.fullmatch(r"[^:]*:\d{1,5}", network) is not None and re.match(r"/[^@]*\?", after) is not None


def parse(url: str) -> Address:
    """Take a database URL apart. SourceError where it is none; other SQLAlchemy schemes pass."""
    scheme, mark, rest = url.partition("://")
    shown = describe(url)
    if not mark or not re.fullmatch(r"[A-Za-z][A-Za-z0-9+_.-]*", scheme):
        raise SourceError("not a database URL", where=shown, mend="Write it as scheme://user:password@host/database.")
    reader = SCHEMES.get(scheme.lower(), "other")
    rest = rest.partition("#")[0] if reader not in ("sqlite", "duckdb") else rest
    body, _, query = rest.partition("?")
    options = dict(parse_qsl(query, keep_blank_values=True))
    if reader in ("sqlite", "duckdb"):
        return _file_address(url, scheme.lower(), reader, body, options)
    network, _, database = body.partition("/")
    if "@" in database:
        mend = "Escape : / ? # @ inside a user name or password (%3A %2F %3F %23 %40)."
        raise SourceError("an @ stands behind the host", where=shown, mend=mend)
    userinfo, _, hostport = network.rpartition("@")
    user, _, password = userinfo.partition(":")
    host, port = _host_and_port(hostport, shown)
    return Address(
        url=url,
        scheme=scheme.lower(),
        reader=reader,
        user=unquote(user),
        password=unquote(password),
        host=host,
        port=port,
        database=unquote(database),
        options=options,
    )


def _file_address(url: str, scheme: str, reader: str, body: str, options: dict[str, str]) -> Address:
    path = unquote(body[1:] if body.startswith("/") else body)
    if path in ("", ":memory:"):
        raise SourceError(
            "names no file, and a database in memory holds nothing to read",
            where=describe(url),
            mend=f"Write {scheme}:///relative/file or {scheme}:////absolute/file.",
        )
    return Address(url=url, scheme=scheme, reader=reader, path=path, options=options)


def _host_and_port(text: str, shown: str) -> tuple[str, int | None]:
    match = re.fullmatch(r"(\[[^\]]*\]|[^:]*)(?::(\d*))?", text)
    if match is None or (match[2] and not 0 < int(match[2]) < 65536):
        raise SourceError(
            "the port is not a number between 1 and 65535",
            where=shown,
            mend="Write host:port; escape : / ? # @ inside a user name or password (%3A %2F %3F %23 %40).",
        )
    return unquote(match[1].strip("[]")), int(match[2]) if match[2] else None


def unknown_scheme(address: Address, known: tuple[str, ...]) -> SourceError:
    """The error for a scheme that nothing here reads, with the nearest that something does."""
    near = difflib.get_close_matches(address.scheme, known, n=1, cutoff=0.5)
    hint = (
        f"Did you mean {near[0]}://?" if near else "Known: " + ", ".join(sorted({*SCHEMES.values(), "mariadb"})) + "."
    )
    return SourceError(f"unknown database scheme {address.scheme!r}", where=describe(address.url), mend=hint)
