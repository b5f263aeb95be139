"""Expected cost of a round trip: fees, spread, slippage, the order's own impact, and funding."""

import numpy as np

from quaestor.jit.compile import kernel
from quaestor.jit.tables import Row

#: `round_trip`: fees, half-spread and slippage of entry and exit, as a fraction of the notional. `order_value`:
#: notional of an order in the quote asset. `impact`: multiple of volatility · √(share of the bar's volume) by which an
#: order moves the price. `settlements`: funding settlements while a position is held.
COSTS = np.dtype([("round_trip", "<f8"), ("order_value", "<f8"), ("impact", "<f8"), ("settlements", "<f8")], align=True)


@kernel
def impact_of(costs: Row, volatility: float, volume_value: float) -> float:
    """Return the impact of entry and exit by the square-root law, as a fraction of the price; infinite without volume.

    Source: Torre (1997), BARRA Market Impact Model Handbook; Tóth et al. (2011), Phys. Rev. X 1, 021006.
    """
    if not costs["order_value"] > 0.0 or not costs["impact"] > 0.0:
        return 0.0
    if not volume_value > 0.0:
        return np.inf
    return 2.0 * costs["impact"] * volatility * np.sqrt(costs["order_value"] / volume_value)


@kernel
def cost_of(costs: Row, direction: int, volatility: float, volume_value: float, funding_rate: float) -> float:
    """Return the expected cost of a round trip in a direction, as a fraction of its notional.

    Funding that would be received counts as 0: the rate may change sign before it is paid.
    """
    funding = max(direction * funding_rate, 0.0) * costs["settlements"]
    return costs["round_trip"] + impact_of(costs, volatility, volume_value) + funding
