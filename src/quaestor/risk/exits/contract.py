"""Exit contract: a stop rests at the venue at a distance from an anchor; a market exit closes on a condition.

A stop's kernel is ``distance(params, ticks, atr, level, bars_held) -> ticks`` (float; infinity: no stop): the distance
of the stop from the price `ticks`. `level` is the nearest support under a long, or resistance over a short, as a price
in ticks, NaN while unknown. A stop from the entry price stays where it was placed; one from the best price since
entry, or at a level, follows it and only tightens.

A market exit's kernel is ``due(params, state, event, position, instrument, side) -> bool``, evaluated after every bar
of a position: True closes it at the next price. `side` is +1 for a long, −1 for a short; `state` is of EXIT_STATE.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum

import numpy as np

from quaestor.ledger.codes import Purpose
from quaestor.risk.contract import Setting


class Anchor(IntEnum):
    """Price that a stop is measured from."""

    ENTRY = 0
    EXTREME = 1
    LEVEL = 2  # the nearest support or resistance; regimes scale the distance of the other stops, and never a level


@dataclass(frozen=True, slots=True)
class Exit:
    """One protective stop."""

    name: str
    anchor: Anchor
    distance: Callable[..., float]
    settings: tuple[Setting, ...]

    @property
    def dtype(self) -> np.dtype[np.void]:
        """Return the layout of the exit's parameters."""
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
        """Return the layout of the exit's parameters."""
        return np.dtype([(setting.name, "f8") for setting in self.settings], align=True)
