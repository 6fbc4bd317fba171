"""How one gets from page to page: links, and the forms' targets, as one flow over the pages."""

from __future__ import annotations

import posixpath
from collections.abc import Sequence
from itertools import pairwise
from urllib.parse import urldefrag, urljoin, urlparse

from understudy.model.flow import Flow, Transition
from understudy.sources.ui.nouns import Page


def navigation(pages: Sequence[Page], source: str) -> Flow | None:
    """The flow over these pages; None where no page leads to another of them and no form has steps.

    States are the pages' addresses (where a form has steps, ``page#1`` … for each); a transition's label is the
    link's text, or ``submit`` with the button's words.
    """
    states: list[str] = []
    transitions: list[Transition] = []
    known = {_plain(p.address or p.source): p.address or p.source for p in pages}
    for page in pages:
        here = page.address or page.source
        states.append(here)
        ways: dict[tuple[str, str], str] = {}
        for link in page.links:
            end = _found(here, link.target, known)
            if end and end != here:
                ways.setdefault((end, link.text or "link"), "")
        for form in page.forms:
            end = _found(here, form.action, known) if form.action else None
            if end and end != here:
                ways.setdefault((end, f"submit {form.submits[0]}" if form.submits else "submit"), "")
            if form.steps:
                steps = [f"{here}#{n}" for n in range(1, len(form.steps) + 1)]
                states += steps
                transitions += [Transition(a, b, label=form.steps[i + 1]) for i, (a, b) in enumerate(pairwise(steps))]
                transitions.append(Transition(here, steps[0], label=form.steps[0]))
        transitions += [Transition(here, end, label=text) for end, text in ways]
    if not transitions:
        return None
    kind = "conditional" if len({t.start for t in transitions}) < len(transitions) else "linear"
    return Flow(
        f"navigation of {source}", "", tuple(dict.fromkeys(states)), tuple(transitions), initial=states[0], kind=kind
    )


def _found(here: str, target: str, known: dict[str, str]) -> str | None:
    """The page among those read that a link leads to."""
    if "://" in here:
        return known.get(_plain(urljoin(here, target)))
    path = urlparse(target).path
    joined = posixpath.normpath(posixpath.join(posixpath.dirname(here), path)) if path else here
    return known.get(_plain(joined)) or known.get(_plain(path.lstrip("/")))


def _plain(address: str) -> str:
    address = urldefrag(address)[0].rstrip("/")
    return (
        address
        if "://" in address
        else address.removesuffix("/index.html").removesuffix("index.html").lstrip("./") or "."
    )
