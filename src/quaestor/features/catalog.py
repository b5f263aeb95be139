"""Feature catalogue: every built-in feature, by family; a new one costs its file and a line in its family's list."""

from quaestor.features.feature import Feature, FeatureInstance, parse_instance
from quaestor.features.indicators import (
    candlesticks,
    cross_asset,
    cycle,
    funding,
    microstructure,
    momentum,
    order_book,
    order_flow,
    patterns,
    price,
    sentiment,
    statistical,
    time,
    trend,
    volatility,
    volume,
)

CATALOG: tuple[Feature, ...] = (
    *trend.FEATURES,
    *momentum.FEATURES,
    *volatility.FEATURES,
    *volume.FEATURES,
    *price.FEATURES,
    *statistical.FEATURES,
    *microstructure.FEATURES,
    *cross_asset.FEATURES,
    *cycle.FEATURES,
    *order_book.FEATURES,
    *order_flow.FEATURES,
    *candlesticks.FEATURES,
    *time.FEATURES,
    *patterns.FEATURES,
    *sentiment.FEATURES,
    *funding.FEATURES,
)


def parse_feature(text: str) -> FeatureInstance:
    """Return the instance that a canonical name denotes.

    A name without numbers takes the default parameters, a name without an output the first output.

    Raises:
        UnknownNameError: no such feature or output; the message lists similar names.
        ConfigError: a parameter is missing, out of range or contradicts another.

    Example:
        >>> parse_feature("bbands_20_2.upper").name, parse_feature("rsi").name, parse_feature("macd_12_26_9").warmup
        ('bbands_20_2.upper', 'rsi_14', 33)
    """
    return parse_instance(text, CATALOG)
