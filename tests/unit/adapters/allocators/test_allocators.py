"""Weights against closed forms and against skfolio called directly, on real returns."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from skfolio.optimization import HierarchicalRiskParity, InverseVolatility, MeanRisk, ObjectiveFunction, RiskBudgeting
from tests.slices import HOURS

from quaestor.adapters import optional as extras
from quaestor.adapters.allocators.catalog import METHODS, make_allocator, require_library
from quaestor.errors import ConfigError, UnknownNameError

ESTIMATED = [method for method in METHODS if method not in ("equal", "fixed")]


@pytest.fixture(scope="module")
def returns() -> NDArray[np.float64]:
    """Two months of hourly returns of nine series: three symbols in three spans, laid side by side."""
    closes = pl.read_parquet(HOURS).pivot("symbol", index="ts", values="close").drop("ts").to_numpy()
    changes = np.diff(closes, axis=0) / closes[:-1]
    return np.hstack([changes[start : start + 1_440] for start in (1_000, 3_500, 6_000)])


def weights(method: str, returns: NDArray[np.float64]) -> NDArray[np.float64]:
    allocator = make_allocator(method, (), returns.shape[1])
    assert allocator is not None
    return allocator.weights(returns)


@pytest.mark.parametrize("method", ESTIMATED)
def test_weights_are_a_division_of_the_account(method: str, returns: NDArray[np.float64]) -> None:
    for part in (returns, -returns, returns[:100, :2]):
        found = weights(method, part)
        assert found.shape == (part.shape[1],)
        assert (found >= 0.0).all()
        assert found.sum() == pytest.approx(1.0, abs=1e-12)


def test_inverse_volatility_is_its_formula_and_skfolios(returns: NDArray[np.float64]) -> None:
    found = weights("inverse_volatility", returns)
    products = found * returns.std(axis=0)
    np.testing.assert_allclose(products, products[0], rtol=1e-12)
    np.testing.assert_allclose(found, InverseVolatility().fit(returns).weights_, rtol=1e-9)


def test_risk_parity_gives_every_symbol_the_same_share_of_the_variance(returns: NDArray[np.float64]) -> None:
    found = weights("risk_parity", returns)
    shares = found * (np.cov(returns.T) @ found)
    np.testing.assert_allclose(shares / shares.sum(), 1.0 / len(found), atol=1e-4)
    np.testing.assert_allclose(found, RiskBudgeting().fit(returns).weights_, atol=1e-9)


def test_risk_parity_of_two_is_inverse_volatility(returns: NDArray[np.float64]) -> None:
    pair = returns[:, :2]
    np.testing.assert_allclose(weights("risk_parity", pair), weights("inverse_volatility", pair), atol=1e-4)


def test_hrp_is_skfolios(returns: NDArray[np.float64]) -> None:
    np.testing.assert_allclose(weights("hrp", returns), HierarchicalRiskParity().fit(returns).weights_, atol=1e-12)


def test_mean_variance_has_the_highest_ratio_of_all(returns: NDArray[np.float64]) -> None:
    centred = returns - returns.mean(axis=0) + np.linspace(1e-4, 3e-4, returns.shape[1])
    found = weights("mean_variance", centred)
    direct = MeanRisk(objective_function=ObjectiveFunction.MAXIMIZE_RATIO).fit(centred).weights_
    np.testing.assert_allclose(found, direct, atol=1e-9)

    def ratio(chosen: NDArray[np.float64]) -> float:
        return float((centred @ chosen).mean() / (centred @ chosen).std())

    others = np.random.default_rng(1).dirichlet(np.ones(centred.shape[1]), 3_000)
    assert ratio(found) >= max(ratio(other) for other in others)


def test_mean_variance_without_a_rising_symbol_has_the_least_variance(returns: NDArray[np.float64]) -> None:
    falling = returns - returns.mean(axis=0) - 1e-4
    found = weights("mean_variance", falling)
    others = np.random.default_rng(1).dirichlet(np.ones(falling.shape[1]), 3_000)
    assert (falling @ found).std() <= min((falling @ other).std() for other in others)


@given(st.lists(st.floats(0.0, 1e6), min_size=1, max_size=16).filter(lambda given: sum(given) > 1e-6))
def test_fixed_weights_are_scaled_to_the_whole(given: list[float]) -> None:
    allocator = make_allocator("fixed", given, len(given))
    assert allocator is not None
    found = allocator.weights(np.zeros((0, len(given))))
    np.testing.assert_allclose(found, np.array(given) / sum(given))


def test_equal_parts_need_no_allocator() -> None:
    assert make_allocator("equal", (), 3) is None


@pytest.mark.parametrize(
    ("method", "given", "message"),
    [
        ("fixed", (), "without weights"),
        ("hrp", (1.0, 1.0), "with weights"),
        ("fixed", (1.0,), "weights 1 for 2 symbols"),
        ("fixed", (0.0, 0.0), "weights 0, 0"),
        ("fixed", (-1.0, 2.0), "weights -1, 2"),
    ],
)
def test_weights_that_do_not_fit_are_refused(method: str, given: tuple[float, ...], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        make_allocator(method, given, 2)


def test_an_unknown_method_is_refused() -> None:
    with pytest.raises(UnknownNameError, match="allocation"):
        make_allocator("hpr", (), 2)


def test_a_missing_library_is_named_before_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    def absent(name: str) -> None:
        raise ImportError(f"No module named '{name}'")

    monkeypatch.setattr(extras, "import_module", absent)
    require_library("equal")
    require_library("inverse_volatility")
    with pytest.raises(ConfigError, match=r"--allocation hrp: needs skfolio.*quaestor\[train\]"):
        require_library("hrp")
