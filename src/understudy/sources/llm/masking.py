"""What a value looks like without what it says: letters and digits replaced, signs and lengths kept."""

from __future__ import annotations

MOST_SENT = 60


def masked(value: object) -> str:
    """The form of a value.

    >>> masked("Anna-7 Müller"), masked(20.5)
    ('Aaaa-9 Aaaaaa', '99.9')
    """
    text = str(value)[:MOST_SENT]
    return "".join("9" if c.isdigit() else "A" if c.isupper() else "a" if c.isalpha() else c for c in text)
