"""Price family of features: a new definition costs its file and a line here."""

from quaestor.features.feature import Feature
from quaestor.features.indicators.price.extremes import MAX, MAXINDEX, MIN, MININDEX, MINMAX, MINMAXINDEX, SUM
from quaestor.features.indicators.price.heikin_ashi import HA
from quaestor.features.indicators.price.means import AVGPRICE, MEDPRICE, TYPPRICE, WCLPRICE

FEATURES: tuple[Feature, ...] = (
    AVGPRICE,
    MEDPRICE,
    TYPPRICE,
    WCLPRICE,
    HA,
    MAX,
    MIN,
    SUM,
    MAXINDEX,
    MININDEX,
    MINMAX,
    MINMAXINDEX,
)
