"""``check(text, scheme)`` for one text, by the letter of each standard."""

from __future__ import annotations

from understudy.model.checks import SCHEMES, Step

_PERMUTED = (
    "0123456789",
    "1576283094",
    "5803796142",
    "8916043527",
    "9453126870",
    "4286573901",
    "2793806415",
    "7046913258",
)
_PRODUCT = (
    "0123456789", "1234067895", "2340178956", "3401289567",
    "4012395678", "5987604321", "6598710432", "7659821043", "8765932104", "9876543210",
)  # fmt: skip


def check(text: str, scheme: str) -> str:
    """The text with its check digits; KeyError for an unknown scheme."""
    if scheme == "steuer_id":
        product = 10
        for c in text:
            product = ((int(c) + product) % 10 or 10) * 2 % 11
        return f"{text}{(11 - product) % 10}"
    if scheme == "verhoeff":
        for candidate in "0123456789":
            product = 0
            for i, digit in enumerate(reversed(text + candidate)):
                product = int(_PRODUCT[product][int(_PERMUTED[i % 8][int(digit)])])
            if product == 0:
                return text + candidate
    if scheme == "isin":
        digits = "".join(str(int(c, 36)) for c in text)
        total = sum(int(d) if i % 2 else sum(divmod(2 * int(d), 10)) for i, d in enumerate(reversed(digits)))
        return f"{text}{-total % 10}"
    for step in SCHEMES[scheme]:
        symbol = _symbol(text, step)
        if symbol == "?":
            text = text[:-1] + str((int(text[-1]) + 1) % 10)
            symbol = _symbol(text, step)
        place = len(text) if step.place is None else step.place
        text = text[:place] + symbol + text[place:]
    return text


def _symbol(text: str, step: Step) -> str:
    pairs = zip(text, step.weights, strict=True)
    total = sum(w * step.values[i % len(step.values)].get(c, 0) for i, (c, w) in enumerate(pairs))
    return step.symbols[total % len(step.symbols)]
