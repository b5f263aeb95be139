"""GARCH fit: against `arch`, causal refits, and the volatility that follows."""

import sys
from dataclasses import replace

import numpy as np
import pytest
from arch import arch_model, univariate
from scipy import stats
from tests.slices import MINUTES

from quaestor.adapters.sources.files.bars import load_bars
from quaestor.domain.bars import Bars
from quaestor.domain.market_matrix import Column
from quaestor.errors import ConfigError, DataError
from quaestor.features.catalog import parse_feature
from quaestor.features.plan import compute, make_plan
from quaestor.research.features.garch import GarchFit, Refit, fit_garch, refit_schedule, refitted_volatility


@pytest.fixture(scope="module")
def bars() -> Bars:
    """Return two days of real minutes."""
    return load_bars(MINUTES, "BTCUSDT", start="2023-04-01", end="2023-04-03")


def head(bars: Bars, rows: int) -> Bars:
    """Return the first bars."""
    columns = np.ascontiguousarray(bars.columns[:, :rows])
    return replace(bars, ts=bars.ts[:rows], columns=columns, flags=bars.flags[:rows], reference=None)


def bars_of(close: np.ndarray) -> Bars:
    """Return bars with closes alone."""
    columns = np.full((5, len(close)), np.nan)
    columns[Column.CLOSE] = close
    return Bars("X", 60_000_000_000, np.arange(len(close)) * 60_000_000_000, columns, np.zeros(len(close), np.uint32))


def test_parameters_and_likelihood_equal_those_of_arch(bars: Bars) -> None:
    fit = fit_garch(bars)
    returns = np.diff(np.log(bars.column(Column.CLOSE)))
    result = arch_model(returns * 1e4, mean="Zero", rescale=False).fit(disp="off")
    np.testing.assert_allclose([fit.omega, fit.alpha, fit.beta], result.params, rtol=1e-3, atol=1e-5)
    omega = fit.omega * 1e-8
    start = omega / (1 - fit.alpha - fit.beta)
    bounds = np.tile([0.0, 1e300], (len(returns), 1))
    variance = univariate.GARCH(1, 0, 1).compute_variance(
        np.array([omega, fit.alpha, fit.beta]), returns, np.empty(len(returns)), start, bounds
    )
    likelihood = stats.norm.logpdf(returns, scale=np.sqrt(variance)).sum()
    np.testing.assert_allclose(fit.log_likelihood, likelihood, rtol=1e-9)
    assert (fit.rows, fit.first_ts, fit.last_ts) == (len(bars) - 1, bars.ts[0], bars.ts[-1])
    assert fit.converged
    assert parse_feature(fit.name) == fit.instance


def test_parameters_of_a_simulated_series_are_recovered() -> None:
    process = univariate.ZeroMean(volatility=univariate.GARCH(), distribution=univariate.Normal(seed=7))
    returns = process.simulate([4.0, 0.1, 0.85], 20_000)["data"].to_numpy() * 1e-4
    fit = fit_garch(bars_of(np.exp(np.cumsum(returns))))
    assert fit.omega == pytest.approx(4.0, rel=0.25)
    assert fit.alpha == pytest.approx(0.1, abs=0.02)
    assert fit.beta == pytest.approx(0.85, abs=0.03)


def test_an_explosive_variance_keeps_a_long_run_mean() -> None:
    returns = np.random.default_rng(1).normal(0.0, np.geomspace(1e-5, 1e-2, 2_000))
    fit = fit_garch(bars_of(np.exp(np.cumsum(returns))))
    assert fit.alpha + fit.beta == pytest.approx(0.9999, abs=1e-9)
    assert parse_feature(fit.name) == fit.instance


def test_refits_look_at_nothing_that_comes_after(bars: Bars) -> None:
    refits = refit_schedule(bars, 1_000, 700)
    assert [refit.row for refit in refits] == [1_000, 1_700, 2_400]
    volatility = refitted_volatility(bars, refits)
    for rows in (1_001, 1_700, 1_701, 2_500):
        known = head(bars, rows)
        earlier = refit_schedule(known, 1_000, 700)
        assert earlier == refits[: len(earlier)]
        np.testing.assert_array_equal(refitted_volatility(known, earlier), volatility[:, :rows])
    assert refits[1].fit == fit_garch(head(bars, 1_701), 1_000)
    assert refits[1].fit.last_ts == bars.ts[1_700]


def test_between_refits_the_filter_is_the_plain_one(bars: Bars) -> None:
    first, second = (GarchFit(*values, 0.0, 0, 0, 0, True) for values in ((0.5, 0.1, 0.85), (0.7, 0.2, 0.75)))
    volatility = refitted_volatility(bars, [Refit(300, first), Refit(900, second)])
    plans = [make_plan([fit.name, f"{fit.name}.residual"]) for fit in (first, second)]
    alone = compute(plans[0], bars.columns)
    assert np.isnan(volatility[:, :300]).all()
    np.testing.assert_array_equal(volatility[:, 300:900], alone[:, 300:900])
    state, out = plans[0].new_state(), np.empty((2, len(bars)))
    plans[0].advance(state, bars.ts, bars.columns, out, 0, 900)
    plans[1].advance(
        np.frombuffer(bytearray(state.tobytes()), plans[1].chain.state_dtype),
        bars.ts,
        bars.columns,
        out,
        900,
        len(bars),
    )
    np.testing.assert_array_equal(volatility[:, 900:], out[:, 900:])


def test_missing_closes_are_left_out(bars: Bars) -> None:
    holed = bars.columns.copy()
    holed[Column.CLOSE, 10:20] = np.nan
    holed[Column.CLOSE, 30] = 0.0
    there = np.flatnonzero(holed[Column.CLOSE] > 0.0)
    expected = fit_garch(bars_of(bars.columns[Column.CLOSE, there]))
    fit = fit_garch(replace(bars, columns=holed))
    assert (fit.omega, fit.alpha, fit.beta, fit.rows) == (expected.omega, expected.alpha, expected.beta, len(there) - 1)


def test_too_few_or_constant_returns_are_refused(bars: Bars) -> None:
    with pytest.raises(ConfigError, match="window = 20 is too short"):
        fit_garch(bars, 20)
    with pytest.raises(DataError, match="99 returns, 250 needed"):
        fit_garch(head(bars, 100))
    with pytest.raises(DataError, match="did not move"):
        fit_garch(bars_of(np.full(400, 5.0)))
    with pytest.raises(ConfigError, match="every = 0"):
        refit_schedule(bars, 500, 0)
    with pytest.raises(DataError, match="301 needed"):
        refit_schedule(head(bars, 300), 300, 10)


def test_without_arch_the_error_names_the_extra(bars: Bars, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "arch", None)
    with pytest.raises(ConfigError, match=r"fitting GARCH: needs arch.*pip install 'quaestor\[train\]'"):
        fit_garch(bars)
