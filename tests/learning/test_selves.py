"""Tables that refer to themselves: staff takes after its boss, and as many have none as was seen."""

from __future__ import annotations

import sqlite3

import numpy as np
import pytest

import understudy
from understudy import workflow
from understudy.storage.models import save_model

DDL = "CREATE TABLE staff (id INTEGER PRIMARY KEY, boss_id INT REFERENCES staff, pay INT NOT NULL, team TEXT NOT NULL);"


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Teams of five under a head, whose team they share and of whose pay they have about half."""
    folder = tmp_path_factory.mktemp("selves")
    random = np.random.default_rng(3)
    with sqlite3.connect(folder / "real.db") as connection:
        connection.executescript(DDL)
        for head in range(1, 1501, 5):
            pay, team = int(random.integers(4000, 9000)), str(random.choice(["red", "blue", "green"]))
            connection.execute("INSERT INTO staff VALUES (?, NULL, ?, ?)", (head, pay, team))
            for other in range(head + 1, head + 5):
                row = (other, head, int(pay * random.uniform(0.45, 0.55)), team)
                connection.execute("INSERT INTO staff VALUES (?, ?, ?, ?)", row)
    save_model(workflow.fit(f"sqlite:///{folder}/real.db"), folder / "it.model")
    assert understudy.generate(str(folder / "it.model"), to=f"sqlite:///{folder}/made.db", rows={"staff": 1500}).holds
    with sqlite3.connect(folder / "made.db") as connection:
        yield connection


def test_as_many_rows_as_were_seen_refer_to_nobody(made):
    assert made.execute("SELECT avg(boss_id IS NULL) FROM staff").fetchone()[0] == pytest.approx(0.2, abs=0.02)


def test_a_row_takes_after_the_row_that_it_refers_to(made):
    sql = "SELECT a.pay, b.pay, a.team = b.team FROM staff a JOIN staff b ON b.id = a.boss_id WHERE b.boss_id IS NULL"
    rows = made.execute(sql).fetchall()
    assert np.mean([same for _, _, same in rows]) > 0.95
    assert np.mean([0.35 < pay / above < 0.65 for pay, above, _ in rows]) > 0.9
