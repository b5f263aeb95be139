"""Cycle family of features: a new definition costs its file and a line here."""

from quaestor.features.feature import Feature
from quaestor.features.indicators.cycle.mama import MAMA
from quaestor.features.indicators.cycle.period import HT_DCPERIOD, HT_PHASOR
from quaestor.features.indicators.cycle.phase import HT_DCPHASE, HT_SINE
from quaestor.features.indicators.cycle.trend import HT_TRENDLINE, HT_TRENDMODE

FEATURES: tuple[Feature, ...] = (
    HT_DCPERIOD,
    HT_DCPHASE,
    HT_PHASOR,
    HT_SINE,
    HT_TRENDLINE,
    HT_TRENDMODE,
    MAMA,
)
