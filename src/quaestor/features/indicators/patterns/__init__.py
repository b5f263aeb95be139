"""Chart pattern family of features: a new definition costs its file and a line here."""

from quaestor.features.feature import Feature
from quaestor.features.indicators.patterns.flags import FLAGS
from quaestor.features.indicators.patterns.levels import LEVELS
from quaestor.features.indicators.patterns.reversals import REVERSALS
from quaestor.features.indicators.patterns.swings import SWINGS
from quaestor.features.indicators.patterns.trendlines import TRENDLINES

FEATURES: tuple[Feature, ...] = (SWINGS, REVERSALS, TRENDLINES, FLAGS, LEVELS)
