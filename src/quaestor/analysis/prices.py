"""Average price of a quantity from its value in quanta."""

import numpy as np
from numpy.typing import NDArray

from quaestor.domain.instrument import Instrument


def average_price(value: NDArray[np.int64], lots: NDArray[np.int64], instrument: Instrument) -> NDArray[np.float64]:
    """Return the average price of lots, float64 (n,), from their value in quanta, int64 (n,)."""
    tick = float(instrument.tick_size)
    if instrument.is_inverse:
        worth = np.where(value > 0, value, 1)
        return instrument.inverse_numerator * lots / worth * tick
    return value / (lots * instrument.multiplier) * tick
