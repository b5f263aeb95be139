"""Trained regime filter: against hmmlearn's and scikit-learn's own arithmetic, and by hand."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hmmlearn.hmm import GaussianHMM
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.stats import multivariate_normal
from sklearn.mixture import GaussianMixture
from tests.contract.market import run_in_chunks

from quaestor.brain.regime.trained import advance, trained_regime_dtype, trained_state_dtype
from quaestor.jit.tables import Table
from quaestor.ledger.codes import Regime
from quaestor.research.training.regime_model import RegimeModel, model_from_table, name_rows

Series = NDArray[np.float64]
NAMES = tuple(Regime)[:4]


def random_model(seed: int, *, states: int = 4, features: int = 3, mixture: bool = False) -> RegimeModel:
    """A model of random states, each named after another regime, whose regime may change at every bar."""
    generator = np.random.default_rng(seed)
    roots = generator.normal(0.0, 0.5, (states, features, features)) + np.eye(features)
    weights = generator.dirichlet(np.ones(states))
    rows = np.tile(weights, (states, 1)) if mixture else generator.dirichlet(np.ones(states), states)
    return RegimeModel(
        features=tuple(f"x{k}" for k in range(features)),
        center=generator.normal(0.0, 5.0, features),
        scale=generator.uniform(0.1, 3.0, features),
        means=generator.normal(0.0, 1.5, (states, features)),
        covariances=roots @ roots.transpose(0, 2, 1) + 0.05 * np.eye(features),
        transition=rows if mixture else 0.2 * rows + 0.8 * np.eye(states),
        initial=weights,
        names=NAMES[:states],
        hold=1,
        margin=0.0,
    )


def random_rows(model: RegimeModel, rows: int, seed: int) -> Series:
    """Rows near the states, in natural units."""
    z = np.random.default_rng(seed).normal(0.0, 2.0, (len(model.features), rows))
    return np.ascontiguousarray(z * model.scale[:, None] + model.center[:, None])


def beliefs(table: Table, values: Series) -> Series:
    """Filtered probability of each state, (K, N)."""
    rows = values.shape[1]
    state = np.zeros(1, trained_state_dtype(len(table[0]["codes"]), len(table[0]["center"])))
    regimes, posterior = np.zeros(rows, np.int8), np.zeros(rows)
    out = np.empty((len(table[0]["codes"]), rows))
    for k in range(rows):
        advance(state, table, values, regimes, posterior, k, k + 1)
        out[:, k] = state[0]["belief"]
    return out


def forward(model: RegimeModel, values: Series) -> Series:
    """The textbook recursion in numpy with scipy's densities."""
    z = ((values.T - model.center) / model.scale).T
    out = np.empty((model.n_states, values.shape[1]))
    prior = model.initial
    for k in range(values.shape[1]):
        density = [
            multivariate_normal(m, c).logpdf(z[:, k]) for m, c in zip(model.means, model.covariances, strict=True)
        ]
        joint = prior * np.exp(np.array(density) - np.max(density))
        out[:, k] = joint / joint.sum()
        prior = out[:, k] @ model.transition
    return out


def hmm_of(model: RegimeModel) -> GaussianHMM:
    """The same model as hmmlearn holds it."""
    hmm = GaussianHMM(model.n_states, covariance_type="full")
    hmm.startprob_, hmm.transmat_ = model.initial, model.transition
    hmm.means_, hmm.covars_ = model.means, model.covariances
    return hmm


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10_000), states=st.integers(1, 4), features=st.integers(1, 4))
def test_filtered_probabilities_are_the_textbook_recursion(seed: int, states: int, features: int) -> None:
    model = random_model(seed, states=states, features=features)
    values = random_rows(model, 60, seed)
    np.testing.assert_allclose(beliefs(model.table(), values), forward(model, values), atol=1e-9, rtol=0)


def test_filtered_probabilities_are_hmmlearns_at_the_end_of_each_prefix() -> None:
    # Of a prefix hmmlearn's posterior of the last row has no later row to look at: it is the filtered one.
    model = random_model(3)
    values = random_rows(model, 120, 3)
    z = (values.T - model.center) / model.scale
    hmm = hmm_of(model)
    expected = np.array([hmm.predict_proba(z[:k])[-1] for k in range(1, len(z) + 1)]).T
    np.testing.assert_allclose(beliefs(model.table(), values), expected, atol=1e-9, rtol=0)


def test_a_model_with_equal_transition_rows_is_a_gaussian_mixture() -> None:
    model = random_model(5, mixture=True)
    values = random_rows(model, 400, 5)
    mixture = GaussianMixture(model.n_states)
    mixture.weights_, mixture.means_, mixture.covariances_ = model.initial, model.means, model.covariances
    factors = np.linalg.cholesky(model.covariances)
    mixture.precisions_cholesky_ = np.linalg.inv(factors).transpose(0, 2, 1)
    expected = mixture.predict_proba((values.T - model.center) / model.scale).T
    np.testing.assert_allclose(beliefs(model.table(), values), expected, atol=1e-9, rtol=0)


def test_extreme_rows_do_not_underflow() -> None:
    model = random_model(7)
    values = random_rows(model, 40, 7)
    values[:, 20] = model.center + 60.0 * model.scale
    found = beliefs(model.table(), values)
    np.testing.assert_allclose(found.sum(axis=0), 1.0, rtol=1e-12)
    np.testing.assert_allclose(found, hmm_filter(model, values), atol=1e-9, rtol=0)
    values[0, 20] = 1e200  # its density is 0 under every state: nothing changes
    found = beliefs(model.table(), values)
    assert np.array_equal(found[:, 20], found[:, 19])
    assert np.all(np.isfinite(found))


def hmm_filter(model: RegimeModel, values: Series) -> Series:
    """hmmlearn's posterior of the last row of each prefix."""
    z = (values.T - model.center) / model.scale
    hmm = hmm_of(model)
    return np.array([hmm.predict_proba(z[:k])[-1] for k in range(1, len(z) + 1)]).T


def test_chunks_restarts_and_later_rows_change_no_bit() -> None:
    model = random_model(11)
    values = random_rows(model, 600, 11)
    values[1, 100:104] = np.nan
    regimes, posterior = name_rows(model, values)
    assert len(set(regimes.tolist())) > 2
    again = (np.full(600, 9, np.int8), np.full(600, 9.0))
    state = np.zeros(1, trained_state_dtype(4, len(values)))
    run_in_chunks(advance, state, (model.table(), values, *again), 600, 4)
    assert (again[0].tobytes(), again[1].tobytes()) == (regimes.tobytes(), posterior.tobytes())
    for cut in (1, 103, 350):
        part = name_rows(model, np.ascontiguousarray(values[:, :cut]))
        assert np.array_equal(part[0], regimes[:cut])
        assert np.array_equal(part[1], posterior[:cut])


def test_a_missing_row_changes_nothing() -> None:
    model = random_model(13)
    values = random_rows(model, 80, 13)
    holed = np.insert(values, 30, values[:, 30], axis=1)
    holed[2, 30] = np.nan
    regimes, posterior = name_rows(model, holed)
    plain = name_rows(model, values)
    assert (regimes[30], posterior[30]) == (regimes[29], posterior[29])
    assert np.array_equal(np.delete(regimes, 30), plain[0])
    assert np.array_equal(np.delete(posterior, 30), plain[1])


def test_before_the_first_usable_row_the_regime_is_normal_with_its_initial_probability() -> None:
    model = random_model(17)
    regimes, posterior = name_rows(model, np.full((3, 2), np.nan))
    assert regimes.tolist() == [Regime.NORMAL, Regime.NORMAL]
    assert posterior.tolist() == [model.initial[0]] * 2


def test_room_for_more_states_changes_no_probability() -> None:
    model = random_model(19)
    values = random_rows(model, 100, 19)
    wide = beliefs(model.table(6), values)
    assert np.array_equal(wide[:4], beliefs(model.table(), values))
    assert np.all(wide[4:] == 0.0)


def test_a_model_is_restored_from_its_table() -> None:
    model = random_model(23)
    again = model_from_table(model.features, model.table(6))
    assert again.names == model.names
    assert (again.hold, again.margin) == (model.hold, model.margin)
    for name in ("center", "scale", "means", "transition", "initial"):
        assert np.array_equal(getattr(again, name), getattr(model, name)), name
    np.testing.assert_allclose(again.covariances, model.covariances, rtol=1e-9)


def two_names(certainties: list[float], hold: int, margin: float) -> tuple[list[int], list[float]]:
    """Regimes and posteriors of rows that by themselves give CRASH these probabilities against NORMAL."""
    table = np.zeros(1, trained_regime_dtype(2, 1))
    row = table[0]
    row["scale"], row["means"], row["whitening"] = 1.0, [[0.0], [1.0]], 1.0
    row["transition"], row["initial"], row["codes"] = 0.5, 0.5, [Regime.NORMAL, Regime.CRASH]
    row["hold"], row["margin"] = hold, margin
    # log odds of the means 1 and 0 at x are x − ½
    values = np.array([[0.5 + np.log(p / (1.0 - p)) for p in certainties]])
    state = np.zeros(1, trained_state_dtype(2, 1))
    regimes, posterior = np.zeros(len(certainties), np.int8), np.zeros(len(certainties))
    advance(state, table, values, regimes, posterior, 0, len(certainties))
    return [int(code) for code in regimes], [float(p) for p in posterior]


def test_a_regime_takes_over_once_it_has_led_for_its_hold() -> None:
    codes, posterior = two_names([0.9, 0.9, 0.4, 0.9, 0.9, 0.9, 0.2], hold=3, margin=0.2)
    assert codes == [0, 0, 0, 0, 0, 3, 3]
    assert posterior == pytest.approx([0.1, 0.1, 0.6, 0.1, 0.1, 0.9, 0.2])


def test_a_lead_below_the_margin_changes_no_regime() -> None:
    assert two_names([0.59] * 6, hold=1, margin=0.2)[0] == [0] * 6
    assert two_names([0.61] * 2, hold=1, margin=0.2)[0] == [3, 3]


def test_probabilities_of_states_of_one_regime_add_up() -> None:
    # 0.4 against 0.3 + 0.3: the single most probable state is NORMAL, the most probable regime is not.
    table = np.zeros(1, trained_regime_dtype(3, 1))
    row = table[0]
    row["scale"], row["whitening"] = 1.0, 1.0
    row["initial"], row["transition"] = [0.4, 0.3, 0.3], [0.4, 0.3, 0.3]
    row["codes"] = [Regime.NORMAL, Regime.VOLATILE, Regime.VOLATILE]
    row["hold"] = 1
    state = np.zeros(1, trained_state_dtype(3, 1))
    regimes, posterior = np.zeros(1, np.int8), np.zeros(1)
    advance(state, table, np.zeros((1, 1)), regimes, posterior, 0, 1)
    assert regimes[0] == Regime.VOLATILE
    assert posterior[0] == pytest.approx(0.6, rel=1e-12)


_TWIN = """
import sys
import numpy as np
from quaestor.brain.regime.trained import advance, trained_state_dtype
from quaestor.jit.compile import INTERPRETED
assert INTERPRETED
table, values = np.load(sys.argv[1]), np.load(sys.argv[2])
regimes, posterior = np.zeros(values.shape[1], np.int8), np.zeros(values.shape[1])
advance(np.zeros(1, trained_state_dtype(4, len(values))), table, values, regimes, posterior, 0, values.shape[1])
np.savez(sys.argv[3], regimes=regimes, posterior=posterior)
"""


def test_the_interpreted_twin_agrees(tmp_path: Path) -> None:
    model = random_model(29)
    values = random_rows(model, 300, 29)
    values[0, 50] = np.nan
    paths = [str(tmp_path / name) for name in ("table.npy", "values.npy", "answer.npz")]
    np.save(paths[0], model.table())
    np.save(paths[1], values)
    environment = os.environ | {"QUAESTOR_INTERPRET": "1", "PYTHONWARNINGS": "error"}
    subprocess.run([sys.executable, "-c", _TWIN, *paths], check=True, env=environment)
    regimes, posterior = name_rows(model, values)
    with np.load(paths[2]) as twin:
        np.testing.assert_array_equal(twin["regimes"], regimes)
        np.testing.assert_array_equal(twin["posterior"], posterior)
