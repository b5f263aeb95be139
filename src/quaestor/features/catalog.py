"""Every feature that ships: a new one costs its file and a line here."""

from quaestor.features.feature import Feature, FeatureInstance, parse_instance
from quaestor.features.indicators.accumulation import AD, ADOSC, CMF, FORCE_INDEX, VWMA
from quaestor.features.indicators.activity import (
    ACCELERATION,
    PRICE_CHANGE,
    RANGE_POSITION,
    RELATIVE_VOLUME,
    VOLUME_SPIKE,
    VWAP_DEVIATION,
)
from quaestor.features.indicators.adaptive_averages import KAMA
from quaestor.features.indicators.aroon import AROON, AROONOSC
from quaestor.features.indicators.candles_double import (
    CDL_DARKCLOUDCOVER,
    CDL_DOJISTAR,
    CDL_ENGULFING,
    CDL_HAMMER,
    CDL_HANGINGMAN,
    CDL_HARAMI,
    CDL_HARAMICROSS,
    CDL_HOMINGPIGEON,
    CDL_INVERTEDHAMMER,
    CDL_PIERCING,
    CDL_SHOOTINGSTAR,
)
from quaestor.features.indicators.candles_single import (
    CDL_BELTHOLD,
    CDL_CLOSINGMARUBOZU,
    CDL_DOJI,
    CDL_DRAGONFLYDOJI,
    CDL_GRAVESTONEDOJI,
    CDL_HIGHWAVE,
    CDL_LONGLEGGEDDOJI,
    CDL_MARUBOZU,
    CDL_SPINNINGTOP,
    CDL_TAKURI,
)
from quaestor.features.indicators.candles_triple import (
    CDL_3BLACKCROWS,
    CDL_3INSIDE,
    CDL_3OUTSIDE,
    CDL_3WHITESOLDIERS,
    CDL_EVENINGDOJISTAR,
    CDL_EVENINGSTAR,
    CDL_MORNINGDOJISTAR,
    CDL_MORNINGSTAR,
    CDL_XSIDEGAP3METHODS,
)
from quaestor.features.indicators.changes import EFFICIENCY_RATIO, ROC
from quaestor.features.indicators.deviations import BBANDS, CCI, VOLATILITY
from quaestor.features.indicators.directional import ADX, MINUS_DI, PLUS_DI
from quaestor.features.indicators.directional_movement import ADXR, DX, MINUS_DM, PLUS_DM
from quaestor.features.indicators.distribution import AUTOCORRELATION, ENTROPY, KURTOSIS, SKEW
from quaestor.features.indicators.extremes import DONCHIAN, DRAWDOWN, STOCH, WILLR
from quaestor.features.indicators.liquidity import AMIHUD, CORWIN_SCHULTZ, KYLE_LAMBDA, ROLL_SPREAD
from quaestor.features.indicators.macd import MACD
from quaestor.features.indicators.memory import FRACTIONAL_DIFFERENCE, HURST
from quaestor.features.indicators.midpoints import ICHIMOKU, MIDPOINT, MIDPRICE
from quaestor.features.indicators.momentum import AO, APO, MOM, PPO, TSI
from quaestor.features.indicators.moving_averages import EMA, SMA
from quaestor.features.indicators.oscillators import BOP, CMO, STOCHF, ULTOSC
from quaestor.features.indicators.range_volatility import (
    GARMAN_KLASS,
    HISTORICAL_RANGE,
    PARKINSON,
    ROGERS_SATCHELL,
    YANG_ZHANG,
)
from quaestor.features.indicators.ranges import CHAIKIN_VOLATILITY, MASS, TRANGE, VORTEX
from quaestor.features.indicators.regression import (
    LINEARREG,
    LINEARREG_ANGLE,
    LINEARREG_INTERCEPT,
    LINEARREG_SLOPE,
    TSF,
)
from quaestor.features.indicators.return_volatility import (
    BIPOWER,
    EWMA_VOLATILITY,
    REALISED,
    ULCER_INDEX,
    VOLATILITY_OF_VOLATILITY,
)
from quaestor.features.indicators.rsi import RSI
from quaestor.features.indicators.smoothed_averages import DEMA, EMA_DISTANCE, T3, TEMA, TRIX, ZLEMA
from quaestor.features.indicators.statistics import (
    LINEARREG_R2,
    PRICE_VOLUME_CORRELATION,
    STDDEV,
    VAR,
    ZSCORE,
)
from quaestor.features.indicators.stops import KELTNER, SAR, SUPERTREND
from quaestor.features.indicators.true_range import ATR, NATR
from quaestor.features.indicators.volume import MFI, OBV, VOLUME_RATIO, VWAP
from quaestor.features.indicators.volume_momentum import EOM, PVO
from quaestor.features.indicators.weighted_averages import COPPOCK, HMA, TRIMA, WMA

CATALOG: tuple[Feature, ...] = (
    # trend
    EMA,
    SMA,
    MACD,
    ADX,
    PLUS_DI,
    MINUS_DI,
    EFFICIENCY_RATIO,
    # momentum
    RSI,
    STOCH,
    WILLR,
    CCI,
    ROC,
    # volatility
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
    # volume
    OBV,
    MFI,
    VOLUME_RATIO,
    VWAP,
    # averages
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
    TRANGE,
    VORTEX,
    MASS,
    CHAIKIN_VOLATILITY,
    PVO,
    EOM,
    AD,
    ADOSC,
    CMF,
    VWMA,
    FORCE_INDEX,
    CMO,
    STOCHF,
    BOP,
    ULTOSC,
    PLUS_DM,
    MINUS_DM,
    DX,
    ADXR,
    MOM,
    APO,
    PPO,
    AO,
    TSI,
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
    # statistical
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
    # microstructure
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
    # candlesticks
    CDL_DOJI,
    CDL_DRAGONFLYDOJI,
    CDL_GRAVESTONEDOJI,
    CDL_LONGLEGGEDDOJI,
    CDL_TAKURI,
    CDL_MARUBOZU,
    CDL_CLOSINGMARUBOZU,
    CDL_BELTHOLD,
    CDL_SPINNINGTOP,
    CDL_HIGHWAVE,
    CDL_HAMMER,
    CDL_HANGINGMAN,
    CDL_INVERTEDHAMMER,
    CDL_SHOOTINGSTAR,
    CDL_DOJISTAR,
    CDL_PIERCING,
    CDL_DARKCLOUDCOVER,
    CDL_HOMINGPIGEON,
    CDL_ENGULFING,
    CDL_HARAMI,
    CDL_HARAMICROSS,
    CDL_MORNINGSTAR,
    CDL_EVENINGSTAR,
    CDL_MORNINGDOJISTAR,
    CDL_EVENINGDOJISTAR,
    CDL_3INSIDE,
    CDL_3OUTSIDE,
    CDL_3WHITESOLDIERS,
    CDL_3BLACKCROWS,
    CDL_XSIDEGAP3METHODS,
)


def parse_feature(text: str) -> FeatureInstance:
    """The instance that a canonical name stands for.

    A name without numbers takes the defaults; a name without an output takes the first.

    Raises:
        UnknownNameError: no such feature or output; the message lists what is near.
        ConfigError: a parameter is missing, out of range or contradicts another.

    Example:
        >>> parse_feature("bbands_20_2.upper").name, parse_feature("rsi").name, parse_feature("macd_12_26_9").warmup
        ('bbands_20_2.upper', 'rsi_14', 33)
    """
    return parse_instance(text, CATALOG)
