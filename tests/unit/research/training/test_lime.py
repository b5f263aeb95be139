"""Local linear fit: known lines are recovered, statsmodels finds the same, and errors are those of the draw."""

import numpy as np
import pytest
import statsmodels.api as sm
from numpy.typing import NDArray

from quaestor.brain.ensemble.curve import write_curve
from quaestor.brain.models.contract import NODE, Family, Link, model_dtype
from quaestor.brain.trained.layout import trained_dtype
from quaestor.brain.trained.outputs import Output, inputs, probabilities, weight_row
from quaestor.brain.trained.reevaluate import reevaluate_rows, reevaluation_dtype
from quaestor.jit.tables import Matrix
from quaestor.research.training.attribution import attribute
from quaestor.research.training.lime import Lines, fit_lines
from quaestor.research.training.models.contract import Rows

from .models.prepared import fitted, real_samples

ROW = np.array([0.8, -1.5, 0.0, 2.5])


def bend(rows: Rows) -> Matrix:
    """Return two predictions that are not straight."""
    x = rows.astype(np.float64)
    steep = 1.0 / (1.0 + np.exp(-(0.7 * x[:, 0] - 1.1 * x[:, 1] + 0.4 * x[:, 2] * x[:, 3])))
    return np.stack((steep, (x[:, 0] > 0.5) * 0.3 + 0.2 * np.tanh(x[:, 3])))


def test_a_linear_ensemble_is_recovered_exactly() -> None:
    """Two linear models without a link, through straight curves, evaluated by the kernel of the decision path."""
    weights, offsets, shares = (
        np.array([[0.01, -0.02, 0.0, 0.005], [0.004, 0.01, -0.03, 0.0]]),
        (0.5, 0.4),
        (0.25, 0.75),
    )
    models, learned, workspace = (
        np.zeros(2, model_dtype(4)),
        np.zeros(1, trained_dtype(2)),
        np.zeros(1, reevaluation_dtype(4, 2, 0)),
    )
    for model, curve, own, offset in zip(models, learned[0]["curves"], weights, offsets, strict=True):
        model["family"], model["link"], model["weights"], model["offset"] = Family.LINEAR, Link.IDENTITY, own, offset
        write_curve(curve, (0.0, 1.0), (0.1, 0.7))

    def predict(rows: Rows) -> Matrix:
        opinion = np.zeros((inputs(2, 4).stop, len(rows)))
        opinion[[weight_row(0), weight_row(1)]] = np.array(shares)[:, None]
        opinion[inputs(2, 4)] = rows.T
        reevaluate_rows(workspace, learned, models, np.empty(0, NODE), opinion, 0, len(rows))
        return np.vstack((opinion[Output.SCORE], opinion[probabilities(2)]))

    found = fit_lines(predict, ROW, 402)
    calibrated = 0.6 * np.vstack((np.average(weights, axis=0, weights=shares), weights))
    np.testing.assert_allclose(found.slopes, calibrated, atol=2e-5)
    np.testing.assert_allclose(found.base, [0.1 + 0.6 * 0.425, 0.1 + 0.6 * 0.5, 0.1 + 0.6 * 0.4], atol=2e-5)
    assert (found.r2 > 0.999999).all()
    assert found.errors.max() < 1e-5


def test_statsmodels_finds_the_same_lines_errors_and_shares() -> None:
    seen: list[Rows] = []

    def predict(rows: Rows) -> Matrix:
        seen.append(rows)
        return bend(rows)

    found = fit_lines(predict, ROW, 7)
    rows = seen[0].astype(np.float64)
    weights = np.exp(-(((rows - ROW) ** 2).sum(axis=1)) / (0.75**2 * 4)) ** 0.5
    for t, predictions in enumerate(bend(seen[0])):
        theirs = sm.WLS(predictions, sm.add_constant(rows), weights=weights).fit(cov_type="HC0")
        np.testing.assert_allclose(found.slopes[t], theirs.params[1:], rtol=2e-3, atol=1e-5)  # theirs has no ridge
        np.testing.assert_allclose(found.errors[t], theirs.bse[1:], rtol=2e-3)
        assert found.base[t] == pytest.approx(theirs.params[0], rel=2e-3)
        assert found.r2[t] == pytest.approx(theirs.rsquared, abs=1e-5)
    assert 0.2 < found.r2[1] < found.r2[0] < 0.99  # a line is not the model


def test_errors_equal_the_spread_over_draws() -> None:
    drawn: list[Lines] = [fit_lines(bend, ROW, seed, samples=1_000) for seed in range(60)]
    spread = np.std([lines.slopes for lines in drawn], axis=0)
    claimed = np.mean([lines.errors for lines in drawn], axis=0)
    assert (spread / claimed > 0.7).all()
    assert (spread / claimed < 1.4).all()


def test_the_same_seed_gives_the_same_bits_and_another_does_not() -> None:
    one, again, other = fit_lines(bend, ROW, 7), fit_lines(bend, ROW, 7), fit_lines(bend, ROW, 8)
    assert one.slopes.tobytes() == again.slopes.tobytes()
    assert (one.base.tobytes(), one.errors.tobytes(), one.r2.tobytes()) == (
        again.base.tobytes(),
        again.errors.tobytes(),
        again.r2.tobytes(),
    )
    assert (one.slopes != other.slopes).all()


def test_constant_predictions_have_no_r2() -> None:
    found = fit_lines(lambda rows: np.full((1, len(rows)), 0.25), ROW, 1)
    assert np.isnan(found.r2).all()
    np.testing.assert_allclose(found.slopes, 0.0, atol=1e-12)
    assert found.base[0] == pytest.approx(0.25)


@pytest.mark.parametrize("name", ["logistic", "lightgbm", "forest"])
def test_signs_agree_with_shap(name: str) -> None:
    """Of the three features with the largest SHAP values, over real hours that the model has not seen."""
    _, test = real_samples()
    model = fitted(name)

    def predict(rows: Rows) -> NDArray[np.float64]:
        return model.probability(rows)[None, :]

    agreed = compared = 0
    for k in range(0, 400, 20):
        x = test.x[k : k + 1]
        shares = attribute(model.export(), x, np.zeros(x.shape[1])).contributions[0]
        lines = fit_lines(predict, x[0].astype(np.float64), k)
        top = np.argsort(-np.abs(shares))[:3]
        agreed += int((np.sign(lines.slopes[0, top] * x[0, top]) == np.sign(shares[top])).sum())
        compared += len(top)
    assert agreed == compared if name == "logistic" else agreed > 0.7 * compared
