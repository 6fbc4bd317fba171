"""Rules about references reach what they refer to."""

from __future__ import annotations

from tests.fusion.said import DATE, INTEGER, api, database, form, member, table, text

from understudy import plan
from understudy.fusion import fuse
from understudy.model.schema import Field, Schema

SITES = table("sites", {"code": Field("code", text(6), nullable=False), "name": text(40)}, key="code")
ASSETS = table("assets", {"id": INTEGER, "site_code": text(6), "bought": DATE})


def schema(pattern: str, *others: object) -> Schema:
    from understudy.model.schema import ForeignKey

    key = ForeignKey("assets_site_fkey", ("site_code",), "sites", ("code",))
    import msgspec

    assets = msgspec.structs.replace(ASSETS, foreign_keys=(key,))
    return fuse([database(SITES, assets), form({"asset": {"site_code": member(pattern=pattern)}}), *others])  # type: ignore[list-item]


def test_a_pattern_of_a_reference_makes_the_values_that_it_refers_to() -> None:
    made = schema("^[A-Z]{3,6}$")
    assert any("[A-Z]{3,6}" in c.text and c.columns == ("code",) for c in made.entity("sites").checks)
    assert plan(made, rows=20).plan.unmet == ()


def test_a_pattern_that_no_value_there_can_have_is_set_aside_and_told() -> None:
    made = schema("^[A-Z]{3}$", api({"site": {"code": member(pattern="^[0-9]{4}$"), "name": member()}}))
    assert any("set aside" in r.text for r in made.remarks)
    assert plan(made, rows=20).plan.unmet == ()
