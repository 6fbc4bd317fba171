"""The certificate says what a person must know, and never holds where something is broken."""

from __future__ import annotations

import msgspec
import pytest

from understudy.model.manifest import Certified, Manifest, TableManifest
from understudy.workflow.certificate import certificate


def made(**more: object) -> Manifest:
    fine = Certified("orders", "check", "positive", "total > 0", "by construction", "by query", 0)
    manifest = Manifest(
        target="sqlite:///x.db",
        plan_hash="ab12",
        seed=7,
        clock=1_700_000_000_000_000,
        era=1,
        started="2026-01-01T00:00:00+00:00",
        finished="2026-01-01T00:00:09+00:00",
        tables=(TableManifest("orders", 1000, 1000, 0, 0, 1000), TableManifest("lines", 3000, 3000)),
        constraints=(fine,),
        structure_before="f1",
        structure_after="f1",
    )
    return msgspec.structs.replace(manifest, **more)  # type: ignore[arg-type]


def test_a_clean_load_holds_and_names_seed_plan_and_sums() -> None:
    text = certificate(made())
    assert "HOLDS: no row rejected" in text
    assert "DOES NOT HOLD" not in text
    for words in ("seed 7", "ab12", "4,000", "2023-11-14", "1 verified and kept"):
        assert words in text


@pytest.mark.parametrize(
    "fault",
    [
        {"constraints": (Certified("t", "check", "c", "x > 0", "", "by query", 3),)},
        {"tables": (TableManifest("t", 10, 9, 1),)},
        {"structure_after": "f2"},
    ],
)
def test_a_load_with_a_fault_does_not_hold(fault: dict[str, object]) -> None:
    text = certificate(made(**fault))
    assert "DOES NOT HOLD" in text
    assert "HOLDS: no row" not in text


def test_what_could_not_be_verified_is_listed_with_its_reason() -> None:
    open_ = Certified("t", "exclusion", "x", "EXCLUDE …", "", "", None, "not verifiable here: only the server can")
    text = certificate(made(constraints=(open_,)))
    assert "1 not verifiable here" in text
    assert "only the server can" in text
    assert "not all could be verified" in text


def test_a_thousand_open_constraints_are_counted_and_some_are_listed() -> None:
    open_ = tuple(Certified("t", "check", f"c{i}", "x", "", "", None, "r") for i in range(1000))
    text = certificate(made(constraints=open_))
    assert "980 more" in text
    assert len(text.splitlines()) < 80
