"""Calendar cycles: sine and cosine of the time in day, week, month and year, continuous across their ends."""

from quaestor.features.indicators.time.stamped import Stamps, timestamp_feature
from quaestor.jit.compile import kernel
from quaestor.jit.tables import Matrix, Table
from quaestor.numeric.calendar import (
    DAY_NS,
    date_of,
    month_length,
    turn_cosine,
    turn_sine,
    weekday,
    year_of,
    year_start,
)


@kernel
def _write(out: Matrix, k: int, past_days: int, stamp: int, days: int) -> None:
    """Write sine and cosine of a stamp's position in a span of `days` days, `past_days` of which have passed."""
    turn = (past_days + float(stamp % DAY_NS) / DAY_NS) / days
    out[0, k] = turn_sine(turn)
    out[1, k] = turn_cosine(turn)


@kernel
def advance_time_of_day(state: Table, params: Table, ts: Stamps, columns: Matrix, out: Matrix, i: int, n: int) -> None:
    """Write the cycle from midnight to midnight."""
    for k in range(i, n):
        _write(out, k, 0, ts[k], 1)


@kernel
def advance_time_of_week(state: Table, params: Table, ts: Stamps, columns: Matrix, out: Matrix, i: int, n: int) -> None:
    """Write the cycle from Monday to Monday."""
    for k in range(i, n):
        _write(out, k, weekday(ts[k] // DAY_NS), ts[k], 7)


@kernel
def advance_time_of_month(
    state: Table, params: Table, ts: Stamps, columns: Matrix, out: Matrix, i: int, n: int
) -> None:
    """Write the cycle from the first of a month to the first of the next."""
    for k in range(i, n):
        year, month, date = date_of(ts[k] // DAY_NS)
        _write(out, k, date - 1, ts[k], month_length(year, month))


@kernel
def advance_time_of_year(state: Table, params: Table, ts: Stamps, columns: Matrix, out: Matrix, i: int, n: int) -> None:
    """Write the cycle from New Year to New Year."""
    for k in range(i, n):
        day = ts[k] // DAY_NS
        year = year_of(day)
        start = year_start(year)
        _write(out, k, day - start, ts[k], year_start(year + 1) - start)


_SOURCE = "Baur, Cahill, Godfrey and Liu (2019), Bitcoin time-of-day, day-of-week and month-of-year effects"
_OUTPUTS = ("sin", "cos")

TIME_OF_DAY = timestamp_feature(
    "time_of_day",
    advance_time_of_day,
    "Sine and cosine of 2π · (time since midnight / 24 h); in [−1, 1].",
    "ratio",
    _SOURCE,
    _OUTPUTS,
)
TIME_OF_WEEK = timestamp_feature(
    "time_of_week",
    advance_time_of_week,
    "Sine and cosine of 2π · (time since Monday 00:00 / 7 d); in [−1, 1].",
    "ratio",
    _SOURCE,
    _OUTPUTS,
)
TIME_OF_MONTH = timestamp_feature(
    "time_of_month",
    advance_time_of_month,
    "Sine and cosine of 2π · (time since the first of the month / length of the month); in [−1, 1].",
    "ratio",
    _SOURCE,
    _OUTPUTS,
)
TIME_OF_YEAR = timestamp_feature(
    "time_of_year",
    advance_time_of_year,
    "Sine and cosine of 2π · (time since New Year / length of the year); in [−1, 1].",
    "ratio",
    _SOURCE,
    _OUTPUTS,
)
