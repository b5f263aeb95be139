"""Tested period: what is compared covers the same bars."""

from pathlib import Path

import numpy as np
import pytest
from tests.planted import HOUR, START, planted_bars, write_bars

from quaestor.ports.progress import NO_PROGRESS
from quaestor.research.experiment.period import alternatives_of, hold_out_span
from quaestor.research.experiment.settings import split
from quaestor.runtime.assembly.assemble import assemble
from quaestor.runtime.config import RunConfig

DAY = 24 * HOUR


@pytest.mark.parametrize("timeframe", [None, "2h"])
def test_alternatives_trade_through_the_last_bar_of_the_hold_out(timeframe: str | None, tmp_path: Path) -> None:
    """The last bar, or the two hours that it is built from, are all that its day has."""
    hours = 30 * 24 + (1 if timeframe is None else 2)
    path = write_bars(planted_bars(hours), tmp_path / "bars.parquet")
    data = {"path": path, "symbol": "PLANTUSDT", "market": "spot", "timeframe": timeframe}
    config = RunConfig.model_validate({"data": data})
    assembly = assemble(config, venue_inside=True)
    periods = split(assembly.traded_instruments, 0.4, 100, None)
    span = hold_out_span(periods, assembly.interval_ns, config.data.end_ns)
    records = alternatives_of(config, span, assembly.traded_instruments, ["ema_cross"], NO_PROGRESS)
    assert [record.name for record in records] == ["holding", "holding, same size", "ema_cross"]
    for record in records:
        assert record.ts[-1] == START + hours * HOUR
        np.testing.assert_array_equal(record.days, np.arange(periods.holdout_ts // DAY * DAY, START + 31 * DAY, DAY))


def test_the_hold_out_ends_no_later_than_the_data_asked_for() -> None:
    config = RunConfig.model_validate({"data": {"path": "sample:1h", "symbol": "BTCUSDT", "end": "2023-06-01T00:30"}})
    traded = assemble(config, venue_inside=True).traded_instruments
    periods = split(traded, 0.15, None, None)
    asked = config.data.end_ns
    assert asked is not None
    assert periods.last_ts == asked - HOUR // 2
    assert hold_out_span(periods, HOUR, asked).end_ts == asked
    assert hold_out_span(periods, HOUR, None).end_ts == asked + HOUR // 2
