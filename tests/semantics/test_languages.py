"""Tables and columns in other languages mean what they say there, and are filled in that language."""

from __future__ import annotations

import pytest

import understudy
from understudy.model.schema import Entity, Field
from understudy.semantics import matches
from understudy.semantics.catalogue import catalogue
from understudy.semantics.tongues import tongues
from understudy.semantics.words import home, own_tokens, spoken, subject, tokens
from understudy.types import Kind, Type

TEXT, DAY = Type(Kind.TEXT), Type(Kind.DATE)


def table(name: str, columns: str) -> Entity:
    days = ("datum", "datum_", "fecha", "date", "data", "tarihi", "日")
    fields = (Field(c, DAY if any(d in c.lower() for d in days) else TEXT) for c in columns.split())
    return Entity(name, tuple(fields))


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Geburtsdatum", ("birth", "date")),
        ("kundennummer", ("customer", "number")),
        ("fecha_nacimiento", ("birth", "date")),
        ("doğum_tarihi", ("birth", "date")),
        ("data_urodzenia", ("birth", "date")),
        ("氏名", ("full", "name")),
        ("注文番号", ("order", "number")),
        ("电话", ("phone",)),
        ("date_commande", ("order", "date")),
        ("numero_factura", ("invoice", "number")),
        ("id_cliente", ("customer", "id")),
        ("order_date", ("order", "date")),
        ("land", ("land",)),
    ],
)
def test_a_name_is_put_into_english_words(name: str, expected: tuple[str, ...]) -> None:
    assert tokens(name) == expected


@pytest.mark.parametrize(
    ("name", "columns", "language", "about", "meanings"),
    [
        (
            "kunden",
            "vorname nachname geburtsdatum strasse plz ort land telefon",
            "de",
            "customer",
            "first_name last_name birth_date street_address postcode city country phone",
        ),
        (
            "clientes",
            "nombre apellidos fecha_nacimiento direccion ciudad codigo_postal pais correo",
            "es",
            "customer",
            "first_name last_name birth_date address city postcode country email",
        ),
        (
            "clients",
            "nom prenom adresse ville code_postal pays courriel",
            "fr",
            "customer",
            "last_name first_name address city postcode country email",
        ),
        (
            "clienti",
            "nome cognome indirizzo citta telefono data_nascita",
            "it",
            "customer",
            "first_name last_name address city phone birth_date",
        ),
        (
            "klanten",
            "voornaam achternaam straat woonplaats",
            "nl",
            "customer",
            "first_name last_name street_address city",
        ),
        (
            "pracownicy",
            "imie nazwisko data_urodzenia stanowisko",
            "pl",
            "employee",
            "first_name last_name birth_date job_title",
        ),
        (
            "funcionarios",
            "nome sobrenome endereco cidade cargo",
            "pt",
            "employee",
            "first_name last_name address city job_title",
        ),
        (
            "musteriler",
            "ad soyad dogum_tarihi adres sehir",
            "tr",
            "customer",
            "first_name last_name birth_date address city",
        ),
        (
            "顧客",
            "氏名 生年月日 住所 郵便番号 電話番号",
            "ja",
            "customer",
            "person_name birth_date address postcode phone",
        ),
        ("客户", "姓名 电话 地址 邮编 城市", "zh", "customer", "person_name phone address postcode city"),
    ],
)
def test_a_table_in_another_language_is_understood(
    name: str, columns: str, language: str, about: str, meanings: str
) -> None:
    entity = table(name, columns)
    assert spoken(entity) == language
    assert subject(name, language)[-1] == about
    assert [matches(entity, f)[0].meaning for f in entity.fields] == meanings.split()


def test_words_that_english_has_too_stay_english_in_an_english_table() -> None:
    entity = table("orders", "land data note art name total status")
    assert spoken(entity) == ""
    assert [own_tokens("orders", f.name, spoken(entity)) for f in entity.fields][:2] == [("land",), ("data",)]


def test_every_form_of_every_language_leads_to_words_that_are_written_in_lower_case() -> None:
    for tongue in tongues().values():
        assert len(tongue.words) > 100
        assert all(w == w.lower() for english in tongue.words.values() for w in english)


def test_most_concepts_of_every_language_are_names_of_types() -> None:
    """A concept is a phrase that some type is called by, or one about which a table is."""
    known = {n.split(": ")[-1].lstrip("=") for t in catalogue().values() for n in t.names}
    about = {n.split(": ")[0] for t in catalogue().values() for n in t.names if ": " in n}
    for code, tongue in tongues().items():
        concepts = {" ".join(e) for e in tongue.words.values()}
        unknown = {c for c in concepts if c not in known and c not in about and tokens(c)[-1] not in known}
        assert len(unknown) < 0.12 * len(concepts), (code, sorted(unknown))


def test_rows_of_a_german_schema_are_german_unless_something_else_is_asked_for() -> None:
    kunden = Entity("kunden", (Field("vorname", TEXT, False), Field("ort", TEXT, False), Field("plz", TEXT, False)))
    schema = understudy.Schema("x", (kunden,))
    assert home(schema.entities) == "de_DE"
    assert understudy.plan(schema, rows=5).plan.locale == "de_DE"
    assert understudy.plan(schema, rows=5, locale="fr_FR").plan.locale == "fr_FR"
    rows = understudy.generate(schema, rows=40)["kunden"].to_pylist()
    assert {"Berlin", "Hamburg", "München"} & {r["ort"] for r in rows}


def test_two_surnames_of_a_person_are_two() -> None:
    fields = tuple(Field(n, TEXT, False) for n in ("nombre", "apellido1", "apellido2", "direccion"))
    rows = understudy.generate(understudy.Schema("x", (Entity("pacientes", fields),)), rows=60)["pacientes"].to_pylist()
    assert sum(r["apellido1"] != r["apellido2"] for r in rows) > 50
    assert all(" " not in r["nombre"] for r in rows)


def test_a_street_has_no_number_where_the_number_has_a_column() -> None:
    fields = tuple(Field(n, TEXT, False) for n in ("strasse", "hausnr", "plz", "ort"))
    rows = understudy.generate(understudy.Schema("x", (Entity("kunden", fields),)), rows=40)["kunden"].to_pylist()
    assert not any(c.isdigit() for r in rows for c in r["strasse"])
    assert all(r["hausnr"][0].isdigit() for r in rows)


def test_jobs_departments_goods_and_countries_are_called_as_in_the_language() -> None:
    fields = tuple(Field(n, TEXT, False) for n in ("abteilung", "beruf", "anrede", "zahlungsart", "land"))
    rows = understudy.generate(understudy.Schema("x", (Entity("mitarbeiter", fields),)), rows=300)["mitarbeiter"]
    seen = {n: set(rows.column(n).to_pylist()) for n in rows.column_names}
    assert {"Vertrieb", "Finanzen"} <= seen["abteilung"]
    assert "Buchhalter" in seen["beruf"]
    assert {"Frau", "Herr"} <= seen["anrede"]
    assert {"Überweisung", "Rechnung"} & seen["zahlungsart"]
    assert "Deutschland" in seen["land"]
    assert "Germany" not in seen["land"]


def test_tax_is_reckoned_by_the_rate_of_the_country() -> None:
    money = Type(Kind.DECIMAL, precision=12, scale=2)
    names = ("base_imponible", "iva", "importe_total")
    entity = Entity("facturas", tuple(Field(n, money, False) for n in names))
    for r in understudy.generate(understudy.Schema("x", (entity,)), rows=50)["facturas"].to_pylist():
        assert abs(r["iva"] - r["base_imponible"] * 21 / 100) < 0.02
        assert r["importe_total"] == r["base_imponible"] + r["iva"]
    rate = Entity("artikel", (Field("bezeichnung", TEXT, False), Field("mwst_satz", money, False)))
    found = understudy.generate(understudy.Schema("x", (rate,)), rows=200)["artikel"].column("mwst_satz").to_pylist()
    assert {int(v) for v in found} == {19, 7, 0}


def test_a_state_in_another_language_says_what_has_happened() -> None:
    states = ("pendiente", "entregado", "cancelado")
    fields = (
        Field("fecha_pedido", DAY, False),
        Field("estado", TEXT, False, values=states),
        Field("delivered_at", Type(Kind.TIMESTAMP)),
    )
    rows = understudy.generate(understudy.Schema("x", (Entity("pedidos", fields),)), rows=300)["pedidos"].to_pylist()
    assert {r["estado"] for r in rows} == set(states)
    assert all((r["delivered_at"] is not None) == (r["estado"] == "entregado") for r in rows)
