"""The other ways of making the shop: row loops with Faker and Mimesis, DuckDB SQL by hand, and only writing.

    python benchmarks/shop_peers.py faker|mimesis|duckdb|floor ORDERS FOLDER [READY]

Six tables each: customers (orders/5), products, orders, 1 to 8 lines an order (2.9 on average), a payment an
order whose amount is the sum of its lines, orders/2 reviews of 20 to 60 words.
"""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

LINES = [1, 2, 3, 4, 5, 6, 7, 8]
WEIGHTS = [0.22, 0.28, 0.2, 0.13, 0.08, 0.05, 0.025, 0.015]
STATUS = ["pending", "paid", "shipped", "delivered", "cancelled"]
METHODS = ["card", "paypal", "transfer", "voucher"]
CHUNK = 50_000


def write(folder: Path, table: str, rows: Iterator[dict]) -> None:
    """Rows to Parquet, some thousands at a time."""
    writer, chunk = None, []
    for row in rows:
        chunk.append(row)
        if len(chunk) == CHUNK:
            writer = flush(folder, table, writer, chunk)
            chunk = []
    writer = flush(folder, table, writer, chunk) if chunk else writer
    if writer is not None:
        writer.close()


def flush(folder: Path, table: str, writer: pq.ParquetWriter | None, chunk: list[dict]) -> pq.ParquetWriter:
    made = pa.Table.from_pylist(chunk)
    writer = writer or pq.ParquetWriter(folder / f"{table}.parquet", made.schema, compression="snappy")
    writer.write_table(made.cast(writer.schema))
    return writer


def row_loop(
    orders: int,
    folder: Path,
    person: Callable[[int], dict],
    product: Callable[[int], dict],
    words: Callable[[int], str],
    moment: Callable[[], datetime],
    title: Callable[[], str],
) -> None:
    """The workload as a loop over rows; the callables come from the library measured."""
    draw = random.Random(1)
    customers, products = orders // 5, max(1000, orders // 100)
    write(folder, "customers", (person(i) for i in range(1, customers + 1)))
    write(folder, "products", (product(i) for i in range(1, products + 1)))
    counts = draw.choices(LINES, WEIGHTS, k=orders)
    sums: list[float] = []

    def order(i: int) -> dict:
        at = moment()
        status = draw.choice(STATUS)
        shipped = at + timedelta(hours=draw.randint(2, 90)) if status in ("shipped", "delivered") else None
        return {
            "id": i,
            "customer_id": draw.randint(1, customers),
            "ordered_at": at,
            "status": status,
            "shipped_at": shipped,
        }

    def lines() -> Iterator[dict]:
        for i, n in enumerate(counts, 1):
            total = 0
            for k in range(1, n + 1):
                quantity, cents = draw.randint(1, 9), draw.randint(100, 50_000)
                total += quantity * cents
                yield {
                    "order_id": i,
                    "line_no": k,
                    "product_id": draw.randint(1, products),
                    "quantity": quantity,
                    "unit_price": cents / 100,
                    "amount": quantity * cents / 100,
                }
            sums.append(total / 100)

    write(folder, "orders", (order(i) for i in range(1, orders + 1)))
    write(folder, "order_lines", lines())
    write(
        folder,
        "payments",
        (
            {"id": i, "order_id": i, "method": draw.choice(METHODS), "amount": total, "paid_at": moment()}
            for i, total in enumerate(sums, 1)
        ),
    )
    write(
        folder,
        "reviews",
        (
            {
                "id": i,
                "order_id": draw.randint(1, orders),
                "rating": draw.randint(1, 5),
                "title": title(),
                "body": words(draw.randint(20, 60)),
                "created_at": moment(),
            }
            for i in range(1, orders // 2 + 1)
        ),
    )


def faker(orders: int, folder: Path) -> None:
    from faker import Faker

    fake = Faker("en_US")
    Faker.seed(1)

    def person(i: int) -> dict:
        return {
            "id": i,
            "first_name": fake.first_name(),
            "last_name": fake.last_name(),
            "email": f"{i}.{fake.email()}",
            "city": fake.city(),
            "created_at": fake.date_time_this_decade(),
        }

    def product(i: int) -> dict:
        return {
            "id": i,
            "sku": fake.bothify("???-#####"),
            "name": fake.catch_phrase(),
            "price": fake.pyfloat(min_value=1, max_value=4999, right_digits=2),
        }

    row_loop(
        orders,
        folder,
        person,
        product,
        lambda n: fake.sentence(nb_words=n),
        fake.date_time_this_decade,
        lambda: fake.sentence(nb_words=4),
    )


def mimesis(orders: int, folder: Path) -> None:
    from mimesis import Datetime, Finance, Generic, Text
    from mimesis.locales import Locale

    g = Generic(Locale.EN, seed=1)
    text, clock, finance = Text(Locale.EN, seed=1), Datetime(Locale.EN, seed=1), Finance(Locale.EN, seed=1)

    def words(n: int) -> str:
        return " ".join(text.words(quantity=n))

    def person(i: int) -> dict:
        return {
            "id": i,
            "first_name": g.person.first_name(),
            "last_name": g.person.last_name(),
            "email": f"{i}.{g.person.email()}",
            "city": g.address.city(),
            "created_at": clock.datetime(start=2020, end=2025),
        }

    def product(i: int) -> dict:
        return {
            "id": i,
            "sku": g.code.pin(mask="@@@-#####"),
            "name": finance.company(),
            "price": finance.price(minimum=1, maximum=4999),
        }

    row_loop(orders, folder, person, product, words, lambda: clock.datetime(start=2020, end=2025), lambda: words(4))


def duckdb(orders: int, folder: Path) -> None:
    import duckdb as db

    c = db.connect()
    c.execute("SET threads = 1")
    c.execute("SET preserve_insertion_order = false")
    customers, products, reviews = orders // 5, max(1000, orders // 100), orders // 2
    sentences = [" ".join(w) for w in (random.Random(i).sample(WORDS, 9) for i in range(600))]
    c.execute("CREATE TABLE first AS SELECT unnest($1) v", [FIRST])
    c.execute("CREATE TABLE last AS SELECT unnest($1) v", [LAST])
    for name, values in (
        ("firsts", FIRST),
        ("lasts", LAST),
        ("cities", CITIES),
        ("sentences", sentences),
        ("adjectives", WORDS[:30]),
        ("nouns", WORDS[30:60]),
    ):
        c.execute(f"SET VARIABLE {name} = $1", [values])

    def u(salt: int, of: str) -> str:
        return f"CAST(hash({of} * 31 + {salt}) >> 11 AS BIGINT)"

    def pick(variable: str, salt: int, of: str) -> str:
        return f"getvariable('{variable}')[1 + {u(salt, of)} % len(getvariable('{variable}'))]"

    def copy(table: str, query: str) -> None:
        c.execute(f"COPY ({query}) TO '{folder / (table + '.parquet')}' (FORMAT parquet, COMPRESSION snappy)")

    def unit(salt: int, of: str) -> str:
        return f"({u(salt, of)} / 9007199254740992.0)"

    def skewed(size: int, salt: int, of: str) -> str:
        """A few have many, as in the product's own shop (a power law by its quantile)."""
        return f"(1 + CAST(floor({size} * pow({unit(salt, of)}, 1.67)) AS BIGINT))"

    def price(salt: int, of: str) -> str:
        spread = f"({unit(salt, of)} + {unit(salt + 1, of)} + {unit(salt + 2, of)} - 1.5)"
        return f"least(greatest(exp(3.1 + 2.1 * {spread}), 1), 4999)::DECIMAL(12,2)"

    at = "TIMESTAMP '2021-01-01' + INTERVAL 1 SECOND * CAST({0} % 150000000 AS BIGINT)"
    copy(
        "customers",
        f"""SELECT i id, {pick("firsts", 1, "i")} first_name, {pick("lasts", 2, "i")} last_name,
        lower({pick("firsts", 1, "i")} || '.' || {pick("lasts", 2, "i")}) || i || '@example.com' email,
        {pick("cities", 3, "i")} city, {at.format(u(4, "i"))} created_at FROM range(1, {customers} + 1) t(i)""",
    )
    copy(
        "products",
        f"""SELECT i id, 'SKU-' || lpad(i::VARCHAR, 8, '0') sku,
        {pick("adjectives", 1, "i")} || ' ' || {pick("nouns", 2, "i")} AS name,
        {price(3, "i")} price FROM range(1, {products} + 1) t(i)""",
    )
    status = (
        "CASE WHEN {0} < 0.15 THEN 'pending' WHEN {0} < 0.47 THEN 'paid' WHEN {0} < 0.7 THEN 'shipped' "
        "WHEN {0} < 0.96 THEN 'delivered' ELSE 'cancelled' END"
    )
    copy(
        "orders",
        f"""SELECT id, customer_id, ordered_at, status,
        CASE WHEN status IN ('shipped', 'delivered')
        THEN ordered_at + INTERVAL 1 HOUR * CAST(2 + {u(5, "id")} % 88 AS BIGINT) END shipped_at
        FROM (SELECT i id, {skewed(customers, 1, "i")} customer_id, {at.format(u(2, "i"))} ordered_at,
        {status.format(unit(3, "i"))} status FROM range(1, {orders} + 1) t(i))""",
    )
    lines = f"""SELECT i order_id, k line_no, {skewed(products, 1, "i * 8 + k")} product_id,
        1 + CAST(floor(8 * pow({unit(2, "i * 8 + k")}, 2)) AS BIGINT) quantity, {price(3, "i * 8 + k")} unit_price
        FROM (SELECT i, unnest(range(1, 2 + [0,0,0,1,1,1,1,2,2,2,2,2,3,4,5,5][1 + {u(9, "i")} % 16])) k
        FROM range(1, {orders} + 1) t(i))"""
    copy("order_lines", f"SELECT *, (quantity * unit_price)::DECIMAL(12,2) amount FROM ({lines})")
    copy(
        "payments",
        f"""SELECT order_id id, order_id, ['card','paypal','transfer','voucher'][1 + {u(7, "order_id")} % 4] AS method,
        sum((quantity * unit_price)::DECIMAL(14,2)) amount, {at.format(u(8, "order_id"))} paid_at
        FROM ({lines}) GROUP BY order_id""",
    )
    body = " || '. ' || ".join(pick("sentences", 10 + k, "i") for k in range(4))
    copy(
        "reviews",
        f"""SELECT i id, {skewed(orders, 1, "i")} order_id, 1 + {u(2, "i")} % 5 rating,
        {pick("adjectives", 3, "i")} || ' ' || {pick("nouns", 4, "i")} title, {body} body,
        {at.format(u(5, "i"))} created_at
        FROM range(1, {reviews} + 1) t(i)""",
    )


def floor(orders: int, folder: Path, ready: str) -> None:
    """Only writing: prints the CPU seconds of the writing alone (reading the ready tables is not counted)."""
    del orders
    spent = 0.0
    for place in sorted(Path(ready).rglob("*.parquet")):
        source = pq.ParquetFile(place, read_dictionary=_texts(place))
        target = folder / place.relative_to(ready)
        target.parent.mkdir(parents=True, exist_ok=True)
        batches = list(source.iter_batches(batch_size=65536))
        started = time.process_time()
        writer = pq.ParquetWriter(target, source.schema_arrow, compression="snappy", store_decimal_as_integer=True)
        for batch in batches:
            writer.write_batch(batch)
        writer.close()
        spent += time.process_time() - started
    (folder / "cpu.txt").write_text(f"{spent}")


def _texts(place: Path) -> list[str]:
    meta = pq.read_metadata(place)
    group = meta.row_group(0) if meta.num_row_groups else None
    names = [] if group is None else [group.column(i) for i in range(group.num_columns)]
    return [c.path_in_schema for c in names if "RLE_DICTIONARY" in c.encodings and c.physical_type == "BYTE_ARRAY"]


FIRST = [
    f"{a}{b}"
    for a in ("Mar", "Jo", "An", "Ka", "Lu", "Ste", "Da", "El")
    for b in ("ia", "hn", "na", "rl", "cy", "ven", "vid", "la")
]
LAST = [
    f"{a}{b}"
    for a in ("Smi", "Ander", "Wil", "John", "Mill", "Tay", "Moor", "Clar")
    for b in ("th", "son", "kins", "ston", "er", "lor", "e", "ke")
]
CITIES = [
    f"{a}{b}"
    for a in ("Spring", "River", "Oak", "Mill", "Lake", "Fair")
    for b in ("field", "ton", "dale", "wood", "view", "port")
]
WORDS = (
    "quick", "bright", "solid", "light", "heavy", "smooth", "narrow", "simple", "modern", "classic", "warm", "cool",
    "soft", "firm", "clear", "plain", "broad", "early", "late", "calm", "deep", "fresh", "grand", "kind", "loud",
    "neat", "proud", "rare", "sharp", "table", "lamp", "chair", "mirror", "bottle", "kettle", "basket", "blanket",
    "pillow", "speaker", "charger", "keyboard", "backpack", "jacket", "sweater", "wallet", "notebook", "pencil",
    "candle", "teapot", "mug", "tray", "shelf", "stool", "bench", "cabinet", "drawer", "rug", "arrived", "quickly",
    "works", "as", "described", "would", "buy", "again", "better", "than", "expected", "colour", "matches", "photo",
    "packaging", "was", "damaged", "but", "item", "fine",
)  # fmt: skip


if __name__ == "__main__":
    kind, count, place, *more = sys.argv[1:]
    {"faker": faker, "mimesis": mimesis, "duckdb": duckdb, "floor": floor}[kind](int(count), Path(place), *more)
