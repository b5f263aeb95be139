"""Regime catalog: every regime filter of the package; a new one costs its file and a line here."""

from collections.abc import Mapping

from quaestor.brain.definition import configure
from quaestor.brain.regime.contract import RegimeFilter, RegimeInstance
from quaestor.brain.regime.none import NONE
from quaestor.brain.regime.volatility_trend import VOLATILITY_TREND
from quaestor.errors import UnknownNameError

CATALOG: tuple[RegimeFilter, ...] = (
    NONE,
    VOLATILITY_TREND,
)


def parse_regime(name: str, settings: Mapping[str, str]) -> RegimeInstance:
    """Return the named regime filter with these settings, defaults for the rest.

    Raises:
        UnknownNameError: no such filter, or no such parameter of it; the message lists similar names.
        ConfigError: a value out of range, or values that contradict one another.

    Example:
        >>> parse_regime("volatility_trend", {"trend": "24"}).features[2]
        'efficiency_ratio_24.signed'
    """
    filters = {regime.name: regime for regime in CATALOG}
    if name not in filters:
        raise UnknownNameError("regime filter", name, filters)
    return configure(filters[name], settings, kind="regime filter")
