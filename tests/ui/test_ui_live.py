"""Live sites in a real browser, from a server on this machine."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar

import pytest

from understudy.errors import SourceError, UnderstudyError
from understudy.model.evidence import Bounds, Evidence, FacetKind
from understudy.sources.ui.addresses import refusal
from understudy.sources.ui.crawl import Limits, crawl

HOME = """<title>Shop</title><a href=/sign-up>Sign up</a> <a href=/deep/1>More</a> <a href=/logout>Log out</a>
<a href=/loop>Loop</a> <a href=/slow>Slow</a> <a href=/data.pdf>Paper</a> <a href=https://other.example/>Elsewhere</a>"""
SIGN_UP = """<title>Sign up</title><h1>Sign up</h1><form id=register method=post action=/done>
<label for=n>Name</label><input id=n name=name><label for=p>PIN</label><input id=p name=pin maxlength=30>
<my-field></my-field><input name=website tabindex=-1 style="position:absolute;left:-9999px"><button>Go</button></form>
<script>
  const rule = (e, f) => e.addEventListener('input', () => e.setCustomValidity(f(e.value)));
  const n = document.getElementById('n');
  rule(n, v => v ? '' : 'A name is needed'); n.setCustomValidity('A name is needed');
  rule(document.getElementById('p'), v => v && (v.length < 4 || v.length > 12) ? 'Between 4 and 12' : '');
  customElements.define('my-field', class extends HTMLElement { connectedCallback() {
    this.attachShadow({mode: 'open'}).innerHTML = '<label>Town <input name=town></label>' } });
  fetch('/track', {method: 'POST', body: 'x'});
</script>"""


class Handler(BaseHTTPRequestHandler):
    seen: ClassVar[list[str]] = []

    def log_message(self, *_: object) -> None:
        pass

    def do_POST(self) -> None:
        self.seen.append(f"POST {self.path}")
        self.send_response(204)
        self.end_headers()

    def do_GET(self) -> None:
        self.seen.append(f"GET {self.path}")
        if self.path == "/loop":
            self.send_response(302)
            self.send_header("Location", "/loop")
            self.end_headers()
            return
        if self.path == "/slow":
            threading.Event().wait(3)
        deep = self.path.removeprefix("/deep/")
        pages = {"/": HOME, "/sign-up": SIGN_UP}
        body = pages.get(
            self.path, f"<title>{deep}</title><a href=/deep/{int(deep) + 1}>on</a>" if deep.isdigit() else "x"
        ).encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@pytest.fixture(scope="module")
def site(chromium: str) -> Iterator[str]:
    Handler.seen.clear()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"ui+http://127.0.0.1:{server.server_port}/"
    server.shutdown()


@pytest.fixture(scope="module")
def evidence(site: str) -> Evidence:
    return crawl(site, Limits(depth=2, page_seconds=1.5))


def test_pages_are_found_by_their_links_within_bounds(evidence: Evidence) -> None:
    assert len(evidence.flows) == 1
    ends = {s.rsplit(":", 1)[1].partition("/")[2] for s in evidence.flows[0].states}
    assert ends == {"", "sign-up", "deep/1", "deep/2"}


def test_nothing_is_sent_and_links_that_do_something_are_left(evidence: Evidence) -> None:
    assert not [s for s in Handler.seen if s.startswith("POST")]
    assert not {"GET /logout", "GET /data.pdf"} & set(Handler.seen)
    assert any("would send" in str(c.value) for c in evidence.claims if c.facet is FacetKind.REMARK)


def test_redirects_without_end_and_slow_pages_are_told(evidence: Evidence) -> None:
    told = " ".join(str(c.value) for c in evidence.claims if c.facet is FacetKind.REMARK)
    assert "redirects without end" in told
    assert "did not answer within 1.5 s" in told


def test_what_only_scripts_demand_becomes_constraints(evidence: Evidence) -> None:
    told = {(c.field, c.facet): c.value for c in evidence.claims}
    assert told["name", FacetKind.NULLABILITY] is False
    assert told["pin", FacetKind.LENGTH] == Bounds(4, 12)
    (face,) = evidence.faces
    document = json.loads(face.document)
    assert document["required"] == ["name"]


def test_controls_in_shadow_trees_are_seen_and_traps_off_the_screen_too(evidence: Evidence) -> None:
    assert "town" in {c.field for c in evidence.claims if c.facet is FacetKind.FIELD}
    assert any("website" in str(c.value) and "left empty" in str(c.value) for c in evidence.claims)


def test_the_number_of_pages_is_bounded_and_what_is_left_is_told(site: str) -> None:
    found = crawl(site, Limits(pages=1))
    assert any("stopped after 1 pages" in str(c.value) for c in found.claims)


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("ui+http://127.0.0.1:59998/", "nobody answers there"),
        ("ui+http://nowhere.invalid/", "no host of that name"),
        ("ui+ftp://a/", "no address of a page"),
    ],
)
def test_what_cannot_be_read_is_told_in_one_line(chromium: str, address: str, words: str) -> None:
    with pytest.raises(UnderstudyError) as caught:
        crawl(address, Limits(page_seconds=5))
    assert words in caught.value.line
    assert "\n" not in caught.value.line


def test_private_addresses_are_refused_when_reading_for_others(site: str) -> None:
    with pytest.raises(SourceError, match="private network"):
        crawl(site, Limits(private=False))


@pytest.mark.parametrize(
    "host", ["localhost", "127.0.0.1", "10.1.2.3", "192.168.0.1", "169.254.169.254", "::1", "0.0.0.0"]
)
def test_hosts_of_private_networks_are_known(host: str) -> None:
    assert refusal(host)


def test_public_addresses_are_not_private() -> None:
    assert refusal("8.8.8.8") == ""
