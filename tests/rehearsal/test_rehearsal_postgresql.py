"""Triggers of PostgreSQL: what they reject, rewrite and add is learned before the load."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from trial_databases import ask, fill, lessons, postgresql

SHOP = """
CREATE TABLE customer (id serial PRIMARY KEY, email text NOT NULL UNIQUE, credit int NOT NULL,
  status text NOT NULL CHECK (status IN ('new', 'active', 'blocked')), seen timestamptz NOT NULL DEFAULT now());
CREATE TABLE product (id int PRIMARY KEY, name text NOT NULL, price numeric(8,2) NOT NULL CHECK (price > 0));
CREATE TABLE orders (id int PRIMARY KEY, customer_id int NOT NULL REFERENCES customer,
  product_id int NOT NULL REFERENCES product, qty int NOT NULL CHECK (qty BETWEEN 1 AND 9),
  total numeric(10,2), code text NOT NULL, note text);
CREATE TABLE audit (id serial PRIMARY KEY, what text NOT NULL, actor text);
CREATE TABLE stats (customer_id int PRIMARY KEY REFERENCES customer, orders int NOT NULL DEFAULT 0, remark text);

CREATE FUNCTION before_customer() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN NEW.email := upper(NEW.email); NEW.seen := now(); RETURN NEW; END $$;
CREATE TRIGGER before_customer BEFORE INSERT ON customer FOR EACH ROW EXECUTE FUNCTION before_customer();
CREATE FUNCTION after_customer() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN INSERT INTO stats (customer_id) VALUES (NEW.id); INSERT INTO audit (what) VALUES ('customer ' || NEW.id);
RETURN NULL; END $$;
CREATE TRIGGER after_customer AFTER INSERT ON customer FOR EACH ROW EXECUTE FUNCTION after_customer();
CREATE FUNCTION before_order() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE found text;
BEGIN
  IF NEW.code !~ '^[A-Z]{3}-[0-9]{4}$' THEN RAISE EXCEPTION 'bad code %', NEW.code; END IF;
  SELECT status INTO found FROM customer WHERE id = NEW.customer_id;
  IF found = 'blocked' THEN RAISE EXCEPTION 'customer % is blocked', NEW.customer_id; END IF;
  SELECT NEW.qty * price INTO NEW.total FROM product WHERE id = NEW.product_id;
  RETURN NEW;
END $$;
CREATE TRIGGER before_order BEFORE INSERT ON orders FOR EACH ROW EXECUTE FUNCTION before_order();
"""


@pytest.fixture(scope="module")
def shop(postgresql_server: str) -> Iterator[str]:
    with postgresql("rehearsal_shop", SHOP) as url:
        yield url


def test_a_shop_whose_triggers_reject_rewrite_and_add_is_filled_without_a_rejected_row(shop: str) -> None:
    manifest = fill(shop)
    assert manifest.holds
    assert {t.name: (t.sent, t.rejected) for t in manifest.tables} == dict.fromkeys(
        ("customer", "product", "orders", "audit", "stats"), (120, 0)
    )
    assert manifest.rehearsed > 0
    assert lessons(manifest, "Derived")["orders.total"].formula == "qty * product.price"
    assert lessons(manifest, "Assigned")["customer.seen"].sent is False
    assert lessons(manifest, "Folded")["customer.email"].function == "upper"
    assert lessons(manifest, "Merged")["stats"].key == ("customer_id",)
    assert lessons(manifest, "Fed")["audit"].source == "customer"
    texts = {x.text for x in manifest.learned if type(x).__name__ == "Narrowed"}
    assert any("^[A-Z]{3}-[0-9]{4}$" in t for t in texts)
    assert any("active" in t and "new" in t and "blocked" not in t for t in texts)
    assert ask(shop, "SELECT count(*) FROM stats WHERE orders <> 0") != [(0,)], "the trigger's rows are set as planned"
    assert ask(shop, "SELECT count(*), count(actor) > 0 FROM audit") == [(240, True)]
    assert ask(shop, "SELECT nextval('customer_id_seq') > (SELECT max(id) FROM customer)") == [(True,)]


RENUMBERED = """
CREATE SEQUENCE ids START 500 INCREMENT 5;
CREATE TABLE parent (id bigint PRIMARY KEY, name text NOT NULL);
CREATE TABLE child (id int PRIMARY KEY, parent_id bigint NOT NULL REFERENCES parent, size int NOT NULL);
CREATE FUNCTION number() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.id := nextval('ids'); RETURN NEW; END $$;
CREATE TRIGGER number BEFORE INSERT ON parent FOR EACH ROW EXECUTE FUNCTION number();
CREATE FUNCTION few() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (SELECT count(*) FROM child WHERE parent_id = NEW.parent_id) >= 3 THEN RAISE EXCEPTION 'too many'; END IF;
  IF NEW.size = 13 THEN RETURN NULL; END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER few BEFORE INSERT ON child FOR EACH ROW EXECUTE FUNCTION few();
"""


def test_keys_that_a_trigger_numbers_are_foreseen_and_the_sequence_is_set_back(postgresql_server: str) -> None:
    with postgresql("rehearsal_numbered", RENUMBERED) as url:
        manifest = fill(url, 60)
        assert manifest.holds
        counted = lessons(manifest, "Counted")["parent.id"]
        assert (counted.start, counted.step) == (500, 5), "the rehearsal left the sequence where it stood"
        assert ask(url, "SELECT min(id), max(id), count(*) FROM parent") == [(500, 795, 60)]
        assert ask(url, "SELECT max(n) FROM (SELECT count(*) n FROM child GROUP BY parent_id) c")[0][0] <= 3
        assert {t.name: t.rejected for t in manifest.tables} == {"parent": 0, "child": 0}
