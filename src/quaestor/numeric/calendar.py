"""Calendar: dates, New York's offset from UTC and sines of time, from + − × ÷ alone, bit-identical on every machine.

Stamps are int64 nanoseconds since 1970-01-01 UTC, days are whole days since then, in the Gregorian calendar.
"""

import math

from quaestor.jit.compile import kernel

MINUTE_NS = 60_000_000_000
HOUR_NS = 60 * MINUTE_NS
DAY_NS = 24 * HOUR_NS

_QUARTER = math.pi / 2.0


@kernel
def weekday(day: int) -> int:
    """Return the weekday of a day: 0 for Monday … 6 for Sunday.

    Example:
        >>> weekday(0)
        3
    """
    return (day + 3) % 7


@kernel
def year_start(year: int) -> int:
    """Return the day of the first of January of a year.

    Example:
        >>> year_start(1970), year_start(2000)
        (0, 10957)
    """
    before = year - 1
    return 365 * (year - 1970) + before // 4 - before // 100 + before // 400 - 477


@kernel
def year_of(day: int) -> int:
    """Return the year of a day.

    Example:
        >>> year_of(-1), year_of(0), year_of(11_016)
        (1969, 1970, 2000)
    """
    year = 1970 + day * 400 // 146_097  # days in 400 years; at most a year off
    if day >= year_start(year + 1):
        return year + 1
    return year - 1 if day < year_start(year) else year


@kernel
def month_length(year: int, month: int) -> int:
    """Return the number of days of a month, 1 … 12.

    Example:
        >>> month_length(2000, 2), month_length(2100, 2), month_length(2023, 7), month_length(2023, 9)
        (29, 28, 31, 30)
    """
    if month == 2:
        return year_start(year + 1) - year_start(year) - 337
    return 30 + (month + month // 8) % 2


@kernel
def day_of(year: int, month: int, date: int) -> int:
    """Return the day of a date.

    Example:
        >>> day_of(2000, 3, 1), day_of(2024, 12, 31)
        (11017, 20088)
    """
    day = year_start(year) + date - 1
    for m in range(1, month):
        day += month_length(year, m)
    return day


@kernel
def date_of(day: int) -> tuple[int, int, int]:
    """Return year, month (1 … 12) and day of the month (from 1) of a day.

    Example:
        >>> date_of(11_016), date_of(20_088)
        ((2000, 2, 29), (2024, 12, 31))
    """
    year = year_of(day)
    date = day - year_start(year) + 1
    month = 1
    while date > month_length(year, month):
        date -= month_length(year, month)
        month += 1
    return year, month, date


@kernel
def sunday_from(day: int) -> int:
    """Return the first Sunday at or after a day.

    Example:
        >>> date_of(sunday_from(day_of(2024, 3, 8)))
        (2024, 3, 10)
    """
    return day + 6 - weekday(day)


@kernel
def new_york_offset_ns(stamp: int) -> int:
    """Return New York's offset from UTC: −4 hours in daylight-saving time, otherwise −5.

    Clocks change at two in the morning. Daylight-saving time lasts from the second Sunday of March to the first of
    November from 2007 on (Energy Policy Act of 2005), before from the first Sunday of April to the last of October
    (the rule since 1987).

    Example:
        >>> new_york_offset_ns(day_of(2024, 7, 1) * DAY_NS) // HOUR_NS, new_york_offset_ns(0) // HOUR_NS
        (-4, -5)
    """
    year = year_of(stamp // DAY_NS)
    if year >= 2007:
        first, last = sunday_from(day_of(year, 3, 8)), sunday_from(day_of(year, 11, 1))
    else:
        first, last = sunday_from(day_of(year, 4, 1)), sunday_from(day_of(year, 10, 25))
    summer = first * DAY_NS + 7 * HOUR_NS <= stamp < last * DAY_NS + 6 * HOUR_NS
    return -4 * HOUR_NS if summer else -5 * HOUR_NS


@kernel
def turn_sine(turn: float) -> float:
    """Return the sine of a fraction of a full turn, in [0, 1), within 2e-16; exact at the quarters.

    Example:
        >>> turn_sine(0.25), turn_sine(0.5), abs(turn_sine(0.1) - math.sin(0.2 * math.pi)) < 1e-15
        (1.0, 0.0, True)
    """
    return _shifted_sine(turn, 0)


@kernel
def turn_cosine(turn: float) -> float:
    """Return the cosine of a fraction of a full turn, in [0, 1), within 2e-16; exact at the quarters.

    Example:
        >>> turn_cosine(0.25), turn_cosine(0.5), abs(turn_cosine(0.1) - math.cos(0.2 * math.pi)) < 1e-15
        (0.0, -1.0, True)
    """
    return _shifted_sine(turn, 1)


@kernel
def _shifted_sine(turn: float, quarters: int) -> float:
    """Return the sine of a fraction of a turn plus some quarters, by the power series around the nearest quarter."""
    nearest = int(4.0 * turn + 0.5)
    angle = (4.0 * turn - nearest) * _QUARTER
    side = (nearest + quarters) % 4
    square = angle * angle
    value = 1.0
    if side % 2 == 0:
        for order in range(16, 0, -2):
            value = 1.0 - value * square / (order * (order + 1.0))
        value *= angle
    else:
        for order in range(17, 0, -2):
            value = 1.0 - value * square / (order * (order + 1.0))
    return value if side < 2 else 0.0 - value
