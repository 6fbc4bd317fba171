"""Which controls are fields, and which are something else."""

from __future__ import annotations

import pytest
from tests.ui.material import entity, members


def roles(markup: str, name: str = "page.html") -> dict[str, str]:
    return {k: m.role for k, m in members(f"<form id=register>{markup}</form>", name).items()}


def test_a_second_password_repeats_the_first() -> None:
    found = members("<form><input type=password name=pw><input type=password name=pw2 placeholder='Repeat'></form>")
    assert (found["pw2"].role, found["pw2"].same_as) == ("confirmation", "pw")


def test_a_current_password_is_not_what_the_repetition_repeats() -> None:
    found = members(
        "<form><input type=password name=current><input type=password name=new>"
        "<input type=password name=confirmPassword></form>"
    )
    assert [m.role for m in found.values()] == ["field", "field", "confirmation"]
    assert found["confirmPassword"].same_as == "new"


def test_a_second_e_mail_address_repeats_the_first() -> None:
    found = members("<form><input type=email name=email><input type=email name=email_confirm></form>")
    assert found["email_confirm"].same_as == "email"


@pytest.mark.parametrize(
    "markup",
    [
        "<input name=honeypot>",
        "<input name=nonce value=''>",
        "<label>Leave this field blank <input name=website></label>",
        "<div style='position:absolute;left:-9999px'><input name=url tabindex=-1 autocomplete=off></div>",
        "<div aria-hidden=true><input name=fax tabindex=-1></div>",
    ],
)
def test_traps_for_robots_are_no_fields(markup: str) -> None:
    assert "trap" in roles(f"<input name=email type=email>{markup}").values()


def test_what_is_merely_hidden_until_needed_is_a_field() -> None:
    assert roles("<div style='display:none'><input name=company></div>") == {"company": "field"}


def test_tokens_and_riddles_are_no_fields() -> None:
    found = roles(
        "<input type=hidden name=csrf_token value=x><input name=captcha_code><input type=hidden name=owner_id>"
    )
    assert found == {"csrf_token": "token", "captcha_code": "captcha", "owner_id": "hidden"}


def test_three_selects_of_a_date_are_one_field() -> None:
    found = members(
        "<form><fieldset><legend>Date of birth</legend><select name=dob_day><option>1</select>"
        "<select name=dob_month><option>1</select><select name=dob_year><option>1990</select></fieldset></form>"
    )
    assert {(m.whole, m.part) for m in found.values()} == {("dob", "day"), ("dob", "month"), ("dob", "year")}


def test_a_number_in_three_boxes_is_one_field() -> None:
    boxes = "".join(f"<input name=ssn{n} maxlength={m}>" for n, m in ((1, 3), (2, 2), (3, 4)))
    assert {(m.whole, m.part) for m in members(f"<form>{boxes}</form>").values()} == {
        ("ssn", str(n)) for n in (1, 2, 3)
    }


def test_two_lines_of_an_address_stay_two_fields() -> None:
    assert set(roles("<input name=address1><input name=address2>").values()) == {"field"}


def test_radios_and_boxes_of_one_name_are_one_member() -> None:
    found = members(
        "<form><input type=radio name=size value=s><input type=radio name=size value=m>"
        "<input type=checkbox name=extra value=a><input type=checkbox name=extra value=b></form>"
    )
    assert {k: len(m.controls) for k, m in found.items()} == {"size": 2, "extra": 2}


def test_a_control_without_a_name_is_found_by_id_label_or_selector() -> None:
    found = members("<form id=f><input id=a><label>Age <input type=number></label><p><input></p></form>")
    assert list(found) == ["a", "Age", "#f > p:nth-of-type(1) > input:nth-of-type(1)"]


def test_a_prefix_of_all_names_names_the_entity() -> None:
    markup = "<form action=/x><input name='owner[first_name]'><input name='owner[address][city]'></form>"
    assert entity(markup) == "owner"
    assert [m.field for m in members(markup).values()] == ["first_name", "address.city"]


@pytest.mark.parametrize(
    ("markup", "name", "thing"),
    [
        ("<form id=add-owner-form><input name=a></form>", "x.html", "owner"),
        ("<form action=/pets/new><input name=a></form>", "x.html", "pets"),
        ("<h2>New subscriber</h2><form><input name=a></form>", "x.html", "subscriber"),
        ("<h1>Sign up</h1><form><input name=email></form>", "x.html", "user"),
        (
            "<form><fieldset><legend>Shipping address</legend><input name=a></fieldset></form>",
            "x.html",
            "shipping_address",
        ),
        ("<form [formGroup]='articleForm'><input formControlName=title></form>", "editor.component.html", "article"),
    ],
)
def test_a_form_tells_what_it_is_about(markup: str, name: str, thing: str) -> None:
    assert entity(markup, name) == thing
