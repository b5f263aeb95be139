"""Trading costs beyond fees: half the spread, slippage, and latency priced as slippage."""

from quaestor.jit.compile import kernel
from quaestor.jit.tables import Field, Row, table
from quaestor.ledger.rows import NO_LIMIT
from quaestor.numeric.arithmetic import RATE_ONE, muldiv_ceil

COSTS_TABLE = table(
    "trading costs",
    "Trading costs beyond fees.",
    Field("slippage_rate", "i8", "1e-8", "of the price, half-spread included"),
    Field("latency_rate", "i8", "1e-8", "of the bar's range: ½·√(latency below one bar / bar)"),
    Field("latency_bars", "i8", "bars", "whole bars before an order reaches the venue"),
    Field("volume_cap_rate", "i8", "1e-8", "share of a bar's volume that our orders may fill; negative: no cap"),
)
COSTS = COSTS_TABLE.dtype


@kernel
def adverse_price(costs: Row, side: int, ticks: int, bar_range: int) -> int:
    """Return the price of a taker fill: worse than `ticks` by slippage and latency, rounded up, at least one tick."""
    slip = muldiv_ceil(ticks, costs["slippage_rate"], RATE_ONE)
    slip += muldiv_ceil(bar_range, costs["latency_rate"], RATE_ONE)
    return max(ticks + side * slip, 1)


@kernel
def volume_budget(costs: Row, volume: int) -> int:
    """Return the lots that our orders may fill in a bar of this volume."""
    if costs["volume_cap_rate"] < 0:
        return NO_LIMIT
    return max(-muldiv_ceil(-volume, costs["volume_cap_rate"], RATE_ONE), 0)
