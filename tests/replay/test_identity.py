"""Identity of modes: backtest, paper and replay make the same decisions, fills and balances, byte for byte."""

from itertools import product
from pathlib import Path

import numpy as np
import pytest
from tests.command_line import json_of, same_run, streams
from tests.made_markets import Perpetuals
from tests.slices import spot_hours

from quaestor.analysis.journal_rows import read_rows
from quaestor.brain.alpha.catalog import CATALOG
from quaestor.jit.tables import Table
from quaestor.ledger.codes import OrderAction
from quaestor.ports.journal import RecordKind

STRATEGIES = [alpha.name for alpha in CATALOG]
#: Parameters that trade often on a short slice.
LIVELY = {
    "ema_cross": ("--set", "fast=5", "--set", "slow=20"),
    "mean_reversion": ("--set", "rsi_low=40", "--set", "rsi_high=60", "--set", "width=1"),
    "breakout": ("--set", "volume_factor=0.5"),
    "confluence": ("--set", "fast=3", "--set", "slow=8"),
    "patterns": ("--set", "threshold=0.5", "--set", "min_strength=0.3", "--set", "hold=8"),
}


@pytest.fixture(scope="module")
def markets(perpetuals: Perpetuals, tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[str, ...]]:
    folder = tmp_path_factory.mktemp("slices")
    return {"spot": spot_hours(folder), "perp": (*perpetuals.options, "--symbol", "ETHUSDT")}


def fills(journal: Path) -> Table:
    """Executions, funding and liquidations of a journal."""
    orders = read_rows(journal).orders
    done = (OrderAction.FILL, OrderAction.FUNDING, OrderAction.LIQUIDATION)
    rows = orders[np.isin(orders["action"], done)]
    flat = np.zeros(len(rows), [(name, "i8") for name in ("action", "lots", "price", "fee", "ts", "id")])
    for name in ("action", "lots", "price", "fee", "ts"):
        flat[name] = rows[name]
    flat["id"] = rows["order"]["id"]
    return flat


def require_identity(tmp_path: Path, *options: object) -> dict[str, object]:
    """Run a configuration in both modes, compare the journals, and replay both."""
    tested = json_of("backtest", *options, "--journal", tmp_path / "b", "--json")
    traded = json_of("paper", *options, "--journal", tmp_path / "p", "--speed", "max", "--json")
    assert same_run(tested) == same_run(traded)
    one, other = streams(tmp_path / "b"), streams(tmp_path / "p")
    assert one[RecordKind.DECISIONS] == other[RecordKind.DECISIONS]
    assert fills(tmp_path / "b").tobytes() == fills(tmp_path / "p").tobytes()
    for journal, mode in (("b", "backtest"), ("p", "paper")):
        replayed = json_of("replay", tmp_path / journal, "--json")
        assert (replayed["identical"], replayed["mode"], replayed["difference"]) == (True, mode, "")
        assert replayed["decisions"] == tested["decisions"] == tested["bars"]
        assert replayed["environment"] == []
    return tested


@pytest.mark.parametrize("market", ["spot", "perp"])
@pytest.mark.parametrize("strategy", STRATEGIES)
def test_modes_agree_for_every_strategy_side_and_profile(
    strategy: str, market: str, markets: dict[str, tuple[str, ...]], tmp_path: Path
) -> None:
    traded = 0
    for side, profile in product(("long", "both"), ("default", "permissive", "conservative")):
        options = ("--strategy", strategy, *LIVELY[strategy], "--set", f"side={side}", "--risk", profile)
        summary = require_identity(tmp_path / f"{side}-{profile}", *markets[market], *options, "--size", "0.5")
        assert isinstance(summary["trades"], int)
        traded += summary["trades"]
    assert traded > 30


@pytest.mark.parametrize("market", ["spot", "perp"])
def test_modes_agree_under_every_cost_and_with_resting_orders(
    market: str, markets: dict[str, tuple[str, ...]], tmp_path: Path
) -> None:
    strategy = ("--strategy", "ema_cross", *LIVELY["ema_cross"], "--set", "side=both")
    variants: dict[str, tuple[str, ...]] = {
        "passive": ("--execution", "passive", "--risk", "permissive"),
        "late": ("--latency-ms", "7200000", "--slippage-bps", "5", "--spread-bps", "3"),
        "thin": ("--volume-cap", "0.00001", "--risk", "permissive", "--size", "1.0"),
        "stops": ("--limit", "stop_loss_pct=1", "--limit", "take_profit_pct=2", "--limit", "trailing_pct=1"),
        "regime": ("--regime", "volatility_trend", "--execution", "passive"),
        "free": ("--slippage-bps", "0", "--fee-bps", "0", "--risk", "permissive", "--size", "1.0"),
    }
    for name, options in variants.items():
        summary = require_identity(tmp_path / name, *markets[market], *strategy, *options)
        assert summary["trades"], name


def test_modes_agree_through_a_liquidation(markets: dict[str, tuple[str, ...]], tmp_path: Path) -> None:
    strategy = ("--strategy", "ema_cross", *LIVELY["ema_cross"], "--set", "side=both")
    summary = require_identity(
        tmp_path, *markets["perp"], *strategy, "--leverage", "100", "--size", "60", "--risk", "permissive"
    )
    assert summary["liquidations"]


@pytest.mark.parametrize("mode", ["backtest", "paper"])
def test_a_slim_journal_leaves_out_idle_decisions_and_replays(
    mode: str, markets: dict[str, tuple[str, ...]], tmp_path: Path
) -> None:
    speed = ("--speed", "max") if mode == "paper" else ()
    options = (*markets["spot"], "--strategy", "ema_cross", *LIVELY["ema_cross"], *speed, "--json")
    for level in ("full", "slim"):
        json_of(mode, *options, "--journal", tmp_path / level, "--journal-level", level)
        assert json_of("replay", tmp_path / level, "--json")["identical"] is True
    full, slim = streams(tmp_path / "full"), streams(tmp_path / "slim")
    assert full[RecordKind.ORDERS] == slim[RecordKind.ORDERS]
    assert 0 < len(slim[RecordKind.DECISIONS]) < len(full[RecordKind.DECISIONS]) / 4


def test_the_same_command_twice_writes_the_same_journal(markets: dict[str, tuple[str, ...]], tmp_path: Path) -> None:
    options = (*markets["perp"], "--strategy", "breakout", *LIVELY["breakout"], "--set", "side=both", "--json")
    one = json_of("backtest", *options, "--journal", tmp_path / "1")
    two = json_of("backtest", *options, "--journal", tmp_path / "2")
    assert one["state_sha256"] == two["state_sha256"]
    first, second = streams(tmp_path / "1"), streams(tmp_path / "2")
    for kind in (RecordKind.DECISIONS, RecordKind.ORDERS, RecordKind.CLOSE):
        assert first[kind] == second[kind]


def test_replay_finds_data_that_was_moved(markets: dict[str, tuple[str, ...]], tmp_path: Path) -> None:
    moved = tmp_path / "binance_spot_BTCUSDT_1h_moved.parquet"
    moved.write_bytes(Path(markets["spot"][1]).read_bytes())
    gone = tmp_path / "binance_spot_BTCUSDT_1h.parquet"
    gone.write_bytes(moved.read_bytes())
    json_of("backtest", "--data", gone, "--symbol", "BTCUSDT", "--journal", tmp_path / "j", "--json")
    gone.unlink()
    assert json_of("replay", tmp_path / "j", "--data", moved, "--json")["identical"] is True
