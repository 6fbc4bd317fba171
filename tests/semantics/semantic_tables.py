"""Small tables of many trades, written as ``name type`` lines, for the tests of semantics."""

from __future__ import annotations

import re

from understudy.model.schema import Entity, Field
from understudy.types import Kind, Type

CLOCK = 1_763_700_000_000_000


def logical(word: str) -> Type:
    """A type from its short name: ``s(40)`` text, ``c(2)`` fixed text, ``dec(10,2)``, ``enum(a,b)`` and so on."""
    found = re.fullmatch(r"(\w+)(?:\((.*)\))?", word)
    assert found is not None
    name, inside = found[1], found[2] or ""
    match name:
        case "s":
            return Type(Kind.TEXT, length=int(inside) if inside else None)
        case "c":
            return Type(Kind.TEXT, length=int(inside), fixed=True)
        case "int":
            return Type(Kind.INTEGER, bits=32)
        case "small":
            return Type(Kind.INTEGER, bits=16)
        case "big":
            return Type(Kind.INTEGER)
        case "dec":
            precision, scale = inside.split(",")
            return Type(Kind.DECIMAL, precision=int(precision), scale=int(scale))
        case "enum":
            return Type(Kind.ENUM, labels=tuple(inside.split(",")))
        case "list":
            return Type(Kind.ARRAY, element=Type(Kind.TEXT))
        case "ts":
            return Type(Kind.TIMESTAMP, zoned=True)
        case "bool":
            return Type(Kind.BOOLEAN)
        case _:
            return Type(Kind(name))


def entity(name: str, columns: str) -> Entity:
    """An entity from ``name type; name type?`` (``?``: nullable)."""
    fields = []
    for text in columns.split(";"):
        column, _, kind = text.strip().partition(" ")
        fields.append(Field(column, logical(kind.rstrip("?")), nullable=kind.endswith("?")))
    return Entity(name, tuple(fields))


TABLES = (
    entity(
        "customers",
        "first_name s(40); last_name s(40); email s(120); gender c(1); birth_date date; phone s(30)?; "
        "company s(80)?; address s(120); city s(60); state s(40)?; postal_code s(12); country s(60); created_at ts; "
        "updated_at ts; deleted_at ts?; is_active bool; loyalty_points int; notes s?",
    ),
    entity(
        "products",
        "sku s(20); name s(100); slug s(120); description s; category s(60); brand s(40); price dec(10,2); "
        "cost dec(10,2); stock int; weight_kg dec(8,3); color s(30); rating float; ean s(13); image_url s(200)?; "
        "min_quantity int; max_quantity int",
    ),
    entity(
        "orders",
        "order_number s(30); status enum(pending,processing,shipped,delivered,cancelled); order_date date; "
        "required_date date?; shipped_at ts?; delivered_at ts?; subtotal dec(10,2); tax dec(10,2); "
        "shipping_cost dec(10,2); total dec(10,2); currency c(3); payment_method s(30); ship_name s(80); "
        "ship_address s(120); ship_city s(60); ship_region s(40)?; ship_postal_code s(12); ship_country s(40)",
    ),
    entity("order_items", "quantity int; unit_price dec(10,2); discount dec(5,2); line_total dec(12,2)"),
    entity(
        "reviews",
        "rating int; title s(100); body s; author_name s(80); helpful_count int; verified bool; created_at ts",
    ),
    entity("tracks", "name s(200); composer s(220)?; milliseconds int; bytes int?; genre s(40)"),
    entity("artists", "name s(120)?"),
    entity(
        "employees",
        "first_name s(14); last_name s(16); title s(30); birth_date date; hire_date date; "
        "salary dec(10,2); department s(40); email s(60); phone s(24); extension s(10); manager_name s(80)",
    ),
    entity(
        "flights",
        "flight_number s(8); departure_airport c(3); arrival_airport c(3); scheduled_departure ts; "
        "scheduled_arrival ts; actual_departure ts?; actual_arrival ts?; status s(20); aircraft_type s(40); gate s(5)?",
    ),
    entity(
        "patients",
        "mrn s(12); first_name s(40); last_name s(40); date_of_birth date; sex s(10); blood_type s(3); "
        "height_cm int; weight_kg dec(5,1); admitted_at ts; discharged_at ts?; diagnosis s(120); diagnosis_code s(10); "
        "emergency_contact_name s(80); emergency_contact_phone s(20)",
    ),
    entity(
        "issues",
        "title s(200); description s; status s(20); priority s(10); type s(20); assignee_name s(60); "
        "labels list; story_points int?; due_date date?; created_at ts; closed_at ts?; estimate_hours dec(5,1)?",
    ),
    entity(
        "pages",
        "page_title s(255); page_content s; page_slug s(200); page_is_redirect small; page_touched ts; lang s(35)",
    ),
    entity(
        "users",
        "username s(50); email s(255); display_name s(100); password_hash s(255); avatar_url s(255)?; bio s?; "
        "locale s(10); time_zone s(50); last_login_at ts?; last_login_ip s(45)?; role s(20); api_token s(64)?; "
        "preferences json; date_creation big; website s(200)?; age int",
    ),
    entity(
        "sessions",
        "id s(64); ip_address s(45); user_agent s; started_at ts; expires_at ts; payload s; "
        "start_time time; end_time time; valid_from date; valid_to date",
    ),
    entity(
        "suppliers",
        "company_name s(40); contact_name s(30); contact_title s(30); address s(60); city s(15); "
        "region s(15)?; postal_code s(10); country s(15); phone s(24); fax s(24)?; "
        "homepage s?; latitude dec(9,6); longitude float",
    ),
)


def every_kind() -> tuple[tuple[str, Type], ...]:
    """One type of each kind and of the variants that have a form of their own."""
    whole = Type(Kind.INTEGER, bits=32)
    shapes = ("point", "line", "lseg", "box", "path", "polygon", "circle")
    return (
        ("boolean", Type(Kind.BOOLEAN)),
        ("whole", whole),
        ("tiny", Type(Kind.INTEGER, bits=8)),
        ("unsigned", Type(Kind.INTEGER, bits=16, signed=False)),
        ("exact", Type(Kind.DECIMAL, precision=8, scale=2)),
        ("narrow", Type(Kind.DECIMAL, precision=3, scale=2)),
        ("single", Type(Kind.FLOAT, bits=32)),
        ("double", Type(Kind.FLOAT)),
        ("letter", Type(Kind.TEXT, length=1)),
        ("short", Type(Kind.TEXT, length=5)),
        ("word", Type(Kind.TEXT, length=15)),
        ("phrase", Type(Kind.TEXT, length=50)),
        ("long", Type(Kind.TEXT)),
        ("folded", Type(Kind.TEXT, length=12, folded=True)),
        ("exactly", Type(Kind.TEXT, length=10, fixed=True)),
        ("bytes", Type(Kind.BINARY)),
        ("four_bytes", Type(Kind.BINARY, length=4, fixed=True)),
        ("day", Type(Kind.DATE)),
        ("hour", Type(Kind.TIME)),
        ("moment", Type(Kind.TIMESTAMP)),
        ("zoned", Type(Kind.TIMESTAMP, zoned=True)),
        ("span", Type(Kind.INTERVAL)),
        ("year", Type(Kind.YEAR)),
        ("uuid", Type(Kind.UUID)),
        ("json", Type(Kind.JSON)),
        ("xml", Type(Kind.XML)),
        ("choice", Type(Kind.ENUM, labels=("red", "green", "blue"))),
        ("several", Type(Kind.SET, labels=("a", "b", "c"))),
        ("bits", Type(Kind.BITS, length=5)),
        ("wide_bits", Type(Kind.BITS, length=100)),
        ("list", Type(Kind.ARRAY, element=whole)),
        ("texts", Type(Kind.ARRAY, element=Type(Kind.TEXT, length=10))),
        ("pair", Type(Kind.STRUCT, fields=(("x", whole), ("y", Type(Kind.TEXT, length=30))))),
        ("map", Type(Kind.MAP, key=Type(Kind.TEXT), element=whole)),
        ("inet", Type(Kind.NETWORK, variant="inet")),
        ("cidr", Type(Kind.NETWORK, variant="cidr")),
        ("mac", Type(Kind.NETWORK, variant="macaddr")),
        *((f"a_{s}", Type(Kind.GEOMETRIC, variant=s)) for s in shapes),
        ("place", Type(Kind.SPATIAL, raw="geometry(Point,4326)")),
        ("field", Type(Kind.SPATIAL, raw="polygon")),
        ("words", Type(Kind.SEARCH, variant="tsvector")),
        ("money", Type(Kind.MONEY)),
        ("numbers", Type(Kind.RANGE, element=whole)),
        ("days", Type(Kind.RANGE, element=Type(Kind.DATE))),
        ("hours", Type(Kind.RANGE, element=Type(Kind.TIMESTAMP))),
        ("amounts", Type(Kind.RANGE, element=Type(Kind.DECIMAL))),
        ("several_ranges", Type(Kind.MULTIRANGE, element=whole)),
        ("store", Type(Kind.OPAQUE, variant="hstore")),
        ("tree", Type(Kind.OPAQUE, variant="ltree")),
        ("cube", Type(Kind.OPAQUE, variant="cube")),
        ("isbn", Type(Kind.OPAQUE, variant="isbn13")),
    )
