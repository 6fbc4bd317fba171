"""Tables that are series: what goes with its past goes on doing so, without end, and any rows alone are the same."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pytest

from understudy import workflow
from understudy.errors import InputError
from understudy.kernels import Runtime
from understudy.learning.series import PATHS, fit_series
from understudy.model.request import Request
from understudy.planning import plan
from understudy.storage.models import load_model, save_model

T = 300


def autoregressive(random: np.random.Generator, share: float, spread: float, n: int = T) -> np.ndarray:
    out = np.zeros(n)
    for i in range(1, n):
        out[i] = share * out[i - 1] + random.normal(0, spread)
    return out


def daily() -> pa.Table:
    random = np.random.default_rng(1)
    t = np.arange(T)
    days = np.datetime64("2024-01-01") + t
    sales = np.round(100 + 0.1 * t + 15 * np.sin(2 * np.pi * t / 7) + autoregressive(random, 0.7, 3), 1)
    return pa.table(
        {
            "day": pa.array(days.astype("datetime64[D]")),
            "sales": sales,
            "weather": random.choice(["sun", "rain"], T),
            "dear": np.where(sales > np.median(sales), "yes", "no"),
        }
    )


def fitted_to(data: pa.Table, path, **options):
    pyarrow.csv.write_csv(data, path)
    return workflow.fit(str(path), **options)


def rows(fitted, n: int, start: int = 0, of: int = 0, seed: int = 1) -> pa.Table:
    bundle = plan(fitted.model.schema, Request(default_rows=of or n, seed=seed), fitted=fitted)
    (table,) = fitted.model.tables
    return pa.Table.from_batches([Runtime(bundle).batch(table.name, start, start + n)])


def numbers(made: pa.Table, name: str) -> np.ndarray:
    return np.array([float(v) for v in made.column(name).to_pylist()])


def lagged(y: np.ndarray, lag: int) -> float:
    return float(np.corrcoef(y[lag:], y[:-lag])[0, 1])


@pytest.fixture(scope="module")
def learned(tmp_path_factory):
    return fitted_to(daily(), tmp_path_factory.mktemp("series") / "daily.csv")


def test_a_row_per_day_is_told_to_be_a_series_and_why(learned):
    (note,) = [n for n in learned.model.card.notes if n.startswith("daily: learned as")]
    assert "series" in note
    assert "a row per moment" in note


def test_the_past_the_season_and_the_line_are_kept(learned):
    made, real = rows(learned, T), daily()
    y, x = numbers(made, "sales"), numbers(real, "sales")
    assert abs(lagged(y, 7) - lagged(x, 7)) < 0.1
    assert abs(lagged(y, 3) - lagged(x, 3)) < 0.25
    assert np.polyfit(np.arange(T), y, 1)[0] == pytest.approx(0.1, abs=0.04)
    assert made.column("day").to_pylist() == real.column("day").to_pylist()


def test_other_columns_are_told_by_the_series(learned):
    made = rows(learned, T)
    y, dear = numbers(made, "sales"), np.array(made.column("dear").to_pylist())
    assert y[dear == "yes"].mean() > y[dear == "no"].mean() + 10


def test_seeds_give_other_series_and_any_rows_alone_are_the_same(learned, tmp_path):
    whole = rows(learned, 500)
    assert rows(learned, 60, 200, 500).equals(whole.slice(200, 60).combine_chunks())
    assert not rows(learned, 500, seed=2).equals(whole)
    save_model(learned, tmp_path / "x.model")
    assert rows(load_model(tmp_path / "x.model"), 500).equals(whole)


def test_several_series_side_by_side_keep_their_own_levels(tmp_path):
    random = np.random.default_rng(2)
    parts = {"north": 50, "south": 200}
    series = {s: level + 3 * autoregressive(random, 0.6, 1) for s, level in parts.items()}
    days = np.datetime64("2024-01-01") + np.repeat(np.arange(T), 2)
    data = pa.table(
        {
            "day": pa.array(days.astype("datetime64[D]")),
            "store": list(parts) * T,
            "sales": np.round([series[s][i] for i in range(T) for s in parts], 2),
            "note": np.arange(2 * T) % 3,
        }
    )
    made = rows(
        fitted_to(data.append_column("row", [np.arange(2 * T)]), tmp_path / "panel.csv", learners={"": "series"}), 2 * T
    )
    y, store = numbers(made, "sales"), np.array(made.column("store").to_pylist())
    assert abs(y[store == "north"].mean() - 50) < 5
    assert abs(y[store == "south"].mean() - 200) < 5
    assert lagged(y[store == "south"], 1) > 0.35
    assert len(set(zip(made.column("day").to_pylist(), store, strict=True))) == 2 * T


def test_a_series_that_wanders_is_frozen_as_paths_that_stay_near_what_was_seen():
    random = np.random.default_rng(3)
    found = fit_series(1000 + np.cumsum(random.normal(0, 1, 400)), 800, 0, wander=True)
    assert found.paths is not None
    assert found.paths.shape == (PATHS, 800)
    assert abs(np.diff(found.paths, axis=1).std() - 1) < 0.4
    assert len({p.tobytes() for p in found.paths}) == PATHS


def test_more_rows_than_frozen_paths_hold_are_told(tmp_path):
    random = np.random.default_rng(6)
    t = np.arange(200)
    wild = np.round(50 + np.cumsum(np.cumsum(random.normal(0, 1, 200))), 1)
    days = np.datetime64("2024-01-01") + t
    data = pa.table({"day": pa.array(days.astype("datetime64[D]")), "value": wild})
    fitted = fitted_to(data, tmp_path / "wild.csv", learners={"": "series"})
    (table,) = fitted.model.tables
    assert table.pool == 800
    asked = plan(fitted.model.schema, Request(default_rows=2000, seed=1), fitted=fitted)
    assert any("frozen pool of 800" in w for w in asked.plan.warnings)
    assert rows(fitted, 2000).num_rows == 2000


@pytest.mark.parametrize("kind", ["steady", "flat", "few"])
def test_what_is_no_series_is_refused_or_plain(kind, tmp_path):
    size = 10 if kind == "few" else 100
    days = np.datetime64("2024-01-01") + np.arange(size)
    values = np.arange(size) // 2 if kind == "steady" else np.ones(size) if kind == "flat" else np.arange(size)
    data = pa.table({"day": pa.array(days.astype("datetime64[D]")), "value": values})
    if kind == "steady":
        assert rows(fitted_to(data, tmp_path / "t.csv", learners={"": "series"}), 50).num_rows == 50
        return
    with pytest.raises(InputError, match="no series"):
        fitted_to(data, tmp_path / "t.csv", learners={"": "series"})
