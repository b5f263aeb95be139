"""Allocations by skfolio, which is imported when one is asked for (the extra ``quaestor[train]``)."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from quaestor.adapters.optional import load_extra


class RiskParity:
    """Every instrument gives the same share of the portfolio's variance (Maillard, Roncalli and Teïletche 2010, "The
    Properties of Equally Weighted Risk Contribution Portfolios"). Implements `ports.Allocator`."""

    def weights(self, returns: NDArray[np.float64]) -> NDArray[np.float64]:
        """See `ports.Allocator`."""
        return _fitted(optimizers("risk_parity").RiskBudgeting(raise_on_failure=True), returns)


class HierarchicalRiskParity:
    """Halves a tree of look-alikes again and again, each half weighted by its inverse variance (López de Prado 2016,
    "Building Diversified Portfolios that Outperform Out of Sample"). Implements `ports.Allocator`."""

    def weights(self, returns: NDArray[np.float64]) -> NDArray[np.float64]:
        """See `ports.Allocator`."""
        return _fitted(optimizers("hrp").HierarchicalRiskParity(), returns)


class MeanVariance:
    """The portfolio of the highest ratio of mean to deviation (Markowitz 1952, "Portfolio Selection"; Sharpe 1966); of
    the least variance where no instrument's mean is above 0. Implements `ports.Allocator`.

    The means of a short past say little about the future, and this believes them.
    """

    def weights(self, returns: NDArray[np.float64]) -> NDArray[np.float64]:
        """See `ports.Allocator`."""
        module = optimizers("mean_variance")
        aims = module.ObjectiveFunction
        aim = aims.MAXIMIZE_RATIO if (returns.mean(axis=0) > 0.0).any() else aims.MINIMIZE_RISK
        return _fitted(module.MeanRisk(objective_function=aim), returns)


def optimizers(method: str) -> Any:
    """The library's module.

    Raises:
        ConfigError: it is not installed.
    """
    return load_extra("skfolio.optimization", place=f"--allocation {method}")


def _fitted(optimizer: Any, returns: NDArray[np.float64]) -> NDArray[np.float64]:
    """What it makes of the returns, without the solver's rounding below 0."""
    found = np.clip(np.asarray(optimizer.fit(returns).weights_, dtype=np.float64), 0.0, None)
    return np.asarray(found / found.sum())
