"""Regime profiles: the risk numbers of each regime (spec R3).

The stricter of a profile's number and the limit for all regimes binds: a regime lowers a limit and never raises it.
"""

import math
from dataclasses import dataclass

import numpy as np

from quaestor.ledger.codes import Regime
from quaestor.risk.contract import ByRegime, Setting


@dataclass(frozen=True, slots=True)
class RegimeProfile:
    """Risk numbers of one regime."""

    position_multiple: float  # × the largest position
    stop_multiple: float  # × the distance of stops
    risk_pct: float  # % of equity that one trade may lose at its stop
    positions_max: float  # instruments held at once


REGIME_PROFILES = {
    Regime.NORMAL: RegimeProfile(1.0, 1.0, 2.0, 10),
    Regime.VOLATILE: RegimeProfile(0.5, 1.5, 1.0, 5),
    Regime.TRENDING: RegimeProfile(1.2, 0.8, 2.5, 12),
    Regime.CRASH: RegimeProfile(0.2, 2.0, 0.5, 2),
    Regime.BULL_RUN: RegimeProfile(1.5, 0.7, 3.0, 15),
    Regime.RECOVERY: RegimeProfile(0.7, 1.3, 1.5, 6),
}

#: Multiplier of stop distances, indexed by `Regime`.
STOP_MULTIPLIER = np.array([REGIME_PROFILES[regime].stop_multiple for regime in Regime])


def by_regime(field: str, unit: str, meaning: str, *, permissive: float | None = None) -> ByRegime:
    """Return a field of the profiles as settings, one a regime: the same under every risk profile but `permissive`."""
    settings = []
    for regime in Regime:
        value = float(getattr(REGIME_PROFILES[regime], field))
        name, where = regime.name.lower(), regime.name.replace("_", " ")
        off = value if permissive is None else permissive
        settings.append(Setting(f"{name}_{field}", value, value, off, unit, f"{meaning} in a {where} regime"))
    return ByRegime(field, tuple(settings))


POSITION_MULTIPLE = by_regime("position_multiple", "× the position", "largest position")
RISK_PCT = by_regime("risk_pct", "% of equity", "largest loss of one trade", permissive=math.inf)
POSITIONS_MAX = by_regime("positions_max", "positions", "instruments held at once", permissive=math.inf)
