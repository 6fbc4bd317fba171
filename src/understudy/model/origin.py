"""Where a claim comes from: the source and the place inside it."""

from __future__ import annotations

from enum import StrEnum

import msgspec


class SourceKind(StrEnum):
    """Kinds of sources; the weights of ``fusion`` go by them."""

    DATABASE = "database"
    FILE = "file"
    API = "api"
    UI = "ui"
    CASE = "test_case"
    PACK = "domain_pack"
    FLOW = "scenario"
    LLM = "llm"
    PERSON = "person"
    REHEARSAL = "rehearsal"


class Origin(msgspec.Struct, frozen=True, omit_defaults=True):
    """``source`` is a name without secrets (URL without password, file name); ``place`` points
    into it: ``line 12``, a JSON pointer, ``public.orders.total``."""

    kind: SourceKind
    source: str
    place: str = ""
