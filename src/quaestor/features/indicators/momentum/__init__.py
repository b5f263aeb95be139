"""The momentum family: a new definition costs its file and a line here."""

from quaestor.features.feature import Feature
from quaestor.features.indicators.momentum.changes import EFFICIENCY_RATIO, ROC
from quaestor.features.indicators.momentum.momentum import AO, APO, MOM, PPO, TSI
from quaestor.features.indicators.momentum.oscillators import BOP, CMO, STOCHF, ULTOSC
from quaestor.features.indicators.momentum.rsi import RSI

FEATURES: tuple[Feature, ...] = (
    EFFICIENCY_RATIO,
    RSI,
    ROC,
    CMO,
    STOCHF,
    BOP,
    ULTOSC,
    MOM,
    APO,
    PPO,
    AO,
    TSI,
)
