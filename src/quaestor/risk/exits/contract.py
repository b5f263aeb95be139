"""What an exit is: a distance, and what it is measured from.

Its kernel is ``distance(params, ticks, atr, bars_held) -> ticks`` (float; infinity: no stop). From the entry price the
stop stays where it was put; from the best price since entry it trails, and only ever tightens.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum

import numpy as np

from quaestor.risk.contract import Setting


class Anchor(IntEnum):
    """What a stop is measured from."""

    ENTRY = 0
    EXTREME = 1


@dataclass(frozen=True, slots=True)
class Exit:
    """One protective exit."""

    name: str
    anchor: Anchor
    distance: Callable[..., float]
    settings: tuple[Setting, ...]

    @property
    def dtype(self) -> np.dtype[np.void]:
        """Layout of the exit's parameters."""
        return np.dtype([(setting.name, "f8") for setting in self.settings], align=True)
