"""Order flow family of features: signed trades, changes of the best level, and their price impact."""

from quaestor.features.feature import Feature
from quaestor.features.indicators.order_flow.flow import BUY_RATIO, CVD, ORDER_FLOW_IMBALANCE, VOLUME_DELTA
from quaestor.features.indicators.order_flow.impact import (
    EFFECTIVE_SPREAD,
    KYLE_LAMBDA_FLOW,
    ORDER_FLOW_IMPACT,
    REALISED_SPREAD,
)
from quaestor.features.indicators.order_flow.intensity import (
    HAWKES_INTENSITY,
    TRADE_INTENSITY,
    TRADE_SIGN_AUTOCORRELATION,
    TRADE_SIZE,
)
from quaestor.features.indicators.order_flow.vpin import VPIN, VPIN_FIXED

FEATURES: tuple[Feature, ...] = (
    ORDER_FLOW_IMBALANCE,
    ORDER_FLOW_IMPACT,
    CVD,
    VOLUME_DELTA,
    BUY_RATIO,
    TRADE_INTENSITY,
    HAWKES_INTENSITY,
    TRADE_SIZE,
    TRADE_SIGN_AUTOCORRELATION,
    VPIN,
    VPIN_FIXED,
    KYLE_LAMBDA_FLOW,
    EFFECTIVE_SPREAD,
    REALISED_SPREAD,
)
