"""Signal model: one alpha is passed through, several are weighted."""

import numpy as np
import pytest
from tests.contract.market import random_columns

from quaestor.brain.alpha.catalog import parse_alpha
from quaestor.brain.ensemble.weighted import WEIGHTED, make_weighted
from quaestor.brain.regime.catalog import parse_regime
from quaestor.brain.signal_model import make_signal_model
from quaestor.errors import ConfigError
from quaestor.features.plan import compute, make_plan
from quaestor.ledger.codes import Regime

ROWS = 400
ALPHAS = [parse_alpha(name, {"side": "both"}) for name in ("ema_cross", "mean_reversion", "breakout")]


def test_a_single_alpha_is_passed_through_to_the_last_bit() -> None:
    columns = random_columns(ROWS)
    signal_model = make_signal_model(ALPHAS[:1], parse_regime("volatility_trend", {}))
    features = compute(make_plan(signal_model.features), columns)
    signal, _ = signal_model.opinions(features, columns)
    alone = np.zeros((2, ROWS))
    own = np.ascontiguousarray(features[4:6])
    ALPHAS[0].definition.advance(np.zeros(1, ALPHAS[0].state_dtype), ALPHAS[0].params(), own, columns, alone, 0, ROWS)
    assert signal_model.n_outputs == 2
    assert np.array_equal(signal, alone, equal_nan=True)


def test_outputs_are_the_combined_signal_then_those_of_each_alpha() -> None:
    columns = random_columns(ROWS)
    signal_model = make_signal_model(ALPHAS)
    features = compute(make_plan(signal_model.features), columns)
    out, _ = signal_model.opinions(features, columns)
    assert signal_model.n_outputs == 8
    for j, alpha in enumerate(ALPHAS):
        single = make_signal_model([alpha])
        alone, _ = single.opinions(compute(make_plan(single.features), columns), columns)
        assert np.array_equal(out[2 + 2 * j : 4 + 2 * j], alone, equal_nan=True)
    every = ~np.isnan(out[[2, 4, 6]]).any(axis=0)
    weights = np.array([[Regime.NORMAL in a.definition.best_regimes] for a in ALPHAS]) * 0.5 + 0.5
    mean = (weights * out[[2, 4, 6]]).sum(axis=0) / weights.sum()
    np.testing.assert_allclose(out[0, every], mean[every], rtol=1e-12)


def combine(votes: list[float], weights: list[float], regime: Regime = Regime.NORMAL) -> tuple[float, float]:
    """Signal and confidence of two alphas' (signal, confidence) pairs."""
    regime_weights = [[1.0] * 6, [1.0, 0.0, 1.0, 1.0, 1.0, 1.0]]
    ensemble = make_weighted(ALPHAS[:2], weights, regime_weights)
    out = np.zeros((2, 1))
    state = np.zeros(1, WEIGHTED.state_dtype)
    codes = np.array([regime], np.int8)
    WEIGHTED.advance(state, ensemble.params, np.array(votes).reshape(4, 1), codes, out, 0, 1)
    return float(out[0, 0]), float(out[1, 0])


def test_the_weighted_signal_and_confidence_by_hand() -> None:
    nan = float("nan")
    assert combine([1.0, 0.8, 1.0, 0.4], [3.0, 1.0]) == pytest.approx((1.0, 0.7))
    assert combine([1.0, 0.8, -1.0, 0.4], [3.0, 1.0]) == pytest.approx((0.5, 0.6))
    assert combine([1.0, 0.8, -1.0, 0.4], [1.0, 1.0]) == (0.0, 0.0)
    assert combine([1.0, 0.8, nan, 0.0], [1.0, 1.0]) == (1.0, 0.8)
    assert combine([0.0, 1.0, 0.0, 0.5], [1.0, 1.0]) == (0.0, 0.75)
    assert combine([nan, 0.0, -1.0, 0.9], [1.0, 1.0], Regime.VOLATILE) == (0.0, 0.0)
    signal, confidence = combine([nan, 0.0, nan, 0.0], [1.0, 1.0])
    assert np.isnan(signal)
    assert confidence == 0.0


@pytest.mark.parametrize("weights", [[1.0], [1.0, -1.0], [0.0, 0.0], [1.0, float("nan")]])
def test_wrong_weights_are_refused(weights: list[float]) -> None:
    with pytest.raises(ConfigError, match="weights"):
        make_weighted(ALPHAS[:2], weights)


def test_a_model_needs_alphas_and_an_ensemble_of_their_number() -> None:
    with pytest.raises(ConfigError, match="no strategy"):
        make_signal_model([])
    with pytest.raises(ConfigError, match="ensemble of 2"):
        make_signal_model(ALPHAS, None, make_weighted(ALPHAS[:2]))


def test_too_few_rows_are_refused_not_overrun() -> None:
    signal_model = make_signal_model(ALPHAS[:1])
    with pytest.raises(ValueError, match="features needs at least 2 rows"):
        signal_model.opinions(np.zeros((1, 4)), random_columns(4))
