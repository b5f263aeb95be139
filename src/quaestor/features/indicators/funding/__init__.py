"""Funding family of features: a new definition costs its file and a line here."""

from quaestor.features.feature import Feature
from quaestor.features.indicators.funding.rates import CUMULATIVE_FUNDING, FUNDING_RATE, FUNDING_ZSCORE

FEATURES: tuple[Feature, ...] = (
    FUNDING_RATE,
    FUNDING_ZSCORE,
    CUMULATIVE_FUNDING,
)
