"""Regime models on twenty months of recorded hours, the falls of 2022 among them."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest
from tests.recorded.files import HOURS
from tests.unit.research.training.test_regimes import MONTH, QUICK, YEAR, Series, changes, features_of

from quaestor.ledger.codes import Regime
from quaestor.research.training.regime_model import name_rows
from quaestor.research.training.regimes import RegimeFit, fit_regimes


@pytest.fixture(scope="module")
def hours(shared_data: Path) -> Series:
    """Twenty months of hours of BTC."""
    bars = pl.scan_parquet(shared_data / HOURS).filter(pl.col("symbol") == "BTCUSDT").head(YEAR + 7 * MONTH)
    return features_of(bars.collect())


@pytest.fixture(scope="module")
def fitted(hours: Series) -> RegimeFit:
    """A model of the first year."""
    return fit_regimes(hours[:, :YEAR], QUICK)


def test_states_satisfy_the_rule_of_their_name(fitted: RegimeFit) -> None:
    model = fitted.model
    assert {Regime.NORMAL, Regime.CRASH, Regime.BULL_RUN} <= set(model.names)
    mean = {name: model.natural_means[model.names.index(name)] for name in model.names}
    range_pct, trend, drawdown = 0, 4, 5
    assert mean[Regime.CRASH][range_pct] > 1.5 * mean[Regime.NORMAL][range_pct]
    assert mean[Regime.CRASH][drawdown] < mean[Regime.NORMAL][drawdown] < mean[Regime.BULL_RUN][drawdown]
    assert mean[Regime.CRASH][trend] < 0.0 < mean[Regime.BULL_RUN][trend]


def test_a_falling_market_is_a_crash_while_it_falls(hours: Series, fitted: RegimeFit) -> None:
    # From 8 to 19 June 2022 BTC fell from 31,000 to below 18,000.
    fall = slice(158 * 24 + 96, 169 * 24)
    regimes, posterior = name_rows(fitted.model, hours)
    crash = regimes == Regime.CRASH
    assert np.mean(crash[fall]) > 0.7 > 4.0 * np.mean(crash)
    assert np.all((posterior >= 0.0) & (posterior <= 1.0))


def test_names_stay_when_hours_are_fitted_again_every_month(hours: Series) -> None:
    shares = changes(hours, 6)
    assert np.mean(shares) < 0.1
    assert max(shares) < 0.2
