"""Order flow features against numpy on real rows, and hand-computed values."""

import numpy as np
import pytest
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray
from tests.contract.market import random_columns
from tests.slices import tape

from quaestor.adapters.sources.files.tape import load_tape_rows
from quaestor.domain.market_matrix import Column
from quaestor.errors import ConfigError
from quaestor.features.catalog import parse_feature
from quaestor.features.plan import compute, make_plan

Series = NDArray[np.float64]


@pytest.fixture(scope="module")
def rows() -> Series:
    """Real tenths of a second of a spot market, the first two seconds left out."""
    trades, quotes = tape("spot", "trades"), tape("spot", "bookticker")
    return np.ascontiguousarray(load_tape_rows("BTCUSDT", "100ms", quotes=quotes, trades=trades).columns[:, 20:])


def later(values: Series, rows: Series) -> Series:
    """Return the values at the end of a series as long as the rows, NaN before."""
    return np.concatenate([np.full(rows.shape[1] - len(values), np.nan), values])


def sums(series: Series, length: int) -> Series:
    return sliding_window_view(series, length).sum(axis=1)


def slopes(changes: Series, flows: Series, length: int) -> Series:
    windows = zip(sliding_window_view(flows, length), sliding_window_view(changes, length), strict=True)
    return np.array([np.polyfit(x, y, 1)[0] for x, y in windows])


def decayed(trades: Series, length: int) -> Series:
    values = np.full(len(trades), np.nan)
    values[length - 1] = trades[:length].mean()
    for k in range(length, len(trades)):
        values[k] = values[k - 1] * (1 - 1 / length) + trades[k] / length
    return values


def expected_flow(rows: Series) -> dict[str, Series]:
    volume, trades, bought, flow = rows[Column.VOLUME : Column.ORDER_FLOW + 1]
    signed = 2 * bought - volume
    depth = (rows[Column.BID_SIZE] + rows[Column.ASK_SIZE]) / 2
    return {
        "order_flow_imbalance_20": later(sums(flow, 20), rows),
        "order_flow_imbalance_20.normalised": later(sums(flow, 20) / (sums(depth, 20) / 20), rows),
        "cvd": np.cumsum(signed),
        "volume_delta_15": later(sums(signed, 15), rows),
        "volume_delta_15.ratio": later(sums(signed, 15) / sums(volume, 15), rows),
        "buy_ratio_15": later(sums(bought, 15) / sums(volume, 15), rows),
        "trade_intensity_20": later(sums(trades, 20) / 20, rows),
        "trade_intensity_20.ratio": later(trades[19:] / (sums(trades, 20) / 20), rows),
        "hawkes_intensity_4_30": later(decayed(trades, 4)[29:], rows),
        "hawkes_intensity_4_30.excitation": decayed(trades, 4) / decayed(trades, 30),
        "trade_size_20": later(sums(volume, 20) / sums(trades, 20), rows),
    }


def expected_impact(rows: Series) -> dict[str, Series]:
    close, volume, trades, bought, flow = rows[Column.CLOSE : Column.ORDER_FLOW + 1]
    signed = 2 * bought - volume
    mid = (rows[Column.BID_PRICE] + rows[Column.ASK_PRICE]) / 2
    traded = trades[1:] > 0
    paid = np.where(traded, 2e4 * np.abs(close[1:] / mid[:-1] - 1), 0.0)
    side = np.sign(signed)[:-5]
    kept = 2e4 * side * (close[:-5] / mid[5:] - 1)
    signs = sliding_window_view(np.sign(signed), 50)
    apart = signs - signs.mean(axis=1, keepdims=True)
    return {
        "kyle_lambda_flow_40": later(slopes(np.diff(close), signed[1:], 40), rows),
        "order_flow_impact_40": later(slopes(np.diff(mid), flow[1:], 40), rows),
        "effective_spread_30": later(sums(paid, 30) / sums(1.0 * traded, 30), rows),
        "realised_spread_30_5": later(sums(kept, 30) / sums(np.abs(side), 30), rows),
        "trade_sign_autocorrelation_50_2": later(
            (apart[:, 2:] * apart[:, :-2]).sum(axis=1) / (apart**2).sum(axis=1), rows
        ),
    }


def test_features_equal_their_formulas_on_real_rows(rows: Series) -> None:
    references = expected_flow(rows) | expected_impact(rows)
    out = compute(make_plan(list(references)), rows)
    assert rows.shape[1] > 600
    for row, (name, values) in enumerate(references.items()):
        assert len(np.unique(values)) > 100, name
        np.testing.assert_allclose(out[row], values, rtol=1e-8, atol=1e-9, err_msg=name)


def buckets_of(volume: Series, bought: Series, size: float) -> Series:
    """Return the imbalance of all full buckets, by interpolating both cumulative volumes at bucket ends."""
    total, buys = np.cumsum(volume), np.cumsum(bought)
    ends = size * np.arange(int(total[-1] / size * (1 + 1e-12)) + 1)
    at_ends = np.interp(ends, np.concatenate([[0.0], total]), np.concatenate([[0.0], buys]))
    return np.abs(2 * np.diff(at_ends) / size - 1)


def test_vpin_is_the_mean_imbalance_of_exactly_split_buckets(rows: Series) -> None:
    volume, bought = rows[Column.VOLUME], rows[Column.BUY_VOLUME]
    vpin = compute(make_plan(["vpin_fixed_20_0.2"]), rows)[0]
    full = 0
    for k in range(0, rows.shape[1], 7):
        imbalances = buckets_of(volume[: k + 1], bought[: k + 1], 0.2)
        if len(imbalances):
            assert vpin[k] == pytest.approx(imbalances[-20:].mean(), rel=1e-9)
            full = max(full, len(imbalances))
    assert full > 100


def test_vpin_of_relative_buckets_equals_fixed_ones_when_volume_is_constant() -> None:
    columns = random_columns(400)
    columns[Column.VOLUME] = 3.0
    columns[Column.BUY_VOLUME] = np.random.default_rng(1).random(400) * 3.0
    out = compute(make_plan(["vpin_10_2.5_30", "vpin_fixed_10_7.5"]), columns)
    # the relative one begins with the row that first has a mean
    fixed = compute(make_plan(["vpin_fixed_10_7.5"]), np.ascontiguousarray(columns[:, 29:]))[0]
    np.testing.assert_allclose(out[0, 29:], fixed, rtol=1e-12)
    assert np.isnan(out[0, :29]).all()


def test_vpin_equals_hand_computed_value() -> None:
    columns = random_columns(5)
    columns[Column.VOLUME] = [4.0, 10.0, 0.0, 1.0, 100.0]
    columns[Column.BUY_VOLUME] = [4.0, 5.0, 0.0, 0.0, 75.0]
    vpin = compute(make_plan(["vpin_fixed_3_6"]), columns)[0]
    # 4 bought and 2 more of which half: |5 − 1| / 6; a whole bucket, half bought: 0; then 2 of which half and 1 sold,
    # filled up by a row so large that its own imbalance, ½, fills the last three buckets
    expected = [1.0, (4 / 6 + 0.0) / 2, (4 / 6 + 0.0) / 2, (4 / 6 + 0.0) / 2, 0.5]
    assert vpin.tolist() == pytest.approx(expected, rel=1e-12)


def test_one_sided_volume_gives_extreme_ratios() -> None:
    columns = random_columns(300)
    columns[Column.BUY_VOLUME] = columns[Column.VOLUME]
    out = compute(make_plan(["vpin_20_5_50", "buy_ratio_10", "volume_delta_10.ratio"]), columns)[:3, 60:]
    assert np.array_equal(out, np.ones_like(out))


@pytest.mark.parametrize("name", ["hawkes_intensity_50_5", "trade_sign_autocorrelation_5_5"])
def test_contradictory_parameters_are_refused(name: str) -> None:
    with pytest.raises(ConfigError, match="is not below"):
        parse_feature(name)
