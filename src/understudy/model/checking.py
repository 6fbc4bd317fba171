"""``check(text, scheme)`` for one text, by the letter of each standard, and whether a text's own digits hold."""

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


def holds(text: str, scheme: str) -> bool:
    """Whether the check digits of a text (without blanks and dashes) are right; False where it has another form."""
    try:
        match scheme:
            case "luhn":
                return _doubled(text) % 10 == 0
            case "ean":
                digits = [int(c) for c in reversed(text)]
                return (sum(digits[::2]) + 3 * sum(digits[1::2])) % 10 == 0
            case "mod97":
                moved = text[4:] + text[:4] if text[:2].isalpha() else text
                return int("".join(str(int(c, 36)) for c in moved)) % 97 == 1
        for size in (1, 2):
            bare = text[:8] + text[9:] if scheme == "vin" else text[:-size]
            if len(bare) == len(text) - size and _fits(bare, scheme) and check(bare, scheme) == text:
                return True
    except (ValueError, IndexError, KeyError):
        pass
    return False


def _fits(bare: str, scheme: str) -> bool:
    """Whether a text without its check digits is as long as the scheme wants."""
    return scheme not in SCHEMES or len(bare) == len(SCHEMES[scheme][0].weights)


def _doubled(text: str) -> int:
    return sum(int(c) if i % 2 == 0 else sum(divmod(2 * int(c), 10)) for i, c in enumerate(reversed(text)))
