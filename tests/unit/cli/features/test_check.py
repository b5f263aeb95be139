"""`quaestor features` with features of one's own: check, list, show, compute and bench."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from tests.command_line import call, json_of, refusal
from tests.contract.market import random_columns

from quaestor.domain.market_matrix import N_COLUMNS
from quaestor.features.catalog import CATALOG

ROWS = 300
GOOD = '''
from quaestor.domain.parameter import Integer
from quaestor.features.define import feature

@feature(Integer("length", 14, 2, 500, "bars"), units="percent")
def own_willr(high, low, close):
    """Text."""
    return -100.0 * (high.max() - close[-1]) / (high.max() - low.min()) * SCALE

SCALE = 1.0
'''
SLOW = '''
import numpy as np
from quaestor.features.define import feature

@feature(window=5, units="quote")
def own_slope(close):
    """Text."""
    return np.polyfit(np.arange(len(close)), close, 1)[0]
'''
AHEAD = """
import numpy as np
from quaestor.domain.parameter import always
from quaestor.features.feature import Feature
from quaestor.jit.compile import kernel

@kernel
def advance(state, params, columns, out, i, n):
    for k in range(i, n):
        out[0, k] = columns[3, min(k + 1, n - 1)]

OWN = Feature(name="own_ahead", family="user", doc="doc", units="quote", source="me", inputs=(3,),
    outputs=("own_ahead",), parameters=(), advance=advance, warmup=always(0),
    state_dtype=always(np.dtype([("unused", "<i8")])))
"""


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """Write a folder with a data file and a feature of each kind."""
    columns = random_columns(ROWS)[:N_COLUMNS]
    names = ("open", "high", "low", "close", "volume")
    stamps = 1_700_000_100_000_000_000 + np.arange(ROWS) * 60_000_000_000
    pl.DataFrame({"ts": stamps} | dict(zip(names, columns, strict=True))).write_parquet(tmp_path / "BTCUSDT_1m.parquet")
    for name, text in (("good", GOOD), ("slow", SLOW), ("ahead", AHEAD)):
        (tmp_path / f"{name}.py").write_text(f"# {tmp_path}: checked by nobody before{text}")
    return tmp_path


def compute(files: Path, feature_file: str, features: str, *more: str) -> tuple[str, ...]:
    """Return the arguments of a computation."""
    out = str(files / "out.parquet")
    data = ("--data", str(files / "BTCUSDT_1m.parquet"), "-s", "BTCUSDT", "-f", features, "-o", out)
    return ("features", "compute", "--feature-path", str(files / feature_file), *data, *more)


def test_check_reports_and_ends_with_one_when_something_must_not_be_used(files: Path) -> None:
    outcome = call("features", "check", "--feature-path", files, "--json")
    assert (outcome.code, outcome.err) == (1, "")
    by_name = {report["name"]: report for report in json.loads(outcome.out)}
    assert {name: (report["passed"], report["runs"]) for name, report in by_name.items()} == {
        "own_ahead": (False, "compiled"),
        "own_willr": (True, "compiled"),
        "own_slope": (True, "interpreted"),
    }
    causal = next(finding for finding in by_name["own_ahead"]["findings"] if finding["name"] == "causal")
    assert causal["verdict"] == "failed"
    assert "looks 1 rows ahead" in causal["detail"]
    assert by_name["own_slope"]["origin"] == str(files / "slow.py")


def test_named_and_built_in_features_are_checked(files: Path) -> None:
    outcome = call("features", "check", "own_willr_20", "rsi", "--feature-path", files)
    assert (outcome.code, outcome.err) == (0, "own_willr\nrsi\n")
    assert "own_willr · " in outcome.out
    assert "rsi · built in · compiled · may be used" in outcome.out
    assert "noted   constant price: no number at" in outcome.out
    assert "no features of your own" in refusal("features", "check")


def test_list_and_show_know_the_file(files: Path) -> None:
    outcome = call("features", "list", "--feature-path", files / "good.py", "--json")
    rows = json.loads(outcome.out)
    assert len(rows) == len(CATALOG) + 1
    assert (rows[-1]["name"], rows[-1]["origin"]) == ("own_willr_14", str(files / "good.py"))
    assert rows[0]["origin"] == "built in"
    shown = call("features", "show", "own_willr", "--feature-path", files / "good.py")
    assert shown.code == 0
    assert f"file     {files / 'good.py'}" in shown.out
    assert "the last 144 bars" in shown.out


def test_compute_checks_once_and_equals_the_built_in_one(files: Path) -> None:
    first = call(*compute(files, "good.py", "own_willr_14,willr_14", "--json"))
    assert first.code == 0
    assert first.err.startswith("checking own_willr of ")
    frame = pl.read_parquet(files / "out.parquet")
    np.testing.assert_allclose(frame["own_willr_14"].to_numpy(), frame["willr_14"].to_numpy(), rtol=1e-12)
    assert json_of(*compute(files, "good.py", "own_willr_14@5m", "--json"))["warmup"] == 69


def test_compute_notes_an_interpreted_feature_every_time(files: Path) -> None:
    for _ in range(2):
        outcome = call(*compute(files, "slow.py", "own_slope,rsi_14"))
        assert outcome.code == 0
        assert (
            "own_slope is not compiled, and slow: it runs interpreted: Use of unsupported NumPy function" in outcome.err
        )
        assert "(slow.py, line 8)" in outcome.err
    closes = random_columns(ROWS)[3]
    expected = [np.polyfit(np.arange(5), closes[k - 4 : k + 1], 1)[0] for k in range(4, ROWS)]
    np.testing.assert_array_equal(pl.read_parquet(files / "out.parquet")["own_slope"].to_numpy()[4:], expected)


def test_what_looks_ahead_is_never_computed(files: Path) -> None:
    for _ in range(2):
        outcome = call(*compute(files, "ahead.py", "own_ahead"))
        assert outcome.code == 2
        assert "ahead.py: feature own_ahead failed its check: causal: row " in outcome.err
    assert not (files / "out.parquet").exists()
    bench = ("features", "bench", "--feature-path", files / "ahead.py", "-f", "own_ahead")
    assert "failed its check" in refusal(*bench)


def test_bench_times_compiled_and_interpreted_ones(files: Path) -> None:
    data = ("--data", files / "BTCUSDT_1m.parquet", "--repeats", "1", "--json")
    outcome = call("features", "bench", "--feature-path", files, "-f", "own_willr,own_slope", *data)
    costs = {cost["name"]: cost["batch_ns"] for cost in json.loads(outcome.out)}
    assert costs["own_slope"] > costs["own_willr_14"] > 0


def test_a_bad_file_is_one_error_with_its_line(files: Path) -> None:
    (files / "bad.py").write_text("x = 1\ny = x +\n")
    assert refusal("features", "list", "--feature-path", files / "bad.py").startswith(
        f"{files / 'bad.py'}:2: SyntaxError"
    )


def test_a_file_that_has_moved_is_compiled_again(files: Path) -> None:
    """Machine code holds the module that it was made in, which is named after the file's path."""
    environment = os.environ | {"QUAESTOR_CACHE_DIR": str(files / "cache")}
    for folder in ("here", "there"):
        (files / folder).mkdir()
        (files / folder / "ahead.py").write_text(AHEAD)
        command = ["features", "check", "--feature-path", str(files / folder / "ahead.py"), "--json"]
        done = subprocess.run(
            [sys.executable, "-m", "quaestor", *command], env=environment, capture_output=True, text=True, check=False
        )
        assert (done.returncode, done.stderr) == (1, "")
        assert json.loads(done.stdout)[0]["runs"] == "compiled", folder


def test_a_second_process_finds_it_compiled_and_an_edit_compiles_again(files: Path) -> None:
    cache = files / "cache"
    environment = os.environ | {"QUAESTOR_CACHE_DIR": str(cache), "QUAESTOR_FEATURES": str(files / "good.py")}

    def run(path: Path) -> tuple[set[Path], str, float]:
        done = subprocess.run(
            [sys.executable, "-m", "quaestor", *compute(files, path.name, "own_willr_14")],
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        )
        last = pl.read_parquet(files / "out.parquet")["own_willr_14"].to_numpy()[-1]
        return set(cache.rglob("*.nbc")), done.stderr, last

    code, said, value = run(files / "good.py")
    assert code
    assert "checking own_willr" in said
    assert run(files / "good.py") == (code, "", value)
    (files / "good.py").write_text(GOOD.replace("SCALE = 1.0", "SCALE = 2.0"))
    more, said, doubled = run(files / "good.py")
    assert more > code
    assert "checking own_willr" in said
    assert doubled == 2.0 * value
