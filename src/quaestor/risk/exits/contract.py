"""What an exit is. A stop rests at the venue and is a distance from something; a market exit is a condition.

A stop's kernel is ``distance(params, ticks, atr, level, bars_held) -> ticks`` (float; infinity: no stop): how far from
the price `ticks` the stop belongs. `level` is the nearest support under a long, or resistance over a short, as a price
in ticks, NaN while unknown. From the entry price the stop stays where it was put; from the best price since entry, or
at a level, it follows, and only ever tightens.

A market exit's kernel is ``due(params, state, event, position, instrument, side) -> bool``, asked after every bar while
a position is held: True closes it at the next price. `side` is +1 for a long, −1 for a short; `state` of EXIT_STATE.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum

import numpy as np

from quaestor.ledger.codes import Purpose
from quaestor.risk.contract import Setting


class Anchor(IntEnum):
    """What a stop is measured from."""

    ENTRY = 0
    EXTREME = 1
    LEVEL = 2  # where the market turned before: regimes widen or tighten the other stops, and do not move a level


@dataclass(frozen=True, slots=True)
class Exit:
    """One protective stop."""

    name: str
    anchor: Anchor
    distance: Callable[..., float]
    settings: tuple[Setting, ...]

    @property
    def dtype(self) -> np.dtype[np.void]:
        """Layout of the exit's parameters."""
        return np.dtype([(setting.name, "f8") for setting in self.settings], align=True)


@dataclass(frozen=True, slots=True)
class MarketExit:
    """One condition that closes a position; `purpose` marks its order and the trade that it closes."""

    name: str
    purpose: Purpose
    due: Callable[..., bool]
    settings: tuple[Setting, ...]

    @property
    def dtype(self) -> np.dtype[np.void]:
        """Layout of the exit's parameters."""
        return np.dtype([(setting.name, "f8") for setting in self.settings], align=True)
