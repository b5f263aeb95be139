"""Order book family of features: the state of the book at the close of a row."""

from quaestor.features.feature import Feature
from quaestor.features.indicators.order_book.best import (
    ASK_SIZE_FEATURE,
    BID_SIZE_FEATURE,
    MICROPRICE,
    MICROPRICE_DEVIATION,
    MID,
    QUOTED_SPREAD_ZSCORE,
    SPREAD,
    SPREAD_BPS,
)
from quaestor.features.indicators.order_book.depth import (
    BOOK_IMBALANCE,
    BOOK_PRESSURE,
    BOOK_SLOPE,
    DEPTH,
    DEPTH_RATIO,
    WEIGHTED_IMBALANCE,
)
from quaestor.features.indicators.order_book.liquidity import DEPTH_WITHIN, DISTANCE_IMBALANCE, SWEEP_COST

FEATURES: tuple[Feature, ...] = (
    SPREAD,
    SPREAD_BPS,
    QUOTED_SPREAD_ZSCORE,
    MID,
    MICROPRICE,
    MICROPRICE_DEVIATION,
    BID_SIZE_FEATURE,
    ASK_SIZE_FEATURE,
    DEPTH,
    DEPTH_RATIO,
    DEPTH_WITHIN,
    BOOK_IMBALANCE,
    WEIGHTED_IMBALANCE,
    DISTANCE_IMBALANCE,
    BOOK_PRESSURE,
    BOOK_SLOPE,
    SWEEP_COST,
)
