"""Statistical family of features: a new definition costs its file and a line here."""

from quaestor.features.feature import Feature
from quaestor.features.indicators.statistical.dependence import (
    AUTOREGRESSION,
    HALF_LIFE,
    LJUNG_BOX,
    PARTIAL_AUTOCORRELATION,
    VARIANCE_RATIO,
)
from quaestor.features.indicators.statistical.distribution import AUTOCORRELATION, ENTROPY, KURTOSIS, SKEW
from quaestor.features.indicators.statistical.high_low import AVGDEV, BETA, CORREL
from quaestor.features.indicators.statistical.hurst import HURST
from quaestor.features.indicators.statistical.memory import FRACTIONAL_DIFFERENCE
from quaestor.features.indicators.statistical.order import MEDIAN, PERMUTATION_ENTROPY, ROBUST_ZSCORE
from quaestor.features.indicators.statistical.performance import (
    CUSUM,
    DOWNSIDE_DEVIATION,
    MAX_DRAWDOWN,
    SHARPE,
    SORTINO,
)
from quaestor.features.indicators.statistical.ranks import PERCENTILE, PERCENTRANK
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
    VARIANCE_RATIO,
    LJUNG_BOX,
    PARTIAL_AUTOCORRELATION,
    AUTOREGRESSION,
    HALF_LIFE,
    MEDIAN,
    ROBUST_ZSCORE,
    PERMUTATION_ENTROPY,
    DOWNSIDE_DEVIATION,
    SHARPE,
    SORTINO,
    MAX_DRAWDOWN,
    CUSUM,
    PERCENTILE,
    PERCENTRANK,
    CORREL,
    BETA,
    AVGDEV,
)
