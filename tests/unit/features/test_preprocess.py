"""Preprocessing against scikit-learn, treatment of missing values, causality and bit-identity in any chunks."""

import json
import os
import subprocess
import sys
from dataclasses import replace
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.preprocessing import MinMaxScaler, Normalizer, RobustScaler, StandardScaler
from tests.contract.market import run_in_chunks

from quaestor.errors import ConfigError, DataError, UnknownNameError
from quaestor.features.preprocess import OnlineScaler, Preprocessing, Scaler, fit_scaler, scaler_from_plain, transform
from quaestor.numeric.quartiles import QUARTILES, push_quartiles
from quaestor.numeric.scaling import Missing, Norm, Scaling

Matrix = NDArray[np.float64]
NAMES = ("rsi_14", "volume", "spread", "macd")
ROWS = 400
METHODS = [Preprocessing(*choice) for choice in product(Scaling, Norm, Missing)]
SKLEARN = {Scaling.STANDARD: StandardScaler, Scaling.MINMAX: MinMaxScaler, Scaling.ROBUST: RobustScaler}


def values_of(rows: int = ROWS, seed: int = 3) -> Matrix:
    """Return features of very different sizes, one of them skewed."""
    generator = np.random.default_rng(seed)
    return np.ascontiguousarray(
        [
            50 + 10 * generator.normal(size=rows),
            generator.gamma(1.0, 1e6, rows),
            1e-5 * generator.random(rows) + 3e-5,
            generator.normal(size=rows).cumsum(),
        ]
    )


def holed(values: Matrix) -> Matrix:
    """Return the values with some missing, including the first row and an infinite one."""
    gaps = values.copy()
    gaps[np.random.default_rng(8).random(values.shape) < 0.1] = np.nan
    gaps[1, 0] = gaps[2, 7] = np.nan
    gaps[3, 5] = np.inf
    return gaps


def expected(method: Preprocessing, train: Matrix, values: Matrix) -> Matrix:
    """Return the values by scikit-learn, whose matrices are transposed."""
    scaled = values.T
    if method.scaling != Scaling.NONE:
        scaled = SKLEARN[method.scaling]().fit(train.T).transform(scaled)
    if method.norm != Norm.NONE:
        scaled = Normalizer(method.norm.name.lower()).fit_transform(scaled)
    return scaled.T


@pytest.mark.parametrize("method", [m for m in METHODS if m.missing == Missing.DROP], ids=str)
def test_fitted_scalers_equal_scikit_learn(method: Preprocessing) -> None:
    values = values_of()
    scaler = fit_scaler(NAMES, values[:, :300], method)
    np.testing.assert_allclose(
        transform(scaler, values), expected(method, values[:, :300], values), rtol=1e-12, atol=1e-12
    )


@pytest.mark.parametrize("scaling", list(SKLEARN))
def test_missing_training_values_are_left_out_as_scikit_learn_does(scaling: Scaling) -> None:
    gaps = holed(values_of())
    scaler = fit_scaler(NAMES, gaps, Preprocessing(scaling, Norm.NONE))
    theirs = SKLEARN[scaling]().fit(np.where(np.isfinite(gaps), gaps, np.nan).T)
    center = {Scaling.STANDARD: "mean_", Scaling.MINMAX: "data_min_", Scaling.ROBUST: "center_"}[scaling]
    scale = {Scaling.STANDARD: "scale_", Scaling.MINMAX: "data_range_", Scaling.ROBUST: "scale_"}[scaling]
    np.testing.assert_allclose(scaler.center, getattr(theirs, center), rtol=1e-12)
    np.testing.assert_allclose(scaler.scale, getattr(theirs, scale), rtol=1e-12)


@pytest.mark.parametrize("scaling", [Scaling.STANDARD, Scaling.MINMAX])
def test_online_scaler_equals_a_fit_on_the_rows_so_far(scaling: Scaling) -> None:
    values = values_of(120)
    method = Preprocessing(scaling, Norm.L2)
    ours = transform(OnlineScaler(NAMES, method), values)
    for k in range(120):
        seen = values[:, : k + 1]
        np.testing.assert_allclose(ours[:, k], expected(method, seen, seen)[:, k], rtol=1e-11, atol=1e-12)


def test_online_robust_scaler_uses_quartiles_of_the_rows_so_far() -> None:
    values = values_of(2_000)
    ours = transform(OnlineScaler(NAMES, Preprocessing(Scaling.ROBUST, Norm.NONE)), values)
    for k in range(1, 5):
        seen = values[:, : k + 1]
        np.testing.assert_allclose(ours[:, k], RobustScaler().fit(seen.T).transform(seen.T)[k], rtol=1e-11, atol=1e-12)
    for row, series in enumerate(values):
        markers = np.zeros(1, QUARTILES)
        for k, x in enumerate(series):
            lower, middle, upper = push_quartiles(markers, x)
            assert k == 0 or ours[row, k] == (x - middle) / (upper - lower)


@pytest.mark.parametrize("scaling", Scaling)
def test_missing_values_are_treated_by_the_chosen_method(scaling: Scaling) -> None:
    gaps = holed(values_of())
    there = np.isfinite(gaps)
    complete = there.all(axis=0)
    plain = Preprocessing(scaling, Norm.NONE)
    dropped, zeroed, held = (
        transform(fit_scaler(NAMES, gaps, replace(plain, missing=missing)), gaps) for missing in Missing
    )
    assert np.isnan(dropped[:, ~complete]).all()
    assert np.isfinite(dropped[:, complete]).all()
    np.testing.assert_array_equal(zeroed[:, complete], dropped[:, complete])
    assert not zeroed[~there].any()
    first = int(np.flatnonzero(there.cumsum(axis=1).all(axis=0))[0])
    assert first > 0
    assert np.isnan(held[:, :first]).all()
    scaler = fit_scaler(NAMES, gaps, plain)
    for row, k in zip(*np.nonzero(~there[:, first:]), strict=True):
        last = gaps[row, np.flatnonzero(there[row, : first + k])[-1]]
        assert held[row, first + k] == (last - scaler.center[row]) / scaler.scale[row]


@pytest.mark.parametrize("online", [False, True])
@pytest.mark.parametrize("method", METHODS, ids=str)
def test_chunks_restarts_and_later_rows_change_no_bit(method: Preprocessing, online: bool) -> None:
    gaps = holed(values_of())
    scaler = OnlineScaler(NAMES, method) if online else fit_scaler(NAMES, gaps, method)
    whole = transform(scaler, gaps)
    out = np.zeros_like(whole)
    run_in_chunks(scaler.advance, scaler.new_state(), (scaler.params(), gaps, out), ROWS, 2)
    assert out.tobytes() == whole.tobytes()
    for cut in (1, 60, 333):
        part = transform(scaler, np.ascontiguousarray(gaps[:, :cut]))
        assert part.tobytes() == np.ascontiguousarray(whole[:, :cut]).tobytes()
    scaler.advance(scaler.new_state(), scaler.params(), gaps, gaps, 0, ROWS)
    assert gaps.tobytes() == whole.tobytes()


_TWIN = """
import sys
import numpy as np
from tests.unit.features.test_preprocess import METHODS, NAMES, everything
from quaestor.jit.compile import INTERPRETED
assert INTERPRETED
np.save(sys.argv[1], everything())
"""


def everything() -> Matrix:
    """Return the values of every method, fitted and online, on a few rows."""
    gaps = holed(values_of(60))
    fitted = [transform(fit_scaler(NAMES, gaps, method), gaps) for method in METHODS]
    return np.array(fitted + [transform(OnlineScaler(NAMES, method), gaps) for method in METHODS])


def test_interpreted_kernels_give_the_same_bits(tmp_path: Path) -> None:
    answer = tmp_path / "answer.npy"
    environment = os.environ | {"QUAESTOR_INTERPRET": "1"}
    root = Path(__file__).resolve().parents[3]
    subprocess.run([sys.executable, "-c", _TWIN, str(answer)], check=True, env=environment, cwd=root)
    np.testing.assert_array_equal(np.load(answer), everything())


@pytest.mark.parametrize("scaling", Scaling)
def test_constant_feature_is_not_divided(scaling: Scaling) -> None:
    values = np.vstack([np.full(50, 0.1), np.arange(50.0)])
    method = Preprocessing(scaling, Norm.NONE)
    for scaler in (fit_scaler(("flat", "line"), values, method), OnlineScaler(("flat", "line"), method)):
        scaled = transform(scaler, values)
        np.testing.assert_allclose(scaled[0], 0.1 if scaling == Scaling.NONE else 0.0, atol=1e-15)
        assert np.isfinite(scaled).all()


def test_scaler_depends_only_on_the_training_rows() -> None:
    values = values_of()
    scaler = fit_scaler(NAMES, values[:, :300], Preprocessing())
    values[:, 300:] *= 1e6
    assert fit_scaler(NAMES, values[:, :300], Preprocessing()) == scaler


@pytest.mark.parametrize("method", METHODS, ids=str)
def test_scaler_survives_json_to_the_last_bit(method: Preprocessing) -> None:
    scaler = fit_scaler(NAMES, values_of(), method)
    assert scaler_from_plain(json.loads(json.dumps(scaler.to_plain()))) == scaler


def test_default_preprocessing_is_standard_and_l2() -> None:
    assert OnlineScaler(NAMES).method == Preprocessing(Scaling.STANDARD, Norm.L2, Missing.DROP)


def test_invalid_scalers_are_refused() -> None:
    plain = fit_scaler(NAMES, values_of(), Preprocessing()).to_plain()
    with pytest.raises(UnknownNameError, match="did you mean standard"):
        scaler_from_plain(plain | {"scaling": "standart"})
    with pytest.raises(ConfigError, match="'center' is no list of float"):
        scaler_from_plain(plain | {"center": ["a"] * 4})
    with pytest.raises(ConfigError, match="4 features, 3 centers"):
        scaler_from_plain(plain | {"center": [1.0] * 3})
    with pytest.raises(ConfigError, match=r"scale 0\.0 cannot scale"):
        Scaler(("a",), Preprocessing(), (1.0,), (0.0,))
    with pytest.raises(DataError, match="feature b: no value"):
        fit_scaler(("a", "b"), np.array([[1.0, 2.0], [np.nan, np.inf]]), Preprocessing())
    with pytest.raises(ConfigError, match="2 rows of values for 4"):
        transform(OnlineScaler(NAMES), np.ones((2, 3)))
