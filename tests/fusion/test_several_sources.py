"""The same thing said by several kinds of sources: aligned, settled, met together, and told with its reasons."""

from __future__ import annotations

import json

import msgspec
import pytest
from tests.fusion.said import (
    BOOLEAN,
    DATE,
    DECIMAL,
    INTEGER,
    LIST,
    OBJECT,
    TEXT,
    api,
    cases,
    check,
    database,
    form,
    member,
    model,
    table,
    text,
    words,
)

from understudy.fusion import fuse, relate
from understudy.model.evidence import Evidence
from understudy.model.face import Face, FaceKind
from understudy.model.origin import Origin, SourceKind
from understudy.model.schema import Facet, Field, Schema
from understudy.model.weights import Weights
from understudy.types import Kind, Type

MEMBERS = table(
    "members",
    {
        "id": INTEGER,
        "first_name": text(40),
        "last_name": text(40),
        "email": text(120),
        "phone": text(20),
        "born_on": DATE,
        "status": words("active", "paused", "left"),
        "password_hash": text(60),
    },
)
BOOKS = table("books", {"id": INTEGER, "title": text(200), "pages": INTEGER, "author_id": INTEGER}, author_id="authors")
AUTHORS = table("authors", {"id": INTEGER, "name": text(80)})
LOANS = table(
    "loans",
    {"id": INTEGER, "member_id": INTEGER, "book_id": INTEGER, "lent_on": DATE, "fee": DECIMAL},
    member_id="members",
    book_id="books",
)
BOOK_TAGS = table("book_tags", {"book_id": INTEGER, "tag_id": INTEGER}, key="book_id", book_id="books", tag_id="tags")
TAGS = table("tags", {"id": INTEGER, "label": text(30)})
LIBRARY = (MEMBERS, BOOKS, AUTHORS, LOANS, BOOK_TAGS, TAGS)


def fused(*others: Evidence) -> Schema:
    return fuse([database(*LIBRARY), *others])


def account(schema: Schema, subject: str, facet: str) -> Facet:
    return next(f for f in schema.facets if (f.subject, f.facet) == (subject, facet))


def rules(schema: Schema, entity: str) -> set[str]:
    return {r.text for r in schema.entity(entity).checks}


def placed(schema: Schema) -> dict[str, str]:
    """Asset → the field or table where it stands."""
    kinds = ("field", "collection", "derived", "parent")
    return {
        s.asset: f.subject
        for f in schema.facets
        if f.facet in kinds and f.standing != "unplaced"
        for s in f.support
        if s.asset
    }


# ---- which field is which --------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("entity", "spoken", "column"),
    [
        ("Member", "firstName", "first_name"),
        ("MemberFields", "lastName", "last_name"),
        ("NewMemberRequest", "emailAddress", "email"),
        ("member-edit-form", "member[phone]", "phone"),
        ("Mitglied", "Nachname", "last_name"),
        ("tblMember", "txtFirstName", "first_name"),
        ("Member", "memberEmail", "email"),
        ("Member", "telephoneNumber", "phone"),
        ("Member", "dateOfBirth", "born_on"),
        ("MembersDTO", "surname", "last_name"),
    ],
)
def test_one_field_under_many_names(entity: str, spoken: str, column: str) -> None:
    others = {"firstName": member(TEXT), "lastName": member(TEXT), "email": member(TEXT), "id": member(INTEGER)}
    kept = {n: m for n, m in others.items() if n.lower()[:4] not in spoken.lower()}
    found = placed(fused(api({entity: {spoken: member(DATE if "Birth" in spoken else TEXT), **kept}})))
    assert found[f"{entity}.{spoken}"] == f"members.{column}"


def test_a_form_without_a_name_is_told_by_its_fields() -> None:
    login = form({"login": {"email": member(TEXT), "password": member(TEXT), "remember_me": member(BOOLEAN)}})
    found = placed(fused(login))
    assert found["login.email"] == "members.email"
    assert "login.remember_me" not in found


def test_a_reference_is_found_in_each_of_its_guises() -> None:
    spec = api(
        {
            "Book": {"title": member(TEXT), "author": member(OBJECT, refers="Author")},
            "Author": {"id": member(INTEGER), "name": member(TEXT)},
            "Loan": {"memberId": member(INTEGER), "book": member(OBJECT, refers="Book"), "lentOn": member(DATE)},
        }
    )
    found = placed(fused(spec))
    assert found["Book.author"] == "books.author_id"
    assert found["Loan.memberId"] == "loans.member_id"
    assert found["Loan.book"] == "loans.book_id"


def test_lists_are_rows_of_other_tables_and_counts_are_computed_from_them() -> None:
    spec = api(
        {
            "Book": {"title": member(TEXT), "tags": member(LIST, refers="Tag"), "loanCount": member(INTEGER)},
            "Member": {"email": member(TEXT), "loans": member(LIST, refers="Loan")},
            "Loan": {"lentOn": member(DATE), "bookTitle": member(TEXT)},
        }
    )
    schema = fused(spec)
    found = placed(schema)
    assert (found["Book.tags"], found["Member.loans"]) == ("book_tags", "loans")
    assert found["Loan.bookTitle"] == "books.title"
    assert account(schema, "loans", "derived").value == "Book.loanCount"
    assert [f.name for f in schema.entity("books").fields] == ["id", "title", "pages", "author_id"]


@pytest.mark.parametrize(
    ("entity", "fields", "reason"),
    [
        ("Member", {"email": member(TEXT), "passwordHash": member(TEXT), "passwordHash2": member(TEXT)}, "repeats"),
        ("Member", {"email": member(TEXT), "email_confirmation": member(TEXT)}, "repeats email"),
        ("Member", {"email": member(TEXT), "csrf_token": member(TEXT)}, "trap or token"),
        ("Member", {"email": member(TEXT), "honeypot": member(TEXT)}, "trap or token"),
        ("Member", {"email": member(TEXT), "favouriteSandwich": member(TEXT)}, "no such column"),
    ],
)
def test_what_is_no_field_becomes_none_and_is_told(entity: str, fields: dict[str, object], reason: str) -> None:
    schema = fused(form({entity: fields}))  # type: ignore[arg-type]
    assert [f.name for f in schema.entity("members").fields] == [f.name for f in MEMBERS.fields]
    stray = [f for f in schema.facets if f.standing == "unplaced"]
    assert [reason in f.reason for f in stray] == [True]


@pytest.mark.parametrize(
    ("entity", "fields"),
    [
        ("MemberPage", {"content": member(LIST), "page": member(INTEGER), "totalElements": member(INTEGER)}),
        ("ProblemDetail", {"status": member(INTEGER), "title": member(TEXT), "detail": member(TEXT)}),
        ("GenericErrorModel", {"errors": member(OBJECT)}),
        ("ValidationError", {"message": member(TEXT), "field": member(TEXT)}),
        ("MemberEnvelope", {"member": member(OBJECT, refers="Member")}),
    ],
)
@pytest.mark.parametrize("stored", [True, False])
def test_what_only_carries_things_is_no_entity(entity: str, fields: dict[str, object], stored: bool) -> None:
    spec = api({"Member": {"id": member(INTEGER), "email": member(TEXT)}, entity: fields})  # type: ignore[dict-item]
    schema = fused(spec) if stored else fuse([spec])
    assert entity not in [e.name for e in schema.entities]
    assert any(f.subject == entity and f.standing == "unplaced" for f in schema.facets)


# ---- what holds ------------------------------------------------------------------------------------------
def test_the_strictest_length_wins_and_everybody_is_named_with_their_place() -> None:
    schema = fused(
        api({"Member": {"firstName": member(TEXT, length=(1, 60))}}),
        form({"member-form": {"first_name": member(TEXT, length=(None, 50))}}),
    )
    told = account(schema, "members.first_name", "length")
    assert (told.value, told.standing) == ("1 to 40 characters", "resolved")
    assert "schema.sql asks most" in told.reason
    said = {s.source: (s.says, s.place) for s in (*told.support, *told.dissent)}
    assert said["openapi.yaml"] == ("1 to 60 characters", "Member/firstName")
    assert said["page.html"] == ("at most 50 characters", "member-form/first_name")
    assert rules(schema, "members") == {'length("first_name") >= 1'}


def test_patterns_of_several_sources_hold_at_once() -> None:
    schema = fused(
        api({"Member": {"firstName": member(TEXT, pattern=r"^[\p{L}]+([ '-][\p{L}]+){0,2}$")}}),
        form({"member": {"firstName": member(TEXT, pattern="^[a-zA-Z]*$")}}),
    )
    told = account(schema, "members.first_name", "pattern")
    assert (told.standing, len(told.support)) == ("resolved", 2)
    assert len(rules(schema, "members")) == 2


def test_where_nothing_satisfies_all_the_weakest_is_set_aside_and_both_sides_are_told() -> None:
    schema = fused(
        api({"Member": {"phone": member(TEXT, pattern="^[0-9]{6,12}$")}}),
        form({"member": {"phone": member(TEXT, pattern="^[A-Z]{3}$")}}),
    )
    told = account(schema, "members.phone", "pattern")
    assert (told.standing, told.value) == ("set aside", "/^[0-9]{6,12}$/")
    assert [s.source for s in told.dissent] == ["page.html"]
    assert "cannot hold together" in told.reason
    assert rules(schema, "members") == {"\"phone\" ~ '^[0-9]{6,12}$'"}


def test_a_check_of_the_database_is_stronger_than_what_others_ask() -> None:
    strict = msgspec.structs.replace(BOOKS, checks=(check("few_pages", "pages < 100", "pages"),))
    schema = fuse([database(strict, AUTHORS), api({"Book": {"pages": member(INTEGER, range=(500, 900))}})])
    assert account(schema, "books.pages", "range").standing == "set aside"
    assert [r.name for r in schema.entity("books").checks] == ["few_pages"]


def test_permitted_values_are_those_that_all_permit() -> None:
    schema = fused(
        api({"Member": {"email": member(TEXT), "status": member(TEXT, among=["active", "paused", "left"])}}),
        form({"member": {"email": member(TEXT), "status": member(TEXT, among=["active", "paused"])}}),
    )
    assert "\"status\" IN ('active', 'paused')" in rules(schema, "members")


def test_values_wrong_on_purpose_are_no_rules_and_the_form_of_the_others_is_one() -> None:
    seen = cases({"Member": {"phone": member(seen=["6085551023", "1316761638"], wrong=["abc", ""])}})
    assert rules(fused(seen), "members") == {"\"phone\" ~ '^[0-9]{10}$'"}


def test_what_one_source_requires_is_never_null() -> None:
    schema = fused(form({"member": {"email": member(TEXT, required=True)}}))
    assert rules(schema, "members") == {'"email" IS NOT NULL'}
    assert schema.entity("members").field("email").nullable


def test_a_reference_to_its_own_table_may_end() -> None:
    staff = table("staff", {"id": INTEGER, "name": text(40), "boss_id": INTEGER}, boss_id="staff")
    schema = fuse([database(staff), api({"Staff": {"name": member(TEXT), "bossId": member(INTEGER, required=True)}})])
    assert rules(schema, "staff") == set()
    assert "first row" in account(schema, "staff.boss_id", "nullability").reason


def test_options_of_a_reference_are_rows_and_no_rule() -> None:
    schema = fused(form({"book-form": {"title": member(TEXT), "author": member(TEXT, among=["Le Guin", "Lem"])}}))
    assert rules(schema, "books") == set()


def test_compatible_types_add_up_and_the_storage_stays() -> None:
    schema = fused(api({"Loan": {"lentOn": member(TEXT), "fee": member(INTEGER), "memberId": member(INTEGER)}}))
    assert schema.entity("loans").field("fee").type.kind is Kind.DECIMAL
    assert account(schema, "loans.fee", "type").standing == "agreed"
    odd = fused(api({"Book": {"title": member(TEXT), "pages": member(DATE)}}))
    assert account(odd, "books.pages", "type").standing == "set aside"


def test_agreement_raises_confidence_and_contradiction_lowers_it() -> None:
    def told(*others: Evidence) -> Facet:
        return account(fuse(others), "Member.age", "type")

    one = told(api({"Member": {"age": member(INTEGER)}}))
    two = told(api({"Member": {"age": member(INTEGER)}}), form({"Member": {"age": member(INTEGER)}}))
    split = told(api({"Member": {"age": member(INTEGER)}}), form({"Member": {"age": member(DATE)}}))
    assert two.confidence >= one.confidence > split.confidence
    assert one.share is not None
    assert two.share is not None
    assert two.share < one.share  # the plain average falls where a weaker source agrees


def test_a_model_alone_overturns_nobody() -> None:
    guessed = model({"members": {"phone": member(TEXT, required=True, pattern="^x$", range=(1, 2))}})
    spec = api({"Member": {"phone": member(TEXT, pattern="^[0-9]+$")}})
    assert rules(fused(spec, guessed), "members") == {"\"phone\" ~ '^[0-9]+$'"}
    assert not any("IS NOT NULL" in r for r in rules(fused(guessed), "members"))


def test_weights_can_be_set_by_a_person() -> None:
    sources = [
        api({"Member": {"phone": member(TEXT, pattern="^[0-9]{6}$")}}),
        form({"Member": {"phone": member(TEXT, pattern="^[A-Z]{6}$")}}),
    ]
    plain = account(fuse(sources), "Member.phone", "pattern")
    turned = account(fuse(sources, Weights({"api.validation": 0.1})), "Member.phone", "pattern")
    assert (plain.value, turned.value) == ("/^[0-9]{6}$/", "/^[A-Z]{6}$/")


def test_the_order_of_sources_does_not_change_what_holds() -> None:
    spec = api({"Member": {"firstName": member(TEXT, required=True, length=(2, 30)), "email": member(TEXT)}})
    page = form({"member": {"first_name": member(TEXT, length=(None, 20)), "email": member(TEXT, required=True)}})
    one, other = fused(spec, page), fused(page, spec)
    assert one.entities == other.entities
    assert {(f.subject, f.facet, f.value) for f in one.facets} == {(f.subject, f.facet, f.value) for f in other.facets}


# ---- without a database ----------------------------------------------------------------------------------
def test_a_specification_alone_founds_tables_with_keys_and_references() -> None:
    schema = relate(
        fuse(
            [
                api(
                    {
                        "NewMember": {"email": member(TEXT, required=True), "nick": member(TEXT, length=(3, 20))},
                        "Member": {
                            "id": member(INTEGER),
                            "email": member(TEXT),
                            "status": member(TEXT, among=["a", "b"]),
                        },
                        "Loan": {"id": member(INTEGER), "memberId": member(INTEGER), "lentOn": member(DATE)},
                    }
                ),
                form(
                    {
                        "signup": {
                            "email": member(TEXT),
                            "nick": member(TEXT, required=True),
                            "nick_confirm": member(TEXT),
                        }
                    }
                ),
            ]
        )
    )
    assert [e.name for e in schema.entities] == ["Member", "Loan"]
    found = schema.entity("Member")
    assert {f.name for f in found.fields} == {"id", "email", "status", "nick"}
    assert found.primary_key is not None
    assert found.field("status").type.labels == ("a", "b")
    assert not found.field("nick").nullable
    assert [(k.columns, k.target) for k in schema.entity("Loan").foreign_keys] == [(("memberId",), "Member")]


def test_test_cases_found_tables_only_where_nobody_else_speaks() -> None:
    seen = cases({"Member": {"email": member(seen=["a@b.example"]), "shoe": member(seen=["44"])}})
    assert {f.name for f in fuse([seen]).entity("Member").fields} == {"email", "shoe"}
    both = fuse([api({"Member": {"id": member(INTEGER), "email": member(TEXT)}}), seen])
    assert {f.name for f in both.entity("Member").fields} == {"id", "email"}


# ---- faces -----------------------------------------------------------------------------------------------
def test_members_of_a_record_are_bound_to_the_fields_that_they_show() -> None:
    document = {
        "type": "object",
        "properties": {
            "title": {"type": "string"},
            "author": {"type": "object", "properties": {"id": {"type": "integer"}, "name": {"type": "string"}}},
            "pages": {"type": "boolean"},
            "extra": {"type": "string"},
        },
    }
    face = Face(
        "POST /books",
        FaceKind.REQUEST,
        json.dumps(document),
        Origin(SourceKind.API, "openapi.yaml"),
        "Book",
        {
            "/title": "Book.title",
            "/author/id": "Author.id",
            "/author/name": "Author.name",
            "/pages": "Book.pages",
            "/extra": "Book.extra",
        },
    )
    spec = api(
        {
            "Book": {"title": member(TEXT), "author": member(OBJECT, refers="Author"), "pages": member(BOOLEAN)},
            "Author": {"id": member(INTEGER), "name": member(TEXT)},
        },
        face,
    )
    found = fused(spec).faces[0]
    assert found.entity == "books"
    assert found.bindings == {"/title": "books.title", "/author/id": "books.author_id", "/author/name": "authors.name"}


def test_a_field_that_a_database_computes_gets_no_rules() -> None:
    made = table("sums", {"id": INTEGER, "total": Field("total", INTEGER, generated="1 + 1")})
    schema = fuse([database(made), api({"Sum": {"id": member(INTEGER), "total": member(INTEGER, range=(5, 9))}})])
    assert rules(schema, "sums") == set()


def test_a_meaning_that_does_not_fit_the_type_is_not_taken() -> None:
    tagged = table("notes", {"id": INTEGER, "labels": Type(Kind.ARRAY, element=text(30)), "mail": text(80)})
    page = form({"note": {"labels": member(TEXT, meaning="email"), "mail": member(TEXT, meaning="email")}})
    found = fuse([database(tagged), page]).entity("notes")
    assert (found.field("labels").meaning, found.field("mail").meaning) == ("", "email")
