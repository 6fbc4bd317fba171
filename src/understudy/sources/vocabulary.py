"""Sets of words written as one text, so that a long one stays readable."""

from __future__ import annotations


def words(text: str) -> frozenset[str]:
    """The words of a text.

    >>> sorted(words("save  send"))
    ['save', 'send']
    """
    return frozenset(text.split())
