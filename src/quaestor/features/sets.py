"""Feature sets: named selections of features."""

from collections.abc import Mapping
from types import MappingProxyType

from quaestor.errors import UnknownNameError

_PRICE = ("price_change_1", "mom_10", "ewma_volatility_0.94", "acceleration_5", "range_position_10")
_VOLUME = ("volume", "volume_change_1", "vwap_deviation_10", "volume_spike_10_3", "price_volume_correlation_10")
_BOOK = ("bid_size", "ask_size", "spread_bps", "book_imbalance_1", "microprice_deviation", "depth_ratio_5")
_TECHNICAL = (
    "rsi_14",
    "macd_12_26_9",
    "macd_12_26_9.hist",
    "stoch_14_3_3.k",
    "stoch_14_3_3.d",
    "bbands_width_20_2",
    "bbands_position_20_2",
    "willr_14",
    "atr_14",
)

#: Names of features by name of the set: `default`, 25 of price, volume, order book and technical analysis; `bars`,
#: the 19 of them that need bars only; `small`, 10 for fast models.
FEATURE_SETS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "default": (*_PRICE, *_VOLUME, *_BOOK, *_TECHNICAL),
        "bars": (*_PRICE, *_VOLUME, *_TECHNICAL),
        "small": (
            "mom_10",
            "volume_change_1",
            "spread_bps",
            "book_imbalance_1",
            "ewma_volatility_0.94",
            "price_volume_correlation_10",
            "rsi_14",
            "macd_12_26_9",
            "depth_5.bid",
            "depth_5.ask",
        ),
    }
)


def feature_set(name: str) -> tuple[str, ...]:
    """Return the canonical names of the features of a set.

    Raises:
        UnknownNameError: no set has that name.

    Example:
        >>> len(feature_set("default")), len(feature_set("small"))
        (25, 10)
    """
    if name not in FEATURE_SETS:
        raise UnknownNameError("feature set", name, FEATURE_SETS)
    return FEATURE_SETS[name]
