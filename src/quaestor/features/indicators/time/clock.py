"""Clock features: minute, weekend, turn of the month, trading sessions and time to funding."""

from quaestor.domain.parameter import Integer
from quaestor.features.indicators.time.stamped import Stamps, timestamp_feature
from quaestor.jit.compile import kernel
from quaestor.jit.tables import Matrix, Table
from quaestor.numeric.calendar import DAY_NS, HOUR_NS, MINUTE_NS, date_of, month_length, weekday


@kernel
def advance_minute_of_day(
    state: Table, params: Table, ts: Stamps, columns: Matrix, out: Matrix, i: int, n: int
) -> None:
    """Write the minutes since midnight UTC."""
    for k in range(i, n):
        out[0, k] = float(ts[k] % DAY_NS) / MINUTE_NS


@kernel
def advance_weekend(state: Table, params: Table, ts: Stamps, columns: Matrix, out: Matrix, i: int, n: int) -> None:
    """Write 1 on Saturday and Sunday, otherwise 0."""
    for k in range(i, n):
        out[0, k] = 1.0 if weekday(ts[k] // DAY_NS) >= 5 else 0.0


@kernel
def advance_turn_of_month(
    state: Table, params: Table, ts: Stamps, columns: Matrix, out: Matrix, i: int, n: int
) -> None:
    """Write 1 in the last days of a month and the first of the next, otherwise 0."""
    last, first = params[0]["last"], params[0]["first"]
    for k in range(i, n):
        year, month, date = date_of(ts[k] // DAY_NS)
        out[0, k] = 1.0 if date <= first or date > month_length(year, month) - last else 0.0


@kernel
def advance_sessions(state: Table, params: Table, ts: Stamps, columns: Matrix, out: Matrix, i: int, n: int) -> None:
    """Write 1 in the working hours of each of three regions, otherwise 0."""
    for k in range(i, n):
        hour = ts[k] % DAY_NS // HOUR_NS
        out[0, k] = 1.0 if hour < 8 else 0.0
        out[1, k] = 1.0 if 7 <= hour < 16 else 0.0
        out[2, k] = 1.0 if 13 <= hour < 21 else 0.0


@kernel
def advance_minutes_to_funding(
    state: Table, params: Table, ts: Stamps, columns: Matrix, out: Matrix, i: int, n: int
) -> None:
    """Write the minutes until the next settlement after the stamp."""
    period_ns = params[0]["hours"] * HOUR_NS
    for k in range(i, n):
        out[0, k] = float(period_ns - ts[k] % period_ns) / MINUTE_NS


def _uneven(hours: int) -> str:
    return "" if 24 % hours == 0 else f"{hours} hours do not divide a day"


MINUTE_OF_DAY = timestamp_feature(
    "minute_of_day",
    advance_minute_of_day,
    "Minutes since midnight; in [0, 1440).",
    "minutes",
    "Baur, Cahill, Godfrey and Liu (2019), Bitcoin time-of-day, day-of-week and month-of-year effects",
)
WEEKEND = timestamp_feature(
    "weekend",
    advance_weekend,
    "1 on Saturday and Sunday, else 0.",
    "flag",
    "French (1980), Stock Returns and the Weekend Effect",
)
TURN_OF_MONTH = timestamp_feature(
    "turn_of_month",
    advance_turn_of_month,
    "1 on the `last` days of a month and the `first` days of the next, by the calendar, else 0.",
    "flag",
    "Lakonishok and Smidt (1988), Are Seasonal Anomalies Real?",
    parameters=(Integer("last", 1, 0, 15, "days"), Integer("first", 3, 0, 15, "days")),
)
SESSIONS = timestamp_feature(
    "sessions",
    advance_sessions,
    "1 in working hours, every day and all year by the same clock, else 0: `asia` 00–08, `europe` 07–16, `us` 13–21.",
    "flag",
    "Baur, Cahill, Godfrey and Liu (2019), Bitcoin time-of-day, day-of-week and month-of-year effects",
    ("asia", "europe", "us"),
)
MINUTES_TO_FUNDING = timestamp_feature(
    "minutes_to_funding",
    advance_minutes_to_funding,
    "Minutes to the next settlement of funding, every `hours` from midnight on; in (0, 60 · hours]: at a settlement, "
    "the time to the following one.",
    "minutes",
    "Soska et al. (2021), Towards Understanding Cryptocurrency Derivatives: A Case Study of BitMEX",
    parameters=(Integer("hours", 8, 1, 24, "hours, a divisor of 24"),),
    conflict=_uneven,
)
