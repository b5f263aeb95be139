"""Several instruments' bars come as one stream: by time stamp, then by instrument, whatever the windows hold."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quaestor.adapters.instruments.catalog import load_instruments
from quaestor.adapters.sources.files.bars import load_bars
from quaestor.brain.alpha.catalog import parse_alpha
from quaestor.brain.signal_model import SignalModel, make_signal_model
from quaestor.domain.bars import Bars
from quaestor.engine.feed import Feed, TradedInstrument
from quaestor.engine.signal_pipeline import SignalPipeline
from quaestor.jit.tables import Table
from quaestor.sample import sample_path

SYMBOLS = ("BTCUSDT", "ETHUSDT", "SOLUSDT")
ROWS = 300


def part(bars: Bars, rows: np.ndarray) -> Bars:
    """Some of the bars, the rest missing."""
    return replace(bars, ts=bars.ts[rows], columns=bars.columns[:, rows].copy(), flags=bars.flags[rows])


@pytest.fixture(scope="module")
def whole() -> list[Bars]:
    return [part(load_bars(sample_path("1h"), symbol), np.arange(ROWS)) for symbol in SYMBOLS]


@pytest.fixture(scope="module")
def signal_model() -> SignalModel:
    return make_signal_model([parse_alpha("ema_cross", {"fast": "3", "slow": "7"})])


def traded_instruments(series: list[Bars]) -> list[TradedInstrument]:
    return [TradedInstrument(bars, None, load_instruments().find(bars.symbol, "spot")) for bars in series]


def stream(signal_model: SignalModel, series: list[Bars], window_rows: int) -> Table:
    """Every event in the order in which the feed gives it."""
    feed = Feed([signal_model] * len(series), traded_instruments(series), window_rows=window_rows)
    return np.concatenate([feed.produce(batch)[: len(batch)].copy() for batch in feed.batches()])


def alone(signal_model: SignalModel, bars: Bars, index: int) -> Table:
    """An instrument's events from an signal pipeline of its own."""
    pipeline = SignalPipeline(
        signal_model, load_instruments().find(bars.symbol, "spot"), bars.interval_ns, index=index, rows=ROWS
    )
    count = pipeline.load(bars, None, 0)
    pipeline.advance(0, count)
    return pipeline.events[:count]


@settings(max_examples=40)
@given(seed=st.integers(0, 2**32 - 1), window_rows=st.integers(3, 1200))
def test_order_and_content_do_not_depend_on_windows_holes_or_lengths(
    seed: int, window_rows: int, whole: list[Bars], signal_model: SignalModel
) -> None:
    chance = np.random.default_rng(seed)
    series = []
    for bars in whole:
        start, stop = sorted(chance.integers(0, ROWS, 2))
        kept = np.arange(start, stop + 1)
        series.append(part(bars, kept[chance.random(len(kept)) < chance.choice([0.1, 0.9, 1.0])]))
    series = [bars if len(bars) else part(full, np.arange(1)) for bars, full in zip(series, whole, strict=True)]
    events = stream(signal_model, series, window_rows)
    keys = list(zip(events["ts"].tolist(), events["instrument"].tolist(), strict=True))
    assert keys == sorted(keys)
    for k, bars in enumerate(series):
        assert events[events["instrument"] == k].tobytes() == alone(signal_model, bars, k).tobytes()


def test_one_bar_at_a_time_gives_the_same_events(whole: list[Bars], signal_model: SignalModel) -> None:
    series = [whole[0], part(whole[1], np.arange(40, ROWS)), part(whole[2], np.arange(0, ROWS, 3))]
    feed = Feed([signal_model] * 3, traded_instruments(series), window_rows=90)
    seen = []
    for batch in feed.batches():
        rows = zip(batch.instruments, batch.rows, batch.slots, strict=True)
        for traded, row, slot in rows:
            feed.producers[traded](row, row + 1)
            seen.append(feed.events[slot : slot + 1].copy())
    assert np.concatenate(seen).tobytes() == stream(signal_model, series, 900).tobytes()


def test_a_single_instrument_is_not_copied(whole: list[Bars], signal_model: SignalModel) -> None:
    feed = Feed([signal_model], traded_instruments(whole[:1]))
    assert feed.produce(next(feed.batches())) is feed.events


def test_stamps_are_when_a_bar_became_known(whole: list[Bars], signal_model: SignalModel) -> None:
    feed = Feed([signal_model] * 3, traded_instruments(whole), window_rows=30)
    for batch in feed.batches():
        events = feed.produce(batch)[: len(batch)]
        assert events["ts"].tolist() == batch.stamps.tolist()
        assert sum(batch.counts) == len(batch) <= 30
