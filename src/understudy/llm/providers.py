"""Models behind their makers' own client libraries, imported when they are first asked.

The libraries' own retries are switched off: the desk retries, so that there is one law of waiting for all. Keys are
given by whoever opens a chat and stand in no message.
"""

from __future__ import annotations

import importlib
from typing import Any
from urllib.parse import urlsplit

import msgspec

from understudy.errors import SettingsError
from understudy.llm.errors import TroubleError
from understudy.ports.chat import Answer, Chat, Question

MODELS = {"anthropic": "claude-sonnet-4-5", "openai": "gpt-5-mini"}
"""A current model of each maker, where nobody names one."""
HOSTS = {"anthropic": "https://api.anthropic.com", "openai": "https://api.openai.com/v1"}
PROVIDERS = ("anthropic", "openai", "azure", "compatible")
KEYS = {"anthropic": "ANTHROPIC_API_KEY", "openai": "OPENAI_API_KEY", "azure": "AZURE_OPENAI_API_KEY"}
UNREADABLE = "the answer is not what the protocol says"
LOCAL = frozenset({"localhost", "127.0.0.1", "::1"})
LATER = frozenset({408, 409, 425, 429, 500, 502, 503, 504, 522, 529})
"""Status codes after which the same question may be answered."""


class Access(msgspec.Struct, frozen=True):
    """How a provider is reached. ``deployment``, ``api_version``: Azure's. ``key`` is never shown."""

    provider: str
    model: str = ""
    base_url: str = ""
    key: str = ""
    deployment: str = ""
    api_version: str = "2024-10-21"
    timeout_s: float = 60.0

    def __repr__(self) -> str:
        return f"Access({self.provider!r}, model={self.model!r}, base_url={self.base_url!r})"


def open_chat(access: Access, *, local_only: bool = False) -> Chat:
    """A chat with a provider. SettingsError where something is missing, or where only local models may be asked."""
    if access.provider not in PROVIDERS:
        raise SettingsError(f"there is no provider {access.provider!r}", mend=f"One of {', '.join(PROVIDERS)}.")
    url = access.base_url or HOSTS.get(access.provider, "")
    if not url:
        what = f"llm.base_url is needed for {access.provider}"
        raise SettingsError(what, mend="Set llm.base_url (UNDERSTUDY_LLM_BASE_URL) to the server's address.")
    host = urlsplit(url).hostname or ""
    if local_only and host not in LOCAL:
        what = f"--local-only forbids to ask {access.provider} at {host}"
        raise SettingsError(what, mend="Leave it out, or point llm.base_url at a model on this machine.")
    if not access.key and access.provider != "compatible":
        variable = KEYS[access.provider]
        raise SettingsError(f"no key for {access.provider}", mend=f"Put it into the environment as {variable}.")
    model = access.model or access.deployment or MODELS.get(access.provider, "")
    if not model:
        raise SettingsError(f"llm.model is needed for {access.provider}", mend="Name the model, or the deployment.")
    kind = _Anthropic if access.provider == "anthropic" else _OpenAI
    return kind(access, model, url, host)


def _library(name: str) -> Any:
    try:
        return importlib.import_module(name)
    except ImportError as e:
        what = f"the client library {name} is not installed"
        raise SettingsError(what, mend='Install it: pip install "understudy[llm]".') from e


class _Anthropic:
    def __init__(self, access: Access, model: str, url: str, host: str) -> None:
        self.name, self.model, self.host = f"anthropic {model}", model, host
        self._library = _library("anthropic")
        self._client = self._library.Anthropic(
            api_key=access.key, base_url=url, timeout=access.timeout_s, max_retries=0
        )

    def ask(self, question: Question) -> Answer:
        """One answer; where a form is asked for, by way of a tool that takes it."""
        asked: dict[str, Any] = {
            "model": self.model,
            "max_tokens": question.most_tokens,
            "system": question.system,
            "messages": [{"role": "user", "content": question.text}],
        }
        if question.temperature:  # not every model takes one
            asked["extra_body"] = {"temperature": question.temperature}
        if question.schema:
            form = msgspec.json.decode(question.schema)
            asked["tools"] = [{"name": "answer", "description": "Give the answer.", "input_schema": form}]
            asked["tool_choice"] = {"type": "tool", "name": "answer"}
        try:
            said = self._client.messages.create(**asked)
        except self._library.APIError as e:
            raise _trouble(e, self._library) from e
        except (ValueError, AttributeError, TypeError) as e:
            raise TroubleError(UNREADABLE, again=True) from e
        blocks = getattr(said, "content", None)
        if not isinstance(blocks, list):
            raise TroubleError(UNREADABLE, again=True)
        usage = said.usage
        return Answer(
            "".join(_part(block) for block in blocks),
            str(said.model),
            getattr(usage, "input_tokens", 0) or 0,
            getattr(usage, "output_tokens", 0) or 0,
            str(said.stop_reason or ""),
        )


def _part(block: Any) -> str:
    if block.type == "tool_use":
        return msgspec.json.encode(block.input).decode()
    return str(getattr(block, "text", ""))


class _OpenAI:
    """OpenAI, Azure OpenAI, and every server that speaks OpenAI's protocol (vLLM and others)."""

    def __init__(self, access: Access, model: str, url: str, host: str) -> None:
        self.name, self.model, self.host = f"{access.provider} {model}", model, host
        self._library = _library("openai")
        common = {"api_key": access.key or "none", "timeout": access.timeout_s, "max_retries": 0}
        if access.provider == "azure":
            self._client = self._library.AzureOpenAI(
                azure_endpoint=url,
                api_version=access.api_version,
                azure_deployment=access.deployment or model,
                **common,
            )
        else:
            self._client = self._library.OpenAI(base_url=url, **common)

    def ask(self, question: Question) -> Answer:
        """One answer; where a form is asked for, as JSON of that schema."""
        asked: dict[str, Any] = {
            "model": self.model,
            "messages": [
                {"role": "system", "content": question.system},
                {"role": "user", "content": question.text},
            ],
            "max_tokens": question.most_tokens,
            "temperature": question.temperature,
        }
        if question.schema:
            form = {"name": "answer", "schema": msgspec.json.decode(question.schema)}
            asked["response_format"] = {"type": "json_schema", "json_schema": form}
        try:
            said = self._client.chat.completions.create(**asked)
        except self._library.APIError as e:
            raise _trouble(e, self._library) from e
        except (ValueError, AttributeError, TypeError) as e:
            raise TroubleError(UNREADABLE, again=True) from e
        if not getattr(said, "choices", None):
            raise TroubleError(UNREADABLE, again=True)
        choice, usage = said.choices[0], said.usage
        return Answer(
            str(choice.message.content or ""),
            str(said.model or self.model),
            getattr(usage, "prompt_tokens", 0) or 0,
            getattr(usage, "completion_tokens", 0) or 0,
            str(choice.finish_reason or ""),
        )


def _trouble(error: Any, library: Any) -> TroubleError:
    """A client library's exception as what it means for the next step; no word of it may hold the key."""
    if isinstance(error, library.APITimeoutError):
        return TroubleError("no answer in time", again=True)
    if isinstance(error, library.APIConnectionError):
        return TroubleError("the server cannot be reached", again=True)
    status = getattr(error, "status_code", None)
    if status is None:
        return TroubleError(UNREADABLE, again=True)
    if status in (401, 403):
        return TroubleError(f"the key is refused ({status})", again=False, key=True)
    headers = getattr(getattr(error, "response", None), "headers", {})
    return TroubleError(f"the server answered {status}", again=status in LATER, wait=_wait(headers))


def _wait(headers: Any) -> float | None:
    """Seconds that the server asks to wait for."""
    for name, unit in (("retry-after-ms", 0.001), ("retry-after", 1.0)):
        try:
            return float(headers[name]) * unit
        except (KeyError, TypeError, ValueError):
            continue
    return None
