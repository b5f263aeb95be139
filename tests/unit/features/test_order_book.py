"""Order book features against numpy on real rows, and hand-computed values."""

import numpy as np
import pytest
from numpy.typing import NDArray
from tests.contract.market import random_columns
from tests.slices import tape

from quaestor.adapters.sources.files.tape import load_tape_rows
from quaestor.domain.market_matrix import BOOK_LEVELS, Column, book_row, distance_row
from quaestor.errors import ConfigError
from quaestor.features.catalog import parse_feature
from quaestor.features.plan import compute, make_plan

Series = NDArray[np.float64]


@pytest.fixture(scope="module")
def rows() -> Series:
    """Return real tenths of a second of a perpetual's book, without the rows at the start in which it was unknown."""
    return np.ascontiguousarray(load_tape_rows("BTCUSDT", "100ms", depth=tape("usdm", "depth")).columns[:, 10:])


def levels_of(rows: Series) -> tuple[Series, Series, Series, Series]:
    """Return prices and sizes of bids and asks, (levels, rows) each."""
    columns = (Column.BID_PRICE, Column.BID_SIZE, Column.ASK_PRICE, Column.ASK_SIZE)
    bid, bid_size, ask, ask_size = (rows[[book_row(c, level) for level in range(BOOK_LEVELS)]] for c in columns)
    return bid, bid_size, ask, ask_size


def swept(prices: Series, sizes: Series, wanted: float) -> float:
    """Return the mean price of taking `wanted`, NaN when the levels do not fill it."""
    taken = np.clip(wanted - np.concatenate([[0.0], np.cumsum(sizes)[:-1]]), 0.0, sizes)
    return float(np.dot(taken, prices) / wanted) if np.isclose(taken.sum(), wanted, rtol=1e-12) else np.nan


def expected(rows: Series) -> dict[str, Series]:
    """Return the features by their formulas, all rows at once."""
    bid, bid_size, ask, ask_size = levels_of(rows)
    mid = (bid[0] + ask[0]) / 2
    spread_bps = 1e4 * (ask[0] - bid[0]) / mid
    windows = np.lib.stride_tricks.sliding_window_view(spread_bps, 30)
    deviations = windows.std(axis=1)
    distances = windows[:, -1] - windows.mean(axis=1)
    zscore = np.divide(distances, deviations, out=np.zeros_like(distances), where=deviations > 1e-12)
    micro = (ask[0] * bid_size[0] + bid[0] * ask_size[0]) / (bid_size[0] + ask_size[0])
    bids, asks = bid_size[:7].sum(axis=0), ask_size[:7].sum(axis=0)
    weights = 0.7 ** np.arange(12)[:, None]
    near_bid, near_ask = (weights * bid_size[:12]).sum(axis=0), (weights * ask_size[:12]).sum(axis=0)
    pull, push = (bid_size[:5] / (mid - bid[:5])).sum(axis=0), (ask_size[:5] / (ask[:5] - mid)).sum(axis=0)
    below, above = 1e4 * (1 - bid[:10] / mid), 1e4 * (ask[:10] / mid - 1)
    every = range(rows.shape[1])
    return {
        "spread": ask[0] - bid[0],
        "spread_bps": spread_bps,
        "quoted_spread_zscore_30": np.concatenate([np.full(29, np.nan), zscore]),
        "mid": mid,
        "microprice": micro,
        "microprice_deviation": 1e4 * (micro / mid - 1),
        "bid_size": bid_size[0],
        "ask_size": ask_size[0],
        "depth_7.bid": bids,
        "depth_7.ask": asks,
        "depth_ratio_7": bids / (bids + asks),
        "book_imbalance_7": (bids - asks) / (bids + asks),
        "weighted_imbalance_12_0.7": (near_bid - near_ask) / (near_bid + near_ask),
        "book_pressure_5": (pull - push) / (pull + push),
        "book_slope_10.bid": (below * bid_size[:10].cumsum(axis=0)).sum(axis=0) / (below**2).sum(axis=0),
        "book_slope_10.ask": (above * ask_size[:10].cumsum(axis=0)).sum(axis=0) / (above**2).sum(axis=0),
        "sweep_cost_5.buy": np.array([1e4 * (swept(ask[:, k], ask_size[:, k], 5.0) / mid[k] - 1) for k in every]),
        "sweep_cost_5.sell": np.array([1e4 * (1 - swept(bid[:, k], bid_size[:, k], 5.0) / mid[k]) for k in every]),
        "depth_within_25.bid": rows[distance_row(0, 4)],
        "depth_within_25.ask": rows[distance_row(1, 4)],
        "distance_imbalance_5": (rows[distance_row(0, 2)] - rows[distance_row(1, 2)])
        / (rows[distance_row(0, 2)] + rows[distance_row(1, 2)]),
    }


def test_features_equal_their_formulas_on_real_rows(rows: Series) -> None:
    references = expected(rows)
    out = compute(make_plan(list(references)), rows)
    assert rows.shape[1] > 600
    for row, (name, values) in enumerate(references.items()):
        assert len(np.unique(values)) > 2, name
        np.testing.assert_allclose(out[row], values, rtol=1e-9, atol=1e-9, err_msg=name)


def test_sweep_cost_is_nan_where_the_levels_do_not_fill_the_order(rows: Series) -> None:
    _, _, ask, ask_size = levels_of(rows)
    cost = compute(make_plan(["sweep_cost_30"]), rows)[0]
    assert np.array_equal(np.isnan(cost), ask_size.sum(axis=0) < 30.0)
    assert 0 < np.isnan(cost).sum() < rows.shape[1]
    assert len(ask) == BOOK_LEVELS


def test_sweep_cost_equals_hand_computed_value() -> None:
    columns = random_columns(1)
    for level, (price, size) in enumerate([(101.0, 0.5), (102.0, 1.0), (104.0, 9.0)]):
        columns[book_row(Column.ASK_PRICE, level)], columns[book_row(Column.ASK_SIZE, level)] = price, size
        columns[book_row(Column.BID_PRICE, level)], columns[book_row(Column.BID_SIZE, level)] = 200.0 - price, size
    out = compute(make_plan(["sweep_cost_2.buy", "sweep_cost_2.sell", "sweep_cost_0.25.buy"]), columns)[:, 0]
    paid = (0.5 * 101 + 1.0 * 102 + 0.5 * 104) / 2
    assert out.tolist()[:3] == pytest.approx([1e4 * (paid / 100 - 1), 1e4 * (paid / 100 - 1), 100.0], rel=1e-12)


def test_feature_of_few_levels_reads_only_these() -> None:
    assert parse_feature("depth_2").inputs == tuple(range(Column.BID_PRICE, Column.BID_PRICE + 8))
    assert parse_feature("depth_within_50").inputs == (distance_row(0, 5), distance_row(1, 5))
    columns = random_columns(20)
    columns[book_row(Column.BID_PRICE, 2) :] = np.nan
    out = compute(make_plan(["depth_2", "book_imbalance_3"]), columns)
    assert np.isfinite(out[0]).all()
    assert np.isnan(out[1]).all()


def test_distance_not_in_the_market_matrix_is_refused() -> None:
    with pytest.raises(ConfigError, match="within 1, 2, 5, 10, 25, 50 basis points, not 7"):
        parse_feature("depth_within_7")
