"""Fields and entities that belong to the carrying, not to what is carried.

A second password box, a trap for robots, a token against forgery, the page number of a list, the envelope of an
error: readers see them as fields and objects, and none of them is one of the system's data.
"""

from __future__ import annotations

import re
from collections.abc import Collection

from understudy.fusion.lexicon import listed
from understudy.fusion.names import spelt, words

AGAIN = listed("again")
TRAPS = re.compile(
    r"honey_?pot|^hp[_-]|csrf|xsrf|authenticity_?token|^_token$|^__|requestverificationtoken|captcha|nonce|viewstate"
    r"|^_method$|^utf8$|^submit|^btn|^commit$|turnstile|^g-recaptcha",
    re.IGNORECASE,
)
ACTIONS = listed("actions")

ERRORS = listed("errors")
PAGING = listed("paging")


def again(field: str, others: Collection[str]) -> str:
    """The field that this one only repeats (``password_confirmation``, ``email2``), "" where it repeats none."""
    if found := re.fullmatch(r"(.*[A-Za-z_])_?2", field):
        base = found[1].rstrip("_")
        if base in others:
            return base
    own = words(field)
    left = tuple(w for w in own if w not in AGAIN)
    if len(left) == len(own) or not left:
        return ""
    return next((o for o in others if o != field and words(o)[-len(left) :] == left and not AGAIN & set(words(o))), "")


def technical(field: str) -> str:
    """Why a control or member is no field of the system's data, "" where it may be one."""
    name = re.split(r"[./\[\]]+", field.rstrip("]"))[-1] or field
    if TRAPS.search(name):
        return "a trap or token of the page, not data"
    return ""


def action(field: str) -> bool:
    """Whether a control more likely says what to do than what is (``remember me``, ``accept terms``)."""
    found = words(field)
    return bool(found) and (found[0] in ACTIONS or found[-1] in ("submit", "cancel"))


def envelope(entity: str, fields: Collection[str], collections: int = 0) -> str:
    """Why an object only carries others: an error, a page of a list; "" where it may be an entity.

    ``collections``: how many of its fields hold other entities.
    """
    own = words(entity)
    members = [words(f) for f in fields]
    if ERRORS & set(own[-2:]) or (own and own[-1] == "detail" and ERRORS & set(own)):
        return "it tells errors"
    flat = [set(m) for m in members]
    if members and sum(bool(ERRORS & m) for m in flat) and len(members) <= 2:
        return "it tells errors"
    paged = sum(m <= PAGING or spelt(f) <= PAGING for m, f in zip(flat, fields, strict=True))
    if collections and len(members) > 1 and paged >= len(members) - collections and paged:
        return "it carries a page of a list"
    if members and all(m <= PAGING for m in flat) and len(members) >= 2 and paged >= 2:
        return "it counts pages"
    return ""
