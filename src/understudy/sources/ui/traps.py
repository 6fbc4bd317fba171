"""Controls that no person fills in: traps for robots, and riddles that tell persons from robots."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

TRAP_WORDS = re.compile(
    r"(?:^|[^a-z])(?:honey-?_?pots?|honey|hpot|gotcha|anti-?_?spam|antispam|no-?_?spam|bot-?_?(?:check|field|trap|catcher)|"
    r"spam-?_?(?:trap|check|field)|nobots?|nonce|fax_only|are_?you_?human)(?:$|[^a-z])",
    re.IGNORECASE,
)
TRAP_LABEL = re.compile(
    r"(?:leave|keep|lass\w*|laisse[rz]?|deja[rd]?)\b.{0,30}\b(?:blank|empty|leer|frei|vide|vac[ií]o)|(?:do not"
    r"|don.t) (?:fill|enter|change|use)|"
    r"(?:if you are|you.re) (?:a )?(?:human|not a bot)|bots? only|should be left",
    re.IGNORECASE,
)
CAPTCHA = re.compile(r"captcha|turnstile|altcha|friendlychallenge", re.IGNORECASE)
TEXTUAL = frozenset({"text", "email", "url", "tel", "search", "number", "textarea", "checkbox"})


def trap(attributes: Mapping[str, str], kind: str, unseen: str, labels: Sequence[str]) -> str:
    """Why no person fills in a control; "" where one does."""
    words = " ".join(attributes.get(k, "") for k in ("name", "id", "class"))
    if kind != "hidden" and CAPTCHA.search(words):
        return "a riddle against robots"
    if kind not in TEXTUAL:
        return ""
    if TRAP_WORDS.search(re.sub(r"(?<=[a-z])(?=[A-Z])", "_", words)):
        return "named as a trap for robots"
    if any(TRAP_LABEL.search(label) for label in labels):
        return "its label asks to leave it empty"
    hidden = unseen in ("style", "aria-hidden", "hidden")
    if hidden and attributes.get("tabindex") == "-1" and "required" not in attributes:
        return "hidden from persons and skipped by the keyboard"
    return ""
