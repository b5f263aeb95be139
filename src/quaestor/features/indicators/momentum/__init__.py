"""Momentum family of features: a new definition costs its file and a line here."""

from quaestor.features.feature import Feature
from quaestor.features.indicators.momentum.bodies import IMI, QSTICK
from quaestor.features.indicators.momentum.cci import CCI
from quaestor.features.indicators.momentum.changes import EFFICIENCY_RATIO, MOM, ROC
from quaestor.features.indicators.momentum.connors_rsi import CONNORS_RSI
from quaestor.features.indicators.momentum.detrended import DPO, FOSC
from quaestor.features.indicators.momentum.elder_ray import ERI
from quaestor.features.indicators.momentum.fisher import FISHER
from quaestor.features.indicators.momentum.inertia import INERTIA
from quaestor.features.indicators.momentum.kdj import KDJ
from quaestor.features.indicators.momentum.kst import KST
from quaestor.features.indicators.momentum.momentum import AO, APO, PPO, TSI
from quaestor.features.indicators.momentum.oscillators import BOP, CMO, ULTOSC
from quaestor.features.indicators.momentum.paths import CMOU, VHF
from quaestor.features.indicators.momentum.ratios import ROCP, ROCR, ROCR100
from quaestor.features.indicators.momentum.rsi import RSI
from quaestor.features.indicators.momentum.squeeze import SQUEEZE
from quaestor.features.indicators.momentum.stc import STC
from quaestor.features.indicators.momentum.stochastic_momentum import SMI
from quaestor.features.indicators.momentum.stochastics import STOCH, STOCHF
from quaestor.features.indicators.momentum.stochrsi import STOCHRSI
from quaestor.features.indicators.momentum.vigor import RVGI
from quaestor.features.indicators.momentum.williams import AC, FRACTAL, WAD

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
    ROCP,
    ROCR,
    ROCR100,
    STOCHRSI,
    KDJ,
    SMI,
    QSTICK,
    IMI,
    CMOU,
    VHF,
    DPO,
    FOSC,
    ERI,
    AC,
    WAD,
    FRACTAL,
    KST,
    FISHER,
    RVGI,
    CONNORS_RSI,
    INERTIA,
    STC,
    SQUEEZE,
)
