"""How unique keys are made injective."""

from __future__ import annotations

from understudy.model.schema import Entity, Field, ForeignKey, Identity, KeyPart, Unique
from understudy.planning.layout.capacity import UNBOUNDED
from understudy.planning.layout.keys import Key, KeyPlan, Situation, plan_keys
from understudy.planning.layout.ties import order_ties
from understudy.types import Kind, Type

INT, TEXT = Type(Kind.INTEGER), Type(Kind.TEXT, length=40)
ROOMS = {"id": UNBOUNDED, "name": UNBOUNDED, "position": UNBOUNDED, "kind": 4, "month": 12}


def keys_of(uniques: list[tuple[str, ...]], references: dict[str, tuple[str, ...]], **options) -> KeyPlan:
    """The key plan of a table with those unique keys and foreign keys (target → columns)."""
    columns = {c for u in uniques for c in u} | {c for cs in references.values() for c in cs}
    fields = tuple(
        Field(c, TEXT if c == "name" else INT, nullable=False, identity=Identity.SERIAL if c == "id" else Identity.NONE)
        for c in sorted(columns)
    )
    fks = tuple(ForeignKey(f"to_{t}", cs, t, cs) for t, cs in references.items())
    declared = tuple(Unique(f"u{i}", tuple(KeyPart(c) for c in u), primary=not i) for i, u in enumerate(uniques))
    entity = Entity("t", fields, declared, fks)
    ties = order_ties(entity, frozenset(columns))
    keys = [Key(u, frozenset(u.columns)) for u in declared]
    return plan_keys(keys, Situation(entity, ties, ROOMS, 1000, **options))


def test_a_surrogate_key_counts_and_satisfies_wider_keys() -> None:
    plan = keys_of([("id",), ("id", "name")], {})
    assert plan.coded == ("id",)
    assert "distinct already" in plan.how["u1"]


def test_a_primary_key_that_is_a_foreign_key_pairs_rows_with_parents() -> None:
    assert keys_of([("a_id",)], {"a": ("a_id",)}).paired == ("to_a",)


def test_a_junction_is_numbered_within_one_parent_and_decoded_into_the_other() -> None:
    (decoded,) = keys_of([("a_id", "b_id")], {"a": ("a_id",), "b": ("b_id",)}).decoded
    assert (decoded.anchor, decoded.links) == ("to_a", ("to_b",))


def test_a_position_is_counted_within_its_parent_although_it_has_room() -> None:
    (decoded,) = keys_of([("a_id", "position")], {"a": ("a_id",)}).decoded
    assert (decoded.anchor, decoded.columns) == ("to_a", ("position",))


def test_a_name_within_a_parent_is_simply_distinct() -> None:
    assert keys_of([("a_id", "name")], {"a": ("a_id",)}).coded == ("name",)


def test_small_free_columns_are_decoded_from_the_row_number() -> None:
    (decoded,) = keys_of([("kind", "month")], {}).decoded
    assert (decoded.anchor, set(decoded.columns)) == ("", {"kind", "month"})


def test_two_keys_over_one_small_column_are_solved_as_tuples() -> None:
    plan = keys_of([("a_id", "kind"), ("b_id", "kind")], {"a": ("a_id",), "b": ("b_id",)})
    assert set(plan.tuple_links) == {"to_a", "to_b"}
    assert plan.tuple_columns == ("kind",)
    assert set(plan.tuple_keys) == {frozenset({"a_id", "kind"}), frozenset({"b_id", "kind"})}
    assert not plan.decoded


def test_columns_that_a_rule_compares_are_never_decoded_apart() -> None:
    plan = keys_of([("a_id", "b_id")], {"a": ("a_id",), "b": ("b_id",)}, tangled=(frozenset({"a_id", "b_id"}),))
    assert set(plan.tuple_links) == {"to_a", "to_b"}
