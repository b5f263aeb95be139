"""Strategies: each rule against an independent restatement, or by hand."""

import numpy as np
import polars as pl
import pytest
import talib
from numpy.typing import NDArray
from tests.slices import MINUTES

from quaestor.brain.alpha.catalog import parse_alpha
from quaestor.domain.market_matrix import Column
from quaestor.errors import ConfigError, UnknownNameError
from quaestor.features.plan import compute, make_plan

Series = NDArray[np.float64]


def opine(name: str, settings: dict[str, str], columns: Series, features: Series | None = None) -> Series:
    """Signal and confidence of a strategy over columns, with its own features or given ones."""
    alpha = parse_alpha(name, settings)
    rows = columns.shape[1]
    given = compute(make_plan(alpha.features), columns) if features is None else features
    out = np.zeros((2, rows))
    state = np.zeros(1, alpha.state_dtype)
    alpha.definition.advance(state, alpha.params(), given, columns, out, 0, rows)
    return out


@pytest.fixture(scope="module")
def columns() -> Series:
    """50,000 real minutes."""
    frame = pl.read_parquet(MINUTES, columns=["open", "high", "low", "close", "volume"]).slice(10_000, 50_000)
    return np.ascontiguousarray(frame.to_numpy().T, dtype=np.float64)


@pytest.mark.parametrize(("fast", "slow"), [(12, 26), (50, 200), (1, 2)])
@pytest.mark.parametrize(("side", "otherwise"), [("long", 0.0), ("both", -1.0)])
def test_ema_cross_compares_talibs_averages(columns: Series, fast: int, slow: int, side: str, otherwise: float) -> None:
    close = columns[Column.CLOSE]
    quick = talib.EMA(close, fast) if fast > 1 else close
    expected = np.where(quick > talib.EMA(close, slow), 1.0, otherwise)
    expected[: slow - 1] = np.nan
    out = opine("ema_cross", {"fast": str(fast), "slow": str(slow), "side": side}, columns)
    assert np.array_equal(out[0], expected, equal_nan=True)
    assert np.array_equal(out[1], np.isfinite(expected).astype(np.float64))


@pytest.mark.parametrize("side", ["long", "both"])
def test_mean_reversion_equals_its_rule_restated_with_talib(columns: Series, side: str) -> None:
    part = columns[:, :8_000]
    close = part[Column.CLOSE]
    rsi = talib.RSI(close, 14)
    upper, middle, lower = talib.BBANDS(close, 20, 2, 2)
    position = 0
    expected = np.full(len(close), np.nan)
    for k in range(19, len(close)):
        if position == 1 and (close[k] >= middle[k] or rsi[k] > 50):
            position = 0
        if position == -1 and (close[k] <= middle[k] or rsi[k] < 50):
            position = 0
        if position == 0 and close[k] < lower[k] and rsi[k] < 30:
            position = 1
        if position == 0 and side == "both" and close[k] > upper[k] and rsi[k] > 70:
            position = -1
        expected[k] = position
    out = opine("mean_reversion", {"side": side}, np.ascontiguousarray(part))
    assert np.array_equal(out[0], expected, equal_nan=True)
    assert np.count_nonzero(np.diff(expected[19:])) > 40


@pytest.mark.parametrize("side", ["long", "both"])
def test_breakout_equals_its_rule_restated_with_numpy(columns: Series, side: str) -> None:
    part = columns[:, :8_000]
    high, low, close, volume = part[1:]
    position = 0
    expected = np.full(len(close), np.nan)
    for k in range(20, len(close)):
        if position == 1 and close[k] < low[k - 10 : k].min():
            position = 0
        if position == -1 and close[k] > high[k - 10 : k].max():
            position = 0
        if position == 0 and volume[k] > 1.5 * volume[k - 20 : k].mean():
            if close[k] > high[k - 20 : k].max():
                position = 1
            elif side == "both" and close[k] < low[k - 20 : k].min():
                position = -1
        expected[k] = position
    out = opine("breakout", {"side": side}, np.ascontiguousarray(part))
    assert np.array_equal(out[0], expected, equal_nan=True)
    assert np.count_nonzero(np.diff(expected[20:])) > 40


def test_a_short_mean_reversion_may_reverse_in_one_bar() -> None:
    columns = np.full((5, 3), 100.0)
    columns[Column.CLOSE] = [110.0, 89.0, 100.0]
    rsi, upper, middle, lower = [80.0, 20.0, 40.0], [109.0] * 3, [100.0] * 3, [90.0] * 3
    out = opine("mean_reversion", {"side": "both"}, columns, np.array([rsi, upper, middle, lower]))
    assert out[0].tolist() == [-1.0, 1.0, 0.0]


@pytest.mark.parametrize(
    ("name", "settings", "message"),
    [
        ("ema_cross", {"fast": "50", "slow": "50"}, "fast = 50 must be shorter than slow = 50"),
        ("ema_cross", {"fast": "0"}, "whole number from 1"),
        ("ema_cross", {"fast": "ten"}, "whole number"),
        ("ema_cross", {"side": "short"}, "one of long, both"),
        ("mean_reversion", {"rsi_low": "60"}, "from 0 to 50"),
        ("mean_reversion", {"width": "nan"}, "a number from"),
        ("breakout", {"exit": "20"}, "exit = 20 must be shorter than entry = 20"),
        ("breakout", {"volume_factor": "-1"}, "from 0 to 1000"),
    ],
)
def test_wrong_settings_are_refused(name: str, settings: dict[str, str], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        parse_alpha(name, settings)


def test_an_unknown_name_is_refused_with_similar_names() -> None:
    with pytest.raises(UnknownNameError, match="did you mean ema_cross"):
        parse_alpha("ema_cros", {})
    with pytest.raises(UnknownNameError, match="did you mean fast"):
        parse_alpha("ema_cross", {"fats": "3"})
