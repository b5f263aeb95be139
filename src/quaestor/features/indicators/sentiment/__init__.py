"""Sentiment family of features: a new definition costs its file and a line here."""

from quaestor.features.feature import Feature
from quaestor.features.indicators.sentiment.divergence import SENTIMENT_PRICE_DIVERGENCE
from quaestor.features.indicators.sentiment.fear_greed import FEAR_GREED, FEAR_GREED_CHANGE
from quaestor.features.indicators.sentiment.headlines import (
    HEADLINE_INTENSITY,
    SENTIMENT,
    SENTIMENT_CHANGE,
    SENTIMENT_ZSCORE,
)

FEATURES: tuple[Feature, ...] = (
    SENTIMENT,
    SENTIMENT_CHANGE,
    SENTIMENT_ZSCORE,
    HEADLINE_INTENSITY,
    SENTIMENT_PRICE_DIVERGENCE,
    FEAR_GREED,
    FEAR_GREED_CHANGE,
)
