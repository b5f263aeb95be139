"""Volume family of features: a new definition costs its file and a line here."""

from quaestor.features.feature import Feature
from quaestor.features.indicators.volume.accumulation import AD, ADOSC, CMF, FORCE_INDEX, VWMA
from quaestor.features.indicators.volume.indices import MARKETFI, NVI, PVI, PVT
from quaestor.features.indicators.volume.klinger import KVO
from quaestor.features.indicators.volume.raw import VOLUME, VOLUME_CHANGE
from quaestor.features.indicators.volume.volume import MFI, OBV, VOLUME_RATIO, VWAP
from quaestor.features.indicators.volume.volume_momentum import EOM, PVO

FEATURES: tuple[Feature, ...] = (
    VOLUME,
    VOLUME_CHANGE,
    OBV,
    MFI,
    VOLUME_RATIO,
    VWAP,
    PVO,
    EOM,
    AD,
    ADOSC,
    CMF,
    VWMA,
    FORCE_INDEX,
    NVI,
    PVI,
    PVT,
    MARKETFI,
    KVO,
)
