"""Language models, asked about what the other sources leave open; only where one is set, and never in secret."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from understudy.model.evidence import Evidence, FacetKind, Samples
from understudy.model.origin import SourceKind
from understudy.model.schema import Schema

if TYPE_CHECKING:
    from understudy.llm import Desk
    from understudy.workflow.reading import Reading
    from understudy.workflow.settings import Settings


def consulted(schema: Schema, evidence: Sequence[Evidence], reading: Reading) -> Evidence | None:
    """What the models that are set say about the gaps of a schema; None where none is set, or nothing is open."""
    held = _held(reading)
    if held.text("llm.provider") == "none":
        return None
    from understudy.sources.llm import gaps, read

    if not gaps(schema):
        return None
    seen = _seen(evidence) if held["privacy.allow_llm_data"] else {}
    return read(schema, desk(held), seen)


def desk(held: Settings) -> Desk:
    """A desk as the settings say; keys come from the environment. SettingsError where something is missing."""
    from understudy.llm import Access, Desk, open_chat
    from understudy.llm.providers import KEYS

    chats = []
    for provider in held.text("llm.provider").split(","):
        access = Access(
            provider,
            held.text("llm.model"),
            held.text("llm.base_url") or os.environ.get("AZURE_OPENAI_ENDPOINT", "") * (provider == "azure"),
            os.environ.get("UNDERSTUDY_LLM_API_KEY") or os.environ.get(KEYS.get(provider, ""), ""),
            held.text("llm.deployment"),
            held.text("llm.api_version"),
            float(held.number("llm.timeout_s")),
        )
        chats.append(open_chat(access, local_only=bool(held["privacy.local_only"])))
    shelf = _shelf() if held["llm.cache"] else None
    return Desk(chats, budget=held.number("llm.budget"), attempts=held.number("llm.max_attempts"), shelf=shelf)


def _held(reading: Reading) -> Settings:
    from understudy.workflow.settings import settings

    return settings(
        {
            "llm.provider": reading.llm,
            "privacy.local_only": reading.local_only,
            "privacy.allow_llm_data": reading.allow_llm_data,
        }
    )


def _shelf() -> Path:
    from understudy.storage.evidence import folder

    return folder().parent / "answers"


def _seen(evidence: Sequence[Evidence]) -> dict[tuple[str, str], Sequence[object]]:
    """Values of the user's own data, by the names under which they were seen."""
    found: dict[tuple[str, str], Sequence[object]] = {}
    for part in evidence:
        for claim in part.claims:
            real = claim.origin.kind in (SourceKind.FILE, SourceKind.DATABASE)
            if real and claim.facet is FacetKind.SAMPLE and isinstance(claim.value, Samples):
                found[claim.entity, claim.field] = claim.value.values
    return found
