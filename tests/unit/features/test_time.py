"""Time features: those of the stamp alone against pandas' calendar, those of daily bars against pandas' groups."""

import numpy as np
import pandas as pd
import polars as pl
import pytest
from numpy.typing import NDArray
from tests.slices import MINUTES

from quaestor.errors import ConfigError
from quaestor.features.catalog import parse_feature
from quaestor.features.plan import compute, make_plan

Series = NDArray[np.float64]
BARS = ["open", "high", "low", "close", "volume"]


def some_stamps() -> pd.DatetimeIndex:
    """Return stamps from 1990 to 2035, including ends of days and months and New York's clock changes."""
    generator = np.random.default_rng(19)
    low, high = pd.Timestamp("1990-01-01").value, pd.Timestamp("2036-01-01").value
    random = generator.integers(low // 10**9, high // 10**9, 20_000) * 10**9
    days = np.arange(low, high, 86_400 * 10**9)
    return pd.DatetimeIndex(np.concatenate([random, days, days - 1, days + 7 * 3_600 * 10**9]), tz="UTC")


def of_stamps(names: list[str], stamps: pd.DatetimeIndex) -> dict[str, Series]:
    """Return the values of features of stamps alone."""
    out = compute(make_plan(names), np.full((5, len(stamps)), np.nan), ts=stamps.as_unit("ns").asi8)
    return dict(zip(names, out, strict=False))


def test_cycles_are_sine_and_cosine_of_the_position_in_the_span() -> None:
    stamps = some_stamps()
    of_day = (stamps - stamps.normalize()) / pd.Timedelta(days=1)
    turns = {
        "time_of_day": of_day,
        "time_of_week": (stamps.dayofweek + of_day) / 7,
        "time_of_month": (stamps.day - 1 + of_day) / stamps.days_in_month,
        "time_of_year": (stamps.dayofyear - 1 + of_day) / np.where(stamps.is_leap_year, 366, 365),
    }
    ours = of_stamps([f"{name}.{output}" for name in turns for output in ("sin", "cos")], stamps)
    for name, turn in turns.items():
        np.testing.assert_allclose(ours[f"{name}.sin"], np.sin(2 * np.pi * turn), rtol=0, atol=2e-15, err_msg=name)
        np.testing.assert_allclose(ours[f"{name}.cos"], np.cos(2 * np.pi * turn), rtol=0, atol=2e-15, err_msg=name)


def test_clock_features_equal_pandas() -> None:
    stamps = some_stamps()
    minute = ((stamps - stamps.normalize()) / pd.Timedelta(minutes=1)).to_numpy()
    hour = stamps.hour.to_numpy()
    expected = {
        "minute_of_day": minute,
        "weekend": stamps.dayofweek >= 5,
        "turn_of_month_1_3": (stamps.day <= 3) | (stamps.day == stamps.days_in_month),
        "turn_of_month_2_0": stamps.day >= stamps.days_in_month - 1,
        "sessions.asia": hour < 8,
        "sessions.europe": (hour >= 7) & (hour < 16),
        "sessions.us": (hour >= 13) & (hour < 21),
        "minutes_to_funding_8": 480 - minute % 480,
        "minutes_to_funding_1": 60 - minute % 60,
    }
    ours = of_stamps(list(expected), stamps)
    for name, values in expected.items():
        np.testing.assert_allclose(
            ours[name], np.asarray(values, dtype=np.float64), rtol=1e-12, atol=1e-9, err_msg=name
        )


def test_us_session_equals_new_york_clock_of_pandas() -> None:
    stamps = some_stamps()
    local = stamps.tz_convert("America/New_York").tz_localize(None)
    minutes = (local - local.normalize()) / pd.Timedelta(minutes=1) - 570
    opened = (local.dayofweek < 5) & (minutes >= 0) & (minutes < 390)
    ours = of_stamps(["us_session.minutes", "us_session.open"], stamps)
    np.testing.assert_allclose(ours["us_session.minutes"], minutes, rtol=1e-12, atol=1e-9)
    np.testing.assert_array_equal(ours["us_session.open"], opened.astype(np.float64))


def test_funding_interval_that_does_not_divide_a_day_is_refused() -> None:
    with pytest.raises(ConfigError, match="7 hours do not divide a day"):
        parse_feature("minutes_to_funding_7")


@pytest.fixture(scope="module")
def minutes() -> pd.DataFrame:
    """Six weeks of real minutes from the middle of a day, the exchange's outage of March 2023 among them."""
    frame = pl.read_parquet(MINUTES, columns=["ts", *BARS])
    table = pd.DataFrame(frame.slice(700).to_dict(as_series=False))
    table["date"] = pd.to_datetime(table["ts"], unit="ns").dt.floor("D")
    table["hour"] = pd.to_datetime(table["ts"], unit="ns").dt.hour
    return table


def of_bars(names: list[str], table: pd.DataFrame) -> dict[str, Series]:
    """Return the values of features on bars."""
    columns = np.ascontiguousarray(table[BARS].to_numpy(dtype=np.float64).T)
    return dict(zip(names, compute(make_plan(names), columns, ts=table["ts"].to_numpy()), strict=False))


def test_current_day_features_equal_pandas_groups(minutes: pd.DataFrame) -> None:
    by_day = minutes.groupby("date")
    typical = (minutes["high"] + minutes["low"] + minutes["close"]) / 3
    vwap = (typical * minutes["volume"]).groupby(minutes["date"]).cumsum() / by_day["volume"].cumsum()
    opened = by_day["open"].transform("first")
    gap = by_day["open"].first() / by_day["close"].last().shift(1) - 1
    expected = {
        "session_vwap": vwap,
        "session_vwap.deviation": minutes["close"] / vwap - 1,
        "day_return": minutes["close"] / opened - 1,
        "overnight_gap": minutes["date"].map(gap).fillna(0.0),
    }
    ours = of_bars(list(expected), minutes)
    for name, values in expected.items():
        np.testing.assert_allclose(ours[name], values, rtol=1e-12, atol=1e-13, err_msg=name)


@pytest.mark.parametrize("length", [30, 60])
def test_opening_range_equals_pandas_groups(minutes: pd.DataFrame, length: int) -> None:
    first = minutes.groupby("date")["ts"].transform("first")
    early = minutes["ts"] < first + length * 60 * 10**9
    high = minutes["high"].where(early).groupby(minutes["date"]).cummax().groupby(minutes["date"]).ffill()
    low = minutes["low"].where(early).groupby(minutes["date"]).cummin().groupby(minutes["date"]).ffill()
    name = f"opening_range_{length}"
    np.testing.assert_allclose(of_bars([name], minutes)[name], (minutes["close"] - low) / (high - low), rtol=1e-12)


def test_previous_day_features_equal_pandas_groups(minutes: pd.DataFrame) -> None:
    by_day = minutes.groupby("date")
    day = by_day.agg(high=("high", "max"), low=("low", "min"), close=("close", "last")).shift(1)
    high, low, close = (minutes["date"].map(day[name]) for name in ("high", "low", "close"))
    high, low = high.fillna(by_day["high"].cummax()), low.fillna(by_day["low"].cummin())
    close = close.fillna(minutes["close"])
    pivot = (high + low + close) / 3
    expected = {
        "previous_day.high": minutes["close"] / high - 1,
        "previous_day.low": minutes["close"] / low - 1,
        "previous_day.close": minutes["close"] / close - 1,
        "floor_pivots.pivot": pivot,
        "floor_pivots.r1": 2 * pivot - low,
        "floor_pivots.s1": 2 * pivot - high,
        "floor_pivots.r2": pivot + high - low,
        "floor_pivots.s2": pivot - high + low,
        "floor_pivots.r3": high + 2 * (pivot - low),
        "floor_pivots.s3": low - 2 * (high - pivot),
    }
    ours = of_bars(list(expected), minutes)
    for name, values in expected.items():
        np.testing.assert_allclose(ours[name], values, rtol=1e-12, atol=1e-13, err_msg=name)


def test_hourly_means_equal_pandas_groups(minutes: pd.DataFrame) -> None:
    """Use lengths beyond the data, so that the means are plain ones."""
    earlier = minutes.groupby("hour")["volume"].transform(lambda x: x.expanding().mean().shift(1))
    returns = minutes["close"].pct_change()
    now = returns.groupby(minutes["hour"]).transform(lambda x: x.expanding().mean()).fillna(0.0)
    ours = of_bars(["hour_volume_100000", "hour_volume_100000.mean", "hour_return_100000.now"], minutes)
    unseen = earlier.isna()
    assert unseen.sum() == 24
    np.testing.assert_allclose(ours["hour_volume_100000"], (minutes["volume"] / earlier).fillna(1.0), rtol=1e-9)
    np.testing.assert_allclose(ours["hour_volume_100000.mean"], earlier.fillna(minutes["volume"]), rtol=1e-9)
    np.testing.assert_allclose(ours["hour_return_100000.now"], now, rtol=1e-9, atol=1e-15)


def test_next_hour_return_is_the_mean_of_the_following_hour(minutes: pd.DataFrame) -> None:
    ours = of_bars(["hour_return_50.now", "hour_return_50.next"], minutes)
    now, after = ours["hour_return_50.now"], ours["hour_return_50.next"]
    hours = minutes["hour"].to_numpy()
    last_of_hour = np.full(24, 0.0)
    for k in range(20_000):
        last_of_hour[hours[k]] = now[k]
        assert after[k] == last_of_hour[(hours[k] + 1) % 24]


def test_hourly_mean_becomes_exponential_after_length_values(minutes: pd.DataFrame) -> None:
    part = minutes[minutes["hour"] == 9].iloc[:200]
    volume = part["volume"].to_numpy()
    start = volume[:10].mean()
    exponential = pd.Series(np.concatenate([[start], volume[10:]])).ewm(alpha=0.1, adjust=False).mean()
    ours = of_bars(["hour_volume_10.mean"], part)["hour_volume_10.mean"]
    np.testing.assert_allclose(ours[10:], exponential[:-1], rtol=1e-12)


def test_day_features_equal_hand_computed_values() -> None:
    """Use a first day of two bars, a day without volume or movement and a day after a gap."""
    rows = [(10, 14, 8, 12, 1), (12, 16, 12, 14, 3), (20, 20, 20, 20, 0), (15, 30, 15, 18, 2)]
    table = pd.DataFrame(rows, columns=BARS)
    table["ts"] = np.array(["2024-01-01T22", "2024-01-01T23", "2024-01-02T00", "2024-01-09T00"], "M8[ns]").astype(
        np.int64
    )
    expected: dict[str, list[float]] = {
        "overnight_gap": [0, 0, 20 / 14 - 1, 15 / 20 - 1],
        "session_vwap": [34 / 3, (34 / 3 + 42) / 4, 20, 21],
        "opening_range_60": [4 / 6, 1, 0.5, 0.2],
        "floor_pivots.pivot": [34 / 3, 38 / 3, 38 / 3, 20],
        "floor_pivots.r1": [44 / 3, 52 / 3, 52 / 3, 20],
        "previous_day.high": [12 / 14 - 1, 14 / 16 - 1, 20 / 16 - 1, 18 / 20 - 1],
        "hour_volume_5": [1, 1, 1, 1],
        "hour_return_5.now": [0, 14 / 12 - 1, 20 / 14 - 1, ((20 / 14 - 1) + (18 / 20 - 1)) / 2],
    }
    ours = of_bars(list(expected), table)
    for name, values in expected.items():
        np.testing.assert_allclose(ours[name], values, rtol=1e-14, atol=1e-15, err_msg=name)
