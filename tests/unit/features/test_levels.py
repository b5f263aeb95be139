"""Support and resistance levels: a hand-computed range, and the definition on real bars."""

import numpy as np
import talib
from tests.unit.features.chart_paths import bars_along, values
from tests.unit.features.chart_reference import pivots_of
from tests.unit.features.real_bars import load_bars

from quaestor.domain.market_matrix import Column


def test_range_has_a_level_on_each_side_strengthened_by_every_touch() -> None:
    knots = [(0, 20.0), *((60 + 20 * k, 90.0 if k % 2 else 100.0) for k in range(11))]
    columns = bars_along(knots, noise=0.02)
    out = values(columns, "levels_3")
    middle = 110 + 20 * np.arange(8)  # half-way between two pivots, the earlier of which is known
    close = columns[Column.CLOSE, middle]
    np.testing.assert_allclose(out["support"][middle], (close - 90.0) / close, atol=1e-3)
    np.testing.assert_allclose(out["resistance"][middle], (100.0 - close) / close, atol=1e-3)
    # at row 250 the tops of rows 60, 100 … 220 and the bottoms of 80, 120 … 240 are known
    bottoms, tops = sum(0.95**k for k in (0, 2, 4, 6, 8)), sum(0.95**k for k in (1, 3, 5, 7, 9))
    np.testing.assert_allclose(out["support_strength"][250], bottoms / (1.0 + bottoms), atol=1e-12)
    np.testing.assert_allclose(out["resistance_strength"][250], tops / (1.0 + tops), atol=1e-12)


def test_broken_support_becomes_resistance() -> None:
    knots = [(0, 100.0), (20, 90.0), (40, 100.0), (60, 90.0), (80, 100.0), (110, 80.0), (116, 83.0)]
    columns = bars_along(knots, noise=0.02)
    out = values(columns, "levels_3")
    np.testing.assert_allclose(out["support"][90], (columns[Column.CLOSE, 90] - 90.0) / 93.3, atol=1e-3)
    np.testing.assert_allclose(out["resistance"][116], (90.0 - columns[Column.CLOSE, 116]) / 83.0, atol=1e-3)


def test_series_without_pivots_has_no_levels() -> None:
    out = values(bars_along([(0, 50.0), (100, 50.0)], noise=0.0), "levels_3")
    for name, expected in (("support", 1.0), ("resistance", 1.0)):
        assert np.all(out[name][14:] == expected), name
        assert np.all(out[f"{name}_strength"][14:] == 0.0), name


def test_levels_equal_their_definition_on_real_bars() -> None:
    columns = load_bars(8_000).columns
    _, high, low, close, _ = columns
    reach = 3.0 * talib.ATR(high, low, close, 14)
    pivots = pivots_of(columns, 3.0)
    known = {pivot.known: k for k, pivot in enumerate(pivots)}
    levels: list[list[int]] = []  # the pivots that touched each

    def weights(level: list[int], now: int) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
        return 0.95 ** (now - np.array(level))

    def price(level: list[int], now: int) -> float:
        return float(np.average([pivots[k].price for k in level], weights=weights(level, now)))

    expected = np.full((4, len(close)), np.nan)
    now = -1
    for row in range(14, len(close)):
        if row in known:
            now = known[row]
            distances = [abs(price(level, now) - pivots[now].price) for level in levels]
            if distances and min(distances) <= 0.25 * reach[row]:
                levels[int(np.argmin(distances))].append(now)
            elif len(levels) < 16:
                levels.append([now])
            else:
                levels[int(np.argmin([weights(level, now).sum() for level in levels]))] = [now]
        now_levels = [(price(level, now), weights(level, now).sum()) for level in levels]
        below = max((each for each in now_levels if each[0] <= close[row]), default=(0.0, 0.0))
        above = min((each for each in now_levels if each[0] > close[row]), default=(np.inf, 0.0))
        expected[0, row] = (close[row] - below[0]) / close[row]
        expected[1, row] = below[1] / (1.0 + below[1])
        expected[2, row] = min((above[0] - close[row]) / close[row], 1.0)
        expected[3, row] = above[1] / (1.0 + above[1])
    out = values(columns, "levels_3")
    for name, theirs in zip(
        ("support", "support_strength", "resistance", "resistance_strength"), expected, strict=True
    ):
        np.testing.assert_allclose(out[name], theirs, rtol=0.0, atol=1e-9, err_msg=name)
