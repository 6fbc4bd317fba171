"""Fields matched by all that is known of them: names, labels, comments, values, neighbours."""

from __future__ import annotations

import pytest

import understudy
from understudy.cli.main import main
from understudy.errors import RequestError
from understudy.model.checking import check, holds
from understudy.semantics.matching import Clues, ranked
from understudy.semantics.values import shown
from understudy.types import Kind, Type


def first(clues: Clues) -> str:
    found = ranked(clues)
    return found[0].meaning if found else ""


@pytest.mark.parametrize(
    ("samples", "meaning"),
    [
        (("ana@example.org", "li.wei@example.com", "x@example.net"), "email"),
        (("DE89370400440532013000", "GB82WEST12345698765432", "FR1420041010050500013M02606"), "iban"),
        (("4111 1111 1111 1111", "5500-0055-5555-5559", "4012888888881881"), "card_number"),
        (("192.0.2.1", "198.51.100.77", "203.0.113.9"), "ipv4"),
        (("Berlin", "Lyon", "Madrid", "Napoli", "Boston"), "city"),
        (("Maria Garcia", "John Smith", "Anna Müller", "Jean Martin"), "person_name"),
        (("Maria", "John", "Anna", "Thomas", "Laura"), "first_name"),
        (("12 Oak Street", "Hauptstraße 7", "99 Elm Avenue", "14 rue de la Paix"), "street_address"),
        (("+49 30 23125000", "(212) 555-0123", "+44 20 7946 0000"), "phone"),
        (("123-45-6789", "219-09-9999", "457-55-5462"), "ssn"),
        (("12345678Z", "87654321X", "00000000T"), "dni"),
        (("Müller GmbH", "Acme Inc.", "Dupont S.A.", "Foo Ltd"), "company"),
    ],
)
def test_values_tell_what_a_column_is_whose_name_says_nothing(samples: tuple[str, ...], meaning: str) -> None:
    assert first(Clues("feld7", samples=samples)) == meaning


def test_wrong_check_digits_are_no_cards_and_no_ibans() -> None:
    assert not {"card_number", "iban"} & {s.meaning for s in shown(("4111111111111112", "5500005555555550"))}
    assert not {"card_number", "iban"} & {
        s.meaning for s in shown(("DE89370400440532013001", "GB82WEST12345698765431"))
    }


@pytest.mark.parametrize(("text", "scheme"), [("1234567890", "tckn"), ("12345678", "dni"), ("529982247", "cpf")])
def test_digits_made_for_a_text_hold_and_others_do_not(text: str, scheme: str) -> None:
    whole = check(text[: {"tckn": 9}.get(scheme, len(text))], scheme)
    assert holds(whole, scheme)
    wrong = whole[:-1] + ("A" if whole[-1] != "A" else "B")
    assert not holds(wrong, scheme)
    assert not holds(whole + "0", scheme)


def test_a_label_speaks_where_a_machine_made_the_name() -> None:
    assert first(Clues("input-1643321391054-0", label="First name")) == "first_name"


def test_the_head_of_a_comment_says_what_a_field_is() -> None:
    assert first(Clues("avatar_link_x", comment="The URL of the picture that is shown")) == "url"


def test_values_of_another_form_speak_against_a_name() -> None:
    plain = ranked(Clues("email", Type(Kind.TEXT)))[0]
    other = ranked(Clues("email", Type(Kind.TEXT), samples=("yes", "no", "maybe", "often")))[0]
    assert plain.meaning == other.meaning == "email"
    assert other.certainty < plain.certainty / 2


def test_a_state_among_places_is_a_region_and_elsewhere_a_status() -> None:
    text = Type(Kind.TEXT)
    assert first(Clues("state", text, "customers", ("street", "city", "zip"))) == "region"
    assert first(Clues("state", text, "orders", ("number", "shipped_at"))) == "order_status"


def test_a_pattern_that_only_an_address_matches_means_one() -> None:
    assert first(Clues("x", pattern=r"^[^@\s]+@[^@\s]+\.[a-z]{2,}$")) == "email"


def test_certainty_lies_between_none_and_all_and_falls_along_the_list() -> None:
    found = ranked(
        Clues("name", Type(Kind.TEXT), "customers", ("email",), samples=("Ana Silva", "John Smith", "Li Wei"))
    )
    assert all(0 < m.certainty < 1 for m in found)
    assert [m.certainty for m in found] == sorted((m.certainty for m in found), reverse=True)
    assert found[0].reason


def test_nothing_is_said_of_what_nobody_knows() -> None:
    assert ranked(Clues("qzx", Type(Kind.TEXT))) == ()


def test_the_face_and_the_command_say_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    said = understudy.match("c1", samples=["a@example.com", "b@example.org"])
    assert main(["types", "--match", "c1", "--value", "a@example.com", "--value", "b@example.org"]) == 0
    printed = capsys.readouterr().out
    assert said[0].meaning == "email"
    assert "email" in printed
    assert f"{said[0].certainty:.0%}" in printed


def test_clues_without_a_field_and_types_that_do_not_exist_are_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["types", "--table", "orders"]) == 2
    assert "--match" in capsys.readouterr().err
    with pytest.raises(RequestError, match="no type is written"):
        understudy.match("x", "wobble(3)")
