"""Split of an experiment: periods do not overlap, and one that is too short is refused."""

import re
from dataclasses import replace

import numpy as np
import pytest
from tests.planted import HOUR, START, planted_bars

from quaestor.adapters.instruments.catalog import load_instruments
from quaestor.domain.bars import Bars
from quaestor.engine.feed import TradedInstrument
from quaestor.errors import ConfigError
from quaestor.research.experiment.runs import WARM_UP_BARS, warm_up_start
from quaestor.research.experiment.settings import ExperimentSettings, moment, split

BARS = planted_bars(3_000)


def traded(bars: Bars) -> TradedInstrument:
    return TradedInstrument(bars, None, load_instruments().find(bars.symbol, bars.market))


def later(bars: Bars, skipped: int) -> Bars:
    """Return the bars without the first."""
    return bars.part(skipped, len(bars))


def test_the_first_third_trains_and_the_last_part_is_held_out() -> None:
    periods = split([traded(BARS)], 0.15, None, None)
    assert (periods.first_bars, periods.retrain_bars) == (1_000, 500)
    assert periods.start_ts == START + 1_000 * HOUR
    assert periods.holdout_ts == START + 2_550 * HOUR
    assert (periods.first_ts, periods.last_ts) == (START, START + 2_999 * HOUR)


def test_the_test_begins_when_the_last_instrument_has_a_model() -> None:
    periods = split([traded(BARS), traded(later(BARS, 500))], 0.2, 800, 400)
    assert periods.start_ts == START + 1_300 * HOUR
    assert periods.holdout_ts == START + 2_400 * HOUR


@pytest.mark.parametrize(("share", "first"), [(0.15, 2_500), (0.15, 2_990), (0.15, 5_000), (0.02, 1_000)])
def test_a_period_that_is_too_short_is_refused(share: float, first: int) -> None:
    with pytest.raises(ConfigError, match="fewer than 100"):
        split([traded(BARS)], share, first, None)


@pytest.mark.parametrize("share", [0.0, -0.1, 0.9, 1.0, float("nan")])
def test_a_hold_out_share_out_of_range_is_refused(share: float) -> None:
    with pytest.raises(ConfigError, match=re.escape("--holdout: a hold-out of")):
        ExperimentSettings(holdout_share=share)


def test_training_bars_end_before_the_hold_out() -> None:
    periods = split([traded(BARS)], 0.15, None, None)
    known = periods.known(BARS)
    assert known.ts[-1] == periods.holdout_ts - HOUR
    np.testing.assert_array_equal(known.columns, BARS.columns[:, :2_550])
    np.testing.assert_array_equal(periods.held_out(BARS).ts, BARS.ts[2_550:])


def test_no_instrument_has_a_model_before_the_hold_out() -> None:
    gappy = replace(
        BARS,
        ts=np.delete(BARS.ts, slice(2_000, 2_300)),
        columns=np.delete(BARS.columns, slice(2_000, 2_300), axis=1),
        flags=np.delete(BARS.flags, slice(2_000, 2_300)),
    )
    periods = split([traded(BARS), traded(gappy)], 0.15, None, None)
    start, count = warm_up_start((BARS, gappy), periods)
    assert start == periods.holdout_ts - (WARM_UP_BARS + 300) * HOUR
    for bars in (BARS, gappy):
        inside = (bars.ts >= start) & (bars.ts < periods.holdout_ts)
        assert WARM_UP_BARS <= inside.sum() <= count


def test_stamps_survive_a_configuration() -> None:
    for ts in (START, START + 123_456_000):
        stamp = moment(ts)
        assert int(stamp.timestamp()) * 10**9 + stamp.microsecond * 1_000 == ts
