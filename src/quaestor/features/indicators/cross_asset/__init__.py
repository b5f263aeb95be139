"""Cross-asset family of features, of an instrument and a benchmark: a new definition costs its file and a line here."""

from quaestor.features.feature import Feature
from quaestor.features.indicators.cross_asset.market_model import (
    BENCHMARK_BETA,
    BENCHMARK_CORRELATION,
    LEAD_LAG,
    RESIDUAL_RETURN,
    SIDE_BETA,
    TRACKING_VOLATILITY,
)
from quaestor.features.indicators.cross_asset.spreads import RATIO_MOMENTUM, RELATIVE_STRENGTH, SPREAD_ZSCORE

FEATURES: tuple[Feature, ...] = (
    BENCHMARK_BETA,
    BENCHMARK_CORRELATION,
    RESIDUAL_RETURN,
    TRACKING_VOLATILITY,
    SIDE_BETA,
    LEAD_LAG,
    RELATIVE_STRENGTH,
    RATIO_MOMENTUM,
    SPREAD_ZSCORE,
)
