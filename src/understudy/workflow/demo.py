"""A guided first run: a shop's schema in SQLite, filled by the very functions that fill any other database."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import msgspec

from understudy.errors import TargetError
from understudy.model.event import Listener, silent
from understudy.model.manifest import Manifest
from understudy.model.request import Request

SHOP = """
CREATE TABLE category (
    id INTEGER PRIMARY KEY,
    name VARCHAR(60) NOT NULL UNIQUE,
    parent_id INTEGER REFERENCES category (id)
);
CREATE TABLE supplier (
    id INTEGER PRIMARY KEY,
    company_name VARCHAR(80) NOT NULL,
    contact_email VARCHAR(120) NOT NULL UNIQUE,
    phone VARCHAR(30),
    country_code CHAR(2) NOT NULL
);
CREATE TABLE product (
    id INTEGER PRIMARY KEY,
    sku VARCHAR(20) NOT NULL UNIQUE CHECK (length(sku) >= 6),
    name VARCHAR(100) NOT NULL,
    description TEXT,
    category_id INTEGER NOT NULL REFERENCES category (id),
    supplier_id INTEGER NOT NULL REFERENCES supplier (id),
    cost DECIMAL(8, 2) NOT NULL CHECK (cost > 0),
    price DECIMAL(8, 2) NOT NULL,
    stock INTEGER NOT NULL DEFAULT 0 CHECK (stock BETWEEN 0 AND 5000),
    added_on DATE NOT NULL,
    CHECK (price > cost)
);
CREATE TABLE customer (
    id INTEGER PRIMARY KEY,
    first_name VARCHAR(40) NOT NULL,
    last_name VARCHAR(40) NOT NULL,
    email VARCHAR(120) NOT NULL UNIQUE CHECK (length(email) >= 6),
    phone VARCHAR(30),
    date_of_birth DATE,
    registered_at TIMESTAMP NOT NULL,
    home_address_id INTEGER REFERENCES address (id) DEFERRABLE INITIALLY DEFERRED
);
CREATE TABLE address (
    id INTEGER PRIMARY KEY,
    customer_id INTEGER NOT NULL REFERENCES customer (id),
    street VARCHAR(80) NOT NULL,
    postal_code VARCHAR(12) NOT NULL,
    city VARCHAR(60) NOT NULL,
    country_code CHAR(2) NOT NULL
);
CREATE TABLE orders (
    id INTEGER PRIMARY KEY,
    customer_id INTEGER NOT NULL REFERENCES customer (id),
    status VARCHAR(10) NOT NULL CHECK (status IN ('new', 'paid', 'shipped', 'delivered', 'cancelled')),
    ordered_at TIMESTAMP NOT NULL,
    shipped_at TIMESTAMP,
    delivered_at TIMESTAMP,
    note VARCHAR(200),
    CHECK (shipped_at IS NULL OR shipped_at >= ordered_at),
    CHECK (delivered_at IS NULL OR delivered_at >= shipped_at),
    CHECK (status NOT IN ('shipped', 'delivered') OR shipped_at IS NOT NULL),
    CHECK ((status = 'delivered') = (delivered_at IS NOT NULL))
);
CREATE TABLE order_line (
    order_id INTEGER NOT NULL REFERENCES orders (id),
    line_number INTEGER NOT NULL CHECK (line_number > 0),
    product_id INTEGER NOT NULL REFERENCES product (id),
    quantity INTEGER NOT NULL CHECK (quantity BETWEEN 1 AND 20),
    unit_price DECIMAL(8, 2) NOT NULL CHECK (unit_price > 0),
    discount_percent DECIMAL(4, 1) NOT NULL DEFAULT 0 CHECK (discount_percent >= 0 AND discount_percent < 100),
    PRIMARY KEY (order_id, line_number)
);
CREATE TABLE payment (
    id INTEGER PRIMARY KEY,
    order_id INTEGER NOT NULL REFERENCES orders (id),
    method VARCHAR(15) NOT NULL CHECK (method IN ('card', 'invoice', 'bank_transfer', 'voucher')),
    card_last_four CHAR(4),
    amount DECIMAL(10, 2) NOT NULL CHECK (amount > 0),
    paid_at TIMESTAMP NOT NULL,
    CHECK ((method = 'card') = (card_last_four IS NOT NULL))
);
CREATE TABLE review (
    product_id INTEGER NOT NULL REFERENCES product (id),
    customer_id INTEGER NOT NULL REFERENCES customer (id),
    rating INTEGER NOT NULL CHECK (rating BETWEEN 1 AND 5),
    title VARCHAR(80),
    body TEXT,
    written_on DATE NOT NULL,
    PRIMARY KEY (product_id, customer_id)
);
"""
"""A composite key, a self-reference, a cycle (customer and address), CHECKs in a row and between columns, a state
with what depends on it, two columns that are null together."""

ROWS = {
    "category": 40,
    "supplier": 30,
    "product": 400,
    "customer": 500,
    "address": 700,
    "orders": 1500,
    "order_line": 4200,
    "payment": 1400,
    "review": 900,
}
"""A small shop: enough to look natural, few enough to be there in seconds."""

SHOWN = ("customer", "orders", "order_line", "review")
FEW = 5


class Sample(msgspec.Struct, frozen=True):
    """Some rows of a table, as the database gives them back."""

    table: str
    columns: tuple[str, ...]
    rows: tuple[tuple[object, ...], ...]


class Demonstration(msgspec.Struct, frozen=True):
    """What the demo did: the database's URL, its load certificate, some rows."""

    url: str
    manifest: Manifest
    samples: tuple[Sample, ...]


def demonstrate(folder: Path, *, seed: int = 0, clock: int, listen: Listener = silent) -> Demonstration:
    """Make ``shop.db`` in ``folder`` anew, fill it, read some rows back. TargetError where the folder cannot be
    written, or holds a file of that name which the demo did not make."""
    from understudy.workflow.generating import generate
    from understudy.workflow.preparing import prepare

    place = folder / "shop.db"
    _build(place)
    url = f"sqlite:///{place}"
    request = Request(rows=ROWS, seed=seed, clock=clock)
    bundle = prepare([url], request, url, listen)
    manifest = generate(bundle, url, listen=listen)
    return Demonstration(url, manifest, _samples(place, SHOWN))


def _build(place: Path) -> None:
    """An empty database with the shop's structure, in place of an earlier demo's."""
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        if place.exists():
            _is_ours(place)
            place.unlink()
        with closing(sqlite3.connect(place)) as connection:
            connection.executescript(SHOP)
    except (OSError, sqlite3.Error) as e:
        raise TargetError(
            f"the demo's database cannot be made: {e}", where=str(place), mend="Name another --folder."
        ) from e


def _is_ours(place: Path) -> None:
    """TargetError where the file is not an earlier demo's."""
    with closing(sqlite3.connect(f"{place.absolute().as_uri()}?mode=ro", uri=True)) as connection:
        try:
            names = {row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        except sqlite3.DatabaseError:
            names = set()
    if names != set(ROWS):
        what = "a file of that name is there, and no demo made it"
        raise TargetError(what, where=str(place), mend="Name another --folder.")


def _samples(place: Path, tables: Sequence[str]) -> tuple[Sample, ...]:
    with closing(sqlite3.connect(place)) as connection:
        return tuple(_sample(connection, table) for table in tables)


def _sample(connection: sqlite3.Connection, table: str) -> Sample:
    cursor = connection.execute(f'SELECT * FROM "{table}" LIMIT {FEW}')
    return Sample(table, tuple(d[0] for d in cursor.description), tuple(cursor.fetchall()))
