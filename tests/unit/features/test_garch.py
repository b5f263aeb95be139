"""GARCH filter against `arch`, with the same parameters and the same start."""

import numpy as np
import pytest
from arch import univariate
from numpy.typing import NDArray

from quaestor.errors import ConfigError
from quaestor.features.catalog import parse_feature
from quaestor.features.plan import compute, make_plan

from .real_bars import Series, load_bars


def arch_deviations(returns: Series, omega: float, alpha: float, beta: float) -> Series:
    """Return the conditional volatility of `arch`, started at the long-run variance and unbounded."""
    bounds = np.tile([0.0, 1e300], (len(returns), 1))
    variance: NDArray[np.float64] = univariate.GARCH(1, 0, 1).compute_variance(
        np.array([omega, alpha, beta]), returns, np.empty(len(returns)), omega / (1 - alpha - beta), bounds
    )
    return np.sqrt(variance)


@pytest.mark.parametrize(("omega", "alpha", "beta"), [(0.5, 0.05, 0.92), (0.0123, 0.2, 0.79), (3.5, 0.0, 0.5)])
def test_filter_equals_arch(omega: float, alpha: float, beta: float) -> None:
    bars = load_bars()
    returns = np.log(bars.close[1:] / bars.close[:-1])
    theirs = arch_deviations(returns, omega * 1e-8, alpha, beta)
    name = f"garch_{omega}_{alpha}_{beta}"
    forecast, residual = compute(make_plan([name, f"{name}.residual"]), bars.columns)
    np.testing.assert_allclose(forecast[1:-1], theirs[1:], rtol=1e-9)
    np.testing.assert_allclose(residual[1:], returns / theirs, rtol=1e-9, atol=1e-12)


def test_forecast_after_the_last_bar_includes_its_return() -> None:
    bars = load_bars(50)
    forecast, residual = compute(make_plan(["garch_1_0.1_0.8", "garch_1_0.1_0.8.residual"]), bars.columns)
    last = np.log(bars.close[-1] / bars.close[-2])
    np.testing.assert_allclose(forecast[-1] ** 2, 1e-8 + 0.1 * last**2 + 0.8 * forecast[-2] ** 2, rtol=1e-12)
    np.testing.assert_allclose(residual[-1], last / forecast[-2], rtol=1e-12)


def test_variance_without_long_run_mean_is_refused() -> None:
    with pytest.raises(ConfigError, match="must be below 1"):
        parse_feature("garch_0.5_0.1_0.9")
