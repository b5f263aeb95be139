"""Candidate features: every definition at several speeds and on several timeframes, for feature selection."""

from collections.abc import Iterable, Iterator, Sequence

from quaestor.domain.market_matrix import N_COLUMNS
from quaestor.domain.parameter import Integer, Parameter, Value
from quaestor.domain.timeframe import parse_timeframe
from quaestor.errors import ConfigError
from quaestor.features.catalog import CATALOG
from quaestor.features.feature import Feature, FeatureInstance

#: Multiples of a definition's default lengths.
SPEEDS = (0.5, 1.0, 2.0, 4.0)


def candidates(
    *,
    catalog: Iterable[Feature] = CATALOG,
    known: Iterable[int] = range(N_COLUMNS),
    timeframes: Sequence[str] = (),
    speeds: Sequence[float] = SPEEDS,
) -> list[FeatureInstance]:
    """Return every output of every definition at every speed, on the rows themselves and on each timeframe.

    Args:
        catalog: the definitions.
        known: rows of the market matrix that the data holds; a definition that reads another is left out.
        timeframes: such as ``("5m", "1h")``, longer than the rows.
        speeds: multiples of the default lengths, all lengths of a definition together. Lengths are rounded and clipped
            to their ranges; repeated and contradictory values are left out.

    Example:
        >>> from quaestor.features.indicators.trend import MACD
        >>> [instance.name for instance in candidates(catalog=[MACD], speeds=(0.5, 1.0))]
        ['macd_6_13_4', 'macd_6_13_4.signal', 'macd_6_13_4.hist',
         'macd_12_26_9', 'macd_12_26_9.signal', 'macd_12_26_9.hist']
    """
    held = set(known)
    usable = [feature for feature in catalog if held.issuperset(feature.inputs)]
    frames_ns = (0, *(parse_timeframe(timeframe) for timeframe in timeframes))
    return [
        FeatureInstance(feature, values, output, frame_ns)
        for frame_ns in frames_ns
        for feature in usable
        if not (frame_ns and feature.timed)
        for values in _at_speeds(feature, speeds)
        for output in range(len(feature.outputs))
    ]


def _at_speeds(feature: Feature, speeds: Sequence[float]) -> Iterator[tuple[Value, ...]]:
    seen: set[tuple[Value, ...]] = set()
    for speed in speeds:
        values = tuple(_scaled(parameter, speed) for parameter in feature.parameters)
        if values in seen or not _is_allowed(feature, values):
            continue
        seen.add(values)
        yield values


def _scaled(parameter: Parameter, speed: float) -> Value:
    if not isinstance(parameter, Integer) or parameter.doc != "bars":
        return parameter.check(parameter.default)
    return min(max(round(parameter.default * speed), parameter.low), parameter.high)


def _is_allowed(feature: Feature, values: Sequence[Value]) -> bool:
    try:
        feature.instance(*values)
    except ConfigError:
        return False
    return True
