"""Settings: the nearer wins, the origin is told, and a slip of the pen is not passed over."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from understudy.errors import SettingsError
from understudy.workflow.numbers import whole_number
from understudy.workflow.settings import KNOWN, Settings, settings

SEED = "generation.seed"


def found(folder: Path, **more: object) -> Settings:
    environment = {"HOME": str(folder / "home")} | dict(more.pop("environment", {}))  # type: ignore[call-overload]
    return settings(folder=folder, environment=environment, **more)  # type: ignore[arg-type]


def origin(held: Settings, key: str = SEED) -> str:
    return next(s.origin for s in held.entries if s.key == key)


def test_without_any_the_defaults_hold(tmp_path: Path) -> None:
    held = found(tmp_path)
    values = {s.key: s.value for s in held.entries}
    assert {k: v for k, v in values.items() if not k.startswith("weights.")} == {k.key: k.default for k in KNOWN}
    assert (values["weights.api_validation"], values["weights.llm_headline"]) == (0.9, 0.4)
    assert {s.origin for s in held.entries} == {"default"}


def test_each_layer_wins_over_the_one_behind_it(tmp_path: Path) -> None:
    user = tmp_path / "home" / ".config" / "understudy"
    user.mkdir(parents=True)
    (user / "understudy.yaml").write_text("generation: {seed: 1}")
    assert found(tmp_path)[SEED] == 1
    (tmp_path / "pyproject.toml").write_text("[tool.understudy.generation]\nseed = 2\n")
    assert found(tmp_path)[SEED] == 2
    (tmp_path / "understudy.yaml").write_text("generation:\n  seed: 3\n")
    assert found(tmp_path)[SEED] == 3
    (tmp_path / ".env").write_text("OTHER=x\nexport UNDERSTUDY_GENERATION_SEED='4'\n# comment\n")
    assert found(tmp_path)[SEED] == 4
    environment = {"UNDERSTUDY_GENERATION_SEED": "5"}
    assert found(tmp_path, environment=environment)[SEED] == 5
    held = found(tmp_path, environment=environment, flags={SEED: 6})
    assert (held[SEED], origin(held)) == (6, "flag")


def test_a_flag_that_was_not_given_settles_nothing(tmp_path: Path) -> None:
    assert origin(found(tmp_path, flags={SEED: None})) == "default"


def test_the_project_file_is_found_from_a_folder_inside(tmp_path: Path) -> None:
    (tmp_path / "understudy.yaml").write_text("generation: {seed: 3}")
    inside = tmp_path / "a" / "b"
    inside.mkdir(parents=True)
    assert found(inside)[SEED] == 3
    assert origin(found(inside)) == str(tmp_path / "understudy.yaml")


@pytest.mark.parametrize("text", ["generation: {sed: 1}", "generaton: {seed: 1}", "generaton: 1", "seed: 1"])
def test_an_unknown_key_is_an_error_with_the_nearest_known_one(tmp_path: Path, text: str) -> None:
    (tmp_path / "understudy.yaml").write_text(text)
    with pytest.raises(SettingsError, match=r"unknown setting.*generation\.") as caught:
        found(tmp_path)
    assert "understudy.yaml" in caught.value.line


def test_an_unknown_variable_is_an_error_with_the_nearest_known_one(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="Did you mean UNDERSTUDY_GENERATION_SEED"):
        found(tmp_path, environment={"UNDERSTUDY_GENERATION_SED": "1"})
    assert found(tmp_path, environment={"UNDERSTUDY_NO_SKIP": "1", "UNDERSTUDY_TEST_X": "1"})[SEED] == 0


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("generation.seed", "many"),
        ("generation.default_rows", "-1"),
        ("generation.default_rows", "[1]"),
        ("generation.workers", "0"),
        ("generation.locale", "x1"),
    ],
)
def test_a_value_that_a_key_cannot_have_names_the_file(tmp_path: Path, key: str, value: str) -> None:
    group, name = key.split(".")
    (tmp_path / "understudy.yaml").write_text(f"{group}: {{{name}: {value}}}")
    with pytest.raises(SettingsError, match=r"understudy\.yaml.*" + name):
        found(tmp_path)


@pytest.mark.parametrize("text", ["generation: [", "just words", "- a list", "\0"])
def test_a_file_that_is_no_settings_file_is_one_line(tmp_path: Path, text: str) -> None:
    (tmp_path / "understudy.yaml").write_text(text)
    with pytest.raises(SettingsError) as caught:
        found(tmp_path)
    assert "\n" not in caught.value.line


def test_a_locale_is_written_in_one_way(tmp_path: Path) -> None:
    assert found(tmp_path, flags={"generation.locale": "DE-de"}).text("generation.locale") == "de_DE"


@given(st.integers(0, 10**15))
def test_numbers_are_read_however_they_are_written(number: int) -> None:
    assert whole_number(str(number)) == whole_number(f"{number:_}") == number
    assert whole_number(f"{Decimal(number):E}") == number


@pytest.mark.parametrize("text", ["", "k", "1.5", "-1", "nan", "inf", "1e99", "0x10", "1 2"])
def test_what_is_no_row_count_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        whole_number(text)
