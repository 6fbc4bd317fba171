"""A live site: pages reachable by links within bounds, read as they are after their scripts have run.

Only links are followed, breadth first, on the host one starts from; nothing is clicked, nothing is sent.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from urllib.parse import urldefrag, urljoin, urlsplit

import msgspec

from understudy.errors import ConnectionFailedError, SourceError, WorldError
from understudy.model.evidence import Evidence
from understudy.sources.ui.addresses import refusal
from understudy.sources.ui.browser import Browser, opened
from understudy.sources.ui.markup import page_of
from understudy.sources.ui.nouns import Page
from understudy.sources.ui.reading import evidence_of

AWAY = re.compile(
    r"log-?_?out|sign-?_?out|log-?_?off|delete|remove|destroy|unsubscribe|deactivate|cancel|revoke|abmelden|löschen|"
    r"deconnexion|cerrar-?sesion",
    re.IGNORECASE,
)
"""Links that do something instead of showing something; careless sites do it on GET."""
FILES = re.compile(
    r"\.(?:pdf|zip|gz|png|jpe?g|gif|svg|webp|ico|css|js|json|xml|rss|csv|xlsx?|docx?|mp[34]|woff2?|exe|dmg)$",
    re.IGNORECASE,
)
HTML = frozenset({"text/html", "application/xhtml+xml", ""})


class Limits(msgspec.Struct, frozen=True):
    """How far to go. ``private``: whether addresses of private networks may be read; ``sends``: whether scripts of a
    page may send anything; ``probes``: whether values are tried in controls to see what scripts refuse."""

    pages: int = 40
    depth: int = 3
    seconds: float = 120.0
    page_seconds: float = 20.0
    private: bool = True
    sends: bool = False
    probes: bool = True
    browser: str = ""


def crawl(source: str, limits: Limits | None = None) -> Evidence:
    """The evidence of a site (``ui+https://host/path``). SourceError where it may not be read, WorldError where its
    first page cannot be had; what happens to later pages is a remark."""
    bounds = limits or Limits()
    start = source.removeprefix("ui+")
    parts = urlsplit(start)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise SourceError("this is no address of a page", where=source, mend="Write ui+https://host/path.")
    shown = _shown(start)
    why = "" if bounds.private else refusal(parts.hostname)
    if why:
        raise SourceError(why, where=shown, mend="Allow it with sources.private_addresses, if it is yours to read.")
    with opened(
        browser=bounds.browser, private=bounds.private, sends=bounds.sends, timeout_s=bounds.page_seconds
    ) as browser:
        pages, remarks = _walked(start, bounds, browser, time.monotonic)
    if not pages:
        raise SourceError("there is no page to read", where=shown)
    first = msgspec.structs.replace(pages[0], remarks=(*pages[0].remarks, *remarks))
    return evidence_of([first, *pages[1:]], shown)


def _walked(
    start: str, bounds: Limits, browser: Browser, now: Callable[[], float]
) -> tuple[list[Page], list[tuple[str, str]]]:
    began = now()
    queue: list[tuple[str, int]] = [(start, 0)]
    seen: set[str] = {_key(start)}
    pages: list[Page] = []
    remarks: list[tuple[str, str]] = []
    host = urlsplit(start).netloc
    while queue:
        if len(pages) >= bounds.pages or now() - began > bounds.seconds:
            limit = f"{bounds.pages} pages" if len(pages) >= bounds.pages else f"{bounds.seconds:g} seconds"
            remarks.append((_shown(start), f"stopped after {limit}; {len(queue)} more pages were known"))
            break
        address, depth = queue.pop(0)
        try:
            landed, text, kind = browser.open(address, bounds.probes)
        except WorldError as error:
            if not pages and depth == 0:
                raise ConnectionFailedError(
                    error.what, where=_shown(address), mend=error.mend or _why(browser)
                ) from error
            remarks.append((_shown(address), error.what))
            continue
        if urlsplit(landed).netloc != host and depth > 0:
            remarks.append((_shown(address), f"leads to another host ({urlsplit(landed).netloc}): not followed"))
            continue
        if depth == 0:
            host = urlsplit(landed).netloc
        elif landed != address and _key(landed) in seen and _key(landed) != _key(address):
            continue
        seen.add(_key(landed))
        if kind not in HTML:
            remarks.append((_shown(address), f"is {kind}, no page"))
            continue
        page = page_of(text, _shown(landed), address=_shown(landed))
        pages.append(page)
        if depth < bounds.depth:
            for link in page.links:
                target = urljoin(landed, link.target)
                if _followed(target, link.text, host) and _key(target) not in seen:
                    seen.add(_key(target))
                    queue.append((target, depth + 1))
    for line in dict.fromkeys(browser.stopped):
        if "send" in line or "private" in line:
            remarks.append((_shown(start), f"stopped: {line}"))
    return pages, remarks


def _why(browser: Browser) -> str:
    return f"Stopped: {browser.stopped[-1]}." if browser.stopped else ""


def _followed(target: str, text: str, host: str) -> bool:
    parts = urlsplit(target)
    if parts.scheme not in ("http", "https") or parts.netloc != host:
        return False
    return not (FILES.search(parts.path) or AWAY.search(f"{parts.path} {parts.query} {text}"))


def _key(address: str) -> str:
    """One page, one key: the fragment counts only where a script takes it for a path."""
    plain, fragment = urldefrag(address)
    routed = fragment if fragment[:1] in ("/", "!") else ""
    return plain.rstrip("/") + ("#" + routed if routed else "")


def _shown(address: str) -> str:
    """An address without the password in it."""
    return re.sub(r"//[^/@]*@", "//", address)
