"""Volatility family of features: a new definition costs its file and a line here."""

from quaestor.features.feature import Feature
from quaestor.features.indicators.volatility.bands import ACCBANDS, KC
from quaestor.features.indicators.volatility.bollinger_shape import BBANDS_POSITION, BBANDS_WIDTH
from quaestor.features.indicators.volatility.choppiness import CHOP
from quaestor.features.indicators.volatility.comparisons import (
    HAR,
    JUMP_SHARE,
    VOLATILITY_PERCENTILE,
    VOLATILITY_RANK,
    VOLATILITY_RATIO,
)
from quaestor.features.indicators.volatility.deviations import BBANDS, VOLATILITY
from quaestor.features.indicators.volatility.ensemble import VOLATILITY_ENSEMBLE
from quaestor.features.indicators.volatility.extremes import DONCHIAN, DRAWDOWN, WILLR
from quaestor.features.indicators.volatility.garch import GARCH
from quaestor.features.indicators.volatility.range_volatility import (
    GARMAN_KLASS,
    HISTORICAL_RANGE,
    PARKINSON,
    ROGERS_SATCHELL,
    YANG_ZHANG,
)
from quaestor.features.indicators.volatility.ranges import CHAIKIN_VOLATILITY, MASS, TRANGE, VORTEX
from quaestor.features.indicators.volatility.realised import REALISED_KURTOSIS, REALISED_SEMIVARIANCE, REALISED_SKEW
from quaestor.features.indicators.volatility.relative_volatility import ADR, RVI
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
    GARCH,
    REALISED_SEMIVARIANCE,
    REALISED_SKEW,
    REALISED_KURTOSIS,
    VOLATILITY_RATIO,
    JUMP_SHARE,
    HAR,
    VOLATILITY_RANK,
    VOLATILITY_PERCENTILE,
    VOLATILITY_ENSEMBLE,
    KC,
    ACCBANDS,
    RVI,
    ADR,
    BBANDS_WIDTH,
    BBANDS_POSITION,
    CHOP,
)
