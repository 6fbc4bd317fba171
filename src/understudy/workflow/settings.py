"""Settings: each known key once, with its default, and where its value came from.

    flag  >  UNDERSTUDY_GROUP_KEY in the environment, then in .env  >  project file  >  user file  >  default

The project file is the nearest ``understudy.yaml`` (or ``[tool.understudy]`` in ``pyproject.toml``) in this folder or
above; the user file is ``understudy/understudy.yaml`` in the configuration folder. Own code, because the usual
library takes longer to import than ``understudy --help`` may take in all.
"""

from __future__ import annotations

import difflib
import os
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec

from understudy.errors import SettingsError
from understudy.workflow.numbers import whole_number

PREFIX = "UNDERSTUDY_"

RESERVED = ("UNDERSTUDY_CORPORA", "UNDERSTUDY_LLM_API_KEY", "UNDERSTUDY_NO_SKIP", "UNDERSTUDY_TEST_")
"""Variables that are no settings: the last is a prefix, all but the model's key steer the project's own tests."""

PROJECT_FILE = "understudy.yaml"

Value = int | float | str | bool


class Known(msgspec.Struct, frozen=True):
    """A key that exists: ``group.name``, its default, how text becomes its value, what it is for."""

    key: str
    default: Value
    read: Callable[[str], Value]
    help: str

    @property
    def variable(self) -> str:
        """Its environment variable."""
        return PREFIX + self.key.upper().replace(".", "_")


class Setting(msgspec.Struct, frozen=True):
    """A key with its value and where that came from."""

    key: str
    value: Value
    origin: str
    help: str = ""


def _positive(text: str) -> int:
    number = whole_number(text)
    if number < 1:
        raise ValueError("it must be at least 1")
    return number


def _locale(text: str) -> str:
    parts = text.replace("-", "_").split("_")
    if not all(p.isalpha() for p in parts) or len(parts) > 2 or len(parts[0]) not in (2, 3):
        raise ValueError("a locale is a language with or without a country, such as de_DE")
    return "_".join([parts[0].lower(), *(p.upper() for p in parts[1:])])


def _providers(text: str) -> str:
    names = [n.strip().lower() for n in text.split(",") if n.strip()]
    known = ("none", "anthropic", "openai", "azure", "compatible")
    if not names or any(n not in known for n in names):
        raise ValueError(f"it must be of {', '.join(known)}, several in order with commas between")
    return ",".join(names)


def _yes(text: str) -> bool:
    if text.strip().lower() not in ("true", "false", "yes", "no", "1", "0", "on", "off"):
        raise ValueError("it must be true or false")
    return text.strip().lower() in ("true", "yes", "1", "on")


KNOWN = (
    Known("generation.default_rows", 1000, whole_number, "rows of a table for which none are asked"),
    Known("generation.seed", 0, whole_number, "the same seed and plan give the same bytes"),
    Known("generation.locale", "", _locale, "language and country of the values (default: as the columns are named)"),
    Known("generation.workers", 1, _positive, "processes that make files"),
    Known("llm.provider", "none", _providers, "who is asked about gaps: none, anthropic, openai, azure, compatible"),
    Known("llm.model", "", str, "the model's name (default: a current one of the provider's)"),
    Known("llm.base_url", "", str, "the server's address, for azure, compatible servers and proxies"),
    Known("llm.deployment", "", str, "Azure's name of the model"),
    Known("llm.api_version", "2024-10-21", str, "Azure's version of its interface"),
    Known("llm.timeout_s", 60, _positive, "seconds to wait for an answer"),
    Known("llm.max_attempts", 4, _positive, "attempts, with 2, 4, 8 and 16 seconds between them"),
    Known("llm.cache", True, _yes, "the same question is asked once"),
    Known("llm.budget", 200_000, whole_number, "tokens that a run may use, in and out"),
    Known("sources.private_addresses", False, _yes, "read descriptions and sites at addresses of private networks"),
    Known("privacy.local_only", False, _yes, "refuse to ask anybody outside this machine"),
    Known("privacy.allow_llm_data", False, _yes, "let the form of the user's values (never the values) be sent"),
    Known("learning.downloads", False, _yes, "let pretrained models that `--model` names be fetched"),
    Known("limits.file_bytes", 16 << 30, _positive, "largest data file that is read, as it is unpacked"),
    Known("limits.whole_bytes", 512 << 20, _positive, "largest file that must be read in one piece (JSON, Excel)"),
    Known("ui.pages", 40, _positive, "pages of a live site that are read"),
    Known("ui.depth", 3, whole_number, "links that are followed one after the other from its first page"),
    Known("ui.timeout_s", 120, _positive, "how long reading a site may take"),
    Known("ui.submits", False, _yes, "let a site's scripts send what they like while it is read"),
    Known("ui.probes", True, _yes, "try values in controls to see what scripts refuse"),
    Known("ui.browser", "", str, "the browser's program (default: an installed Chromium)"),
)
"""What can be set today; a feature that needs more adds its keys here."""


def _share(text: str) -> float:
    number = float(text)
    if not 0.0 <= number <= 1.0:
        raise ValueError("it must lie between 0 and 1")
    return number


def _every() -> tuple[Known, ...]:
    """All keys: those above, and one per confidence weight (``weights.api_validation``)."""
    from understudy.model.weights import known

    told = "how far {} is believed about {}"
    return KNOWN + tuple(
        Known(f"weights.{k.replace('.', '_')}", v, _share, told.format(*k.split("."))) for k, v in known().items()
    )


class Settings(msgspec.Struct, frozen=True):
    """All settings, one per known key."""

    entries: tuple[Setting, ...]

    def __getitem__(self, key: str) -> Value:
        """The value of a known key."""
        return next(s.value for s in self.entries if s.key == key)

    def group(self, name: str) -> dict[str, float]:
        """The weights, by the name under which fusion knows them (``api.validation``)."""
        from understudy.model.weights import known

        return {k: float(self[f"{name}.{k.replace('.', '_')}"]) for k in known()}

    def number(self, key: str) -> int:
        """The value of a whole-number key."""
        return int(self[key])

    def flag(self, key: str) -> bool:
        """The value of a truth key."""
        return bool(self[key])

    def text(self, key: str) -> str:
        """The value of a text key."""
        return str(self[key])


def settings(
    flags: Mapping[str, Value | None] | None = None,
    *,
    folder: Path | None = None,
    environment: Mapping[str, str] | None = None,
) -> Settings:
    """Every known key with the value that wins. ``flags``: key → value, None where not given.

    SettingsError for unknown keys (with the nearest known one) and values that a key cannot have."""
    here = folder or Path.cwd()
    around = os.environ if environment is None else environment
    layers = [
        {k: (v, "flag") for k, v in (flags or {}).items() if v is not None},
        dict(_from_environment(around)),
        dict(_from_dotenv(here / ".env")),
        _from_project(here),
        _from_yaml(_user_file(around)),
    ]
    return Settings(tuple(_settled(known, layers) for known in _every()))


Layer = dict[str, tuple[Any, str]]


def _settled(known: Known, layers: list[Layer]) -> Setting:
    for layer in layers:
        if known.key in layer:
            value, origin = layer[known.key]
            return Setting(known.key, _read(known, value, origin), origin, known.help)
    return Setting(known.key, known.default, "default", known.help)


def _read(known: Known, value: Any, origin: str) -> Value:
    if isinstance(value, dict | list) or value is None:
        raise SettingsError(f"{known.key} takes one value", where=origin, mend=f"Its default is {known.default}.")
    try:
        return known.read(str(value))
    except ValueError as e:
        raise SettingsError(f"{known.key} cannot be {value!r}: {e}", where=origin, mend="Mend the value.") from e


def _checked(key: str, origin: str, spelled: str | None = None) -> str:
    """The key, if it is known; SettingsError with the nearest one if not."""
    keys = [k.key for k in _every()]
    if key in keys:
        return key
    near = difflib.get_close_matches(key, keys, 1, cutoff=0.4)
    shown = {k.key: k.variable for k in _every()} if spelled else {}
    hint = f"Did you mean {shown.get(near[0], near[0])}?" if near else f"Known: {', '.join(k.key for k in KNOWN)}."
    raise SettingsError(f"unknown setting {spelled or key!r}", where=origin, mend=hint)


# ---- layers ------------------------------------------------------------------------------------------
def _from_environment(
    variables: Mapping[str, str], origin: str = "environment"
) -> Iterator[tuple[str, tuple[Any, str]]]:
    keys = {k.variable: k.key for k in _every()}
    for name, value in sorted(variables.items()):
        if not name.startswith(PREFIX) or name in RESERVED or name.startswith(RESERVED[-1]):
            continue
        key = keys.get(name) or _checked(name.removeprefix(PREFIX).lower().replace("_", ".", 1), origin, name)
        yield key, (value, f"{origin}: {name}")


def _from_dotenv(path: Path) -> Iterator[tuple[str, tuple[Any, str]]]:
    """Lines ``NAME=value`` with or without quotes and ``export``; other programs' names are passed over."""
    if not path.is_file():
        return
    found: dict[str, str] = {}
    for line in _text(path).splitlines():
        name, equals, value = line.strip().removeprefix("export ").partition("=")
        if equals and not name.startswith("#"):
            value = value.strip()
            quoted = len(value) > 1 and value[0] == value[-1] and value[0] in "'\""
            found[name.strip()] = value[1:-1] if quoted else value.split(" #")[0].rstrip()
    yield from _from_environment(found, str(path))


def project_folder(folder: Path | None = None) -> Path | None:
    """The folder of the nearest project file, upwards from ``folder``; None where there is none."""
    here = folder or Path.cwd()
    for place in (here, *here.absolute().parents):
        if (place / PROJECT_FILE).is_file():
            return place
        if (place / "pyproject.toml").is_file() and _from_pyproject(place / "pyproject.toml") is not None:
            return place
    return None


def _from_project(folder: Path) -> Layer:
    """The nearest project file, upwards from ``folder``."""
    for place in (folder, *folder.absolute().parents):
        if (place / PROJECT_FILE).is_file():
            return _from_yaml(place / PROJECT_FILE)
        if (place / "pyproject.toml").is_file():
            found = _from_pyproject(place / "pyproject.toml")
            if found is not None:
                return found
    return {}


def _from_pyproject(path: Path) -> Layer | None:
    text = _text(path)
    if "tool.understudy" not in text:
        return None
    import tomllib

    try:
        table = tomllib.loads(text).get("tool", {}).get("understudy")
    except tomllib.TOMLDecodeError as e:
        raise SettingsError(f"not valid TOML: {e}", where=str(path), mend="Mend the line named.") from e
    return None if table is None else _flat(table, f"{path} [tool.understudy]")


def _from_yaml(path: Path) -> Layer:
    if not path.is_file():
        return {}
    import yaml

    try:
        found = yaml.load(_text(path), Loader=yaml.CSafeLoader)
    except yaml.YAMLError as e:
        raise SettingsError(f"not valid YAML: {e}", where=str(path), mend="Mend the line named.") from e
    return _flat(found or {}, str(path))


def _flat(groups: Any, origin: str) -> Layer:
    if not isinstance(groups, dict):
        mend = "Write groups with keys below them, such as generation: {seed: 7}."
        raise SettingsError("settings are not groups of keys", where=origin, mend=mend)
    layer: Layer = {}
    for group, keys in groups.items():
        if not isinstance(keys, dict):
            _checked(str(group), origin)
        for name, value in (keys or {}).items():
            layer[_checked(f"{group}.{name}", origin)] = (value, origin)
    return layer


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as e:
        raise SettingsError(f"cannot be read: {e}", where=str(path), mend="It must be a text file in UTF-8.") from e


def _user_file(variables: Mapping[str, str]) -> Path:
    """Where a person's own settings lie."""
    home = variables.get("XDG_CONFIG_HOME") or (variables.get("APPDATA") if os.name == "nt" else "")
    folder = Path(home) if home else Path(variables.get("HOME") or Path.home()) / ".config"
    return folder / "understudy" / PROJECT_FILE
