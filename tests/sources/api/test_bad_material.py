"""Material that is broken or made to hurt: one clear line, quickly, within bounded memory."""

import http.server
import json
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from understudy.errors import SourceError, WorldError
from understudy.sources.api import Web, read
from understudy.sources.api import material as bounds

BOMB = "openapi: 3.0.0\na: &a [x,x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{n}: &{n} [{','.join('*' + p for _ in range(10))}]\n" for p, n in zip("abcdefgh", "bcdefghi", strict=True)
)


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("a.yaml", BOMB, "aliases expand to more than"),
        ("a.yaml", "openapi: 3.0.0\na: &a [*a]\n", "an alias stands inside what it stands for"),
        ("a.json", '{"openapi": "3.0.0", "x": ' + "[" * 100_000, "breaks off|nested more than"),
        ("a.json", '{"openapi": "3.0.0", "x": ' + "[" * 900 + "]" * 900 + "}", "nested more than 400 deep"),
        ("a.json", '{"openapi": "3.0.0", "paths": {"/a": ', "the JSON text breaks off in the middle"),
        ("a.json", '{"openapi": "3.0.0", "paths": {,}}', "not valid JSON.*|line 1"),
        ("a.yaml", "openapi: 3.0.0\n  paths: {\n", "not valid YAML"),
        ("a.yaml", "<!doctype html><html><body>Log in</body></html>", "this is HTML"),
        ("a.json", '{"openapi": "4.2.0", "paths": {}}', "OpenAPI 4.2.0 is not known"),
        ("a.json", '{"swagger": "1.2"}', "Swagger 1.2 is not known"),
        ("a.json", "[1, 2]", "no description of an API"),
        ("a.graphql", "type Query { a: Int", "not valid GraphQL"),
        ("a.json", '{"name": "dev", "values": [{"key": "host", "value": "x"}]}', "a Postman environment"),
        ("a.json", "", "the document is empty"),
    ],
)
def test_material_that_cannot_be_read_is_one_clear_line(tmp_path: Path, name: str, text: str, words: str) -> None:
    (tmp_path / name).write_text(text)
    started = time.monotonic()
    with pytest.raises(SourceError, match=words) as caught:
        read(str(tmp_path / name))
    assert "\n" not in caught.value.line
    assert time.monotonic() - started < 20


def test_a_file_beyond_the_limit_is_refused_by_the_limit(tmp_path: Path) -> None:
    path = tmp_path / "huge.json"
    with path.open("wb") as file:
        file.truncate(bounds.LARGEST_BYTES + 1)
    with pytest.raises(SourceError, match="descriptions of APIs are read up to 67,108,864"):
        read(str(path))


def test_recursion_of_ten_levels_is_read_and_ends(tmp_path: Path) -> None:
    schemas = {
        f"L{i}": {"type": "object", "properties": {"next": {"$ref": f"#/components/schemas/L{(i + 1) % 10}"}}}
        for i in range(10)
    }
    (tmp_path / "a.json").write_text(json.dumps({"openapi": "3.0.0", "paths": {}, "components": {"schemas": schemas}}))
    assert len(read(str(tmp_path / "a.json")).faces) == 10


def test_a_broken_part_is_told_and_the_rest_is_read(tmp_path: Path) -> None:
    paths = {"/a": {"get": 7}, "/b": {"get": {"responses": {"200": {"$ref": "#/nowhere"}}}}, "/c": "odd"}
    schemas = {"A": {"type": "object", "properties": {"x": {"type": "string", "pattern": "(["}}}, "B": [1]}
    (tmp_path / "a.json").write_text(
        json.dumps({"openapi": "3.0.0", "paths": paths, "components": {"schemas": schemas}})
    )
    e = read(str(tmp_path / "a.json"))
    told = [c.value.text for c in e.claims if c.facet.value == "remark"]  # type: ignore[union-attr]
    assert len(told) >= 5
    assert any(c.entity == "A" for c in e.claims)


# ---- the web ---------------------------------------------------------------------------------------
class _Pages(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        body = b'{"openapi": "3.0.0", "paths": {}, "components": {"schemas": {"A": {"$ref": "part.json"}}}}'
        kind, status, where = "application/json", 200, ""
        match self.path:
            case "/html":
                body, kind = b"<html><body>Sign in</body></html>", "text/html"
            case "/image":
                kind = "image/png"
            case "/loop":
                status, where = 302, "/loop"
            case "/once":
                status, where = 302, "/api.json"
            case "/inwards":
                status, where = 302, f"http://127.0.0.2:{self.server.server_address[1]}/part.json"
            case "/trap.json":
                body = b'{"openapi": "3.0.0", "paths": {}, "components": {"schemas": {"A": {"$ref": "inwards"}}}}'
            case "/gone":
                status = 404
            case "/part.json":
                body = b'{"type": "object", "properties": {"x": {"type": "string"}}}'
            case "/slow":
                time.sleep(3)
            case "/large":
                body = b" " * 200_000
            case "/cut":
                self.send_response(200)
                self.send_header("Content-Length", "500")
                self.end_headers()
                self.wfile.write(body)
                return
        self.send_response(status)
        self.send_header("Content-Type", kind)
        if where:
            self.send_header("Location", where)
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self) -> None:
        import graphql

        question = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["query"]
        schema = graphql.build_schema("type Query { pet(id: ID!): Pet } type Pet { id: ID! name: String }")
        answer: object = {"errors": [{"message": "introspection is disabled"}]}
        if self.path == "/graphql":
            answer = {"data": graphql.graphql_sync(schema, question).data}
        body = json.dumps(answer).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Silent."""


@pytest.fixture
def host() -> Iterator[str]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Pages)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


OPEN = Web(private=True, timeout_s=1.0, largest=100_000)


def test_a_description_on_the_web_is_read_with_what_it_refers_to(host: str) -> None:
    assert any(c.entity == "A" and c.field == "x" for c in read(f"{host}/api.json", OPEN).claims)
    assert read(f"{host}/once", OPEN).faces


def test_private_addresses_are_refused_unless_allowed(host: str) -> None:
    with pytest.raises(SourceError, match=r"private address .127\.0\.0\.1.*UNDERSTUDY_SOURCES_PRIVATE_ADDRESSES"):
        read(f"{host}/api.json", Web())
    with pytest.raises(SourceError, match="private address"):
        read("http://localhost/api.json", Web())
    with pytest.raises(SourceError, match="private address"):
        read("http://[::1]/api.json", Web())


def test_a_host_that_may_be_read_cannot_redirect_to_one_that_may_not(host: str) -> None:
    outside = Web(trusted=frozenset({"127.0.0.1"}), timeout_s=5.0)
    with pytest.raises(SourceError, match=r"127\.0\.0\.2 is a private address"):
        read(f"{host}/inwards", outside)
    e = read(f"{host}/trap.json", outside)
    told = [c.value.text for c in e.claims if c.facet.value == "remark"]  # type: ignore[union-attr]
    assert any("127.0.0.2 is a private address" in t for t in told)
    assert not any(c.field == "x" for c in e.claims)


@pytest.mark.parametrize(
    ("page", "words"),
    [
        ("html", "this is HTML"),
        ("image", "sends image/png"),
        ("loop", "redirects more than 5 times"),
        ("gone", "answered 404"),
        ("slow", "no answer within 1 s"),
        ("large", "more than 100,000 bytes"),
        ("cut", "broke off"),
    ],
)
def test_what_the_web_sends_instead_is_one_clear_line(host: str, page: str, words: str) -> None:
    started = time.monotonic()
    with pytest.raises((SourceError, WorldError), match=words) as caught:
        read(f"{host}/{page}", OPEN)
    assert "\n" not in caught.value.line
    assert time.monotonic() - started < 5


def test_a_document_of_the_web_reads_no_file_of_this_machine(host: str) -> None:
    from understudy.sources.api.library import Library, Place

    library = Library(f"{host}/api.json", {}, OPEN)
    with pytest.raises(SourceError):
        library.document("/etc/hostname")
    assert library.target("file:///etc/hostname", Place(f"{host}/api.json")).address.startswith("file:")
    with pytest.raises(SourceError, match="nothing here is called so"):
        library.document("file:///etc/hostname")


def test_a_graphql_server_is_asked_what_it_is(host: str) -> None:
    e = read(f"graphql+{host}/graphql", OPEN)
    assert any((c.entity, c.field) == ("Pet", "name") for c in e.claims)
    assert [f.name for f in e.faces] == ["query pet"]
    with pytest.raises(SourceError, match=r"does not describe itself .introspection is disabled.*Allow introspection"):
        read(f"graphql+{host}/closed", OPEN)
    with pytest.raises(SourceError, match="private address"):
        read(f"graphql+{host}/graphql", Web())
