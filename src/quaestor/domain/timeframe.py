"""Timeframes: converts between lengths in nanoseconds and traders' names such as 100ms, 1m, 1h, 1d."""

import re

from quaestor.errors import ConfigError

_UNITS_NS = {
    "ms": 1_000_000,
    "s": 1_000_000_000,
    "m": 60_000_000_000,
    "h": 3_600_000_000_000,
    "d": 86_400_000_000_000,
    "w": 7 * 86_400_000_000_000,
}


def parse_timeframe(text: str) -> int:
    """Return the length of a timeframe in nanoseconds.

    Raises:
        ConfigError: when the text is not a positive whole number followed by a unit.

    Example:
        >>> parse_timeframe("15m")
        900000000000
    """
    match = re.fullmatch(r"([1-9]\d*)(ms|[smhdw])", text.strip())
    if match is None:
        raise ConfigError(
            f"'{text}' is no timeframe",
            place="timeframe",
            remedy="write a number and ms, s, m, h, d or w, such as 15m or 1h",
        )
    return int(match[1]) * _UNITS_NS[match[2]]


def format_timeframe(interval_ns: int) -> str:
    """Return the shortest name of a length in nanoseconds.

    Example:
        >>> format_timeframe(3_600_000_000_000)
        '1h'
    """
    for unit in ("w", "d", "h", "m", "s", "ms"):
        if interval_ns % _UNITS_NS[unit] == 0:
            return f"{interval_ns // _UNITS_NS[unit]}{unit}"
    return f"{interval_ns}ns"
