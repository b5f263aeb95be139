"""Journaled opinions: outputs of signal models, the same in every mode, in replay and after a crash."""

from pathlib import Path

import numpy as np
import pytest
from tests import learned
from tests.command_line import json_of, records, streams
from tests.replay.test_damage import rewrite
from tests.slices import spot_hours

from quaestor.adapters.clocks import FreeRunningClock
from quaestor.adapters.sources.files.bars import load_bars
from quaestor.analysis.journal_rows import read_rows
from quaestor.app.run import backtest, paper
from quaestor.brain.trained.model import make_trained_model
from quaestor.brain.trained.outputs import Output
from quaestor.brain.trained.settings import TradingSettings
from quaestor.features.plan import compute, make_plan
from quaestor.ledger.rows import DECISION
from quaestor.ports.journal import RecordKind
from quaestor.runtime.recovery.replay import replay

PAIR = ("BTCUSDT", "ETHUSDT")


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A backtest and a paper run of the trained model, of one symbol and of two."""
    folder = tmp_path_factory.mktemp("learned")
    for name, symbols in (("one", PAIR[:1]), ("two", PAIR)):
        backtest(learned.run_config(folder / name / "b", *symbols))
        paper(learned.run_config(folder / name / "p", *symbols), FreeRunningClock())
    return folder


@pytest.mark.parametrize("symbols", ["one", "two"])
def test_modes_journal_the_same_opinions_and_replay_identically(symbols: str, ran: Path) -> None:
    tested, traded = (ran / symbols / mode / "journal" for mode in ("b", "p"))
    one, other = streams(tested), streams(traded)
    assert one[RecordKind.DECISIONS] == other[RecordKind.DECISIONS]
    assert one[RecordKind.OPINIONS] == other[RecordKind.OPINIONS]
    rows = read_rows(tested)
    assert rows.opinions.shape == (len(rows.decisions), len(rows.header.opinions[0]))
    for journal in (tested, traded):
        result = replay(journal)
        assert (result.identical, result.difference) == (True, "")


def test_each_opinion_belongs_to_its_decision_for_several_symbols(ran: Path) -> None:
    """Compared with each signal model evaluated alone over all bars at once."""
    folder = ran / "two" / "b"
    rows = read_rows(folder / "journal")
    settings = TradingSettings.parse(learned.EAGER, round_trip=0.0026, order_value=1000.0, settlements=0.0)
    signal_model = make_trained_model(learned.artefact_of(), settings)
    for k, symbol in enumerate(PAIR):
        bars = load_bars(folder / "binance_spot_some_1h.parquet", symbol)
        values = compute(make_plan(signal_model.features, interval_ns=bars.interval_ns), bars.columns, ts=bars.ts)
        alone, _ = signal_model.opinions(values, bars.columns, bars.ts)
        own = rows.opinions[rows.decisions["instrument"] == k]
        scores, inputs = [Output.SCORE], [rows.header.opinions[k].index("scaled.rsi_14")]
        np.testing.assert_array_equal(own[:, scores + inputs], alone[scores + inputs].T)
        assert np.isfinite(own[:, Output.SCORE]).sum() > 1000
    signals = rows.decisions["signal"]
    np.testing.assert_array_equal(rows.opinions[:, Output.SIGNAL], signals)
    np.testing.assert_array_equal(rows.opinions[:, Output.CONFIDENCE], rows.decisions["confidence"])


def test_a_slim_journal_keeps_the_opinions_of_the_decisions_that_it_keeps(ran: Path, tmp_path: Path) -> None:
    for mode in ("b", "p"):
        config = learned.run_config(tmp_path / mode, *PAIR, level="slim")
        if mode == "b":
            backtest(config)
        else:
            paper(config, FreeRunningClock())
        full, slim = read_rows(ran / "two" / mode / "journal"), read_rows(tmp_path / mode / "journal")
        kept = np.isin(full.decisions["number"], slim.decisions["number"])
        assert 0 < len(slim.decisions) < len(full.decisions) / 4
        np.testing.assert_array_equal(slim.opinions, full.opinions[kept])
        assert replay(tmp_path / mode / "journal").identical


def test_one_changed_number_is_reported_as_a_difference(ran: Path, tmp_path: Path) -> None:
    changed = []
    for record in records(ran / "one" / "b" / "journal"):
        payload = bytearray(record.payload)
        if record.kind is RecordKind.OPINIONS:
            payload[8 * 40] ^= 1
        changed.append(type(record)(record.number, record.kind, bytes(payload)))
    rewrite(changed, tmp_path / "j")
    assert replay(tmp_path / "j").difference == "number 40 of opinions differs"


@pytest.mark.parametrize("after", [RecordKind.OPINIONS, RecordKind.DECISIONS, RecordKind.ORDERS])
def test_a_run_cut_off_anywhere_is_resumed(after: RecordKind, ran: Path, tmp_path: Path) -> None:
    whole = records(ran / "one" / "p" / "journal")
    slots = [slot for slot, record in enumerate(whole) if record.kind is after]
    config = learned.run_config(tmp_path)
    rewrite(whole[: slots[len(slots) // 2] + 1], tmp_path / "journal")
    cut = read_rows(tmp_path / "journal")
    assert len(cut.opinions) == len(cut.decisions) > 0
    paper(config, FreeRunningClock())
    ended, expected = streams(tmp_path / "journal"), streams(ran / "one" / "p" / "journal")
    for kind in (RecordKind.OPINIONS, RecordKind.DECISIONS, RecordKind.ORDERS, RecordKind.CLOSE):
        assert ended[kind] == expected[kind], kind.name


def test_a_model_without_outputs_beyond_the_decision_journals_no_opinions(tmp_path: Path) -> None:
    options = (*spot_hours(tmp_path), "--size", "0.2", "--json")
    json_of("backtest", *options, "--strategy", "ema_cross", "--journal", tmp_path / "alone")
    assert RecordKind.OPINIONS not in streams(tmp_path / "alone")
    assert read_rows(tmp_path / "alone").header.opinions == ()
    json_of("backtest", *options, "--strategy", "ema_cross,breakout", "--journal", tmp_path / "both")
    together = streams(tmp_path / "both")
    assert read_rows(tmp_path / "both").header.opinions[0][2:] == (
        *("ema_cross.signal", "ema_cross.confidence"),
        *("breakout.signal", "breakout.confidence"),
    )
    assert len(together[RecordKind.OPINIONS]) // 48 == len(together[RecordKind.DECISIONS]) // DECISION.itemsize
