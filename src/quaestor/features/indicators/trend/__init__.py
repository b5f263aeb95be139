"""Trend family of features: a new definition costs its file and a line here."""

from quaestor.features.feature import Feature
from quaestor.features.indicators.trend.adaptive_averages import KAMA
from quaestor.features.indicators.trend.alma import ALMA
from quaestor.features.indicators.trend.aroon import AROON, AROONOSC
from quaestor.features.indicators.trend.directional import ADX, MINUS_DI, PLUS_DI
from quaestor.features.indicators.trend.directional_movement import ADXR, DX, MINUS_DM, PLUS_DM
from quaestor.features.indicators.trend.macd import MACD
from quaestor.features.indicators.trend.macdfix import MACDFIX
from quaestor.features.indicators.trend.mcginley import MCGINLEY
from quaestor.features.indicators.trend.midpoints import ICHIMOKU, MIDPOINT, MIDPRICE
from quaestor.features.indicators.trend.moving_averages import EMA, SMA
from quaestor.features.indicators.trend.regression import (
    LINEARREG,
    LINEARREG_ANGLE,
    LINEARREG_INTERCEPT,
    LINEARREG_SLOPE,
    TSF,
)
from quaestor.features.indicators.trend.regression_channel import LINEARREG_CHANNEL
from quaestor.features.indicators.trend.sarext import SAREXT
from quaestor.features.indicators.trend.smoothed_averages import DEMA, EMA_DISTANCE, T3, TEMA, TRIX, ZLEMA
from quaestor.features.indicators.trend.stops import KELTNER, SAR, SUPERTREND
from quaestor.features.indicators.trend.vidya import VIDYA
from quaestor.features.indicators.trend.weighted_averages import COPPOCK, HMA, TRIMA, WMA
from quaestor.features.indicators.trend.wilder_average import RMA

FEATURES: tuple[Feature, ...] = (
    EMA,
    SMA,
    MACD,
    ADX,
    PLUS_DI,
    MINUS_DI,
    DEMA,
    TEMA,
    T3,
    ZLEMA,
    EMA_DISTANCE,
    WMA,
    TRIMA,
    HMA,
    KAMA,
    TRIX,
    COPPOCK,
    PLUS_DM,
    MINUS_DM,
    DX,
    ADXR,
    AROON,
    AROONOSC,
    SAR,
    SUPERTREND,
    KELTNER,
    MIDPOINT,
    MIDPRICE,
    ICHIMOKU,
    LINEARREG,
    LINEARREG_ANGLE,
    LINEARREG_INTERCEPT,
    LINEARREG_SLOPE,
    TSF,
    SAREXT,
    MACDFIX,
    RMA,
    ALMA,
    VIDYA,
    MCGINLEY,
    LINEARREG_CHANNEL,
)
