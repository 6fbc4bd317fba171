"""Templates of frameworks, as far as they show controls."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from tests.ui.material import claims, controls, members, page

from understudy.model.evidence import FacetKind
from understudy.sources.ui import pages_of
from understudy.sources.ui.components import shape

VUE = """<template>
  <form @submit.prevent="save">
    <b-field :label="$t('users.first_name')"><b-input :maxlength="200" v-model="user.name" required /></b-field>
    <el-select v-model="user.role" :options="['a', 'b']" label="Role" />
    <v-text-field label="E-mail" type="email" v-model="user.email"></v-text-field>
    <b-checkbox v-model="user.active">Active</b-checkbox>
    <b-radio v-model="user.kind" native-value="x">X</b-radio><b-radio v-model="user.kind" native-value="y">Y</b-radio>
  </form>
</template>
<script>const a = '<input name="no">'</script>"""


def test_vue_components_are_controls() -> None:
    found = members(VUE, "UserForm.vue")
    assert {k: m.first.type for k, m in found.items()} == {
        "name": "text",
        "role": "select",
        "email": "email",
        "active": "checkbox",
        "kind": "radio",
    }
    assert (found["name"].first.label, found["name"].first.required) == ("first name", True)
    assert found["name"].first.attributes["maxlength"] == "200"
    assert [o.value for o in found["role"].first.options] == ["a", "b"]


def test_angular_controls_take_their_names_from_the_form_model_and_their_demands_from_its_errors() -> None:
    markup = """<form [formGroup]="form"><mat-form-field><mat-label>{{ 'LABEL_COUNTRY' | translate }}</mat-label>
      <input matInput [formControl]="countryControl" [placeholder]="'MANDATORY_COUNTRY' | translate">
      @if (countryControl.invalid && countryControl.errors.required) { <mat-error>!</mat-error> }</mat-form-field>
      <mat-select formControlName="state">
      <mat-option *ngFor="let s of states" [value]="s">{{ s }}</mat-option></mat-select>
      </form>"""
    country, state = controls(markup, "x.component.html")
    assert (country.model, country.label, country.maybe) == ("country", "country", ("required",))
    assert (state.type, state.model, state.fluid, state.options) == ("select", "state", True, ())


def test_thymeleaf_fields_and_fragments_are_controls() -> None:
    markup = """<form th:object="${owner}"><input th:field="*{firstName}" />
      <input th:replace="~{fragments/inputField :: input (#{lastName}, 'lastName', 'text')}" />
      <input th:replace="~{fragments/selectField :: select ('Type', 'type', ${types})}" /></form>"""
    found = members(markup)
    assert {k: m.first.tag for k, m in found.items()} == {"firstName": "input", "lastName": "input", "type": "select"}


@pytest.mark.parametrize(
    ("markup", "names"),
    [
        ("{% for f in x %}<input name='a' value='{{ f }}'>{% endfor %}{{ form.email }}", ["a", "email"]),
        (
            "<%= form_with model: @pet do |f| %><%= f.text_field :name %><%= f.date_field :born %><% end %>",
            ["name", "born"],
        ),
        ("<?php if ($x): ?><input name='a' value='<?= $b ?>'><?php endif ?>", ["a"]),
        ("{{#if x}}<input name=a>{{else}}<input name=b>{{/if}}", ["a", "b"]),
        ('<form:input path="owner.city"/><c:if test="${x}"/>', ["owner.city"]),
        ("@csrf\n@if($x)\n<input name=a>\n@endif", ["a"]),
        ('<input asp-for="Email" />', ["Email"]),
    ],
)
def test_server_side_templates_show_their_controls(markup: str, names: list[str]) -> None:
    assert list(members(markup)) == names


def test_jsx_is_read_as_far_as_it_is_written_out() -> None:
    text = """export const F = ({t}) => { const n = 1 < 2; return (<form onSubmit={f}>
      <label htmlFor="e">{t('Your e-mail')}</label><input id="e" name="email" type="email" required maxLength={60} />
      <TextField label="Age" type="number" {...register("age", { required: true, min: 18 })} />
      {show && <select name="plan">{plans.map(p => <option value={p}>{p}</option>)}</select>}</form>) }"""
    found = members(text, "Form.tsx")
    assert {k: (m.first.type, m.first.label, m.first.required) for k, m in found.items()} == {
        "email": ("email", "Your e-mail", True),
        "age": ("number", "Age", True),
        "plan": ("select", "", False),
    }
    assert found["age"].first.attributes["min"] == "18"
    assert found["plan"].first.fluid


def test_messages_beside_the_templates_give_the_words(tmp_path: Path) -> None:
    (tmp_path / "i18n").mkdir()
    (tmp_path / "i18n" / "en.json").write_text('{"a": {"mail": "Electronic mail"}}')
    (tmp_path / "f.html").write_text("<form><label for=e>{{ t('a.mail') }}</label><input id=e></form>")
    (shown,) = pages_of(tmp_path)
    assert shown.forms[0].controls[0].label == "Electronic mail"


def test_a_switch_that_depends_on_something_is_less_certain() -> None:
    markup = "<template><form id=f><b-input name=a v-model='x.a' :required='isNew' /></form></template>"
    (claim,) = claims(markup, FacetKind.NULLABILITY, "a", "F.vue")
    assert claim.value is False
    assert claim.certainty < 1


def test_plain_html_is_not_taken_for_a_template() -> None:
    assert page("<p>Use {braces} and 100% of it</p><form><input name=a></form>").framework == ""


def test_places_stay_true_after_templates_are_cleaned() -> None:
    text = "{% if a %}\n{{ b\n}}\n<form>\n<input name=x>\n</form>{% endif %}"
    assert [c.line for c in controls(text)] == [5]


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("q-input", ("input", "text")),
        ("a-date-picker", ("input", "date")),
        ("InputLabel", None),
        ("el-form-item", None),
        ("ion-toggle", ("box", "checkbox")),
    ],
)
def test_components_are_known_by_the_words_of_their_names(name: str, kind: tuple[str, str] | None) -> None:
    assert shape(name) == kind


@pytest.mark.parametrize("text", ["{% if " * 20_000, "<% x " * 20_000, "{{" * 20_000, "<a x='" * 5_000, "<p " * 20_000])
def test_what_is_never_closed_costs_no_more_than_its_length(text: str) -> None:
    started = time.process_time()
    assert [c.name for c in controls(text + "<input name=a>", "x.html")] in ([], ["a"])
    assert time.process_time() - started < 5
