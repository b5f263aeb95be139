"""Regime models on real bars: the fit, the names of states, and that names stay when fitted again."""

import sys
from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from numpy.typing import NDArray
from tests.slices import BARS, MINUTES

from quaestor.errors import ConfigError, DataError
from quaestor.features.plan import compute, make_plan
from quaestor.ledger.codes import Regime
from quaestor.research.training.regime_model import RegimeModel, name_rows
from quaestor.research.training.regime_names import (
    RULES,
    SLACK,
    StateProfile,
    bhattacharyya,
    keep_name,
    match_states,
    name_state,
    state_profiles,
)
from quaestor.research.training.regime_report import summarise_states
from quaestor.research.training.regimes import FEATURES, Kind, RegimeFit, RegimeSettings, fit_regimes

Series = NDArray[np.float64]
QUICK = RegimeSettings(states_min=5, states_max=6, starts=1)
YEAR, MONTH = 8_760, 720


def features_of(bars: pl.DataFrame) -> Series:
    """Return the default features over the first bars of a file."""
    columns = np.ascontiguousarray(bars.select(BARS).to_numpy().T, dtype=np.float64)
    return np.ascontiguousarray(compute(make_plan(FEATURES), columns)[: len(FEATURES)])


@pytest.fixture(scope="module")
def minutes() -> Series:
    """As many minutes as nineteen months have hours."""
    return features_of(pl.read_parquet(MINUTES).head(YEAR + 7 * MONTH))


@pytest.fixture(scope="module")
def fitted(minutes: Series) -> RegimeFit:
    """Return a model of the first year."""
    return fit_regimes(minutes[:, :YEAR], QUICK)


def test_the_number_of_states_has_the_least_bic(fitted: RegimeFit) -> None:
    assert fitted.model.n_states == min(fitted.bic, key=lambda states: fitted.bic[states])
    assert set(fitted.bic) == {5, 6}
    assert fitted.converged
    np.testing.assert_allclose(fitted.model.transition.sum(axis=1), 1.0, rtol=1e-12)
    np.testing.assert_allclose(fitted.model.initial @ fitted.model.transition, fitted.model.initial, atol=1e-9)
    assert fitted.model.transition.min() > 0.0


def test_states_satisfy_the_rule_of_their_name(fitted: RegimeFit) -> None:
    """Each is named by the first rule that holds of its own mean among the rows."""
    model = fitted.model
    assert len(set(model.names)) >= 3
    described = state_profiles(model.features, model.center, model.scale, model.means)
    assert list(model.names) == [name_state(state) for state in described]


def test_the_same_rows_give_the_same_model_to_the_last_bit(minutes: Series, fitted: RegimeFit) -> None:
    again = fit_regimes(minutes[:, :YEAR].copy(), QUICK)
    assert again.model.table().tobytes() == fitted.model.table().tobytes()


def test_rows_with_a_missing_feature_are_left_out(minutes: Series, fitted: RegimeFit) -> None:
    holed = np.insert(minutes[:, :YEAR], 500, np.nan, axis=1)
    assert fit_regimes(holed, QUICK).model.table().tobytes() == fitted.model.table().tobytes()
    assert fitted.rows == int(np.isfinite(minutes[:, :YEAR]).all(axis=0).sum()) < YEAR


def test_summaries_equal_the_fitted_states(fitted: RegimeFit) -> None:
    states = summarise_states(fitted.model)
    for state, stays in zip(states, np.diagonal(fitted.model.transition), strict=True):
        assert state.expected_dwell == pytest.approx(1.0 / (1.0 - stays))
    assert sum(state.weight for state in states) == pytest.approx(1.0)
    assert [state.name for state in states] == list(fitted.model.names)


def changes(values: Series, refits: int) -> list[float]:
    """Return the share of bars whose name changes with each monthly refit on a year, over the bars of both fits."""
    model: RegimeModel | None = None
    shares = []
    for start in range(0, (refits + 1) * MONTH, MONTH):
        later = fit_regimes(values[:, start : start + YEAR], QUICK, model).model
        if model is not None:
            both = np.ascontiguousarray(values[:, start : start + YEAR - MONTH])
            shares.append(float(np.mean(name_rows(model, both)[0] != name_rows(later, both)[0])))
        model = later
    return shares


def test_names_stay_when_minutes_are_fitted_again(minutes: Series) -> None:
    shares = changes(minutes, 4)
    assert np.mean(shares) < 0.1
    assert max(shares) < 0.2


def test_a_mixture_ignores_the_state_before(minutes: Series) -> None:
    fit = fit_regimes(minutes[:, :YEAR], replace(QUICK, kind=Kind.MIXTURE))
    assert np.all(fit.model.transition == fit.model.initial)
    later = fit_regimes(minutes[:, MONTH : YEAR + MONTH], replace(QUICK, kind=Kind.MIXTURE), fit.model)
    assert later.model.n_states == fit.model.n_states


def test_states_are_matched_whatever_their_order_and_scale(fitted: RegimeFit) -> None:
    model = fitted.model
    order = np.random.default_rng(1).permutation(model.n_states)
    batch, shift = np.arange(1.0, 7.0), np.linspace(-1.0, 1.0, 6)
    other = replace(
        model,
        center=model.center + shift * model.scale,
        scale=model.scale * batch,
        means=((model.means - shift) / batch)[order],
        covariances=(model.covariances / np.outer(batch, batch))[order],
    )
    assert match_states(model, other) == {k: int(state) for k, state in enumerate(order)}


def test_bhattacharyya_distance_by_hand() -> None:
    # ⅛ · 3² / 2½ + ½ · ln(2½ / √(1 · 4)), one dimension, means 3 apart, variances 1 and 4
    expected = 9.0 / 2.5 / 8.0 + 0.5 * np.log(2.5 / 2.0)
    found = bhattacharyya(np.zeros(1), np.array([[1.0]]), np.array([3.0]), np.array([[4.0]]))
    assert found == pytest.approx(expected, rel=1e-14)


@pytest.mark.parametrize(
    ("state", "name"),
    [
        (StateProfile(0.8, -0.3, 0.8), Regime.CRASH),
        (StateProfile(0.8, -0.2, 0.8), Regime.VOLATILE),
        (StateProfile(0.0, 0.6, 0.6), Regime.RECOVERY),
        (StateProfile(0.0, 0.6, -0.1), Regime.BULL_RUN),
        (StateProfile(0.0, 0.6, 0.1), Regime.TRENDING),
        (StateProfile(2.0, -0.6, 0.1), Regime.TRENDING),
        (StateProfile(0.8, 0.1, 0.0), Regime.VOLATILE),
        (StateProfile(-0.5, 0.1, 0.0), Regime.NORMAL),
    ],
)
def test_the_first_rule_that_holds_names_a_state(state: StateProfile, name: Regime) -> None:
    assert name_state(state) == name
    assert keep_name(name, state) == name


def test_a_name_is_kept_within_the_slack_and_lost_beyond() -> None:
    def crash(volatility: float) -> Regime:
        return keep_name(Regime.CRASH, StateProfile(volatility, -0.6, 1.0))

    assert crash(0.75 - SLACK + 0.01) == Regime.CRASH
    assert crash(0.75 - SLACK - 0.01) == Regime.TRENDING
    assert keep_name(Regime.NORMAL, StateProfile(0.75 + SLACK - 0.01, 0.0, 0.0)) == Regime.NORMAL
    assert keep_name(Regime.NORMAL, StateProfile(0.75 + SLACK + 0.01, 0.0, 0.0)) == Regime.VOLATILE


def test_every_regime_has_one_rule() -> None:
    assert sorted(rule.name for rule in RULES) == list(Regime)


def test_too_few_rows_and_missing_features_are_refused(
    minutes: Series, fitted: RegimeFit, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(DataError, match="600 needed to learn 6 regimes"):
        fit_regimes(minutes[:, 300:800], QUICK)
    with pytest.raises(ConfigError, match="5 rows of values for 6 features"):
        fit_regimes(minutes[:5], QUICK)
    named = replace(QUICK, features=("natr_20", *FEATURES[1:]))
    with pytest.raises(ConfigError, match="was fitted on natr_14"):
        fit_regimes(minutes[:, :YEAR], named, fitted.model)
    with pytest.raises(ConfigError, match=r"no drawdown_… among its features"):
        state_profiles(FEATURES[:5], np.zeros(5), np.ones(5), np.zeros((1, 5)))
    with pytest.raises(ConfigError, match="do not fit in room for 2"):
        fitted.model.table(2)
    with pytest.raises(ConfigError, match="from 7 to 6 states"):
        RegimeSettings(states_min=7)
    with pytest.raises(ConfigError, match="margin = 1"):
        RegimeSettings(margin=1.0)
    monkeypatch.setitem(sys.modules, "sklearn.mixture", None)
    with pytest.raises(ConfigError, match=r"quaestor\[train\]"):
        fit_regimes(minutes[:, :YEAR], QUICK)
