"""Averages absent from TA-Lib against their published formulas on real bars."""

from tests.unit.features.real_bars import assert_agrees, load_bars
from tests.unit.features.reference import before, exponential, weighted


def test_averages_equal_published_formulas() -> None:
    assert_agrees(
        {
            "hma_20": lambda b: weighted(2 * weighted(b.close, 10) - weighted(b.close, 20), 4),
            "hma_9": lambda b: weighted(2 * weighted(b.close, 4) - weighted(b.close, 9), 3),
            "zlema_20": lambda b: exponential(2 * b.close - before(b.close, 9), 20),
            "zlema_2": lambda b: exponential(2 * b.close - before(b.close, 1), 2),
            "ema_distance_20": lambda b: 100 * (b.close - exponential(b.close, 20)) / exponential(b.close, 20),
            "coppock_14_11_10": lambda b: weighted(
                100 * (b.close / before(b.close, 14) - 1) + 100 * (b.close / before(b.close, 11) - 1), 10
            ),
            "coppock_3_7_2": lambda b: weighted(
                100 * (b.close / before(b.close, 3) - 1) + 100 * (b.close / before(b.close, 7) - 1), 2
            ),
        },
        load_bars(3_000),
        {"ema_distance_20": 1e-11, "coppock_14_11_10": 1e-11, "coppock_3_7_2": 1e-11},
    )
