"""Risk sizer: the same share of equity is at risk on every trade, so the further the stop, the smaller the position.

The distance at risk is that of the protective stop, or a multiple of the average true range where that is further: a
stop within the market's noise would give a position too large for a gap over the stop (Tharp 1998, "Trade Your Way to
Financial Freedom", ch. 12: percent risk and percent volatility).
"""

from quaestor.domain.parameter import Real
from quaestor.jit.compile import kernel
from quaestor.jit.tables import Row
from quaestor.ledger.ledger import equity
from quaestor.risk.sizing.contract import UNKNOWN, Sizer, whole_quanta


@kernel
def cap(account: Row, book: Row, instrument: Row, params: Row, event: Row, stop: int) -> int:
    """Return equity × risk / (distance / close); unknown without a stop and a range. See `risk.sizing.contract`."""
    distance = float(stop)
    noise = params["atr_risk_multiple"] * event["atr"]
    if noise > distance:
        distance = noise
    if not distance > 0.0:
        return UNKNOWN
    at_risk = equity(account["ledger"]) * params["atr_risk_pct"] / 100.0
    return whole_quanta(at_risk * event["close"] / distance)


SIZER = Sizer(
    "atr_risk",
    cap,
    (
        Real("atr_risk_pct", 1.0, 0.001, 100.0, "% of equity lost at the distance at risk (`atr_risk`)"),
        Real("atr_risk_multiple", 2.0, 0.0, 100.0, "× ATR(14), the least distance at risk (`atr_risk`)"),
    ),
)
