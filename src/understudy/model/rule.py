"""Rules: predicates over fields, with the words they were made from."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from understudy.model.expression import Node


class RuleScope(StrEnum):
    """What a rule speaks of."""

    ROW = "row"
    JOINED = "joined"
    SET = "set"


class Rule(msgspec.Struct, frozen=True, omit_defaults=True):
    """``predicate`` holds unless it is false (null passes, as in a SQL CHECK). ``text``: the original
    words, in ``dialect``; ``columns``: the fields it reads; ``understood``: no Opaque inside."""

    name: str
    text: str
    predicate: Node
    columns: tuple[str, ...] = ()
    dialect: str = ""
    scope: RuleScope = RuleScope.ROW
    understood: bool = True
