"""The momentum family: a new definition costs its file and a line here."""

from quaestor.features.feature import Feature
from quaestor.features.indicators.momentum.cci import CCI
from quaestor.features.indicators.momentum.changes import EFFICIENCY_RATIO, MOM, ROC
from quaestor.features.indicators.momentum.momentum import AO, APO, PPO, TSI
from quaestor.features.indicators.momentum.oscillators import BOP, CMO, ULTOSC
from quaestor.features.indicators.momentum.rsi import RSI
from quaestor.features.indicators.momentum.stochastics import STOCH, STOCHF

FEATURES: tuple[Feature, ...] = (
    EFFICIENCY_RATIO,
    RSI,
    ROC,
    CCI,
    CMO,
    STOCH,
    STOCHF,
    BOP,
    ULTOSC,
    MOM,
    APO,
    PPO,
    AO,
    TSI,
)
