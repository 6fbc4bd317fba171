"""Words behind the expressions of templates: literals, translation keys, message files.

What an expression cannot be resolved to is :data:`UNKNOWN`, one character that no page holds by itself.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from understudy.sources.vocabulary import words

UNKNOWN = "\ufffc"
"""Stands for what a template fills in later."""
LITERAL = re.compile(r"\s*(?:'([^'\\]*)'|\"([^\"\\]*)\"|`([^`$\\]*)`)\s*\Z")
PIPED = re.compile(r"\s*(?:'([^']*)'|\"([^\"]*)\")\s*\|\s*(?:translate|trans|transloco|t|i18n|_|lang)\b")
CALLED = re.compile(
    r"\s*[\w$@.]*?(?:\bt|\$t|\$tc|\btc|\bT|\bTs|gettext|gettext_lazy|ugettext|trans|translate|formatMessage|message|localize|lang|__|\b_|_e|\bget)"
    r"\s*\(?\s*(?:\{\s*id\s*:\s*)?['\"`]([^'\"`$]+)['\"`]"
)
PLAIN_TRANS = re.compile(r"\s*(?:trans|translate|t|i18n|lang)\s+['\"]([^'\"]+)['\"]")
MESSAGE = re.compile(r"\s*#\{\s*([\w.\-]+)[^}]*\}\s*\Z")
SCALAR = re.compile(r"\s*(-?\d+(?:\.\d+)?|true|false|null|undefined)\s*\Z")
KEY = re.compile(r"\A(?:[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+|[a-zA-Z_][\w-]*(?:\.[a-zA-Z_][\w-]*)+)\Z")
PREFIXES = words(
    "label lbl title placeholder mandatory txt text field form button btn input hint page msg message common"
)
"""First words of translation keys that say where the words stand, not what they say."""


def text_of(expression: str, messages: Mapping[str, str]) -> str | None:
    """The words that an expression of a template shows; None where only running it would tell.

    >>> text_of("$t('users.first_name')", {}), text_of("'Sign in'", {}), text_of("user.name", {}) is None
    ('first name', 'Sign in', True)
    """
    if m := LITERAL.match(expression):
        return next(g for g in m.groups() if g is not None)
    if m := PIPED.match(expression):
        return looked_up(m[1] or m[2] or "", messages)
    if m := SCALAR.match(expression):
        return m[1]
    if m := MESSAGE.match(expression) or CALLED.match(expression) or PLAIN_TRANS.match(expression):
        return looked_up(m[1], messages)
    return None


def looked_up(key: str, messages: Mapping[str, str]) -> str:
    """The message of a key, else the key's own last words."""
    found = messages.get(key)
    if found:
        return found.split("|")[0].strip()
    if not KEY.match(key):
        return key
    last = key.rsplit(".", 1)[-1]
    parts = [w.lower() for w in re.split(r"[_\-\s]+|(?<=[a-z0-9])(?=[A-Z])", last) if w]
    while len(parts) > 1 and parts[0] in PREFIXES:
        parts = parts[1:]
    return " ".join(parts)


def spoken(text: str, messages: Mapping[str, str]) -> str:
    """A text as a person sees it: keys looked up, what is unknown left out, blanks joined."""
    clean = " ".join(text.replace(UNKNOWN, " ").split())
    return looked_up(clean, messages) if KEY.match(clean) else clean


# ---- message files ----------------------------------------------------------------------------------
MESSAGE_FOLDERS = re.compile(r"(?:i18n|lang|langs|locale|locales|translations|messages|l10n)", re.IGNORECASE)
ENGLISH = re.compile(r"(?:\A|[._\-/])(?:en|en[-_]\w+|messages|default|base)(?:\.|/|\Z)", re.IGNORECASE)


def messages_below(folder: Path) -> dict[str, str]:
    """All messages of the JSON and .properties files below a folder that hold translations; English ones win."""
    found: dict[str, str] = {}
    for path in sorted(p for p in folder.rglob("*") if p.suffix in (".json", ".properties") and _holds_messages(p)):
        english = ENGLISH.search(path.name) is not None
        for key, value in _messages(path).items():
            if english or key not in found:
                found[key] = value
    return found


def _holds_messages(path: Path) -> bool:
    return any(MESSAGE_FOLDERS.fullmatch(p) for p in path.parent.parts[-2:]) or path.name.startswith("messages")


def _messages(path: Path) -> dict[str, str]:
    import msgspec

    text = path.read_text("utf-8", "replace")
    if path.suffix == ".properties":
        lines = (
            line.partition("=") for line in text.splitlines() if "=" in line and line.lstrip()[:1] not in ("#", "!")
        )
        return {k.strip(): v.strip() for k, _, v in lines}
    try:
        return dict(_flat(msgspec.json.decode(text), ""))
    except msgspec.DecodeError:
        return {}


def _flat(node: object, prefix: str) -> list[tuple[str, str]]:
    if isinstance(node, str):
        return [(prefix, node)]
    if isinstance(node, dict):
        return [x for k, v in node.items() for x in _flat(v, f"{prefix}.{k}" if prefix else str(k))]
    return []
