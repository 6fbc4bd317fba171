"""What a form is about, and what its fields are called.

Names written in code are kept as they are; prefixes that all fields share (``user[email]``, ``owner.city``) name the
entity; names that machines gave (``:r1:``, ``q3_input7``) say nothing, so the label's words stand in.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from pathlib import PurePosixPath

import msgspec

from understudy.sources.about import meant, snake, thing
from understudy.sources.ui.nouns import Control, Form, Page

BOUND = 0.95
"""Certainty of an object that code binds the form to."""
SEARCHING = re.compile(r"\b(?:search|find|filter|lookup|suche|recherche|buscar)\b", re.IGNORECASE)
MACHINE = re.compile(
    r"^(?::?r\w*:|[a-f0-9]{8,}(?:-[a-f0-9]{4,})*|(?:input|field|text|textbox|select|control|element|form|checkbox|radio|q|f|c|ctl|id|item|el|mat-input|react-select|answer|question|option)?[-_]?\d+(?:[-_]\d+)*|"
    r"(?:ember|yui|ext-gen|gwt-uid|dojo|headlessui|radix|mui|fld)[-_\w]*\d+|input|field|text|value|textbox|form|control|\d.*)$",
    re.IGNORECASE,
)
PREFIXES = re.compile(r"^(?:ctl\d+[$_])+|^(?:txt|tb|ddl|chk|rb|rdo|lbl|cbo|cmb|inp|fld|sel)(?=[A-Z_])")
"""What tools put before a name."""
AROUND = re.compile(r"^(?:form|input|field|frm)[-_]|[-_](?:input|field|control|select|textbox)$")


class Named(msgspec.Struct, frozen=True):
    """``entity`` and how surely; ``why``: where the words stood. ``fields``: names by a control's index."""

    entity: str
    certainty: float
    why: str
    fields: dict[int, str]


def named(page: Page, form: Form) -> Named:
    """What the form is about and what its controls are called."""
    prefix, fields = _fields(form.controls)
    for text, certainty, why in _sayings(page, form, prefix):
        activity = meant(text) if certainty < BOUND else ""
        entity = activity or thing(text)
        if entity:
            return Named(entity, round(certainty * (0.8 if activity else 1.0), 3), f"{why} {text!r}", fields)
    if form.search or SEARCHING.search(" ".join((form.id, form.action, form.name, *form.submits))):
        return Named("search", 0.3, "a form to search with", fields)
    return Named(snake(_stem(page)) or "form", 0.3, "the page's name", fields)


def _sayings(page: Page, form: Form, prefix: str) -> list[tuple[str, float, str]]:
    """Where the thing may be named, how surely, surest first."""
    found = [(form.model, BOUND, "bound object"), (prefix, BOUND, "prefix of the names"), (form.id, 0.8, "form id")]
    found.append((form.name if not MACHINE.match(form.name) else "", 0.75, "form name"))
    if page.framework:
        found.append((_stem(page), 0.72, "file name"))
    outer = [h.text for h in form.headings if h.way != "heading inside"] + [h.text for h in form.headings[:1]]
    found += [(h, 0.7, "heading") for h in outer[:2] if len(h) <= 40]
    path = re.sub(r"[?#].*", "", re.sub(r"^\w+://[^/]*", "", form.action))
    steps = [w for w in path.split("/") if w and not re.search(r"[*{}$<]|^\d+$", w)]
    found += [(re.sub(r"\.\w{2,5}$", "", w), 0.65, "action") for w in reversed(steps[-2:])]
    found += [(s, 0.6, "button") for s in form.submits if len(s) <= 30]
    return [f for f in found if f[0]]


def _stem(page: Page) -> str:
    path = PurePosixPath(page.source.split("?")[0].rstrip("/"))
    name = re.sub(
        r"\.(?:component|vue|template|page|view|html|blade|php|jsp|twig|jinja2?|j2|hbs|erb|ejs|cshtml|tsx|jsx|htm|svelte|tmpl|gohtml|liquid|njk)(?=\.|$)",
        "",
        path.name,
    )
    return name.lstrip("_") or path.parent.name


# ---- fields -----------------------------------------------------------------------------------------
def _fields(controls: Sequence[Control]) -> tuple[str, dict[int, str]]:
    """The prefix that most names share ("" for none), and each control's field name."""
    paths = {c.index: _path(c) for c in controls}
    firsts = Counter(p[0] for c in controls if (p := paths[c.index]) and c.type != "hidden" and len(p) > 1)
    total = len({".".join(p) for c in controls if (p := paths[c.index]) and c.type != "hidden"})
    prefix = next((w for w, n in firsts.most_common(1) if (n >= 2 and 2 * n >= total) or n == total == 1), "")
    names = {}
    for control in controls:
        path = paths[control.index]
        if prefix and len(path) > 1 and path[0] == prefix:
            path = path[1:]
        names[control.index] = ".".join(path) or _by_label(control)
    return ("" if MACHINE.match(prefix) else prefix), names


def _path(control: Control) -> list[str]:
    """The parts of the name in code, [] where it says nothing."""
    for text in (control.name, control.model, control.test, control.id):
        bare = PREFIXES.sub("", text.rsplit("$", 1)[-1] if "$" in text else text)
        if text not in (control.name, control.model):
            bare = AROUND.sub("", bare) or bare
        bare = re.sub(r"(?:Form)?Control$", "", bare) or bare
        parts = [p for p in re.split(r"[.\[\]/:|]+", bare) if p and not p.isdigit()]
        if parts and not MACHINE.match(parts[-1]) and re.search(r"[^\W\d_]{1,}", parts[-1]):
            return [re.sub(r"[\s-]+", "_", p) for p in parts]
    return []


def _by_label(control: Control) -> str:
    for text in (control.label, control.heading, control.placeholder):
        found = snake(
            re.sub(
                r"\(.*?\)|\b(?:please|enter|your|the|type|select|choose|here|a|an|field|for|eg|e\.g)\b",
                " ",
                text,
                flags=re.IGNORECASE,
            )
        )
        if found:
            return found
    return snake(control.name or control.id) or f"{control.type}_{control.index}"
