"""The registry's functions of text, documents and codes, on one row's values."""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from understudy.model import checking
from understudy.rules import texts
from understudy.rules.translation import to_python
from understudy.types.encoding import encodable

Values = list[Any]
_WORD = re.compile(r"[^\W_]+")


@lru_cache(maxsize=2048)
def _matcher(pattern: str, flags: int) -> re.Pattern[str]:
    return re.compile(to_python(pattern), flags)


def found(pattern: str, text: str, *, fold: bool = False) -> bool:
    """Whether the regular expression is found anywhere in ``text``."""
    return _matcher(pattern, re.IGNORECASE if fold else 0).search(text) is not None


def _trimmer(side: str) -> Callable[[Values], str]:
    def trim(v: Values) -> str:
        return str(getattr(v[0], side)(v[1] if len(v) > 1 else " "))

    return trim


def _substring(v: Values) -> str:
    text, start = v[0], int(v[1])
    end = len(text) + 1 if len(v) < 3 else start + max(int(v[2]), 0)
    return str(text[max(start, 1) - 1 : max(end, 1) - 1])


def _left(v: Values) -> str:
    return str(v[0][: int(v[1])])


def _right(v: Values) -> str:
    text, n = v[0], int(v[1])
    return str(text[-n:] if n > 0 else text[-n:] if n < 0 else "")


def _lpad(v: Values) -> str:
    text, width, fill = v[0], max(int(v[1]), 0), v[2] if len(v) > 2 else " "
    if len(text) >= width or not fill:
        return str(text[:width])
    missing = width - len(text)
    return str((fill * missing)[:missing] + text)


def _written(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _octets(value: str | bytes) -> int:
    return len(value.encode() if isinstance(value, str) else value)


def _parsed(text: str) -> Any:
    def refuse(word: str) -> Any:
        raise ValueError(word)

    return json.loads(text, parse_constant=refuse)


def _json_valid(v: Values) -> bool:
    try:
        _parsed(v[0])
    except ValueError:
        return False
    return True


def _json_typeof(v: Values) -> str | None:
    try:
        value = _parsed(v[0])
    except ValueError:
        return None
    match value:
        case None:
            return "null"
        case bool():
            return "boolean"
        case int() | float():
            return "number"
        case str():
            return "string"
        case list():
            return "array"
        case _:
            return "object"


def _ascii(text: str) -> str:
    return unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()


def _luhn(v: Values) -> str:
    digits = [int(c) for c in reversed(v[0])]
    total = sum(d if i % 2 else sum(divmod(2 * d, 10)) for i, d in enumerate(digits))
    return f"{v[0]}{-total % 10}"


def _mod97(v: Values) -> str:
    digits = "".join(str(int(c, 36)) for c in v[0]) + "00"
    return f"{98 - int(digits) % 97:02d}"


def _ean(v: Values) -> str:
    total = sum(int(c) * (3 if i % 2 == 0 else 1) for i, c in enumerate(reversed(v[0])))
    return f"{v[0]}{-total % 10}"


FUNCTIONS: dict[str, Callable[[Values], Any]] = {
    "length": lambda v: len(v[0]),
    "octet_length": lambda v: _octets(v[0]),
    "lower": lambda v: v[0].lower(),
    "upper": lambda v: v[0].upper(),
    "trim": _trimmer("strip"),
    "ltrim": _trimmer("lstrip"),
    "rtrim": _trimmer("rstrip"),
    "concat": lambda v: "".join(map(_written, v)),
    "substring": _substring,
    "left": _left,
    "right": _right,
    "position": lambda v: v[1].find(v[0]) + 1,
    "replace": lambda v: v[0].replace(v[1], v[2]) if v[1] else v[0],
    "reverse": lambda v: v[0][::-1],
    "repeat": lambda v: v[0] * max(int(v[1]), 0),
    "lpad": _lpad,
    "starts_with": lambda v: v[0].startswith(v[1]),
    "like": lambda v: found(texts.like_to_regex(v[1]), v[0]),
    "ilike": lambda v: found(texts.like_to_regex(v[1]), v[0], fold=True),
    "glob": lambda v: found(texts.glob_to_regex(v[1]), v[0]),
    "regex": lambda v: found(v[1], v[0]),
    "iregex": lambda v: found(v[1], v[0], fold=True),
    "initials": lambda v: "".join(word[0] for word in v[0].split()),
    "slug": lambda v: re.sub(r"[^a-z0-9]+", "-", _ascii(v[0]).lower()).strip("-"),
    "ascii": lambda v: _ascii(v[0]),
    "encodable": lambda v: encodable(v[0], v[1]),
    "initcap": lambda v: _WORD.sub(lambda m: m[0][:1].upper() + m[0][1:].lower(), v[0]),
    "regex_replace": lambda v: _matcher(v[1], 0).sub(v[2], v[0]),
    "capitalize": lambda v: v[0][:1].upper() + v[0][1:],
    "json_valid": _json_valid,
    "json_typeof": _json_typeof,
    "luhn": _luhn,
    "mod97": _mod97,
    "ean": _ean,
    "check": lambda v: checking.check(v[0], v[1]),
    "md5": lambda v: hashlib.md5(v[0].encode(), usedforsecurity=False).hexdigest(),
    "sha256": lambda v: hashlib.sha256(v[0].encode()).hexdigest(),
}
