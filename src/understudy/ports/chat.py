"""What every language model behind Understudy can do: answer one question."""

from __future__ import annotations

from typing import Protocol

import msgspec


class Question(msgspec.Struct, frozen=True, omit_defaults=True):
    """``system``: who answers and how; ``text``: what is asked; ``schema``: the JSON Schema of the answer as JSON text,
    empty for prose; ``most_tokens``: of the answer."""

    system: str
    text: str
    schema: str = ""
    most_tokens: int = 4096
    temperature: float = 0.0


class Answer(msgspec.Struct, frozen=True, omit_defaults=True):
    """``content`` as the model wrote it; tokens in and out as its server counted them; ``stop``: why it ended."""

    content: str
    model: str
    tokens_in: int = 0
    tokens_out: int = 0
    stop: str = ""
    cached: bool = False


class Chat(Protocol):
    """A model at one address. ``name``: for people (``anthropic claude-…``); ``model``; ``host``: where it listens."""

    name: str
    model: str
    host: str

    def ask(self, question: Question) -> Answer:
        """One answer, or :class:`understudy.llm.errors.TroubleError` that says whether asking again may help."""
