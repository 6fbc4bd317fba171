"""Reading a page that a test writes."""

from __future__ import annotations

import json
from typing import Any

from understudy.model.evidence import Claim, FacetKind
from understudy.sources.ui.claims import Reading, claims_of, members_of
from understudy.sources.ui.markup import page_of
from understudy.sources.ui.nouns import Control, Member, Page


def page(text: str, name: str = "page.html") -> Page:
    return page_of(text, name)


def controls(text: str, name: str = "page.html") -> list[Control]:
    return [c for f in page(text, name).forms for c in f.controls]


def label(text: str) -> str:
    """The label of the last control."""
    return controls(text)[-1].label


def members(text: str, name: str = "page.html") -> dict[str, Member]:
    shown = page(text, name)
    return {m.key: m for f in shown.forms for m in members_of(shown, f)[1]}


def entity(text: str, name: str = "page.html") -> str:
    shown = page(text, name)
    return members_of(shown, shown.forms[0])[0].entity


def reading(text: str, name: str = "page.html") -> Reading:
    return claims_of(page(text, name))


def claims(text: str, facet: FacetKind, field: str, name: str = "page.html") -> list[Claim]:
    return [c for c in reading(text, name).claims if c.facet is facet and c.field == field]


def document(text: str, name: str = "page.html") -> Any:
    """The JSON Schema of the only form."""
    (face,) = reading(text, name).faces
    return json.loads(face.document)


def property_of(control: str) -> Any:
    """The schema of a form's only control."""
    (schema,) = document(f"<form id=f>{control}</form>")["properties"].values()
    return {k: v for k, v in schema.items() if not k.startswith("x-") and k not in ("title", "description")}
