"""The desk where models are asked: patiently, within a budget, nothing twice, and every answer checked.

An answer of a form is read tolerantly (fences, a trailing comma, one thing for a list), then checked; what does not
hold is sent back with the faults, at most twice.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

import msgspec

from understudy.errors import ConnectionFailedError, RequestError, SettingsError
from understudy.llm.answers import read
from understudy.llm.errors import TroubleError
from understudy.ports.chat import Answer, Chat, Question

T = TypeVar("T", bound=msgspec.Struct)

WAITS_S = (2.0, 4.0, 8.0, 16.0)
"""Between attempts, each by a fifth more or less, lest many ask again at once."""
LONGEST_WAIT_S = 60.0
"""A server that asks for more is taken for one that does not answer."""
JITTER = 0.2
REPAIRS = 2
LETTER_TOKENS = 3.5
"""Letters of English and JSON that make a token, for the estimate before asking."""


class Spent(msgspec.Struct):
    """What was used so far."""

    questions: int = 0
    answered_from_cache: int = 0
    tokens_in: int = 0
    tokens_out: int = 0
    repairs: int = 0
    retries: int = 0

    @property
    def tokens(self) -> int:
        """In and out."""
        return self.tokens_in + self.tokens_out


class Desk:
    """Asks ``chats`` in order: the next where one does not answer. ``budget``: tokens in all; ``attempts`` of each;
    ``shelf``: folder of answers kept by content, None to keep none; ``sleep``: how to wait."""

    def __init__(
        self,
        chats: Sequence[Chat],
        *,
        budget: int,
        attempts: int = 4,
        shelf: Path | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        if not chats:
            raise SettingsError("no language model is set", mend="Set llm.provider (UNDERSTUDY_LLM_PROVIDER).")
        self.chats, self.budget, self.attempts = tuple(chats), budget, attempts
        self.shelf, self.sleep = shelf, sleep
        self.spent = Spent()
        self.told: list[str] = []

    def ask(self, question: Question) -> Answer:
        """An answer from the cache, else from the first model that gives one.

        SettingsError where a key is refused, RequestError where the budget does not reach, ConnectionFailedError where
        no model answers."""
        reasons = []
        for chat in self.chats:
            kept = self._kept(chat, question)
            if kept is not None:
                self.spent.answered_from_cache += 1
                return kept
            try:
                return self._asked(chat, question)
            except TroubleError as trouble:
                if trouble.key and chat is self.chats[-1]:
                    mend = "Correct the key; it is read from the environment."
                    raise SettingsError(trouble.what, where=chat.name, mend=mend) from trouble
                reasons.append(f"{chat.name}: {trouble.what}")
                self.told.append(reasons[-1])
        raise ConnectionFailedError("; ".join(reasons), mend="Try again later, or name another provider.")

    def ask_for(
        self, question: Question, kind: type[T], check: Callable[[T], Sequence[str]]
    ) -> tuple[T | None, list[str]]:
        """An answer of a form, checked; sent back with its faults at most twice. What is left comes with the faults
        that were not mended; None where it could not even be read."""
        form = msgspec.json.encode(msgspec.json.schema(kind)).decode()
        asked = msgspec.structs.replace(question, schema=_flat(form))
        best: T | None = None
        faults: list[str] = []
        for repair in range(REPAIRS + 1):
            answer = self.ask(asked)
            found, unread = read(answer.content, kind)
            faults = [unread] if found is None else list(check(found))
            best = found if found is not None else best
            if not faults:
                return found, []
            if repair < REPAIRS:
                self.spent.repairs += 1
                asked = msgspec.structs.replace(asked, text=_again(question.text, answer.content, faults))
        return best, faults

    # ---- one model ----------------------------------------------------------------------------------
    def _asked(self, chat: Chat, question: Question) -> Answer:
        estimate = int(len(question.system + question.text + question.schema) / LETTER_TOKENS)
        if self.spent.tokens + estimate > self.budget:
            mend = "Raise llm.budget, or ask about fewer tables."
            raise RequestError(f"the budget of {self.budget:,} tokens is used up", where=chat.name, mend=mend)
        for attempt in range(self.attempts):
            try:
                self.spent.questions += 1
                answer = chat.ask(question)
            except TroubleError as trouble:
                pause = self._pause(question, attempt, trouble)
                if not trouble.again or attempt == self.attempts - 1 or pause > LONGEST_WAIT_S:
                    raise
                self.spent.retries += 1
                self.sleep(pause)
                continue
            self.spent.tokens_in += answer.tokens_in
            self.spent.tokens_out += answer.tokens_out
            self._keep(chat, question, answer)
            return answer
        raise TroubleError("no attempts are permitted", again=False)

    @staticmethod
    def _pause(question: Question, attempt: int, trouble: TroubleError) -> float:
        """2, 4, 8, 16 s with a jitter that follows from the question; longer where the server asks for it."""
        base = WAITS_S[min(attempt, len(WAITS_S) - 1)]
        digest = hashlib.blake2b(f"{attempt}\0{question.text}".encode(), digest_size=8).digest()
        share = int.from_bytes(digest, "big") / 2**64
        pause = base * (1.0 - JITTER + 2.0 * JITTER * share)
        return max(pause, trouble.wait) if trouble.wait is not None else pause

    # ---- answers kept -------------------------------------------------------------------------------
    def _place(self, chat: Chat, question: Question) -> Path | None:
        if self.shelf is None:
            return None
        key = msgspec.json.encode([chat.name, chat.host, question])
        return self.shelf / f"{hashlib.blake2b(key, digest_size=20).hexdigest()}.json"

    def _kept(self, chat: Chat, question: Question) -> Answer | None:
        place = self._place(chat, question)
        if place is None or not place.is_file():
            return None
        with suppress(OSError, msgspec.MsgspecError):
            kept = msgspec.json.decode(place.read_bytes(), type=Answer)
            return msgspec.structs.replace(kept, cached=True)
        return None

    def _keep(self, chat: Chat, question: Question, answer: Answer) -> None:
        place = self._place(chat, question)
        if place is not None:
            with suppress(OSError):
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_bytes(msgspec.json.encode(answer))


def _flat(form: str) -> str:
    """A schema without a reference at its root: providers want an object there."""
    schema = msgspec.json.decode(form)
    reference = schema.get("$ref", "")
    if reference.startswith("#/$defs/"):
        schema = {**schema["$defs"][reference.rsplit("/", 1)[-1]], "$defs": schema["$defs"]}
    return msgspec.json.encode(schema).decode()


MOST_SHOWN = 2000


def _again(text: str, answer: str, faults: Sequence[str]) -> str:
    listed = "\n".join(f"- {f}" for f in faults[:20])
    return (
        f"{text}\n\nYour last answer was:\n{answer[:MOST_SHOWN]}\n\nIt cannot be used:\n{listed}\nAnswer again, mended."
    )
