"""The signal pipeline gives the same bits for any chunking, and never lets a quarantined bar near a decision."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from quaestor.adapters.instruments.catalog import load_instruments
from quaestor.adapters.sources.files.bars import load_bars
from quaestor.brain.alpha.catalog import parse_alpha
from quaestor.brain.regime.catalog import parse_regime
from quaestor.brain.signal_model import make_signal_model
from quaestor.domain.bars import Bars, Funding
from quaestor.domain.market_matrix import Column
from quaestor.engine.market_rows import FUNDING_AT_OPEN, FUNDING_INSIDE, FUNDING_MARK, align_funding, as_seen
from quaestor.engine.signal_pipeline import SignalPipeline
from quaestor.features.plan import compute, make_plan
from quaestor.ledger.codes import QUARANTINE
from quaestor.sample import sample_path

ROWS = 700


@pytest.fixture(scope="module")
def bars() -> Bars:
    whole = load_bars(sample_path("1h"), "BTCUSDT")
    return replace(whole, ts=whole.ts[:ROWS], columns=whole.columns[:, :ROWS].copy(), flags=whole.flags[:ROWS])


def make_pipeline(bars: Bars, rows: int = ROWS, levels: bool = False) -> SignalPipeline:
    signal_model = make_signal_model(
        [parse_alpha("mean_reversion", {"side": "both"})], parse_regime("volatility_trend", {})
    )
    return SignalPipeline(
        signal_model, load_instruments().find("BTCUSDT", "spot"), bars.interval_ns, rows=rows, levels=levels
    )


def run(bars: Bars, cuts: Sequence[int]) -> bytes:
    pipeline = make_pipeline(bars)
    count = pipeline.load(bars, None, 0)
    start = 0
    for cut in (*cuts, count):
        pipeline.advance(start, cut)
        start = cut
    return pipeline.events[:count].tobytes() + pipeline.features[:, :count].tobytes()


def test_an_event_tells_the_edge_its_error_and_its_horizon_where_the_mind_estimates_them(bars: Bars) -> None:
    several = make_signal_model([parse_alpha(name, {}) for name in ("mean_reversion", "ema_cross")])
    estimates = replace(several, edge_row=2)  # of six outputs
    for signal_model in (several, estimates):
        pipeline = SignalPipeline(signal_model, load_instruments().find("BTCUSDT", "spot"), bars.interval_ns, rows=ROWS)
        pipeline.advance(0, pipeline.load(bars, None, 0))
        found = np.array([pipeline.events[name] for name in ("edge", "edge_error", "edge_bars")])
        expected = pipeline.opinion[2:5] if signal_model is estimates else np.full((3, ROWS), np.nan)
        np.testing.assert_array_equal(found, expected)
        assert np.isfinite(pipeline.opinion[2:5, -1]).all()


def test_levels_are_computed_for_an_exit_that_asks_and_named_as_prices(bars: Bars) -> None:
    plain, asked = make_pipeline(bars), make_pipeline(bars, levels=True)
    for pipeline in (plain, asked):
        pipeline.advance(0, pipeline.load(bars, None, 0))
    assert not [name for name in plain.plan.names if name.startswith("levels")]
    assert np.isnan(plain.events["support"]).all()
    assert np.isnan(plain.events["resistance"]).all()
    columns = bars.columns[: Column.CLOSE + 1]
    below, above = compute(make_plan(["levels_3.support", "levels_3.resistance"]), bars.columns)[:2]
    close = columns[Column.CLOSE]
    support = np.where(below < 1.0, close * (1.0 - below), np.nan) / 0.01  # ticks of 0.01
    resistance = np.where(above < 1.0, close * (1.0 + above), np.nan) / 0.01
    assert np.isfinite(support).sum() > ROWS // 2
    np.testing.assert_allclose(asked.events["support"], support, rtol=1e-12)
    np.testing.assert_allclose(asked.events["resistance"], resistance, rtol=1e-12)
    for name in ("signal", "confidence", "atr", "regime", "close"):
        np.testing.assert_array_equal(asked.events[name], plain.events[name])


def test_one_row_at_a_time_equals_all_at_once(bars: Bars) -> None:
    assert run(bars, range(1, ROWS)) == run(bars, ())


def test_any_chunking_equals_all_at_once(bars: Bars) -> None:
    whole = run(bars, ())
    generator = np.random.default_rng(3)
    for _ in range(5):
        cuts = np.sort(generator.choice(np.arange(1, ROWS), size=6, replace=False)).tolist()
        assert run(bars, cuts) == whole


def test_a_small_window_equals_a_large_one(bars: Bars) -> None:
    small, large = make_pipeline(bars, rows=64), make_pipeline(bars)
    large.advance(0, large.load(bars, None, 0))
    start = 0
    while start < len(bars):
        count = small.load(bars, None, start)
        small.advance(0, count)
        assert small.events[:count].tobytes() == large.events[start : start + count].tobytes()
        start += count


def test_a_quarantined_bar_says_nothing(bars: Bars) -> None:
    broken = replace(bars, columns=bars.columns.copy())
    broken.columns[Column.HIGH, 300] = broken.columns[Column.LOW, 300] / 2
    pipeline = make_pipeline(broken)
    pipeline.advance(0, pipeline.load(broken, None, 0))
    event = pipeline.events[300]
    assert event["flags"] & QUARANTINE
    assert event["close"] == 0
    assert np.isnan(event["signal"])
    assert pipeline.events[301]["close"] > 0


def test_prices_are_the_files_prices_in_ticks(bars: Bars) -> None:
    pipeline = make_pipeline(bars)
    pipeline.advance(0, pipeline.load(bars, None, 0))
    assert np.array_equal(pipeline.events["close"] / 100.0, bars.columns[Column.CLOSE])
    assert np.array_equal(pipeline.events["ts"], bars.ts + bars.interval_ns)


def test_funding_settles_before_the_bar_it_opens_and_inside_the_bar_it_falls_into(bars: Bars) -> None:
    first, hour = int(bars.ts[0]), bars.interval_ns
    stamps = np.array([first + 2 * hour + 29_000_000, first + 5 * hour + hour // 2, first + 9 * hour])
    funding = Funding(stamps, np.array([0.0001, -0.0002, 0.0003]), np.array([101.0, 102.0, np.nan]))
    matrix = align_funding(bars, funding)
    assert matrix is not None
    assert matrix[FUNDING_AT_OPEN, 2] == 0.0001  # stamped 29 ms late, yet due at the open
    assert matrix[FUNDING_MARK, 2] == 101.0
    assert matrix[FUNDING_INSIDE, 5] == -0.0002
    assert matrix[FUNDING_AT_OPEN, 9] == 0.0003
    assert matrix[FUNDING_MARK, 9] == bars.columns[Column.OPEN, 9]
    assert np.count_nonzero(matrix[:FUNDING_MARK]) == 3


def test_no_funding_is_no_matrix(bars: Bars) -> None:
    assert align_funding(bars, None) is None


def test_research_sees_what_the_loop_sees(bars: Bars) -> None:
    spoiled = replace(bars, columns=bars.columns.copy())
    spoiled.columns[Column.HIGH, 40] = 0.5 * spoiled.columns[Column.LOW, 40]
    spoiled.columns[Column.CLOSE, 300] = -1.0
    pipeline = make_pipeline(spoiled)
    pipeline.advance(0, pipeline.load(spoiled, None, 0))
    seen = as_seen(spoiled)
    np.testing.assert_array_equal(seen.columns[: len(pipeline.window.columns)], pipeline.window.columns)
    np.testing.assert_array_equal(seen.flags, pipeline.window.flags)
    assert np.flatnonzero(np.isnan(seen.columns[Column.OPEN])).tolist() == [40, 300]
    assert spoiled.columns[Column.CLOSE, 300] == -1.0
