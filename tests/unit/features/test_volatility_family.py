"""Realised moments, comparisons and ensemble of volatility against their formulas on real bars."""

import numpy as np
import pytest
from numpy.lib.stride_tricks import sliding_window_view
from scipy import stats

from quaestor.errors import ConfigError
from quaestor.features.catalog import parse_feature
from quaestor.features.plan import compute, make_plan

from .real_bars import Bars, Series, load_bars
from .reference import windows

ROWS = 2_000


@pytest.fixture(scope="module")
def bars() -> Bars:
    """Return real minutes."""
    return load_bars(ROWS)


def returns_of(bars: Bars) -> Series:
    """Return log returns, NaN in the first row."""
    return np.concatenate([[np.nan], np.log(bars.close[1:] / bars.close[:-1])])


def expected(bars: Bars) -> dict[str, Series]:
    """Return the features by their definitions."""
    r = returns_of(bars)
    volatility = windows(r, 20, lambda w: float(np.std(w, ddof=1)))
    squares = windows(r, 20, lambda w: float(w @ w))
    bipower = windows(r, 20, lambda w: float(np.pi / 2 * 20 / 19 * np.abs(w[1:] * w[:-1]).sum()))
    return {
        "realised_semivariance_20.up": windows(r, 20, lambda w: float((w[w > 0] ** 2).sum())),
        "realised_semivariance_20.down": windows(r, 20, lambda w: float((w[w < 0] ** 2).sum())),
        "realised_skew_50": windows(r, 50, lambda w: float(np.sqrt(50) * (w**3).sum() / (w @ w) ** 1.5)),
        "realised_kurtosis_50": windows(r, 50, lambda w: float(50 * (w**4).sum() / (w @ w) ** 2)),
        "volatility_ratio_10_60": windows(r, 10, lambda w: float(np.std(w, ddof=1)))
        / windows(r, 60, lambda w: float(np.std(w, ddof=1))),
        "jump_share_20": np.maximum(1 - bipower / squares, 0.0),
        "har_10_40_90.day": np.where(np.isnan(windows(r, 90, np.sum)), np.nan, windows(r, 10, root_mean_square)),
        "har_10_40_90.week": np.where(np.isnan(windows(r, 90, np.sum)), np.nan, windows(r, 40, root_mean_square)),
        "har_10_40_90.month": windows(r, 90, root_mean_square),
        "volatility_rank_20_100": windows(volatility, 100, lambda w: float((w[-1] - w.min()) / np.ptp(w))),
        "volatility_percentile_20_100": windows(
            volatility, 100, lambda w: float(stats.percentileofscore(w, w[-1], kind="mean")) / 100
        ),
    }


def root_mean_square(window: Series) -> float:
    """Return the root of the mean square."""
    return float(np.sqrt(np.mean(window**2)))


def test_features_equal_their_formulas_on_real_bars(bars: Bars) -> None:
    references = expected(bars)
    plan = make_plan(list(references))
    out = compute(plan, bars.columns)
    for row, (name, values) in enumerate(references.items()):
        assert int(np.isnan(values).sum()) == plan.requested[row].warmup, name
        np.testing.assert_allclose(out[row], values, rtol=1e-9, atol=1e-15, err_msg=name)


def test_ensemble_is_the_median_of_its_members(bars: Bars) -> None:
    members = [f"{name}_20" for name in ("volatility", "parkinson", "garman_klass", "rogers_satchell", "yang_zhang")]
    out = compute(make_plan(["volatility_ensemble_20", *members]), bars.columns)
    variance = [np.nan, returns_of(bars)[1] ** 2]
    for change in returns_of(bars)[2:]:
        variance.append(19 / 21 * variance[-1] + 2 / 21 * change**2)
    median = np.median([*out[1:6], np.sqrt(variance)], axis=0)
    assert np.isfinite(median).sum() == ROWS - 20
    np.testing.assert_allclose(out[0], median, rtol=1e-12)


def test_semivariances_sum_to_the_realised_variance(bars: Bars) -> None:
    up, down, realised = compute(
        make_plan(["realised_semivariance_20", "realised_semivariance_20.down", "realised"]), bars.columns
    )[:3]
    np.testing.assert_allclose(up + down, realised**2, rtol=1e-12)


def test_ensemble_estimates_the_volatility_of_a_random_walk() -> None:
    """Use bars of 400 steps of a walk of 1 % a bar: ranges underestimate slightly, the median is close."""
    steps = np.random.default_rng(5).normal(0.0, 0.01 / 20, (3_000, 400))
    path = np.exp(np.cumsum(steps.ravel())).reshape(3_000, 400)
    opened = np.concatenate([[1.0], path[:-1, -1]])
    spread = sliding_window_view(np.concatenate([[1.0], path.ravel()]), 401)[::400]
    bar = np.ascontiguousarray([opened, spread.max(axis=1), spread.min(axis=1), path[:, -1], np.ones(3_000)])
    out = compute(make_plan(["volatility_ensemble_2000"]), bar)[0]
    np.testing.assert_allclose(out[-1], 0.01, rtol=0.05)


@pytest.mark.parametrize("name", ["volatility_ratio_20_20", "har_30_20_100"])
def test_contradictory_horizons_are_refused(name: str) -> None:
    with pytest.raises(ConfigError, match=r"shorter|ascend"):
        parse_feature(name)
