"""The load order: parents first, cycles by the gentlest way the database has."""

from __future__ import annotations

from understudy.model.plan import LoadMethod
from understudy.model.schema import Entity, Field, ForeignKey, KeyPart, Unique
from understudy.planning.loading.order import components, load_steps
from understudy.types import Kind, Type

INT = Type(Kind.INTEGER)


def table(name: str, *references: tuple[str, bool], deferrable: bool = False) -> Entity:
    """A table with a key and references (target, nullable)."""
    fields = [Field("id", INT, nullable=False)]
    keys = []
    for target, nullable in references:
        fields.append(Field(f"{target}_id", INT, nullable=nullable))
        keys.append(ForeignKey(f"{name}_{target}", (f"{target}_id",), target, ("id",), deferrable=deferrable))
    return Entity(name, tuple(fields), (Unique("pk", (KeyPart("id"),), primary=True),), tuple(keys))


def steps(dialect: str, *tables: Entity):
    return load_steps({t.name: t for t in tables}, dialect)


def test_parents_come_before_their_children_whatever_the_order_of_the_tables() -> None:
    order = [s.tables for s in steps("postgresql", table("c", ("b", False)), table("b", ("a", False)), table("a"))]
    assert order == [("a",), ("b",), ("c",)]


def test_a_self_reference_is_an_ordinary_step() -> None:
    (step,) = steps("postgresql", table("node", ("node", True)))
    assert step.method is LoadMethod.PLAIN
    assert not step.later


def test_a_nullable_reference_of_a_cycle_waits_for_a_second_pass() -> None:
    (step,) = steps("mysql", table("a", ("b", False)), table("b", ("a", True)))
    assert step.tables == ("b", "a")
    assert step.later == {"b": ("a_id",)}


def test_deferrable_cycles_wait_for_the_commit_in_postgresql() -> None:
    (step,) = steps("postgresql", table("a", ("b", False)), table("b", ("a", False), deferrable=True))
    assert step.method is LoadMethod.DEFERRED
    assert step.tables == ("b", "a")


def test_firm_cycles_go_in_one_statement_in_postgresql_and_with_checks_off_in_mysql() -> None:
    tables = table("a", ("b", False)), table("b", ("a", False))
    assert steps("postgresql", *tables)[0].method is LoadMethod.ONE_STATEMENT
    assert steps("mysql", *tables)[0].method is LoadMethod.CHECKS_OFF
    assert steps("sqlite", *tables)[0].method is LoadMethod.DEFERRED


def test_components_of_a_long_chain_need_no_recursion() -> None:
    edges = {f"t{i}": {f"t{i + 1}"} if i < 5000 else set() for i in range(5001)}
    assert [g[0] for g in components(edges)] == [f"t{i}" for i in range(5000, -1, -1)]
