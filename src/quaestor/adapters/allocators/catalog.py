"""Every way to divide an account between its instruments. A new one costs its class and a line here."""

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
#: Equal parts need no allocator, and given weights no returns.
EQUAL, FIXED = "equal", "fixed"
METHODS = (EQUAL, FIXED, *_ESTIMATED)


def require_library(method: str) -> None:
    """Find out before a run whether what a method needs is there.

    Raises:
        ConfigError: it is not.
    """
    if method in _ESTIMATED and _ESTIMATED[method] is not InverseVolatility:
        optimizers(method)


def make_allocator(method: str, weights: Sequence[float], n: int) -> Allocator | None:
    """The allocator of that name for `n` instruments; None for equal parts.

    Raises:
        UnknownNameError: no such method.
        ConfigError: weights without the method `fixed` or the other way round, of another number, or none above 0.
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
