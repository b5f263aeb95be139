"""The rule-based regime filter on features written by hand."""

import numpy as np
import pytest

from quaestor.brain.regime.catalog import parse_regime
from quaestor.errors import ConfigError, UnknownNameError
from quaestor.ledger.codes import Regime

#: short volatility, long volatility, signed efficiency ratio, drawdown
CASES = {
    Regime.NORMAL: (0.01, 0.01, 0.0, -0.01),
    Regime.VOLATILE: (0.02, 0.01, 0.0, -0.01),
    Regime.TRENDING: (0.01, 0.01, -0.5, -0.03),
    Regime.CRASH: (0.02, 0.01, -0.5, -0.2),
    Regime.BULL_RUN: (0.01, 0.01, 0.5, -0.01),
    Regime.RECOVERY: (0.01, 0.01, 0.5, -0.08),
}


def classify(rows: list[tuple[float, float, float, float]], settings: dict[str, str] | None = None) -> list[int]:
    """Regime of each row of features."""
    regime = parse_regime("volatility_trend", settings or {})
    out = np.full(len(rows), 9, np.int8)
    state = np.zeros(1, regime.state_dtype)
    features = np.ascontiguousarray(np.array(rows, dtype=np.float64).T)
    columns = np.zeros((5, len(rows)))
    regime.definition.advance(state, regime.params(), features, columns, out, 0, len(rows))
    return [int(code) for code in out]


@pytest.mark.parametrize("regime", Regime)
def test_each_regime_takes_over_after_three_bars(regime: Regime) -> None:
    states = classify([CASES[regime]] * 4)
    assert states == [Regime.NORMAL, Regime.NORMAL, regime, regime]


def test_a_regime_suggested_for_too_few_bars_never_takes_over() -> None:
    flicker = [CASES[Regime.CRASH], CASES[Regime.CRASH], CASES[Regime.NORMAL]] * 5
    assert set(classify(flicker)) == {Regime.NORMAL}


def test_alternating_suggestions_do_not_add_up() -> None:
    rows = [CASES[Regime.VOLATILE], CASES[Regime.TRENDING]] * 5
    assert set(classify(rows)) == {Regime.NORMAL}


def test_undefined_features_keep_the_regime() -> None:
    undefined = (float("nan"), 0.01, 0.0, 0.0)
    rows = [undefined, *[CASES[Regime.CRASH]] * 2, undefined, *[CASES[Regime.CRASH]] * 2, undefined]
    assert classify(rows) == [*[Regime.NORMAL] * 4, *[Regime.CRASH] * 3]


def test_a_hold_of_one_bar_takes_over_at_once() -> None:
    assert classify([CASES[Regime.CRASH]], {"hold": "1"}) == [Regime.CRASH]


def test_wrong_settings_and_unknown_filters_are_refused() -> None:
    with pytest.raises(ConfigError, match="must be shorter than long"):
        parse_regime("volatility_trend", {"short": "240"})
    with pytest.raises(UnknownNameError, match="did you mean volatility_trend"):
        parse_regime("volatility_trends", {})
