"""Classification scores against scikit-learn."""

import numpy as np
import pytest
from sklearn.metrics import accuracy_score, f1_score, precision_score, recall_score

from quaestor.analysis.forecasts.scores import Scores, score
from quaestor.errors import DataError


@pytest.mark.parametrize(("forecast_share", "up_share"), [(0.5, 0.5), (0.9, 0.1), (0.0, 0.4), (1.0, 1.0), (0.3, 0.0)])
def test_scores_equal_scikit_learns(forecast_share: float, up_share: float) -> None:
    rng = np.random.default_rng(5)
    forecasts, outcomes = rng.random(1000) < forecast_share, rng.random(1000) < up_share
    found = score(forecasts, outcomes)
    assert found.accuracy == pytest.approx(accuracy_score(outcomes, forecasts))
    for mine, theirs in ((found.precision, precision_score), (found.recall, recall_score), (found.f1, f1_score)):
        assert mine == pytest.approx(theirs(outcomes, forecasts, zero_division=0))


def test_the_weights_are_those_of_the_specification() -> None:
    parts = ((1, 0, 0, 0), (0, 1, 0, 0), (0, 0, 1, 0), (0, 0, 0, 1))
    assert [Scores(*part).weighted for part in parts] == [0.3, 0.3, 0.2, 0.2]


def test_no_forecasts_are_refused() -> None:
    with pytest.raises(DataError, match="0 forecasts of 0 outcomes"):
        score(np.zeros(0, bool), np.zeros(0, bool))
    with pytest.raises(DataError, match="2 forecasts of 1 outcomes"):
        score(np.zeros(2, bool), np.zeros(1, bool))
