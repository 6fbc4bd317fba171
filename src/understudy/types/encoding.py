"""Character sets that do not hold every character, and texts as such a column can hold them."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

CODECS = {
    "latin1": "cp1252", "latin2": "iso8859_2", "latin5": "iso8859_9", "latin7": "iso8859_13", "ascii": "ascii",
    "us7ascii": "ascii", "cp1250": "cp1250", "cp1251": "cp1251", "cp1256": "cp1256", "cp1257": "cp1257",
    "cp850": "cp850", "cp852": "cp852", "cp866": "cp866", "greek": "iso8859_7", "hebrew": "iso8859_8",
    "koi8r": "koi8_r", "koi8u": "koi8_u", "macroman": "mac_roman", "macce": "mac_latin2", "tis620": "iso8859_11",
    "sjis": "shift_jis", "cp932": "cp932", "ujis": "euc_jp", "eucjpms": "euc_jp", "euckr": "euc_kr", "gbk": "gbk",
    "gb2312": "gb2312", "big5": "big5", "latin3": "iso8859_3", "latin4": "iso8859_4", "latin6": "iso8859_10",
    "latin8": "iso8859_14", "latin9": "iso8859_15", "latin10": "iso8859_16", "win1250": "cp1250", "win1251": "cp1251",
    "win1252": "cp1252", "win1253": "cp1253", "win1254": "cp1254", "win1257": "cp1257", "iso_8859_5": "iso8859_5",
}  # fmt: skip
"""MySQL's and PostgreSQL's names of limited character sets, and Python's."""

PLAIN = str.maketrans({
    "ł": "l", "Ł": "L", "ø": "o", "Ø": "O", "đ": "d", "Đ": "D", "ı": "i", "ß": "ss", "æ": "ae", "Æ": "AE", "œ": "oe",
    "Œ": "OE", "þ": "th", "Þ": "Th", "ð": "d", "–": "-", "—": "-", "’": "'", "‘": "'", "“": '"', "”": '"', "…": "...",
})  # fmt: skip
"""Characters that do not come apart into a letter and its mark."""


def holds(text: str, charset: str) -> bool:
    """Whether a text can be kept in the character set as it is."""
    try:
        text.encode(CODECS[charset])
    except UnicodeEncodeError:
        return False
    return True


@lru_cache(maxsize=65_536)
def encodable(text: str, charset: str) -> str:
    """The text with the characters that the set lacks written without their marks, or as ``?``."""
    if text.isascii() or holds(text, charset):
        return text
    return "".join(c if holds(c, charset) else _plainer(c, charset) for c in text)


def _plainer(character: str, charset: str) -> str:
    base = "".join(c for c in unicodedata.normalize("NFKD", character.translate(PLAIN)) if not unicodedata.combining(c))
    return base if base and holds(base, charset) else "?"
