"""Kelly sizer: a fraction of the share of equity that maximises growth, with the edge lowered by its uncertainty.

With an edge μ (expected return of the position over the horizon that it was estimated for) and a variance σ² over the
same horizon, the share that maximises the expected logarithm of wealth is μ / σ² for small returns (Thorp 2006, "The
Kelly Criterion in Blackjack, Sports Betting, and the Stock Market", §7). For an estimated edge that share is too
large, for errors do not cancel: betting too much costs more growth than too little. So the edge is first lowered by z
of its standard errors, and only a fraction of the remaining share is taken (Baker and McHale 2013, "Optimal Betting
Under Parameter Uncertainty"; MacLean, Thorp and Ziemba 2010 on fractions)::

    share = fraction × max(edge − z · error, 0) / (horizon in bars × variance of one bar)

The horizon is the one that the edge was estimated for. The variance is the officer's own estimate (`risk.volatility`).
Costs are not taken off: the edge of an event is after costs.
"""

from quaestor.domain.parameter import Real
from quaestor.jit.compile import kernel
from quaestor.jit.tables import Row
from quaestor.ledger.ledger import equity
from quaestor.risk.sizing.contract import UNKNOWN, Sizer, whole_quanta
from quaestor.risk.sizing.volatility_target import FEWEST_RETURNS
from quaestor.risk.volatility import bar_volatility


@kernel
def cap(account: Row, book: Row, instrument: Row, params: Row, event: Row, stop: int) -> int:
    """Return equity × share; unknown without an edge, its error, its horizon, or a variance. See `contract`."""
    deviation = bar_volatility(book["risk"])
    if book["risk"]["n_returns"] < FEWEST_RETURNS or not deviation > 0.0:
        return UNKNOWN
    edge, error, bars = event["edge"], event["edge_error"], event["edge_bars"]
    if not abs(edge) < 1e300 or not 0.0 <= error < 1e300 or not 1.0 <= bars < 1e300:
        return UNKNOWN
    lower = max(edge - params["kelly_z"] * error, 0.0)
    share = params["kelly_fraction"] * lower / (bars * deviation * deviation)
    return whole_quanta(equity(account["ledger"]) * share)


SIZER = Sizer(
    "kelly",
    cap,
    (
        Real("kelly_fraction", 0.25, 0.001, 1.0, "of the share that grows fastest (`kelly`)"),
        Real("kelly_z", 1.0, 0.0, 10.0, "standard errors taken off the edge (`kelly`)"),
    ),
)
