"""Microstructure family of features: a new definition costs its file and a line here."""

from quaestor.features.feature import Feature
from quaestor.features.indicators.microstructure.activity import (
    ACCELERATION,
    PRICE_CHANGE,
    RANGE_POSITION,
    RELATIVE_VOLUME,
    VOLUME_SPIKE,
    VWAP_DEVIATION,
)
from quaestor.features.indicators.microstructure.liquidity import AMIHUD, CORWIN_SCHULTZ, KYLE_LAMBDA, ROLL_SPREAD

FEATURES: tuple[Feature, ...] = (
    AMIHUD,
    KYLE_LAMBDA,
    ROLL_SPREAD,
    CORWIN_SCHULTZ,
    RELATIVE_VOLUME,
    VOLUME_SPIKE,
    VWAP_DEVIATION,
    RANGE_POSITION,
    ACCELERATION,
    PRICE_CHANGE,
)
