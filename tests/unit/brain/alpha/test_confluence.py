"""Multi-timeframe confluence: by hand, and against its rule restated over real bars of several lengths."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest
from numpy.typing import NDArray
from tests.command_line import call
from tests.slices import BARS, MINUTES, hours_of, spot_hours

from quaestor.brain.alpha.catalog import parse_alpha
from quaestor.domain.bars import Bars
from quaestor.errors import ConfigError
from quaestor.features.plan import compute, make_plan
from quaestor.market.bars.build import resample

Series = NDArray[np.float64]
MINUTE = 60_000_000_000
UP, DOWN, LEVEL = 1.0, -1.0, 0.0


def opine(settings: dict[str, str], features: Series) -> Series:
    """Signal and confidence on features, float64 (6, N)."""
    alpha = parse_alpha("confluence", settings)
    rows = features.shape[1]
    out = np.zeros((2, rows))
    state = np.zeros(1, alpha.state_dtype)
    alpha.definition.advance(state, alpha.params(), features, np.zeros((5, rows)), out, 0, rows)
    return out


def signals(directions: list[tuple[float, float, float]], **settings: str) -> list[float]:
    """Signals for distances of the fast averages from slow ones of 100, by timeframe.

    Defaults: both sides, a half-life of one bar, timeframes of 2 and 4 rows.
    """
    features = np.full((6, len(directions)), 100.0)
    features[0::2] += np.array(directions).T
    chosen = {"side": "both", "half_life": "1", "second": "2", "third": "4"} | settings
    return [float(x) for x in opine(chosen, features)[0]]


def test_full_agreement_is_full_strength_at_any_age() -> None:
    assert signals([(UP, UP, UP)] * 50) == [1.0] * 50
    assert signals([(DOWN, DOWN, DOWN)] * 3) == [-1.0] * 3


def test_a_fresh_turn_against_two_old_directions_is_flat_unless_one_frame_suffices() -> None:
    # Row 4: the first frame has just turned, the others are 4 rows old: 2 bars of the second, 1 of the third, so they
    # weigh 1/4 and 1/2 against 1. The sum 3/4 − 1 has the sign of the turned one, which one frame alone shares.
    assert signals([(UP, UP, UP)] * 4 + [(DOWN, UP, UP)])[4] == 0.0
    assert signals([(UP, UP, UP)] * 4 + [(DOWN, UP, UP)], agree="1")[4] == pytest.approx(-0.25 / 1.75)


def test_two_of_three_frames_decide_once_the_turn_has_aged() -> None:
    # Row 6: ages 2, 6/2 = 3 and 6/4 = 1.5 bars; counted from the youngest 0.5, 1.5 and 0.
    weights = [2**-0.5, 2**-1.5, 1.0]
    expected = (-weights[0] + weights[1] + weights[2]) / sum(weights)
    assert signals([(UP, UP, UP)] * 4 + [(DOWN, UP, UP)] * 3)[6] == pytest.approx(expected, rel=1e-14)
    assert signals([(UP, UP, UP)] * 4 + [(DOWN, UP, UP)] * 3, agree="3")[6] == 0.0


def test_the_position_ends_when_agreement_is_lost() -> None:
    agreed = signals([(UP, UP, DOWN)] * 2 + [(UP, LEVEL, DOWN)])
    assert agreed[0] == pytest.approx(1.0 / 3.0)
    assert agreed[2] == 0.0


def test_equal_averages_agree_with_no_direction() -> None:
    assert signals([(LEVEL, LEVEL, LEVEL)]) == [0.0]
    assert signals([(LEVEL, UP, UP)]) == pytest.approx([2.0 / 3.0])


def test_long_only_is_flat_instead_of_short() -> None:
    assert signals([(DOWN, DOWN, UP), (UP, UP, UP)], side="long") == [0.0, 1.0]


def test_a_missing_row_has_no_opinion_and_ages_no_direction() -> None:
    missing = (float("nan"), UP, UP)
    rows = [(UP, UP, UP)] * 4 + [(DOWN, UP, UP)] * 3
    holed = [*rows[:5], missing, missing, *rows[5:]]
    there = signals(holed)
    assert np.isnan(there[5:7]).all()
    assert [*there[:5], *there[7:]] == signals(rows)


@pytest.mark.parametrize("minutes", [1, 5, 60])
def test_confluence_equals_its_rule_restated_over_real_bars(minutes: int) -> None:
    frame = hours_of("BTCUSDT") if minutes == 60 else pl.read_parquet(MINUTES)
    columns = np.ascontiguousarray(frame.select(BARS).to_numpy().T)
    length = MINUTE if minutes < 60 else minutes * MINUTE
    raw = Bars("BTCUSDT", length, frame["ts"].to_numpy(), columns, np.zeros(len(frame), np.uint32))
    bars = resample(raw, minutes * MINUTE)
    alpha = parse_alpha("confluence", {"side": "both"})
    features = compute(make_plan(alpha.features, interval_ns=bars.interval_ns), bars.columns, ts=bars.ts)
    signal = opine({"side": "both"}, features[:6])[0]
    expected = _restated(bars)
    known = np.isfinite(expected)
    assert np.array_equal(known, np.isfinite(signal))
    np.testing.assert_allclose(signal[known], expected[known], rtol=1e-12, atol=1e-15)
    assert np.count_nonzero(np.diff(np.sign(expected[known]))) > 20


def _restated(bars: Bars) -> Series:
    """The rule in numpy, over frames that the library's own resampling builds."""
    directions, ages = [], []
    defined = np.ones(len(bars), bool)
    for multiple in (1, 4, 16):
        longer = resample(bars, multiple * bars.interval_ns) if multiple > 1 else bars
        fast, slow = compute(make_plan(["ema_12", "ema_26"]), longer.columns)[:2]
        seen = np.searchsorted(longer.ts + longer.interval_ns, bars.ts + bars.interval_ns, side="right") - 1
        trend = np.where(seen >= 0, (fast - slow)[np.maximum(seen, 0)], np.nan)
        defined &= np.isfinite(trend)
        directions.append(np.sign(trend))
    for direction, multiple in zip(directions, (1, 4, 16), strict=True):
        present = direction[defined]
        turned = np.concatenate([[True], np.diff(present) != 0])
        start = np.maximum.accumulate(np.where(turned, np.arange(len(present)), 0))
        ages.append((np.arange(len(present)) - start) / multiple)
    votes = np.array(directions)[:, defined]
    weights = 2.0 ** (-(np.array(ages) - np.min(ages, axis=0)) / 12.0)
    pull = np.sum(weights * votes, axis=0)
    agreeing = np.sum(votes * np.sign(pull) > 0, axis=0)
    out = np.full(len(bars), np.nan)
    out[defined] = np.where(agreeing >= 2, pull / np.sum(weights, axis=0), 0.0)
    return out


def test_confluence_trades_in_a_backtest_of_real_hours(tmp_path: Path) -> None:
    chosen = spot_hours(tmp_path)
    outcome = call("backtest", *chosen, "--strategy", "confluence", "--out", tmp_path / "out", "--json")
    assert outcome.code == 0, outcome.err
    assert outcome.json["trades"] > 5


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"fast": "26"}, "fast = 26 must be shorter than slow = 26"),
        ({"second": "16"}, "second = 16 must be shorter than third = 16"),
        ({"agree": "4"}, "whole number from 1 to 3"),
        ({"half_life": "0"}, "a number from"),
    ],
)
def test_wrong_settings_are_refused(settings: dict[str, str], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        parse_alpha("confluence", settings)
