"""Optimised allocators: weights by skfolio, imported on first use (the extra ``quaestor[train]``)."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from quaestor.adapters.optional import load_extra


class RiskParity:
    """Weights with which every instrument contributes the same share of the portfolio's variance (Maillard, Roncalli
    and Teïletche 2010, "The Properties of Equally Weighted Risk Contribution Portfolios").

    Implements `ports.Allocator`.
    """

    def weights(self, returns: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the weights, see `ports.Allocator`."""
        return _fitted(optimizers("risk_parity").RiskBudgeting(raise_on_failure=True), returns)


class HierarchicalRiskParity:
    """Weights by recursive bisection of a hierarchical clustering, each half weighted by its inverse variance (López de
    Prado 2016, "Building Diversified Portfolios that Outperform Out of Sample"). Implements `ports.Allocator`."""

    def weights(self, returns: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the weights, see `ports.Allocator`."""
        return _fitted(optimizers("hrp").HierarchicalRiskParity(), returns)


class MeanVariance:
    """Weights of the portfolio with the highest ratio of mean to standard deviation (Markowitz 1952, "Portfolio
    Selection"; Sharpe 1966), or with the least variance where no mean is above 0. Implements `ports.Allocator`.

    Sample means of short histories are poor forecasts, and this method depends on them.
    """

    def weights(self, returns: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the weights, see `ports.Allocator`."""
        module = optimizers("mean_variance")
        aims = module.ObjectiveFunction
        aim = aims.MAXIMIZE_RATIO if (returns.mean(axis=0) > 0.0).any() else aims.MINIMIZE_RISK
        return _fitted(module.MeanRisk(objective_function=aim), returns)


def optimizers(method: str) -> Any:
    """Return the module of skfolio that holds the optimisers.

    Raises:
        ConfigError: the library is not installed.
    """
    return load_extra("skfolio.optimization", place=f"--allocation {method}")


def _fitted(optimizer: Any, returns: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the weights that an optimiser fits to the returns, with the solver's rounding below 0 clipped."""
    fitted = np.clip(np.asarray(optimizer.fit(returns).weights_, dtype=np.float64), 0.0, None)
    return np.asarray(fitted / fitted.sum())
