"""Rows that nobody wants to learn from: a clear line or a sane result at fit, generate and report, never a crash."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet
import pytest

from understudy import workflow
from understudy.errors import UnderstudyError
from understudy.kernels import Runtime
from understudy.model.request import Request
from understudy.planning import plan
from understudy.workflow.private_fitting import Terms, fit_privately

N = 60
DAY = 86_400_000_000
BAD = {
    "empty": {"a": pa.array([], pa.int64()), "b": pa.array([], pa.string())},
    "one_row": {"a": [1], "b": ["x"]},
    "two_rows": {"a": [1, 2], "b": ["x", None]},
    "one_column": {"a": list(range(N))},
    "all_null": {"a": pa.array([None] * N, pa.int64()), "b": pa.array([None] * N, pa.string())},
    "a_null_column": {"a": pa.array([None] * N, pa.float64()), "b": ["x", "y"] * (N // 2)},
    "all_equal": {"a": [7] * N, "b": ["x"] * N, "c": [1.5] * N},
    "identifiers": {"id": [f"user-{i:04d}-{i * 7919 % 997}" for i in range(N)], "n": list(range(N))},
    "leaking": {
        "x": [i % 7 for i in range(N)],
        "copy": [i % 7 for i in range(N)],
        "target": [i % 7 > 3 for i in range(N)],
    },
    "mixed": {
        "a": [str(i) if i % 3 else "n/a" for i in range(N)],
        "b": ["1", "2.5", "x", "", None, "2020-01-01"] * (N // 6),
    },
    "infinite": {"a": [float("inf"), float("-inf"), float("nan"), 1.0, 2.0, 1e308] * (N // 6), "b": list(range(N))},
    "only_infinite": {"a": [float("inf")] * N, "b": [1, 2] * (N // 2)},
    "out_of_range": {
        "t": pa.array([-(1 << 62), 1 << 62, 0, DAY] * (N // 4), pa.timestamp("us")),
        "b": [1, 2] * (N // 2),
    },
    "largest": {"a": [(1 << 63) - 1, -(1 << 63), 0, 5] * (N // 4), "b": ["x"] * N},
    "no_columns_left": {"a": [{"k": i} for i in range(N)], "b": [[i] for i in range(N)]},
}


def saved(name: str, folder: Path) -> str:
    path = folder / f"{name}.parquet"
    pyarrow.parquet.write_table(pa.table(BAD[name]), path)
    return str(path)


def made(fitted, rows: int = 40) -> pa.Table:
    bundle = plan(fitted.model.schema, Request(default_rows=rows), fitted=fitted)
    assert not bundle.plan.unmet
    (table,) = bundle.plan.tables
    return pa.Table.from_batches([Runtime(bundle).batch(table.name, 0, rows)])


def asked(work) -> tuple:
    """What comes of it, or the one line that says why nothing does."""
    try:
        return work(), ""
    except UnderstudyError as error:
        return None, refused(str(error))


def refused(text: str) -> str:
    assert text
    assert "\n" not in text
    return text


@pytest.mark.parametrize("name", BAD)
def test_bad_rows_are_fitted_generated_and_reported_or_refused_in_a_line(name, tmp_path):
    source = saved(name, tmp_path)
    fitted, why = asked(lambda: workflow.fit(source))
    assert fitted or name in ("empty", "no_columns_left", "all_null"), why
    if fitted is None:
        return
    out = made(fitted)
    assert out.num_rows == 40
    assert {n.partition("_")[0] for n in out.column_names} <= set(BAD[name])
    pyarrow.parquet.write_table(out, tmp_path / "out.parquet")
    found, _ = asked(lambda: workflow.evaluate(source, str(tmp_path / "out.parquet")))
    assert found is None or 0 <= found.tables[0].quality <= 1


@pytest.mark.parametrize("name", BAD)
def test_bad_rows_are_learned_privately_or_refused_in_a_line(name, tmp_path):
    source = saved(name, tmp_path)
    fitted, why = asked(lambda: fit_privately(source, Terms(1.0, ledger=str(tmp_path / "l.json")), model="m", secret=1))
    assert fitted or name in ("empty", "no_columns_left"), why
    assert fitted is None or made(fitted).num_rows == 40


@pytest.mark.parametrize("epsilon", [0.0, -1.0, float("nan"), float("inf")])
def test_an_epsilon_that_is_none_is_refused_before_the_rows_are_read(epsilon, tmp_path):
    with pytest.raises(UnderstudyError, match="epsilon cannot be"):
        fit_privately("nowhere.csv", Terms(epsilon, ledger=str(tmp_path / "l.json")), model="m")
    assert not (tmp_path / "l.json").exists()


def test_an_epsilon_that_protects_nobody_still_counts_what_it_costs(tmp_path):
    source = saved("leaking", tmp_path)
    fitted = fit_privately(source, Terms(1e9, ledger=str(tmp_path / "l.json")), model="m", secret=1)
    assert made(fitted).num_rows == 40
    assert fitted.model.card.guarantee.released[0] > 1e6


def test_no_identifier_of_a_real_row_is_made(tmp_path):
    out = made(workflow.fit(saved("identifiers", tmp_path)))
    assert not set(out.column("id").to_pylist()) & set(BAD["identifiers"]["id"])


def test_what_leaks_the_target_keeps_leaking_it_and_no_infinite_number_is_made(tmp_path):
    x = np.random.default_rng(0).integers(0, 7, 900)
    pyarrow.parquet.write_table(pa.table({"x": x, "copy": x, "target": x > 3}), tmp_path / "leaking.parquet")
    out = made(workflow.fit(str(tmp_path / "leaking.parquet")))
    assert out.column("x").to_pylist() == out.column("copy").to_pylist()
    told = [a == (x > 3) for a, x in zip(out.column("target").to_pylist(), out.column("x").to_pylist(), strict=True)]
    assert sum(told) >= 38
    numbers = made(workflow.fit(saved("infinite", tmp_path))).column("a").drop_null().to_pylist()
    assert all(abs(x) <= 1e308 for x in numbers)


HEARD = "import runpy, signal, sys; signal.signal(2, signal.default_int_handler); sys.argv[0] = 'understudy'; "
HEARD += "runpy.run_module('understudy.cli.main', run_name='__main__')"
"""The command line in a process that hears Ctrl-C, also where whoever started the tests had it ignored."""


def test_a_fit_that_is_interrupted_leaves_nothing_behind(tmp_path):
    random = np.random.default_rng(0)
    columns = {f"c{i}": random.integers(0, 1009, 6000) for i in range(30)}
    pyarrow.parquet.write_table(pa.table(columns), tmp_path / "wide.parquet")
    command = [sys.executable, "-c", HEARD, "fit", "wide.parquet", "--save", "wide.model"]
    pipes = {"stderr": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, cwd=tmp_path, **pipes) as run:
        assert run.stderr is not None
        for line in run.stderr:
            if line.startswith("fit wide"):
                break
        run.send_signal(signal.SIGINT)
        rest = run.communicate(timeout=60)[1]
    assert run.returncode == 130
    assert "Traceback" not in rest
    assert not (tmp_path / "wide.model").exists()
    assert sorted(p.name for p in tmp_path.iterdir()) == ["wide.parquet"]
