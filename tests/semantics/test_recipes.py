"""Recipes as nodes: every want gets one, draws do not share streams by accident, references resolve."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
import pytest
from semantic_tables import CLOCK, TABLES, every_kind

from understudy.model.domain import Domain
from understudy.model.expression import (
    Bits,
    Chance,
    Choice,
    Column,
    Hexadecimal,
    Node,
    Pool,
    Prose,
    Quantile,
    Take,
    Uniform,
    Uuid,
    Zipf,
)
from understudy.model.schema import Entity, Field
from understudy.semantics import Composition, Want, code_name, compose
from understudy.types import Kind, Type

DRAWS = (Uniform, Chance, Choice, Zipf, Quantile, Bits, Prose, Uuid, Hexadecimal)


def walk(value: object) -> Iterator[object]:
    if isinstance(value, msgspec.Struct):
        yield value
        for name in value.__struct_fields__:
            yield from walk(getattr(value, name))
    elif isinstance(value, tuple):
        for item in value:
            yield from walk(item)


def expressions(made: Composition) -> Iterator[tuple[str, Node]]:
    for hidden in made.hidden:
        yield hidden.name, hidden.expression
    for name, recipe in made.recipes.items():
        yield name, recipe.expression
        assert recipe.coded is not None, name
        yield f"{name} (coded)", recipe.coded.expression


def check(made: Composition, entity: Entity, wants: list[Want]) -> None:
    known = {f.name for f in entity.fields} | {h.name for h in made.hidden}
    known |= {code_name(w.field.name) for w in wants}
    seen: set[str] = set()
    for hidden in made.hidden:
        for node in walk(hidden.expression):
            if isinstance(node, Column) and node.name.startswith("$") and not node.name.startswith("$code:"):
                assert node.name in seen, f"{hidden.name} reads {node.name}, which comes later"
        seen.add(hidden.name)
    for name, expression in expressions(made):
        uses: dict[str, object] = {}
        for node in walk(expression):
            if isinstance(node, DRAWS):
                assert uses.setdefault(node.use, node) == node, f"{name}: two draws share {node.use!r}"
            elif isinstance(node, Column):
                assert node.name in known, f"{name} reads {node.name}"
            elif isinstance(node, Pool | Take):
                assert (node.pool if isinstance(node, Pool) else node.artefact) in made.artefacts


@pytest.mark.parametrize("unique", [False, True])
@pytest.mark.parametrize("entity", TABLES, ids=lambda e: e.name)
def test_every_column_of_a_table_gets_a_sound_recipe(entity: Entity, unique: bool) -> None:
    wants = [Want(f, unique=unique) for f in entity.fields]
    made = compose(entity, wants, locale="en_US", clock=CLOCK, rows=1000)
    assert list(made.recipes) == [f.name for f in entity.fields]
    check(made, entity, wants)


@pytest.mark.parametrize("prefix", ["", "zz_"])
def test_every_kind_gets_a_recipe_with_and_without_a_meaning(prefix: str) -> None:
    entity = Entity("things", tuple(Field(prefix + n, t) for n, t in every_kind()))
    wants = [Want(f) for f in entity.fields]
    made = compose(entity, wants, locale="en_US", clock=CLOCK, rows=1000)
    assert set(made.recipes) == {f.name for f in entity.fields}
    check(
        msgspec.structs.replace(made, recipes={n.removeprefix("zz_"): r for n, r in made.recipes.items()}),
        entity,
        wants,
    )


def test_composing_is_deterministic() -> None:
    entity = TABLES[0]
    wants = [Want(f) for f in entity.fields]
    first = compose(entity, wants, locale="en_US", clock=CLOCK, rows=1000)
    again = compose(entity, wants, locale="en_US", clock=CLOCK, rows=1000)
    assert first == again


def test_a_meaning_that_does_not_fit_gives_way_and_says_so() -> None:
    field = Field("email", Type(Kind.TEXT, length=5))
    made = compose(Entity("people", (field,)), [Want(field)], locale="en_US", clock=CLOCK, rows=100)
    assert "not email" in made.recipes["email"].reason


def test_a_meaning_set_by_a_person_wins() -> None:
    field = Field("zz", Type(Kind.TEXT, length=100), meaning="email")
    made = compose(Entity("things", (field,)), [Want(field)], locale="en_US", clock=CLOCK, rows=100)
    assert made.recipes["zz"].meaning == "email"


def test_an_empty_domain_gives_null_and_no_codes() -> None:
    field = Field("zz", Type(Kind.INTEGER))
    made = compose(Entity("things", (field,)), [Want(field, Domain(values=()))], locale="en_US", clock=CLOCK, rows=100)
    coded = made.recipes["zz"].coded
    assert coded is not None
    assert coded.capacity == 0


@pytest.mark.parametrize("rows", [10, 10_000, 5_000_000])
def test_unique_columns_have_room_for_the_rows(rows: int) -> None:
    for entity in TABLES:
        wants = [Want(f, unique=True) for f in entity.fields]
        made = compose(entity, wants, locale="en_US", clock=CLOCK, rows=rows)
        for want in wants:
            recipe, t = made.recipes[want.field.name], want.field.type
            wide = t.kind in (Kind.INTEGER, Kind.TIMESTAMP) or (t.kind is Kind.TEXT and (t.length or 99) >= 8)
            if wide and t.bits >= 32:
                assert recipe.coded is not None
                assert recipe.coded.capacity >= rows, f"{entity.name}.{want.field.name}: {recipe.reason}"
