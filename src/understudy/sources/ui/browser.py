"""One installed Chromium, steered from outside: pages as they are after their scripts have run.

Nothing is ever sent: requests other than GET are stopped before they leave, unless sending was asked for.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from understudy.errors import ConnectionFailedError, SourceError
from understudy.sources.ui.addresses import refusal

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "msedge")
ARGUMENTS = ("--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-sync")
QUIET_MS = 1500
"""How long a page may stay busy after it has loaded."""
READING = frozenset({"GET", "HEAD", "OPTIONS"})
LARGEST_CHARACTERS = 16 << 20

SERIALISE = "serialise.js"
"""The page as text: shadow trees and own frames laid open, scripts left out, unseen controls marked."""

PROBE = "probe.js"
"""Values typed and taken back again, to see what scripts refuse; what they refuse becomes attributes."""
MOST_PROBED = 60


@cache
def _script(name: str) -> str:
    return (Path(__file__).parent / name).read_text("utf-8")


def executable(given: str = "") -> str:
    """The browser to use: the one named, or the first that is installed. SourceError where there is none."""
    found = shutil.which(given) if given else next((p for n in NAMES if (p := shutil.which(n))), None)
    if not found:
        what = f"there is no browser {given!r}" if given else "no Chromium is installed here"
        raise SourceError(what, mend="Install one (Debian, Ubuntu: apt install chromium), or name it in ui.browser.")
    return found


class Browser:
    """An open browser. ``private``: whether addresses of private networks may be read; ``sends``: whether forms may be
    sent."""

    def __init__(self, context: Any, private: bool, sends: bool, timeout_s: float) -> None:
        self.context, self.private, self.sends, self.timeout_s = context, private, sends, timeout_s
        self.stopped: list[str] = []
        context.route("**/*", self._gate)
        context.set_default_timeout(timeout_s * 1000)

    def _gate(self, route: Any) -> None:
        request = route.request
        parts = urlsplit(request.url)
        why = ""
        if parts.scheme in ("http", "https"):
            why = "" if self.private else refusal(parts.hostname or "")
            if not why and request.method not in READING and not self.sends:
                why = "it would send something"
        elif parts.scheme not in ("data", "blob", "about"):
            why = f"{parts.scheme} addresses are not read"
        if request.resource_type in ("media", "font", "image"):
            why = why or "not needed"
        elif why:
            self.stopped.append(f"{request.method} {parts.scheme}://{parts.netloc}{parts.path}: {why}")
        if why:
            route.abort()
        else:
            route.continue_()

    def open(self, address: str, probes: bool) -> tuple[str, str, str]:
        """The address at which one ends up, the page's text, and its kind of content. WorldError where it cannot be
        had."""
        from playwright.sync_api import Error, TimeoutError

        page = self.context.new_page()
        try:
            page.on("dialog", lambda dialog: dialog.dismiss())
            answer = page.goto(address, wait_until="domcontentloaded")
            with suppress(TimeoutError):  # a page that never rests is read as it is
                page.wait_for_load_state("networkidle", timeout=QUIET_MS)
            kind = (answer.headers.get("content-type", "") if answer is not None else "").split(";")[0]
            if answer is not None and answer.status >= 400:
                raise ConnectionFailedError(f"answers {answer.status}", where=address)
            if probes and kind in ("text/html", "application/xhtml+xml", ""):
                page.evaluate(_script(PROBE), MOST_PROBED)
            text = page.evaluate(_script(SERIALISE))
            return page.url, text[:LARGEST_CHARACTERS], kind
        except TimeoutError as error:
            raise ConnectionFailedError(f"did not answer within {self.timeout_s:g} s", where=address) from error
        except Error as error:
            raise ConnectionFailedError(_plain(str(error)), where=address, mend="Is the address right?") from error
        finally:
            page.close()


SAYINGS = (
    ("ERR_TOO_MANY_REDIRECTS", "redirects without end"),
    ("ERR_NAME_NOT_RESOLVED", "there is no host of that name"),
    ("ERR_CONNECTION_REFUSED", "nobody answers there"),
    ("ERR_BLOCKED_BY_CLIENT", "may not be read from here"),
    ("ERR_FAILED", "may not be read from here"),
    ("ERR_UNSAFE_PORT", "browsers do not read from that port"),
    ("ERR_CERT", "its certificate cannot be trusted"),
    ("ERR_CONNECTION_RESET", "the connection broke"),
    ("ERR_EMPTY_RESPONSE", "it answered nothing"),
    ("Download is starting", "it is a file to download, not a page"),
    ("ERR_ABORTED", "it is no page"),
)


def _plain(words: str) -> str:
    return next((said for sign, said in SAYINGS if sign in words), " ".join(words.split())[:200])


@contextmanager
def opened(*, browser: str, private: bool, sends: bool, timeout_s: float) -> Iterator[Browser]:
    """A browser for as long as it is needed; closed again whatever happens."""
    import os

    try:
        from playwright.sync_api import Error, sync_playwright
    except ImportError as error:
        raise SourceError("reading live pages needs Playwright", mend="Run: pip install 'understudy[ui]'.") from error
    path = executable(browser)
    with sync_playwright() as tool:
        root = hasattr(os, "geteuid") and os.geteuid() == 0  # Chromium refuses its sandbox to root
        try:
            chromium = tool.chromium.launch(executable_path=path, args=list(ARGUMENTS), chromium_sandbox=not root)
        except Error as error:
            raise SourceError(f"the browser does not start: {_plain(str(error))}", where=path) from error
        try:
            context = chromium.new_context(locale="en-US", timezone_id="UTC", accept_downloads=False)
            yield Browser(context, private, sends, timeout_s)
        finally:
            chromium.close()
