"""Many claims, one schema: order, weights, dissent, consistency."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from understudy.errors import RequestError
from understudy.fusion import figure, fuse, weight
from understudy.model.evidence import Claim, Evidence, FacetKind
from understudy.model.origin import Origin, SourceKind
from understudy.model.rule import Rule
from understudy.model.schema import Entity, Field, ForeignKey, KeyPart, Remark, Schema, Unique
from understudy.types import Kind, Type

INTEGER, TEXT = Type(Kind.INTEGER), Type(Kind.TEXT, length=9)


def evidence(
    *entities: Entity,
    kind: SourceKind = SourceKind.DATABASE,
    source: str = "db",
    dialect: str = "sqlite",
    certainty: float = 1.0,
) -> Evidence:
    """What a reader would claim about these entities."""
    claims: list[Claim] = []
    for e in entities:
        origin = Origin(kind, source, e.name)
        claims.append(
            Claim(FacetKind.ENTITY, e.name, Entity(e.name, (), rows=e.rows, view=e.view), origin, certainty=certainty)
        )
        claims += [Claim(FacetKind.FIELD, e.name, f, origin, field=f.name, certainty=certainty) for f in e.fields]
        claims += [Claim(FacetKind.UNIQUE, e.name, u, origin, certainty=certainty) for u in e.uniques]
        claims += [Claim(FacetKind.FOREIGN_KEY, e.name, k, origin, certainty=certainty) for k in e.foreign_keys]
        claims += [Claim(FacetKind.CHECK, e.name, c, origin, certainty=certainty) for c in e.checks]
    return Evidence(source, tuple(claims), dialect=dialect)


def entity(name: str, *fields: str, **more: object) -> Entity:
    made = tuple(Field(f, INTEGER) for f in fields)
    return Entity(name, made, uniques=(Unique("k", (KeyPart(fields[0]),), primary=True),), **more)  # type: ignore[arg-type]


def texts(schema: Schema) -> str:
    return "\n".join(r.text for r in schema.remarks)


# ---- one source ----------------------------------------------------------------------------------------
@given(
    st.lists(
        st.tuples(
            st.text(min_size=1, max_size=5),
            st.lists(st.text(min_size=1, max_size=4), min_size=1, max_size=4, unique=True),
        ),
        max_size=6,
        unique_by=lambda t: t[0],
    )
)
def test_what_one_database_says_comes_out_as_it_went_in(tables: list[tuple[str, list[str]]]) -> None:
    made = tuple(entity(name, *fields) for name, fields in tables)
    assert fuse([evidence(*made)]).entities == made


def test_claims_may_come_in_any_order() -> None:
    whole = evidence(entity("a", "x"), entity("b", "y", "z"))
    fields_first = Evidence(
        "db", tuple(sorted(whole.claims, key=lambda c: c.facet is FacetKind.ENTITY)), dialect="sqlite"
    )
    assert {e.name: e for e in fuse([fields_first]).entities} == {e.name: e for e in fuse([whole]).entities}


def test_there_is_one_account_per_entity_where_all_is_certain() -> None:
    found = fuse([evidence(entity("a", "x", "y"))])
    assert [(f.subject, f.facet, f.confidence, f.sources) for f in found.facets] == [("a", "entity", 1.0, ("db",))]


def test_a_doubtful_field_has_its_own_account() -> None:
    found = fuse([evidence(entity("a", "x"), certainty=0.5)])
    account = next(f for f in found.facets if f.subject == "a.x")
    assert 0.5 < account.confidence < 1.0


def test_nothing_cannot_be_fused() -> None:
    with pytest.raises(RequestError, match="nothing to fuse"):
        fuse([])


# ---- several sources -----------------------------------------------------------------------------------
def test_sources_that_speak_of_different_things_stand_side_by_side() -> None:
    found = fuse([evidence(entity("a", "x")), evidence(entity("b", "y"), source="other")])
    assert [e.name for e in found.entities] == ["a", "b"]


def test_two_sources_that_agree_are_one_and_both_are_named() -> None:
    found = fuse([evidence(entity("a", "x")), evidence(entity("a", "x"), source="other")])
    assert found.entities == fuse([evidence(entity("a", "x"))]).entities
    assert found.facets[0].sources == ("db", "other")


@pytest.mark.parametrize("reverse", [False, True])
def test_the_weightier_source_wins_and_the_other_is_kept(reverse: bool) -> None:
    database = evidence(Entity("a", (Field("x", TEXT),)))
    api = evidence(Entity("a", (Field("x", INTEGER),)), kind=SourceKind.API, source="spec", dialect="")
    found = fuse([api, database] if reverse else [database, api])
    assert found.entity("a").field("x").type == TEXT
    account = next(f for f in found.facets if f.subject == "a.x")
    assert "spec" in account.against[0]
    assert "1.00 against 0.90" in account.reason
    assert account.confidence < 1.0


def test_certainty_counts_beside_the_kind_of_source() -> None:
    unsure = evidence(Entity("a", (Field("x", TEXT),)), certainty=0.5)
    api = evidence(Entity("a", (Field("x", INTEGER),)), kind=SourceKind.API, source="spec", dialect="")
    assert fuse([unsure, api]).entity("a").field("x").type == INTEGER


def test_a_person_decides() -> None:
    person = Evidence(
        "me", (Claim(FacetKind.TYPE, "a", INTEGER, Origin(SourceKind.PERSON, "me"), field="x", certainty=0.1),)
    )
    assert fuse([evidence(Entity("a", (Field("x", TEXT),))), person]).entity("a").field("x").type == INTEGER


def test_single_facets_of_lighter_sources_stand_in_the_dissent() -> None:
    claim = Claim(FacetKind.NULLABILITY, "a", False, Origin(SourceKind.LLM, "model"), field="x")
    meaning = Claim(FacetKind.MEANING, "a", "email", Origin(SourceKind.LLM, "model"), field="x")
    found = fuse([evidence(Entity("a", (Field("x", TEXT),))), Evidence("model", (claim, meaning))])
    field = found.entity("a").field("x")
    assert (field.nullable, field.meaning) == (True, "email")
    assert [f.facet for f in found.facets if f.against] == ["nullability"]


def test_claims_that_cannot_be_used_are_told() -> None:
    claim = Claim(FacetKind.TYPE, "nowhere", INTEGER, Origin(SourceKind.API, "spec", "line 7"), field="y")
    found = fuse([evidence(entity("a", "x")), Evidence("spec", (claim,))])
    account = next(f for f in found.facets if f.standing == "unplaced")
    assert (account.subject, account.reason) == ("nowhere", "no table is like it")


def test_different_keys_of_one_name_do_not_both_stand() -> None:
    one = Entity("a", (Field("x", INTEGER), Field("y", INTEGER)), uniques=(Unique("u", (KeyPart("x"),)),))
    two = Entity("a", (Field("x", INTEGER), Field("y", INTEGER)), uniques=(Unique("u", (KeyPart("x"), KeyPart("y"))),))
    found = fuse([evidence(one), evidence(two, kind=SourceKind.FILE, source="file", dialect="")])
    assert found.entity("a").uniques == one.uniques
    assert any(f.facet == "unique" and f.against for f in found.facets)


def test_equal_checks_with_other_blanks_are_one() -> None:
    def with_check(text: str) -> Entity:
        return Entity("a", (Field("x", INTEGER),), checks=(Rule("c", text, ("x",), "sqlite"),))

    assert (
        len(fuse([evidence(with_check("x > 0")), evidence(with_check("x  >\n0"), source="o")]).entity("a").checks) == 1
    )


def test_sources_of_two_dialects_are_told() -> None:
    found = fuse([evidence(entity("a", "x")), evidence(entity("b", "x"), source="o", dialect="mysql")])
    assert found.dialect == "sqlite"
    assert "different databases" in texts(found)


# ---- consistency ---------------------------------------------------------------------------------------
def test_foreign_keys_that_lead_nowhere_are_left_out_and_told() -> None:
    keys = (
        ForeignKey("gone", ("x",), "gone", ("id",)),
        ForeignKey("narrow", ("x",), "a", ("x", "y")),
        ForeignKey("lost", ("x",), "a", ("nothing",)),
        ForeignKey("fine", ("y",), "a", ("x",)),
    )
    found = fuse([evidence(entity("a", "x", "y", foreign_keys=keys))])
    assert [k.name for k in found.entity("a").foreign_keys] == ["fine"]
    assert all(f"foreign key {n}" in texts(found) for n in ("gone", "narrow", "lost"))


def test_what_a_reader_said_already_is_not_said_twice() -> None:
    key = ForeignKey("gone", ("x",), "missing", ("id",))
    said = Remark("line 7", "foreign key gone refers to missing, which does not exist")
    base = evidence(entity("a", "x", foreign_keys=(key,)))
    claim = Claim(FacetKind.REMARK, "a", said, Origin(SourceKind.DATABASE, "db", "line 7"))
    found = fuse([Evidence("db", (*base.claims, claim), dialect="sqlite")])
    assert [r.place for r in found.remarks if "gone" in r.text] == ["line 7"]
    assert found.entity("a").foreign_keys == ()


@pytest.mark.parametrize(
    ("made", "words"),
    [
        (Entity("a", (Field("x", INTEGER),)), "no key"),
        (Entity("a", ()), "no fields"),
        (Entity("a", (Field("x", Type(Kind.OPAQUE, raw="frob(3)")),)), "frob(3)"),
        (Entity("a", (Field("x", INTEGER), Field("X", INTEGER))), "case aside"),
        (Entity("a", (Field("x", INTEGER),), uniques=(Unique("u", (KeyPart("nothing"),)),)), "nothing"),
        (
            Entity("a", (Field("x", INTEGER),), uniques=(Unique("u", (KeyPart("x"),)),), checks=(Rule("u", "x > 0"),)),
            "2 constraints",
        ),
    ],
)
def test_oddities_are_told(made: Entity, words: str) -> None:
    assert words in texts(fuse([evidence(made)]))


def test_views_are_no_oddity() -> None:
    assert fuse([evidence(Entity("v", (Field("x", Type(Kind.OPAQUE)),), view=True))]).remarks == ()


# ---- weights and cost ----------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("source", "facet", "expected"),
    [
        (SourceKind.DATABASE, FacetKind.FIELD, 1.0),
        (SourceKind.DATABASE, FacetKind.DISTRIBUTION, 0.9),
        (SourceKind.DATABASE, FacetKind.MEANING, 0.6),
        (SourceKind.FILE, FacetKind.TYPE, 0.8),
        (SourceKind.FILE, FacetKind.UNIQUE, 0.6),
        (SourceKind.API, FacetKind.ENUM, 0.9),
        (SourceKind.API, FacetKind.SAMPLE, 0.7),
        (SourceKind.UI, FacetKind.TYPE, 0.7),
        (SourceKind.UI, FacetKind.PATTERN, 0.6),
        (SourceKind.CASE, FacetKind.ENUM, 0.5),
        (SourceKind.PACK, FacetKind.FOREIGN_KEY, 0.5),
        (SourceKind.FLOW, FacetKind.DISTRIBUTION, 0.5),
        (SourceKind.LLM, FacetKind.CHECK, 0.3),
        (SourceKind.UI, FacetKind.SAMPLE, 0.7),
    ],
)
def test_figures_are_those_of_the_contract(source: SourceKind, facet: FacetKind, expected: float) -> None:
    assert figure(source, facet) == expected
    assert weight(Claim(facet, "e", None, Origin(source, "s"), certainty=0.5)) == pytest.approx(expected / 2)


def test_a_thousand_tables_are_fused_in_well_under_a_second() -> None:
    many = [
        entity(f"t{i}", *(f"c{j}" for j in range(20)), foreign_keys=(ForeignKey("f", ("c1",), f"t{i // 2}", ("c0",)),))
        for i in range(1000)
    ]
    whole = evidence(*many)
    began = time.process_time()
    assert len(fuse([whole]).entities) == 1000
    assert time.process_time() - began < 1.0
