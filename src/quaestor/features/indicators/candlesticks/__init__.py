"""Candlestick family of features, TA-Lib's patterns: a new one costs its kernel and a line in its file's list."""

from quaestor.features.feature import Feature
from quaestor.features.indicators.candlesticks.gaps import GAPS
from quaestor.features.indicators.candlesticks.more_bars import MORE_BARS
from quaestor.features.indicators.candlesticks.one_bar import ONE_BAR
from quaestor.features.indicators.candlesticks.opposite_lines import OPPOSITE_LINES
from quaestor.features.indicators.candlesticks.three_bars import THREE_BARS
from quaestor.features.indicators.candlesticks.two_bars import TWO_BARS

FEATURES: tuple[Feature, ...] = (*ONE_BAR, *TWO_BARS, *OPPOSITE_LINES, *THREE_BARS, *GAPS, *MORE_BARS)
