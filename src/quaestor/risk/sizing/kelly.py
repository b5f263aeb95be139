"""Fractional Kelly: the share of equity that grows it fastest, cut down for what is not known.

With an edge μ (expected return of the position over the horizon that it was estimated for) and a variance σ² over the
same horizon, the share that maximises the expected logarithm of wealth is μ / σ² for small returns (Thorp 2006, "The
Kelly Criterion in Blackjack, Sports Betting, and the Stock Market", §7). With an estimated edge that bets too much, for
its errors do not cancel: overbetting costs more growth than underbetting. So the edge is first lowered by z of its
standard errors, and what is left is bet in part only (Baker and McHale 2013, "Optimal Betting Under Parameter
Uncertainty"; MacLean, Thorp and Ziemba 2010 on fractions)::

    share = fraction × max(edge − z · error, 0) / (horizon in bars × variance of one bar)

The horizon is what whoever estimated the edge says that it is of. The variance is the officer's own estimate
(`risk.volatility`). Costs are not taken off: the edge of an event is after costs.
"""

from quaestor.domain.parameter import Real
from quaestor.jit.compile import kernel
from quaestor.jit.tables import Row
from quaestor.ledger.ledger import equity
from quaestor.risk.sizing.contract import SILENT, Sizer, whole_quanta
from quaestor.risk.sizing.volatility_target import FEWEST_RETURNS
from quaestor.risk.volatility import bar_volatility


@kernel
def cap(account: Row, book: Row, instrument: Row, params: Row, event: Row, stop: int) -> int:
    """Equity × share; silent without an edge, its error, its horizon, or a variance. See `risk.sizing.contract`."""
    deviation = bar_volatility(book["risk"])
    if book["risk"]["n_returns"] < FEWEST_RETURNS or not deviation > 0.0:
        return SILENT
    edge, error, bars = event["edge"], event["edge_error"], event["edge_bars"]
    if not abs(edge) < 1e300 or not 0.0 <= error < 1e300 or not 1.0 <= bars < 1e300:
        return SILENT
    certain = max(edge - params["kelly_z"] * error, 0.0)
    share = params["kelly_fraction"] * certain / (bars * deviation * deviation)
    return whole_quanta(equity(account["ledger"]) * share)


SIZER = Sizer(
    "kelly",
    cap,
    (
        Real("kelly_fraction", 0.25, 0.001, 1.0, "of the share that grows fastest (`kelly`)"),
        Real("kelly_z", 1.0, 0.0, 10.0, "standard errors taken off the edge (`kelly`)"),
    ),
)
