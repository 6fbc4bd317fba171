"""How tests find a control, and what that says about the field behind it.

``#email``, ``[name=email]``, ``//input[@id='email']``, a label, a placeholder, a test id: each names a field more
or less surely. What says nothing (``.btn``, ``div > span``) gives nothing.
"""

from __future__ import annotations

import re

import msgspec

from understudy.sources.about import snake, words_of
from understudy.sources.vocabulary import words


class Locator(msgspec.Struct, frozen=True):
    """``kind``: css, xpath, id, name, label, placeholder, role, text, test, link, title. ``text``: as the test has it;
    ``variable``: the name that a page object gives it."""

    kind: str
    text: str
    variable: str = ""

    @property
    def shown(self) -> str:
        """As one would write it."""
        return self.text if self.kind == "css" else f"{self.kind}={self.text}"


class FieldName(msgspec.Struct, frozen=True):
    """``prefix``: words before the field's own in a test id (``signup-email``): the entity's, perhaps."""

    name: str
    certainty: float
    prefix: str = ""


ATTRIBUTE = re.compile(
    r"\[\s*@?(?P<name>name|id|formcontrolname|ng-model|aria-label|placeholder|data-[\w-]+|for|title|autocomplete|type)\s*[*^$~|]?=\s*"
    r"(?:\\?\"(?P<double>[^\"]*?)\\?\"|'(?P<single>[^']*)'|(?P<bare>[^\]\s'\"]+))\s*[is]?\s*\]",
    re.IGNORECASE,
)
CONTAINS = re.compile(
    r"contains\(\s*@(name|id|placeholder|aria-label|data-[\w-]+)\s*,\s*['\"]([^'\"]+)['\"]", re.IGNORECASE
)
XPATH_LABEL = re.compile(r"label\[[^\]]*(?:text\(\)|\.)\s*(?:=|,)\s*['\"]([^'\"]+)['\"]", re.IGNORECASE)
IDENT = re.compile(r"#([A-Za-z_][\w-]*)(?![\w-]*\s*[>+~ ]\s*\w)")
TEST_IDS = re.compile(
    r"^data-(?:id|name|field|test|testid|test-id|cy|qa|e2e|automation|automation-id|selenium|hook|pw)$", re.IGNORECASE
)
SURE = {
    "name": 0.95,
    "formcontrolname": 0.95,
    "ng-model": 0.9,
    "label": 0.85,
    "id": 0.85,
    "for": 0.85,
    "aria-label": 0.8,
    "placeholder": 0.75,
    "test": 0.75,
    "title": 0.6,
    "autocomplete": 0.8,
}
PARTS = words(
    "input field textbox textfield text area textarea box select dropdown checkbox radio btn button link elem"
    "ent el locator control "
    "selector option toggle switch the your enter please type choose wrapper container form icon list item it"
    "ems row cell"
)
"""Words of locators' and variables' names that say what kind of control it is, not what is in it."""
NO_FIELD = re.compile(
    r"(?:^|[_\W])(?:btn|button|submit|icon|nav|modal|dialog|alert|error|toast|close|cancel)(?:$|[_\W])",
    re.IGNORECASE,
)
SINGLE_TYPES = {
    "email": "email",
    "password": "password",
    "tel": "phone",
    "search": "search",
    "file": "file",
    "date": "date",
    "url": "url",
}
LONGEST = 60


def field_of(locator: Locator) -> FieldName | None:
    """The field that a locator leads to; None where it does not say."""
    for name, certainty, kind in _candidates(locator):
        found = _named(name, certainty, kind)
        if found is not None:
            return found
    return None


def _candidates(locator: Locator) -> list[tuple[str, float, str]]:
    """Texts that may name the field, how surely, and what kind of name each is: code, ident or words."""
    text = locator.text
    variable = [(locator.variable, 0.65, "ident")] if locator.variable else []
    match locator.kind:
        case "name":
            return [(text, SURE["name"], "code"), *variable]
        case "id":
            return [(text, SURE["id"], "ident"), *variable]
        case "label" | "placeholder" | "title":
            return [(text, SURE[locator.kind], "words"), *variable]
        case "test":
            return [(text, SURE["test"], "ident"), *variable]
        case "role":
            return [(text, SURE["label"], "words"), *variable]
        case "css" | "xpath":
            return [*_attributes(text), *variable]
        case _:
            return variable


def _attributes(text: str) -> list[tuple[str, float, str]]:
    found: list[tuple[str, float, str]] = []
    kind = ""
    for m in ATTRIBUTE.finditer(text):
        name = m["name"].lower()
        value = m["double"] or m["single"] or m["bare"] or ""
        if name == "type":
            kind = SINGLE_TYPES.get(value.lower(), "")
        elif TEST_IDS.match(name):
            found.append((value, SURE["test"], "ident"))
        elif name in SURE:
            said = "code" if name in ("name", "formcontrolname", "ng-model") else "words" if name in SPOKEN else "ident"
            found.append((value, SURE[name], said))
    found += [(m[2], 0.7, "ident") for m in CONTAINS.finditer(text)]
    found += [(m[1], SURE["label"], "words") for m in XPATH_LABEL.finditer(text)]
    found += [(m[1], SURE["id"], "ident") for m in IDENT.finditer(text)]
    found.sort(key=lambda f: -f[1])
    if kind:
        found.append((kind, 0.6, "code"))
    classes = [c for c in CLASS.findall(re.sub(r"\[[^\]]*\]|\([^)]*\)", "", text)) if not LOOKS.match(c)]
    return [*found, *((c, 0.5, "ident") for c in classes[-1:])]


CLASS = re.compile(r"\.([A-Za-z_][\w-]*)(?![\w-]*\s*[>+~ ]\s*\w)")
LOOKS = re.compile(
    r"(?:ant|mui|v|el|q|ng|css|sc|btn|form|select2|chosen|react|ql|ck|mat|p|bs|is|has|js|col|row|text|input|w|d|m)-|[A-Z]\w*-\w+-\d|"
    r"(?:active|visible|focus\w*|primary|inner|content|wrapper|form|editor)$",
    re.IGNORECASE,
)
"""Classes that say how a control looks, or which library made it; others may be all the name it has."""


SPOKEN = frozenset({"aria-label", "placeholder", "title"})
EXAMPLES = (
    (re.compile(r"^\S+@\S+\.\w+$"), "email"),
    (re.compile(r"^(?:https?://|www\.)\S+$"), "url"),
    (re.compile(r"^\+?[\d\s()-]{7,}$"), "phone"),
)
"""Placeholders that show a value instead of a name."""


def _named(text: str, certainty: float, kind: str) -> FieldName | None:
    """A name in code stays as it is; words become one; of an identifier the words that say what control it is go."""
    text = text.strip().strip("*:").strip()
    if kind == "words":
        example = next((name for pattern, name in EXAMPLES if pattern.match(text)), None)
        if example is not None:
            return FieldName(example, certainty)
    if not text or len(text) > LONGEST or "{" in text or NO_FIELD.search(text) or re.fullmatch(r"[\d\W]+", text):
        return None
    inner = [p for p in re.split(r"[.\[\]]+", text) if p and not p.isdigit()]
    if not inner:
        return None
    if kind == "code":
        return FieldName(inner[-1].replace("-", "_"), certainty, snake(inner[-2]) if len(inner) > 1 else "")
    if kind == "words" or re.search(r"\s", text):
        kept = [w for w in words_of(text) if w not in PARTS]
        return FieldName("_".join(kept), certainty) if 0 < len(kept) <= 6 else None
    pieces = [p for p in re.split(r"[-_]+", inner[-1].removeprefix("id_")) if p]
    left = [p for p in pieces if any(w not in PARTS for w in words_of(p))]
    if not left:
        return (
            FieldName(inner[-1].replace("-", "_"), certainty * 0.8)
            if kind == "ident" and len(pieces) == 1 and pieces[0].lower() in NAMES
            else None
        )
    left[-1] = "".join(re.findall(r".+", left[-1])) if len(left) > 1 else _bare(left[-1])
    prefix = snake(inner[-2]) if len(inner) > 1 else left[0] if len(left) > 1 else ""
    return FieldName("_".join(left), certainty, prefix)


NAMES = frozenset({"type", "text", "list", "area", "title", "item", "link", "icon", "form"})
"""Words that may be a field's whole name, though they mostly say what kind of control it is."""


def _bare(word: str) -> str:
    """``emailInput`` → ``email``."""
    said = re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+", word)
    while len(said) > 1 and said[-1].lower() in PARTS:
        said = said[:-1]
    return word if not said or "".join(said).lower() in ("my", "the", "your", "new") else "".join(said)
