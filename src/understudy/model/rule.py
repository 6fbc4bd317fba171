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
    """Holds unless it is false (null passes, as in a SQL CHECK). ``text``: the original words, in
    ``dialect``; ``columns``: the fields it reads, as far as the source says. ``predicate``: the tree, where
    the source gave one instead of words; else ``rules`` makes it of the text when it is needed.
    ``domain``: the user-defined domain whose own DDL carries the check, if it is one of a domain's."""

    name: str
    text: str
    columns: tuple[str, ...] = ()
    dialect: str = ""
    scope: RuleScope = RuleScope.ROW
    predicate: Node | None = None
    enforced: bool = True
    domain: str = ""
