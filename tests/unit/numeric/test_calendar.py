"""Calendar kernels against Python's datetime and zone database, sines against twice the precision."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from quaestor.numeric.calendar import (
    HOUR_NS,
    date_of,
    day_of,
    month_length,
    new_york_offset_ns,
    sunday_from,
    turn_cosine,
    turn_sine,
    weekday,
    year_of,
    year_start,
)

EPOCH = date(1970, 1, 1)
NEW_YORK = ZoneInfo("America/New_York")


@given(st.dates(date(1600, 1, 1), date(2400, 12, 31)))
@example(date(1900, 2, 28))
@example(date(2000, 2, 29))
@example(date(2100, 3, 1))
def test_dates_equal_python_datetime(given_date: date) -> None:
    day = (given_date - EPOCH).days
    year, month = given_date.year, given_date.month
    assert date_of(day) == (year, month, given_date.day)
    assert day_of(year, month, given_date.day) == day
    assert weekday(day) == given_date.weekday()
    assert year_of(day) == year
    assert year_start(year) == (date(year, 1, 1) - EPOCH).days
    following = date(year + month // 12, month % 12 + 1, 1)
    assert month_length(year, month) == (following - date(year, month, 1)).days
    sunday = EPOCH + timedelta(days=sunday_from(day))
    assert sunday.weekday() == 6
    assert 0 <= (sunday - given_date).days < 7


def test_every_day_of_four_centuries_converts_back() -> None:
    dates = [date_of(day) for day in range(year_start(1700), year_start(2100))]
    assert dates == [(d.year, d.month, d.day) for d in (date(1700, 1, 1) + timedelta(k) for k in range(len(dates)))]


def offset_ns(stamp_s: int) -> int:
    """Return New York's offset from UTC by the zone database."""
    offset = datetime.fromtimestamp(stamp_s, UTC).astimezone(NEW_YORK).utcoffset()
    assert offset is not None
    return int(offset.total_seconds()) * 1_000_000_000


@given(
    st.integers(int(datetime(1990, 1, 1, tzinfo=UTC).timestamp()), int(datetime(2036, 1, 1, tzinfo=UTC).timestamp()))
)
def test_new_york_offset_equals_zone_database(stamp_s: int) -> None:
    assert new_york_offset_ns(stamp_s * 1_000_000_000) == offset_ns(stamp_s)


def test_new_york_offset_is_exact_at_every_clock_change() -> None:
    """Check every hour from 1987 to 2035, on both sides of every clock change, and the nanosecond before each."""
    first, last = (int(datetime(year, 1, 1, tzinfo=UTC).timestamp()) for year in (1987, 2036))
    hours = range(first, last, 3600)
    ours = [new_york_offset_ns(hour * 1_000_000_000) for hour in hours]
    assert ours == [offset_ns(hour) for hour in hours]
    changes = [hour for before, after, hour in zip(ours, ours[1:], hours[1:], strict=False) if before != after]
    assert len(changes) == 2 * (2036 - 1987)
    for change in changes:
        stamp = change * 1_000_000_000
        assert new_york_offset_ns(stamp - 1) == new_york_offset_ns(stamp - HOUR_NS) != new_york_offset_ns(stamp)


def test_turn_sine_and_cosine_are_accurate_to_double_precision() -> None:
    turns = np.concatenate([np.random.default_rng(3).random(20_000), np.arange(0.0, 1.0, 1 / 16)])
    angles = 8 * np.arctan(np.longdouble(1)) * turns.astype(np.longdouble)
    sine = np.array([turn_sine(turn) for turn in turns])
    cosine = np.array([turn_cosine(turn) for turn in turns])
    assert np.max(np.abs(sine - np.sin(angles))) < 2.5e-16
    assert np.max(np.abs(cosine - np.cos(angles))) < 2.5e-16


@pytest.mark.parametrize("quarter", range(4))
def test_quarter_turns_are_exact(quarter: int) -> None:
    assert (turn_cosine(quarter / 4), turn_sine(quarter / 4)) == [(1, 0), (0, 1), (-1, 0), (0, -1)][quarter]
