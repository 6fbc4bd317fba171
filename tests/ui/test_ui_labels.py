"""Labels by every way that HTML has, and by nearness."""

from __future__ import annotations

import pytest
from tests.ui.material import controls, label

from understudy.sources.ui.labels import trimmed


@pytest.mark.parametrize(
    ("markup", "words"),
    [
        ("<label for=a>First name:</label><p><input id=a></p>", "First name"),
        ("<label>City <input></label>", "City"),
        ('<span id=x>Ship</span><b id=y>to</b><input aria-labelledby="x y">', "Ship to"),
        ('<input aria-label="Search term">', "Search term"),
        ('<input title="Your age">', "Your age"),
        ('<input placeholder="Postcode">', "Postcode"),
        ("<table><tr><td>Telephone *</td><td><input></td></tr></table>", "Telephone"),
        ("<table><tr><th>Name</th><th>Price</th></tr><tr><td></td><td><input></td></tr></table>", "Price"),
        ("<p>Surname: <input></p>", "Surname"),
        ("<div class=field><label>E-mail</label><div><input></div></div>", "E-mail"),
        ("<dl><dt>Country</dt><dd><select><option>A</select></dd></dl>", "Country"),
        ("<input type=checkbox id=t> I agree to the terms", "I agree to the terms"),
        ("<input type=radio name=r value=1><label>Single</label>", "Single"),
        ("<label>Quantity<select><option>1<option>2</select></label>", "Quantity"),
    ],
)
def test_a_control_is_called_as_a_person_would_read_it(markup: str, words: str) -> None:
    assert label(f"<form>{markup}</form>") == words


def test_a_label_of_another_control_is_not_taken() -> None:
    found = controls("<form><label for=a>Name</label><input id=a><input id=b></form>")
    assert [c.label for c in found] == ["Name", ""]


def test_the_words_of_a_button_or_an_error_label_nothing() -> None:
    assert label("<form><button>Show</button><span class=error>Wrong!</span><input></form>") == ""


def test_a_legend_heads_its_group() -> None:
    found = controls("<form><fieldset><legend>Delivery</legend><input name=a></fieldset><input name=b></form>")
    assert [c.heading for c in found] == ["Delivery", ""]


def test_help_is_found_by_reference_and_by_class() -> None:
    by_reference = controls("<form><input aria-describedby=h><p id=h>At least 8 characters</p></form>")
    by_class = controls('<form><input><small class="form-text">At least 8 characters</small></form>')
    assert by_reference[0].help == by_class[0].help == "At least 8 characters"


def test_stars_and_colons_are_no_words() -> None:
    assert trimmed(" * Full name (required): ") == "Full name"
