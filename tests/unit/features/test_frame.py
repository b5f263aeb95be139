"""Features on longer timeframes: visible bars, warm-up and refusals."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from tests.contract.market import random_columns, run_in_chunks

from quaestor.domain.bars import Bars
from quaestor.domain.market_matrix import Column
from quaestor.domain.timeframe import parse_timeframe
from quaestor.errors import ConfigError
from quaestor.features.bank import FeatureBank
from quaestor.features.catalog import parse_feature
from quaestor.features.plan import compute, make_plan
from quaestor.market.bars.build import resample

MINUTE = 60_000_000_000
NAMES = ("rsi_14@1h", "ema_5", "macd_3_6_2.hist@5m", "ema_5@1h", "atr_3@15m")


def rows_with_holes(rows: int, seed: int, first_minute: int) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return minutes, some missing, beginning anywhere in an hour."""
    kept = np.random.default_rng(seed).random(rows) > 0.05
    ts = (first_minute + np.arange(rows)) * MINUTE
    return ts[kept], np.ascontiguousarray(random_columns(rows, seed)[:, kept])


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10_000), first_minute=st.integers(0, 120))
def test_row_holds_the_last_bar_closed_by_its_own_close(seed: int, first_minute: int) -> None:
    ts, columns = rows_with_holes(1_500, seed, first_minute)
    out = compute(make_plan(NAMES, interval_ns=MINUTE), columns, ts=ts)
    bars = Bars("X", MINUTE, ts, columns, np.zeros(len(ts), np.uint32))
    for row, name in enumerate(NAMES):
        plain, _, frame = name.partition("@")
        longer = resample(bars, parse_timeframe(frame)) if frame else bars
        values = compute(make_plan([plain]), longer.columns)[0]
        seen = np.searchsorted(longer.ts + longer.interval_ns, ts + MINUTE, side="right") - 1
        expected = np.where(seen >= 0, values[np.maximum(seen, 0)], np.nan)
        assert np.array_equal(out[row], expected, equal_nan=True), name


def test_any_chunks_give_the_same_bits() -> None:
    ts, columns = rows_with_holes(900, 4, 31)
    columns[Column.VOLUME, 300:310] = np.nan
    plan = make_plan(NAMES, interval_ns=MINUTE)
    whole = compute(plan, columns, ts=ts)
    out = np.zeros_like(whole)
    run_in_chunks(plan.advance, plan.new_state(), (ts, columns, out), len(ts), 9)
    assert out.tobytes() == whole.tobytes()


def test_row_without_price_is_left_out_of_bars_and_holds_the_value() -> None:
    ts = np.arange(240) * MINUTE
    columns = random_columns(240)
    holed = columns.copy()
    holed[:, 130:135] = np.nan
    plan = make_plan(["ema_1@1h"], interval_ns=MINUTE)
    values = compute(plan, holed, ts=ts)[0]
    assert np.array_equal(values, compute(plan, columns, ts=ts)[0], equal_nan=True)
    assert values[130] == columns[Column.CLOSE, 119]


def test_warmup_on_a_timeframe_is_counted_in_rows() -> None:
    ts = np.arange(400) * MINUTE
    plan = make_plan(["ema_3@1h"], interval_ns=MINUTE)
    values = compute(plan, random_columns(400), ts=ts)[0]
    assert plan.warmup == 179
    assert np.all(np.isnan(values[:179]))
    assert np.all(np.isfinite(values[179:]))


def test_named_output_is_available_on_a_timeframe() -> None:
    assert make_plan(["macd_12_26_9.signal@1h"], interval_ns=MINUTE).names == ("macd_12_26_9.signal@1h",)
    assert make_plan(["bbands@1h"], interval_ns=MINUTE).names == ("bbands_20_2.upper@1h",)


def test_timeframe_equal_to_the_rows_changes_nothing() -> None:
    columns = random_columns(100)
    ts = np.arange(100) * MINUTE
    out = compute(make_plan(["rsi_14@1m", "rsi_14"], interval_ns=MINUTE), columns, ts=ts)
    assert np.array_equal(out[0], out[1], equal_nan=True)


def test_timeframe_in_rows_equals_the_same_length_in_time() -> None:
    columns = random_columns(400)
    ts = np.arange(400) * MINUTE
    plan = make_plan(["ema_3@15x", "ema_3@15m"], interval_ns=MINUTE)
    out = compute(plan, columns, ts=ts)
    assert plan.names == ("ema_3@15m", "ema_3@15m")
    assert np.array_equal(out[0], out[1], equal_nan=True)
    counted = parse_feature("ema_3@15x")
    assert (counted.name, counted.on_rows().name) == ("ema_3@15x", "ema_3")
    bank = FeatureBank([counted], interval_ns=MINUTE)
    assert np.array_equal(bank.advance(ts, columns)[0], out[0], equal_nan=True)


@pytest.mark.parametrize(
    ("name", "interval_ns", "message"),
    [
        ("rsi_14@90s", MINUTE, "cannot be built from 1m bars"),
        ("rsi_14@30s", MINUTE, "cannot be built from 1m bars"),
        ("rsi_14@1h", 0, "needs rows of a known length"),
        ("rsi_14@4x", 0, "needs rows of a known length"),
        ("rsi_14@0x", MINUTE, "is no timeframe"),
        ("rsi_14@hour", MINUTE, "is no timeframe"),
    ],
)
def test_impossible_timeframe_is_refused(name: str, interval_ns: int, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        make_plan([name], interval_ns=interval_ns)
