"""Microstructure features against their formulas, window by window, on real bars."""

import numpy as np
import polars as pl
import pytest
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray
from tests.slices import MINUTES

from quaestor.features.plan import compute, make_plan

Series = NDArray[np.float64]
ROWS = 2_000


@pytest.fixture(scope="module")
def bars() -> Series:
    """Return open, high, low, close and volume of real minutes."""
    frame = pl.read_parquet(MINUTES, columns=["open", "high", "low", "close", "volume"]).slice(20_000, ROWS)
    return np.ascontiguousarray(frame.to_numpy().T, dtype=np.float64)


def padded(values: Series) -> Series:
    """Return the values at the end of a series of ROWS, NaN before."""
    return np.concatenate([np.full(ROWS - len(values), np.nan), values])


def expected_costs(bars: Series) -> dict[str, Series]:
    """Return impact and spreads by their definitions."""
    high, low, close, volume = bars[1:]
    changes = np.diff(close)
    impacts = np.abs(close[1:] / close[:-1] - 1) / (close * volume)[1:] * 1e6
    flows = np.sign(changes) * volume[1:]
    windows = zip(sliding_window_view(flows, 20), sliding_window_view(changes, 20), strict=True)
    rolls = [np.cov(w[:-1], w[1:])[0, 1] for w in sliding_window_view(changes, 20)]
    squares = np.log(high / low) ** 2
    beta = squares[1:] + squares[:-1]
    gamma = np.log(np.maximum(high[1:], high[:-1]) / np.minimum(low[1:], low[:-1])) ** 2
    curve = 3 - 2 * np.sqrt(2)
    alpha = (np.sqrt(2 * beta) - np.sqrt(beta)) / curve - np.sqrt(gamma / curve)
    spreads = np.maximum(2 * np.tanh(alpha / 2), 0)
    return {
        "amihud_20": padded(sliding_window_view(impacts, 20).mean(axis=1)),
        "kyle_lambda_20": padded(np.array([np.polyfit(x, y, 1)[0] for x, y in windows])),
        "roll_spread_20": padded(2 * np.sqrt(np.maximum(-np.array(rolls), 0))),
        "corwin_schultz_20": padded(sliding_window_view(spreads, 20).mean(axis=1)),
    }


def expected_activity(bars: Series) -> dict[str, Series]:
    """Return activity features by their definitions."""
    high, low, close, volume = bars[1:]
    before = sliding_window_view(volume[:-1], 20)
    typical = (high + low + close) / 3
    weighted = sliding_window_view(typical * volume, 20).sum(axis=1) / sliding_window_view(volume, 20).sum(axis=1)
    top, bottom = sliding_window_view(high, 20).max(axis=1), sliding_window_view(low, 20).min(axis=1)
    logs = np.log(close)
    return {
        "relative_volume_20": padded(volume[19:] / sliding_window_view(volume, 20).mean(axis=1)),
        "volume_spike_20_3": padded(1.0 * (volume[20:] > before.mean(axis=1) + 3 * before.std(axis=1, ddof=1))),
        "vwap_deviation_20": padded(close[19:] / weighted - 1),
        "range_position_20": padded((close[19:] - bottom) / (top - bottom)),
        "acceleration_10": padded(logs[20:] - 2 * logs[10:-10] + logs[:-20]),
        "price_change_5": padded(close[5:] / close[:-5] - 1),
    }


def test_features_equal_their_formulas_on_real_bars(bars: Series) -> None:
    references = expected_costs(bars) | expected_activity(bars)
    out = compute(make_plan(list(references)), bars)
    for row, (name, values) in enumerate(references.items()):
        assert np.isfinite(values).sum() > ROWS - 30
        assert len(np.unique(values[100:])) >= 2
        np.testing.assert_allclose(out[row], values, rtol=1e-9, atol=1e-13, err_msg=name)
