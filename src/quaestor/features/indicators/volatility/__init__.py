"""The volatility family: a new definition costs its file and a line here."""

from quaestor.features.feature import Feature
from quaestor.features.indicators.volatility.deviations import BBANDS, VOLATILITY
from quaestor.features.indicators.volatility.extremes import DONCHIAN, DRAWDOWN, WILLR
from quaestor.features.indicators.volatility.range_volatility import (
    GARMAN_KLASS,
    HISTORICAL_RANGE,
    PARKINSON,
    ROGERS_SATCHELL,
    YANG_ZHANG,
)
from quaestor.features.indicators.volatility.ranges import CHAIKIN_VOLATILITY, MASS, TRANGE, VORTEX
from quaestor.features.indicators.volatility.return_volatility import (
    BIPOWER,
    EWMA_VOLATILITY,
    REALISED,
    ULCER_INDEX,
    VOLATILITY_OF_VOLATILITY,
)
from quaestor.features.indicators.volatility.true_range import ATR, NATR

FEATURES: tuple[Feature, ...] = (
    WILLR,
    BBANDS,
    ATR,
    NATR,
    VOLATILITY,
    DONCHIAN,
    DRAWDOWN,
    PARKINSON,
    GARMAN_KLASS,
    ROGERS_SATCHELL,
    YANG_ZHANG,
    HISTORICAL_RANGE,
    EWMA_VOLATILITY,
    REALISED,
    BIPOWER,
    VOLATILITY_OF_VOLATILITY,
    ULCER_INDEX,
    TRANGE,
    VORTEX,
    MASS,
    CHAIKIN_VOLATILITY,
)
