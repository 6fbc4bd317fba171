"""Values take the form that their column asks for: digests of its length, phones of its pattern, names as seen."""

from __future__ import annotations

import re

from generated import rows_of

from understudy.model.distribution import Distribution
from understudy.model.domain import Domain
from understudy.model.schema import Entity, Field
from understudy.semantics.pools import handle
from understudy.types import Kind, Type


def text(name: str, length: int | None = None, *, fixed: bool = False, seen: Distribution | None = None) -> Field:
    return Field(name, Type(Kind.TEXT, length=length, fixed=fixed), False, distribution=seen)


def test_a_digest_is_as_long_as_its_column() -> None:
    batch, _ = rows_of(Entity("users", (text("password_hash", 64, fixed=True), text("token", 64, fixed=True))), 50)
    assert all(re.fullmatch("[0-9a-f]{64}", v) for name in batch.schema.names for v in batch[name].to_pylist())


def test_a_phone_is_written_as_its_pattern_wants() -> None:
    forms = {"phone": r"^[0-9]{3}-[0-9]{3}-[0-9]{4}$", "mobile": r"^\+[0-9]"}
    domains = {name: Domain(patterns=((form, ""),)) for name, form in forms.items()}
    batch, made = rows_of(Entity("contacts", (text("phone"), text("mobile"))), 100, domains=domains)
    for name, form in forms.items():
        assert made.recipes[name].meaning == "phone"
        assert all(re.search(form, v) and v[-3:].startswith("1") for v in batch[name].to_pylist()), name


def test_addresses_are_made_of_names_as_they_were_seen() -> None:
    first = Distribution(rows=30, values=("Zdenka", "Yrsa", "Björk"), weights=(3.0, 2.0, 1.0))
    last = Distribution(rows=30, values=("Quix", "Vanterpool"), weights=(1.0, 1.0))
    people = Entity("people", (text("first_name", seen=first), text("last_name", seen=last), text("email")))
    for unique in ((), ("email",)):
        batch, _ = rows_of(people, 200, unique=unique)
        rows = batch.to_pylist()
        assert {r["first_name"] for r in rows} == {"Zdenka", "Yrsa", "Björk"}
        for row in rows:
            one, other, box = handle(row["first_name"]), handle(row["last_name"]), handle(row["email"].split("@")[0])
            assert box.startswith((one, one[0] + other)), row


def test_given_and_family_are_the_names_of_a_person() -> None:
    _, made = rows_of(Entity("patient", (text("given", 40), text("family", 40))), 20)
    assert {n: r.meaning for n, r in made.recipes.items()} == {"given": "first_name", "family": "last_name"}


def test_a_name_beside_a_managers_first_name_is_not_a_last_name() -> None:
    _, made = rows_of(Entity("stores", (text("name", 80), text("manager_first_name", 40))), 20)
    assert made.recipes["name"].meaning != "last_name"
