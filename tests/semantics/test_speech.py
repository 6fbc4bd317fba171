"""Texts are in the language of their row: its own column says it, or the parent that writes them."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence

import pytest

from understudy.errors import RequestError
from understudy.kernels.runtime import Runtime
from understudy.model.request import Request
from understudy.model.schema import Entity, Field, ForeignKey, KeyPart, Schema, Unique
from understudy.planning import plan
from understudy.semantics.pools import own, sections
from understudy.semantics.speech import HOMES, LANGUAGES
from understudy.types import Kind, Type

INT, TEXT = Type(Kind.INTEGER), Type(Kind.TEXT)
SMALL = {
    "en": "the and was with",
    "de": "der die und nicht ist auf mit",
    "fr": "le la et est les pour une",
    "es": "el la y los para una",
    "pl": "na i się nie z do",
}


def table(name: str, *fields: Field, parents: Sequence[str] = ()) -> Entity:
    keys = tuple(Field(f"{p[:-1]}_id", INT, False) for p in parents)
    refs = tuple(ForeignKey(f"{name}_{p}", (f"{p[:-1]}_id",), p, ("id",)) for p in parents)
    primary = Unique(f"{name}_pkey", (KeyPart("id"),), primary=True)
    return Entity(name, (Field("id", INT, False), *keys, *fields), uniques=(primary,), foreign_keys=refs)


def text(name: str, length: int | None = None, **more: object) -> Field:
    return Field(name, Type(Kind.TEXT, length=length), False, **more)  # type: ignore[arg-type]


def made(*entities: Entity, rows: int = 400) -> Runtime:
    return Runtime(plan(Schema("s", entities), Request(default_rows=rows, seed=3, clock=1_767_225_600_000_000)))


def tongue(texts: Sequence[str]) -> str:
    """Which language many texts together are in."""
    whole = " ".join(texts)
    if re.search("[ぁ-ヿ]", whole):
        return "ja"
    words = re.findall(r"\w+", whole.lower())
    return max(SMALL, key=lambda x: sum(w in SMALL[x].split() for w in words))


def by(rows: Sequence[tuple[str, str]]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for key, value in rows:
        found[key].append(value)
    return found


def test_articles_are_in_the_language_their_locale_column_says() -> None:
    article = table("articles", text("title", 120), text("body"), text("locale", 5, values=("de_DE", "en_US", "ja_JP")))
    batch = made(article).batch("articles", 0, 400)
    for column in ("title", "body"):
        texts = by(list(zip(batch["locale"].to_pylist(), batch[column].to_pylist(), strict=True)))
        assert {k: tongue(v) for k, v in texts.items()} == {"de_DE": "de", "en_US": "en", "ja_JP": "ja"}, column


def test_messages_are_in_the_language_of_the_customer_two_tables_up() -> None:
    customers = table("customers", text("first_name", 40), text("last_name", 40), text("country_code", 2))
    tickets = table("tickets", text("subject", 120), parents=["customers"])
    messages = table("messages", text("body"), parents=["tickets"])
    runtime = made(customers, tickets, messages, rows=1500)
    land = dict(
        zip(*(runtime.column("customers", c, range(1500)).to_pylist() for c in ("id", "country_code")), strict=True)
    )
    whose = dict(
        zip(*(runtime.column("tickets", c, range(1500)).to_pylist() for c in ("id", "customer_id")), strict=True)
    )
    batch = runtime.batch("messages", 0, 1500)
    texts = by(
        [(land[whose[t]], b) for t, b in zip(batch["ticket_id"].to_pylist(), batch["body"].to_pylist(), strict=True)]
    )
    for country, language in (("US", "en"), ("FR", "fr"), ("DE", "de"), ("ES", "es"), ("PL", "pl"), ("JP", "ja")):
        if len(texts[country]) >= 5:
            assert tongue(texts[country]) == language, (country, texts[country][:3])
    assert sum(len(texts[c]) >= 5 for c in ("US", "FR", "DE", "ES", "PL", "JP")) >= 4


def test_what_a_shop_says_of_its_goods_does_not_follow_where_they_come_from() -> None:
    suppliers = table("suppliers", text("company_name", 60), text("country", 40))
    products = table("products", text("name", 80), text("description"), parents=["suppliers"])
    texts = made(suppliers, products).column("products", "description", range(400)).to_pylist()
    assert tongue(texts) == "en"
    assert not any(re.search("[ぁ-ヿ一-鿿]", t) for t in texts)


@pytest.mark.parametrize(("language", "told"), [("de", "de"), ("table", "en"), ("origin_language", "fr")])
def test_a_person_says_which_language(language: str, told: str) -> None:
    entity = table(
        "notes", text("body", language=language), text("origin_language", 2, values=("fr",)), text("country_code", 2)
    )
    assert tongue(made(entity).column("notes", "body", range(400)).to_pylist()) == told


def test_a_language_that_is_not_there_says_which_are() -> None:
    with pytest.raises(RequestError, match="neither a language with running text nor a column") as raised:
        made(table("notes", text("body", language="klingon")))
    assert "de, fr" in str(raised.value)


def test_a_language_set_where_nothing_is_told_in_any_is_said() -> None:
    entity = table("people", text("first_name", 40, language="de"))
    bundle = plan(Schema("s", (entity,)), Request(default_rows=10, seed=3, clock=1_767_225_600_000_000))
    assert any("first_name: language de says nothing here" in w for w in bundle.plan.warnings)


def test_any_partition_says_the_same() -> None:
    entity = table("comments", text("body"), text("language", 2))
    runtime = made(entity)
    whole = runtime.batch("comments", 0, 400)
    parts = [row for a, b in ((0, 7), (7, 150), (150, 400)) for row in runtime.batch("comments", a, b).to_pylist()]
    assert parts == whole.to_pylist()


def test_every_language_has_the_topics_that_the_others_have() -> None:
    needed = {k for k in sections("texts", "de") if "/" not in k}
    for language in LANGUAGES[1:]:
        assert needed <= set(sections("texts", language)), language


def test_english_articles_stand_in_english_alone_and_japanese_without_blanks() -> None:
    entity = table("films", text("description"), text("language", 2, values=tuple(HOMES)))
    batch = made(entity, rows=3000).batch("films", 0, 3000)
    texts = by(list(zip(batch["language"].to_pylist(), batch["description"].to_pylist(), strict=True)))
    for language in ("fr", "es", "it", "pt"):
        assert not any(re.search(r"\ban (?!\w*')", t) for t in texts[language]), language
    assert texts["ja"]
    assert not any(" " in t for t in texts["ja"])
    assert own("culture.plot", "de_AT") is own("culture.plot", "de_DE")  # a language's texts serve all its countries


def test_places_lie_in_the_countries_that_a_column_permits() -> None:
    entity = table(
        "stores", text("city", 60), text("country", 20, values=("Germany", "JAPAN", "fr")), text("postal_code", 10)
    )
    batch = made(entity).batch("stores", 0, 400)
    forms = {"Germany": r"\d{5}", "JAPAN": r"\d{3}-\d{4}", "fr": r"\d{5}"}
    cities = by(list(zip(batch["country"].to_pylist(), batch["city"].to_pylist(), strict=True)))
    for country, code in zip(batch["country"].to_pylist(), batch["postal_code"].to_pylist(), strict=True):
        assert re.fullmatch(forms[country], code), (country, code)
    assert set(cities) == set(forms)
    assert "Berlin" in cities["Germany"]
    assert "Paris" in cities["fr"]
