"""Feature plans: order, sharing, refusals and reuse of the kernel cache."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from tests.contract.market import random_columns

from quaestor.errors import ConfigError, DataError, UnknownNameError
from quaestor.features.plan import compute, make_plan, require_inputs


def test_output_rows_keep_the_requested_order() -> None:
    columns = random_columns(300)
    names = ["macd_12_26_9.hist", "ema_20", "bbands_20_2.lower", "ema_20", "macd_12_26_9", "rsi_14"]
    plan = make_plan(names)
    out = compute(plan, columns)
    assert plan.names[: plan.n_requested] == tuple(names)
    for row, name in enumerate(plan.names):
        alone = make_plan([name])
        assert np.array_equal(out[row], compute(alone, columns)[0], equal_nan=True), name


def test_feature_requested_twice_is_computed_once() -> None:
    plan = make_plan(["ema_20", "macd_12_26_9", "ema_20", "macd_12_26_9.signal", "macd_12_26_9.hist", "ema_26"])
    assert [instance.stem for instance in plan.instances] == ["ema_20", "macd_12_26_9", "ema_26"]
    assert plan.chain.source.count("f0(s[") == 2


def test_shared_part_is_computed_once() -> None:
    plan = make_plan(["natr_14", "supertrend_14_3", "keltner_20_14_2", "atr_14", "bbands_width_20_2", "bbands_20_2"])
    evaluations = [instance.stem for instance in plan.instances]
    assert evaluations.count("atr_14") == evaluations.count("bbands_20_2") == 1
    assert len(evaluations) == 6
    apart = [make_plan([name]).new_state().nbytes for name in plan.names[: plan.n_requested]]
    assert plan.new_state().nbytes < 0.6 * sum(apart)


def test_parts_are_computed_on_the_timeframe_of_the_feature() -> None:
    minute = 60 * 10**9
    columns = random_columns(600)
    ts = np.arange(600, dtype=np.int64) * minute
    names = ["natr_14@5m", "atr_14@5m"]
    natr, atr = compute(make_plan(names, interval_ns=minute), columns, ts=ts)[:2]
    ends = np.arange(4, 600, 5)
    np.testing.assert_array_equal(natr[ends], atr[ends] / columns[3, ends] * 100.0)
    assert np.isfinite(natr[ends[14:]]).all()


def test_all_outputs_requested_in_order_need_no_copy() -> None:
    plan = make_plan(["rsi_14", "bbands_20_2.upper", "bbands_20_2.middle", "bbands_20_2.lower"])
    assert plan.n_outputs == plan.n_requested == 4
    assert "copy" not in plan.chain.source


def test_unrequested_outputs_after_the_last_request_need_no_copy() -> None:
    plan = make_plan(["ema_5", "macd_12_26_9", "macd_12_26_9.signal"])
    assert plan.names == ("ema_5", "macd_12_26_9", "macd_12_26_9.signal", "macd_12_26_9.hist")
    assert "copy_series" not in plan.chain.source
    assert "copy_series" in make_plan(["macd_12_26_9", "ema_5"]).chain.source


def test_matrix_with_too_few_rows_raises() -> None:
    plan = make_plan(["ema_20", "rsi_14"])
    with pytest.raises(ValueError, match="needs at least 2 rows"):
        plan.advance(plan.new_state(), np.arange(10), random_columns(10), np.zeros((1, 10)), 0, 10)


def test_given_output_array_is_written() -> None:
    plan = make_plan(["ema_20"])
    out = np.zeros((1, 50))
    assert compute(plan, random_columns(50), out) is out


def test_empty_plan_computes_nothing() -> None:
    plan = make_plan([])
    assert plan.n_outputs == 0
    assert compute(plan, random_columns(5)).shape == (0, 5)


def test_plan_that_depends_on_time_requires_stamps() -> None:
    columns = random_columns(10)
    for name in ("hour_volume_600", "ema_3@1h"):
        plan = make_plan([name], interval_ns=60_000_000_000)
        with pytest.raises(ConfigError, match="no stamps"):
            compute(plan, columns)
        assert compute(plan, columns, ts=np.arange(10) * 60_000_000_000).shape == (plan.n_outputs, 10)


def test_data_without_a_required_row_is_refused_with_its_name() -> None:
    plan = make_plan(["hour_volume_600", "ema_20"])
    require_inputs(plan, random_columns(10)[:5], "here")
    with pytest.raises(DataError, match="needs close, which the data does not hold"):
        require_inputs(plan, random_columns(10)[:3], "here")
    holed = random_columns(10)
    holed[4] = np.nan
    with pytest.raises(DataError, match="needs volume"):
        require_inputs(plan, holed, "here")


def test_unknown_names_are_refused() -> None:
    with pytest.raises(UnknownNameError, match="did you mean ema"):
        make_plan(["ema_20", "emma_20"])


_SECOND = """
import numpy as np
from quaestor.features.plan import compute, make_plan
plan = make_plan(["sma_21", "rsi_9"])
compute(plan, np.ones((5, 50)))
stats = plan.advance.dispatcher.stats
print(sum(stats.cache_hits.values()), sum(stats.cache_misses.values()))
"""


def test_a_second_process_compiles_nothing(tmp_path: Path) -> None:
    environment = os.environ | {"QUAESTOR_CACHE_DIR": str(tmp_path), "QUAESTOR_INTERPRET": ""}

    def run() -> str:
        done = subprocess.run(
            [sys.executable, "-c", _SECOND], check=True, env=environment, capture_output=True, text=True
        )
        return done.stdout.strip()

    assert run() == "0 1"
    assert run() == "1 0"


def test_processes_that_compile_concurrently_do_not_conflict(tmp_path: Path) -> None:
    environment = os.environ | {"QUAESTOR_CACHE_DIR": str(tmp_path), "QUAESTOR_INTERPRET": ""}
    processes = [
        subprocess.Popen([sys.executable, "-c", _SECOND], env=environment, stdout=subprocess.PIPE) for _ in range(2)
    ]
    assert [process.wait(timeout=120) for process in processes] == [0, 0]
    for process in processes:
        if process.stdout is not None:
            process.stdout.close()
    assert not list(tmp_path.rglob("*.tmp"))
