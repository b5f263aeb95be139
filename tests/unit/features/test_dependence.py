"""Dependence, rank and performance statistics against statsmodels, arch, scipy and their formulas on real bars."""

from itertools import permutations

import numpy as np
import pytest
from arch.unitroot import VarianceRatio
from scipy import stats
from statsmodels.stats.diagnostic import acorr_ljungbox
from statsmodels.tsa.stattools import pacf

from quaestor.errors import ConfigError
from quaestor.features.catalog import parse_feature
from quaestor.features.plan import compute, make_plan

from .real_bars import Bars, Series, load_bars
from .reference import windows

ROWS = 300


@pytest.fixture(scope="module")
def bars() -> Bars:
    """Return real minutes."""
    return load_bars(ROWS)


def variance_ratio(closes: Series, lag: int) -> float:
    """Return Lo and MacKinlay's variance ratio of the window's log closes."""
    return float(VarianceRatio(np.log(closes), lags=lag, trend="c", debiased=True, overlap=True).vr)


def half_life(closes: Series) -> float:
    """Return the half-life from the regression of changes on levels."""
    logs = np.log(closes)
    kept = 1.0 + stats.linregress(logs[:-1], np.diff(logs)).slope
    if not 0.0 < kept < 1.0:
        return float(len(closes)) if kept >= 1.0 else 0.0
    return min(-np.log(2.0) / np.log(kept), float(len(closes)))


def permutation_entropy(closes: Series, order: int) -> float:
    """Return the entropy from a count of every ordering."""
    patterns = [tuple(np.argsort(closes[k : k + order], kind="stable")) for k in range(len(closes) - order + 1)]
    shares = np.array([patterns.count(pattern) for pattern in permutations(range(order))]) / len(patterns)
    shares = shares[shares > 0]
    return float(-(shares * np.log(shares)).sum() / np.log(len(list(permutations(range(order))))))


def robust_zscore(closes: Series) -> float:
    """Return the robust standard score in normal deviations."""
    return float((closes[-1] - np.median(closes)) / stats.median_abs_deviation(closes, scale="normal"))


def downside(returns: Series) -> float:
    """Return the downside deviation."""
    return float(np.sqrt(np.mean(np.minimum(returns, 0.0) ** 2)))


def of_returns(bars: Bars) -> dict[str, Series]:
    """Return the features of log returns."""
    r = np.concatenate([[np.nan], np.log(bars.close[1:] / bars.close[:-1])])
    return {
        "ljung_box_100_5": windows(r, 100, lambda w: float(acorr_ljungbox(w, lags=[5])["lb_stat"].iloc[0])),
        "partial_autocorrelation_50": windows(r, 50, lambda w: float(pacf(w, nlags=2, method="ldb")[2])),
        "autoregression_50": windows(r, 50, lambda w: float(stats.linregress(w[:-1], w[1:]).slope)),
        "downside_deviation_50": windows(r, 50, downside),
        "sharpe_50": windows(r, 50, lambda w: float(w.mean() / w.std(ddof=1))),
        "sortino_50": windows(r, 50, lambda w: float(w.mean() / downside(w))),
    }


def of_closes(bars: Bars) -> dict[str, Series]:
    """Return the features of closes."""
    x = bars.close
    return {
        "variance_ratio_100_5": windows(x, 101, lambda w: variance_ratio(w, 5)),
        "variance_ratio_40_2": windows(x, 41, lambda w: variance_ratio(w, 2)),
        "half_life_100": windows(x, 100, half_life),
        "median_20": windows(x, 20, lambda w: float(np.median(w))),
        "median_21": windows(x, 21, lambda w: float(np.median(w))),
        "robust_zscore_20": windows(x, 20, robust_zscore),
        "permutation_entropy_100_3": windows(x, 100, lambda w: permutation_entropy(w, 3)),
        "permutation_entropy_60_4": windows(x, 60, lambda w: permutation_entropy(w, 4)),
        "max_drawdown_50": windows(x, 50, lambda w: float((w / np.maximum.accumulate(w)).min() - 1.0)),
    }


def test_features_equal_statsmodels_arch_and_scipy_on_real_bars(bars: Bars) -> None:
    references = of_returns(bars) | of_closes(bars)
    plan = make_plan(list(references))
    out = compute(plan, bars.columns)
    for row, (name, values) in enumerate(references.items()):
        assert int(np.isnan(values).sum()) == plan.requested[row].warmup, name
        np.testing.assert_allclose(out[row], values, rtol=1e-9, atol=1e-11, err_msg=name)


def test_cusum_event_occurs_when_a_sum_exceeds_the_threshold(bars: Bars) -> None:
    event, up, down, volatility = compute(
        make_plan(["cusum_50_3", "cusum_50_3.up", "cusum_50_3.down", "volatility_50"]), bars.columns
    )[:4]
    rise = fall = 0.0
    for k in range(50, ROWS):
        change = np.log(bars.close[k] / bars.close[k - 1])
        rise, fall = max(rise + change, 0.0), min(fall + change, 0.0)
        expected = 1.0 if rise > 3 * volatility[k] else -1.0 if fall < -3 * volatility[k] else 0.0
        rise, fall = rise * (expected != 1.0), fall * (expected != -1.0)
        assert event[k] == expected
        np.testing.assert_allclose((up[k], down[k]), (rise, fall), rtol=1e-9, atol=1e-15)
    assert {-1.0, 0.0, 1.0} == set(event[50:])


def only_closes(closes: Series) -> Series:
    """Return bars with given closes and constant other series."""
    return np.ascontiguousarray([closes] * 5)


def test_window_without_loss_has_the_largest_sortino_ratio() -> None:
    rising = only_closes(np.exp(np.linspace(0.0, 1.0, 80)))
    assert compute(make_plan(["sortino_50"]), rising)[0, -1] == 50.0


def test_price_without_mean_reversion_has_the_longest_half_life() -> None:
    growing = only_closes(np.exp(np.exp(np.linspace(0.0, 1.0, 120))))
    assert compute(make_plan(["half_life_100"]), growing)[0, -1] == 100.0
    jumping = only_closes(np.where(np.arange(120) % 2 == 0, 100.0, 101.0))
    assert compute(make_plan(["half_life_100"]), jumping)[0, -1] == 0.0


@pytest.mark.parametrize("name", ["variance_ratio_10_10", "ljung_box_5_5", "permutation_entropy_3_4"])
def test_too_short_windows_are_refused(name: str) -> None:
    with pytest.raises(ConfigError, match=r"no pair|does not fit"):
        parse_feature(name)
