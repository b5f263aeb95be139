"""Several symbols on one account: modes agree, figures add up, and a crash loses nothing."""

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from tests.command_line import SEGMENT, call, json_of, refusal, same_run, streams, trades_of
from tests.integration.test_kill_paper import (
    Reference,
    cut_copy,
    kill_silent,
    record_ends,
    require_same_end,
    require_same_rows,
)
from tests.made_markets import Perpetuals
from tests.replay.test_identity import require_identity
from tests.slices import HOURS, SYMBOLS, stamp

from quaestor.adapters import optional as extras
from quaestor.analysis.journal_rows import read_rows
from quaestor.jit.tables import Table
from quaestor.ledger.codes import EventKind
from quaestor.numeric.arithmetic import RATE_ONE
from quaestor.ports.journal import RecordKind
from quaestor.runtime.journal.recorder import INBOUND

LIVELY = ("--strategy", "ema_cross", "--set", "fast=5", "--set", "slow=20", "--set", "side=both", "--size", "0.1")


@pytest.fixture(scope="module")
def spot(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, ...]:
    """Ten weeks of hours: ETHUSDT begins two weeks late, SOLUSDT has holes."""
    rows = pl.read_parquet(HOURS).filter(pl.col("ts") < stamp("2023-05-10"))
    late = (pl.col("symbol") == "ETHUSDT") & (pl.col("ts") < stamp("2023-03-15"))
    hole = (pl.col("symbol") == "SOLUSDT") & (pl.col("ts") // 3_600_000_000_000 % 200 < 9)
    path = tmp_path_factory.mktemp("slices") / "binance_spot_three_1h.parquet"
    rows.filter(~late & ~hole).write_parquet(path)
    return ("--data", str(path), "--symbol", ",".join(SYMBOLS))


@pytest.fixture(scope="module")
def perp(perpetuals: Perpetuals) -> tuple[str, ...]:
    """Six days of five-minute bars of perpetuals, with funding and marks."""
    return (*perpetuals.options, "--symbol", ",".join(SYMBOLS), "--leverage", "3")


@pytest.mark.parametrize("profile", ["default", "permissive"])
def test_modes_agree_on_spot_with_holes_and_a_late_start(profile: str, spot: tuple[str, ...], tmp_path: Path) -> None:
    summary = require_identity(tmp_path, *spot, *LIVELY, "--risk", profile)
    assert [entry["symbol"] for entry in symbols(summary)] == list(SYMBOLS)
    assert all(entry["trades"] > 5 for entry in symbols(summary))
    assert len({entry["bars"] for entry in symbols(summary)}) == 3


@pytest.mark.parametrize("execution", ["market", "passive"])
def test_modes_agree_on_perpetuals(execution: str, perp: tuple[str, ...], tmp_path: Path) -> None:
    summary = require_identity(tmp_path, *perp, *LIVELY, "--risk", "permissive", "--execution", execution)
    assert all(entry["trades"] > 5 for entry in symbols(summary))
    assert any(entry["funding"] for entry in symbols(summary))


def symbols(summary: dict[str, Any]) -> list[dict[str, Any]]:
    entries = summary["symbols"]
    assert isinstance(entries, list)
    return entries


SLEEVES = (
    *("--strategy", "ema_cross,mean_reversion,breakout", "--shares", "0.5,0.3,0.2"),
    *("--set", "ema_cross.fast=5", "--set", "ema_cross.slow=20", "--set", "ema_cross.side=both"),
    *("--set", "mean_reversion.rsi_low=40", "--set", "mean_reversion.rsi_high=60", "--set", "mean_reversion.width=1"),
    *("--set", "mean_reversion.side=both", "--set", "breakout.volume_factor=0.5", "--size", "0.3"),
)
ALLOCATED = ("--allocation-every", "48", "--allocation-lookback", "100")


@pytest.mark.parametrize("market", ["spot", "perp"])
def test_modes_agree_with_several_strategies_and_their_books_add_up(
    market: str, spot: tuple[str, ...], perp: tuple[str, ...], tmp_path: Path
) -> None:
    options = spot if market == "spot" else perp
    summary = require_identity(tmp_path, *options, *SLEEVES, "--risk", "permissive")
    books = summary["sleeves"]
    assert isinstance(books, list)
    assert len(books) == 9
    for entry in symbols(summary):
        own = [book for book in books if book["symbol"] == entry["symbol"]]
        for name in ("pnl", "fees", "funding"):
            assert sum(book[name] for book in own) == pytest.approx(entry[name], abs=1e-6)
        assert all(book["fees"] > 0 for book in own)


@pytest.mark.parametrize("method", ["inverse_volatility", "risk_parity", "hrp", "mean_variance"])
def test_modes_agree_with_an_allocation(method: str, spot: tuple[str, ...], tmp_path: Path) -> None:
    options = (*spot, *LIVELY, "--allocation", method, *ALLOCATED, "--risk", "permissive")
    summary = require_identity(tmp_path, *options)
    equal = json_of("backtest", *spot, *LIVELY, "--risk", "permissive", "--json")
    assert summary["equity_final"] != equal["equity_final"]
    rows = weights(tmp_path / "b")
    assert weights(tmp_path / "p").tobytes() == rows.tobytes()
    assert len(rows) > 20 * 3
    by_time = rows["event"]["amount"].reshape(-1, 3)
    assert (by_time.sum(axis=1) == RATE_ONE).all()
    assert (by_time >= 0).all()


def weights(journal: Path) -> Table:
    rows = np.frombuffer(streams(journal)[RecordKind.INBOUND], INBOUND)
    return rows[rows["event"]["kind"] == EventKind.ALLOCATION]


def test_fixed_equal_weights_make_the_same_run_as_no_weights(spot: tuple[str, ...], tmp_path: Path) -> None:
    plain = json_of("backtest", *spot, *LIVELY, "--journal", tmp_path / "plain", "--json")
    given = ("--allocation", "fixed", "--weights", "1,1,2")
    tilted = json_of("backtest", *spot, *LIVELY, *given, "--journal", tmp_path / "tilted", "--json")
    assert plain["equity_final"] != tilted["equity_final"]
    pair = ("--data", spot[1], "--symbol", "BTCUSDT,SOLUSDT", *LIVELY)
    equal = json_of("backtest", *pair, "--journal", tmp_path / "equal", "--json")
    same = ("--allocation", "fixed", "--weights", "7,7")
    fixed = json_of("backtest", *pair, *same, "--journal", tmp_path / "fixed", "--json")
    assert fixed["state_sha256"] == equal["state_sha256"]
    for kind in (RecordKind.DECISIONS, RecordKind.ORDERS):
        assert streams(tmp_path / "equal")[kind] == streams(tmp_path / "fixed")[kind]


def test_a_replay_needs_no_optimiser(spot: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    options = (*spot, *LIVELY, "--allocation", "hrp", *ALLOCATED)
    json_of("backtest", *options, "--journal", tmp_path / "b", "--json")
    json_of("paper", *options, "--journal", tmp_path / "p", "--speed", "max", "--json")

    def absent(name: str) -> None:
        raise ImportError(name)

    monkeypatch.setattr(extras, "import_module", absent)
    for journal in ("b", "p"):
        assert json_of("replay", tmp_path / journal, "--json")["identical"] is True
    assert "needs skfolio" in refusal("backtest", *options, "--journal", tmp_path / "new")
    assert not (tmp_path / "new").exists()


def test_a_killed_run_of_three_symbols_ends_as_an_uninterrupted_one(spot: tuple[str, ...], tmp_path: Path) -> None:
    options = ("--risk", "permissive", "--allocation", "inverse_volatility", *ALLOCATED)
    command = ("paper", *spot, *SLEEVES, *options, "--speed", "max", "--json")
    whole = tmp_path / "whole"
    summary = json_of(*command, "--journal", whole)
    reference = Reference(command, summary, streams(whole), whole, (whole / SEGMENT).stat().st_size)
    journal = tmp_path / "journal"
    for share in (0.0, 0.2, 0.5, 0.8):
        kill_silent(reference, journal, int(share * reference.size), 0.002)
    require_same_end(reference, journal, json_of(*command, "--journal", journal))


def test_figures_of_the_symbols_add_up_to_the_account(perp: tuple[str, ...], tmp_path: Path) -> None:
    summary = json_of("backtest", *perp, *LIVELY, "--risk", "permissive", "--out", tmp_path, "--json")
    for own, whole in (("pnl", summary["equity_final"] - summary["equity_initial"]), ("fees", summary["fees"])):
        assert sum(entry[own] for entry in symbols(summary)) == pytest.approx(whole, abs=1e-6)
    for name in ("funding", "trades", "vetoes", "shrinks", "bars", "liquidations"):
        assert sum(entry[name] for entry in symbols(summary)) == pytest.approx(summary[name], abs=1e-6)
    trades = trades_of(tmp_path)
    counted = dict(trades["symbol"].value_counts().iter_rows())
    assert counted == {entry["symbol"]: entry["trades"] for entry in symbols(summary)}
    held = [entry["buy_and_hold_return"] for entry in symbols(summary)]
    assert summary["buy_and_hold_return"] == pytest.approx(np.mean(held))
    curve = pl.read_parquet(tmp_path / "equity.parquet")
    assert curve["ts"].is_sorted()
    assert curve["ts"].n_unique() == len(curve) == summary["bars"] / 3
    assert curve["equity"][-1] == pytest.approx(summary["equity_final"])
    assert set(curve["position"].unique()) <= {0.0, 1.0, 2.0, 3.0}


def test_a_symbol_alone_on_its_account_decides_the_same(spot: tuple[str, ...], tmp_path: Path) -> None:
    """Small positions and no limits: the other symbols change equity a little, and nothing else."""
    free = ("--risk", "permissive")
    json_of("backtest", *spot, *LIVELY, *free, "--journal", tmp_path / "all", "--json")
    one = ("--data", spot[1], "--symbol", "SOLUSDT")
    json_of("backtest", *one, *LIVELY, *free, "--journal", tmp_path / "one", "--json")
    together = read_rows(tmp_path / "all").decisions
    together = together[together["instrument"] == SYMBOLS.index("SOLUSDT")]
    single = read_rows(tmp_path / "one").decisions
    for name in ("ts", "close", "signal", "flags", "regime"):
        assert np.array_equal(together[name], single[name], equal_nan=name == "signal")
    assert np.array_equal(np.sign(together["position"]), np.sign(single["position"]))


def test_a_paper_run_resumed_at_any_record_ends_the_same(spot: tuple[str, ...], tmp_path: Path) -> None:
    command = ("paper", *spot, *LIVELY, "--speed", "max", "--json")
    summary = json_of(*command, "--journal", tmp_path / "whole")
    ends = record_ends(tmp_path / "whole")
    for number in (0, 1, len(ends) // 3, len(ends) // 2, len(ends) - 2):
        journal = cut_copy(tmp_path / "whole", tmp_path / str(number), ends[number] + 5)
        resumed = json_of(*command, "--journal", journal)
        assert same_run(resumed) == same_run(summary)
        assert resumed["state_sha256"] == summary["state_sha256"]
        require_same_rows(streams(journal), streams(tmp_path / "whole"))


def test_a_kill_flattens_every_symbol(spot: tuple[str, ...], tmp_path: Path) -> None:
    command = ("paper", *spot, *LIVELY, "--risk", "permissive", "--speed", "max", "--json")
    json_of(*command, "--journal", tmp_path / "whole")
    decisions = read_rows(tmp_path / "whole").decisions
    ends = record_ends(tmp_path / "whole")
    journal = cut_copy(tmp_path / "whole", tmp_path / "journal", ends[len(ends) // 2])
    assert call("kill", journal).code == 0
    (journal / "operator.command").rename(journal / "operator.command.taken")
    stopped = json_of(*command, "--journal", journal)
    assert "killed" in stopped["breakers"]
    after = read_rows(journal).decisions
    assert (after["position"][-300:] == 0).all()
    assert (decisions["position"][-300:] != 0).any()
    assert json_of("replay", journal, "--json")["identical"] is True


def test_why_names_the_symbol_and_its_features(spot: tuple[str, ...], tmp_path: Path) -> None:
    json_of("backtest", *spot, *LIVELY, "--journal", tmp_path / "j", "--out", tmp_path / "o", "--json")
    trades = trades_of(tmp_path / "o")
    for number in (1, len(trades) // 2, len(trades)):
        trade = trades.row(number - 1, named=True)
        explained = json_of("why", f"trade:{number}", "--journal", tmp_path / "j", "--json")
        assert explained["symbol"] == trade["symbol"]
        assert explained["ts"] == trade["entry_ts"] or explained["orders"][0]["ts"] <= trade["entry_ts"]
        assert trade["symbol"] in explained["sentence"]
    single = ("--data", spot[1], "--symbol", "ETHUSDT")
    json_of("backtest", *single, *LIVELY, "--journal", tmp_path / "single", "--json")
    row = read_rows(tmp_path / "j").decisions
    chosen = row[row["instrument"] == 1][500]
    alone = read_rows(tmp_path / "single").decisions
    twin = alone[alone["ts"] == chosen["ts"]][0]
    features = [
        json_of("why", int(number), "--journal", tmp_path / name, "--json")["features"]
        for name, number in (("j", chosen["number"]), ("single", twin["number"]))
    ]
    assert features[0] == features[1]


def test_symbols_given_twice_unknown_or_of_different_lengths_are_refused(spot: tuple[str, ...], tmp_path: Path) -> None:
    twice = refusal("backtest", "--data", spot[1], "--symbol", "BTCUSDT,btc/usdt", *LIVELY)
    assert "--symbol: BTCUSDT is given twice" in twice
    unknown = refusal("backtest", "--data", spot[1], "--symbol", "BTCUSDT,NOPE", *LIVELY)
    assert "NOPE" in unknown
    hours = pl.read_parquet(spot[1]).filter(pl.col("symbol") != "ETHUSDT")
    minutes = pl.read_parquet(spot[1]).filter(pl.col("symbol") == "ETHUSDT")
    first = int(minutes["ts"][0])
    minutes = minutes.with_columns(ts=pl.int_range(pl.len()) * 60_000_000_000 + first)
    mixed = tmp_path / "binance_spot_mixed.parquet"
    pl.concat([hours, minutes.select(hours.columns)]).write_parquet(mixed)
    lengths = refusal("backtest", "--data", mixed, "--symbol", "BTCUSDT,ETHUSDT", *LIVELY)
    assert "BTCUSDT of 1h, ETHUSDT of 1m — give --timeframe 1h, or longer" in lengths
    json_of("backtest", "--data", mixed, "--symbol", "BTCUSDT,ETHUSDT", "--timeframe", "1h", *LIVELY, "--json")
