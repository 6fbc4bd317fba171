"""Documents on the web, within bounds: time, size, redirects, and no private addresses unless somebody allows them.

The address that was checked is the one that is connected to, so that a name cannot mean another host the second time.
"""

from __future__ import annotations

import http.client
import ipaddress
import socket
import ssl
import time
from urllib.parse import urljoin, urlsplit, urlunsplit

from understudy.errors import SourceError, WorldError
from understudy.sources.api.material import LARGEST_BYTES

TIMEOUT_S = 20.0
"""For a document, redirects and all."""
MOST_REDIRECTS = 5
CHUNK = 1 << 16
ALLOW = "Set sources.private_addresses (UNDERSTUDY_SOURCES_PRIVATE_ADDRESSES=yes) if you trust it."


class Web:
    """Reads documents; ``private``: whether addresses of this machine and its network may be read; ``trusted``: those
    of them that may be read all the same."""

    def __init__(
        self,
        *,
        private: bool = False,
        timeout_s: float = TIMEOUT_S,
        largest: int = LARGEST_BYTES,
        trusted: frozenset[str] = frozenset(),
    ) -> None:
        self.private, self.timeout_s, self.largest, self.trusted = private, timeout_s, largest, trusted

    def __call__(self, url: str) -> bytes:
        """The bytes of a document. SourceError where it is refused or is none, WorldError where trying again may
        help; one line each."""
        return self._read(url, None)

    def ask(self, url: str, question: bytes) -> bytes:
        """The answer to a question in JSON that is sent to an address; errors as above."""
        return self._read(url, question)

    def _read(self, url: str, question: bytes | None) -> bytes:
        deadline = time.monotonic() + self.timeout_s
        where = url
        for _ in range(MOST_REDIRECTS + 1):
            answer = self._once(url, deadline, where, question)
            if isinstance(answer, bytes):
                return answer
            target = urljoin(url, answer)
            if urlsplit(url).scheme == "https" and urlsplit(target).scheme != "https":
                raise SourceError("it redirects from https to http", where=shown(where), mend="Name the last address.")
            url = target
        mend = "Name the last address."
        raise SourceError(f"it redirects more than {MOST_REDIRECTS} times", where=shown(where), mend=mend)

    def _once(self, url: str, deadline: float, where: str, question: bytes | None) -> bytes | str:
        """The document, or where it is redirected to."""
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise SourceError("only http and https addresses are read", where=shown(where), mend="Mend the address.")
        port = parts.port or (443 if parts.scheme == "https" else 80)
        connection = _Pinned(parts.hostname, port, self._address(parts.hostname, port, where), parts.scheme == "https")
        connection.timeout = self._left(deadline, where)
        try:
            path = urlunsplit(("", "", parts.path or "/", parts.query, ""))
            accept = "application/json, application/yaml, text/yaml, */*;q=0.5"
            headers = {"Accept": accept, "User-Agent": "understudy"}
            if question is None:
                connection.request("GET", path, headers=headers)
            else:
                connection.request("POST", path, question, headers | {"Content-Type": "application/json"})
            answer = connection.getresponse()
            if answer.status in (301, 302, 303, 307, 308) and answer.headers.get("Location"):
                return str(answer.headers["Location"])
            if answer.status != 200:
                kind = WorldError if answer.status >= 500 or answer.status == 429 else SourceError
                what = f"the server answered {answer.status} {answer.reason}".rstrip()
                raise kind(what, where=shown(where), mend="Mend the address, or try again later.")
            return self._body(answer, connection, deadline, where)
        except TimeoutError as error:
            raise self._late(where) from error
        except (OSError, http.client.HTTPException) as error:
            what = f"it cannot be read: {error or type(error).__name__}"
            raise WorldError(what, where=shown(where), mend="Check the address, or try again later.") from error
        finally:
            connection.close()

    def _body(self, answer: http.client.HTTPResponse, connection: _Pinned, deadline: float, where: str) -> bytes:
        said = answer.headers.get("Content-Length", "")
        if said.isdigit() and int(said) > self.largest:
            raise self._large(where)
        kind = answer.headers.get_content_type()
        if kind.split("/")[0] in ("image", "audio", "video", "font") or kind in ("application/pdf", "application/zip"):
            mend = "Name the address of the JSON or YAML document itself."
            raise SourceError(f"the server sends {kind}, which describes no API", where=shown(where), mend=mend)
        found = bytearray()
        while True:
            if connection.sock is not None:
                connection.sock.settimeout(self._left(deadline, where))
            piece = answer.read(CHUNK)
            if not piece:
                break
            found += piece
            if len(found) > self.largest:
                raise self._large(where)
        if said.isdigit() and len(found) < int(said):
            raise WorldError("the connection broke off in the middle", where=shown(where), mend="Try again.")
        return bytes(found)

    def _address(self, host: str, port: int, where: str) -> str:
        """The address that a name stands for, if it may be read."""
        try:
            found = [str(f[4][0]) for f in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
        except OSError as error:
            what = f"no host is called {host}"
            raise WorldError(what, where=shown(where), mend="Check the address and the network.") from error
        for address in found:
            if (
                not self.private
                and address not in self.trusted
                and not ipaddress.ip_address(address.split("%")[0]).is_global
            ):
                what = f"{host} is a private address ({address}), which is not read on anybody's behalf"
                raise SourceError(what, where=shown(where), mend=ALLOW)
        return found[0]

    def _left(self, deadline: float, where: str) -> float:
        left = deadline - time.monotonic()
        if left <= 0:
            raise self._late(where)
        return left

    def _late(self, where: str) -> WorldError:
        return WorldError(f"no answer within {self.timeout_s:g} s", where=shown(where), mend="Try again later.")

    def _large(self, where: str) -> SourceError:
        what = f"the document has more than {self.largest:,} bytes"
        return SourceError(what, where=shown(where), mend="Name the part that matters.")


class _Pinned(http.client.HTTPConnection):
    """A connection to one address, under its host's name."""

    def __init__(self, host: str, port: int, address: str, secure: bool) -> None:
        super().__init__(host, port)
        self.address, self.secure = address, secure

    def connect(self) -> None:
        """Connect to the checked address."""
        self.sock = socket.create_connection((self.address, self.port), self.timeout)
        if self.secure:
            self.sock = ssl.create_default_context().wrap_socket(self.sock, server_hostname=self.host)


def shown(url: str) -> str:
    """An address without user and password."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit((parts.scheme, host, parts.path, parts.query, ""))
