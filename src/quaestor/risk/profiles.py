"""Risk profile of each regime: how far positions shrink and stops widen (spec R3)."""

import numpy as np

from quaestor.kernels.codes import Regime

#: Multiplier of the largest position, indexed by `Regime`.
POSITION_MULTIPLIER = np.ones(len(Regime))
#: Multiplier of stop distances, indexed by `Regime`.
STOP_MULTIPLIER = np.ones(len(Regime))

for _regime, _position, _stop in (
    (Regime.NORMAL, 1.0, 1.0),
    (Regime.VOLATILE, 0.5, 1.5),
    (Regime.TRENDING, 1.2, 0.8),
    (Regime.CRASH, 0.2, 2.0),
    (Regime.BULL_RUN, 1.5, 0.7),
    (Regime.RECOVERY, 0.7, 1.3),
):
    POSITION_MULTIPLIER[_regime] = _position
    STOP_MULTIPLIER[_regime] = _stop
