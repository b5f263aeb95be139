"""The statistical family: a new definition costs its file and a line here."""

from quaestor.features.feature import Feature
from quaestor.features.indicators.statistical.distribution import AUTOCORRELATION, ENTROPY, KURTOSIS, SKEW
from quaestor.features.indicators.statistical.hurst import HURST
from quaestor.features.indicators.statistical.memory import FRACTIONAL_DIFFERENCE
from quaestor.features.indicators.statistical.statistics import (
    LINEARREG_R2,
    PRICE_VOLUME_CORRELATION,
    STDDEV,
    VAR,
    ZSCORE,
)

FEATURES: tuple[Feature, ...] = (
    SKEW,
    KURTOSIS,
    AUTOCORRELATION,
    ENTROPY,
    HURST,
    FRACTIONAL_DIFFERENCE,
    VAR,
    STDDEV,
    ZSCORE,
    PRICE_VOLUME_CORRELATION,
    LINEARREG_R2,
)
