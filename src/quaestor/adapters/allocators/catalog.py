"""Allocator catalogue: every allocation method; a new one costs its class and a line here."""

from collections.abc import Callable, Sequence

from quaestor.adapters.allocators.closed_form import FixedWeights, InverseVolatility
from quaestor.adapters.allocators.optimised import HierarchicalRiskParity, MeanVariance, RiskParity, optimizers
from quaestor.errors import ConfigError, UnknownNameError
from quaestor.ports.allocation import Allocator

_ESTIMATED: dict[str, Callable[[], Allocator]] = {
    "inverse_volatility": InverseVolatility,
    "risk_parity": RiskParity,
    "hrp": HierarchicalRiskParity,
    "mean_variance": MeanVariance,
}
#: Methods without estimation: equal parts need no allocator, fixed weights no returns.
EQUAL, FIXED = "equal", "fixed"
METHODS = (EQUAL, FIXED, *_ESTIMATED)


def require_library(method: str) -> None:
    """Refuse, before a run, a method whose library is not installed.

    Raises:
        ConfigError: the library is not installed.
    """
    if method in _ESTIMATED and _ESTIMATED[method] is not InverseVolatility:
        optimizers(method)


def make_allocator(method: str, weights: Sequence[float], n: int) -> Allocator | None:
    """Return the allocator of that name for `n` instruments; None for equal parts.

    Raises:
        UnknownNameError: no such method.
        ConfigError: weights without the method `fixed` or the reverse, not `n` weights, one below 0, or none above 0.
    """
    if method not in METHODS:
        raise UnknownNameError("allocation", method, METHODS)
    if bool(weights) != (method == FIXED):
        raise ConfigError(
            f"allocation {method} {'with' if weights else 'without'} weights",
            place="--weights",
            remedy=f"give weights and --allocation {FIXED}, or neither",
        )
    if weights and (len(weights) != n or min(weights) < 0.0 or not sum(weights) > 0.0):
        raise ConfigError(
            f"weights {', '.join(f'{weight:g}' for weight in weights)} for {n} symbols",
            place="--weights",
            remedy="give each symbol a weight from 0 on, in the order of --symbol",
        )
    return FixedWeights(weights) if weights else _ESTIMATED[method]() if method in _ESTIMATED else None
