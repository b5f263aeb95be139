"""Accepted data: recorded files as they are, and the formats that users have, all run without conversion."""

from pathlib import Path

import polars as pl
import pytest
from tests.command_line import KEYS, PLAIN, json_of, same_run
from tests.made_markets import Perpetuals
from tests.slices import HOURS, MINUTES, cut

STRATEGY = ("--strategy", "ema_cross", "--set", "fast=10", "--set", "slow=50", "--set", "side=both")


@pytest.fixture(scope="module")
def files(perpetuals: Perpetuals, equities: Path, dirty: Path, chunked: Path) -> dict[str, Path]:
    """The file of each kind."""
    made = {"perpetuals": perpetuals.bars, "equities": equities, "dirty": dirty, "chunked": chunked}
    return {"minutes": MINUTES, "hours": HOURS, **made}


@pytest.mark.parametrize(
    ("file", "symbol", "more", "timeframe", "market"),
    [
        ("minutes", "BTCUSDT", ("--from", "2023-03-20", "--to", "2023-04-01"), "1m", "spot"),
        ("minutes", "btc/usdt", ("--timeframe", "1h"), "1h", "spot"),
        ("hours", "BTCUSDT", ("--timeframe", "1d", "--from", "2023-03-24T06:00"), "1d", "spot"),
        ("hours", "SOLUSDT", (), "1h", "spot"),
        ("hours", "ETHUSDT", ("--timeframe", "4h"), "4h", "spot"),
        ("perpetuals", "SOLUSDT", ("--market", "perp", "--timeframe", "15m"), "15m", "perp"),
        ("equities", "SPY", (), "1d", "equity"),
        ("dirty", "BTCUSDT", (), "1m", "spot"),
        ("dirty", "BTCUSDT", ("--timeframe", "1h"), "1h", "spot"),
        ("chunked", "ADAUSDT", ("--timeframe", "1h"), "1h", "perp"),
    ],
)
def test_a_file_of_any_kind_runs_as_it_is(
    file: str, symbol: str, more: tuple[str, ...], timeframe: str, market: str, files: dict[str, Path]
) -> None:
    require_run(files[file], symbol, more, timeframe, market)


def require_run(file: Path, symbol: str, more: tuple[str, ...], timeframe: str, market: str) -> None:
    """A backtest of the file under the default profile and under none, which decides at every bar and trades."""
    for risk in ((), PLAIN):
        summary = json_of("backtest", "--data", file, "--symbol", symbol, *more, *STRATEGY, *risk, "--json")
        assert KEYS.keys() <= summary.keys()
        assert (summary["timeframe"], summary["market"]) == (timeframe, market)
        assert summary["decisions"] == summary["bars"] > 100
        assert summary["equity_final"] > 0.0
    assert summary["trades"] > 0


@pytest.fixture(scope="module")
def month(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("month")
    path = cut(HOURS, folder / "binance_spot_ETHUSDT_1h.parquet", "2024-01-01", "2024-02-01", "ETHUSDT")
    pl.read_parquet(path).drop("symbol").write_parquet(path)
    return path


def test_the_same_bars_in_any_format_make_the_same_run(month: Path, tmp_path: Path) -> None:
    frame = pl.read_parquet(month)
    name = "binance_spot_ETHUSDT_1h"
    frame.write_csv(tmp_path / f"{name}.csv")
    frame.write_ipc(tmp_path / f"{name}.feather")
    moments = frame.with_columns(pl.from_epoch("ts", time_unit="ns").dt.strftime("%Y-%m-%d %H:%M:%S"))
    moments.rename({"ts": "Date", "open": "Open", "high": "High", "low": "Low", "close": "Close"}).write_csv(
        tmp_path / f"{name}_named.csv"
    )
    reference = json_of("backtest", "--data", month, "--symbol", "ETHUSDT", *STRATEGY, *PLAIN, "--json")
    assert reference["trades"] > 5
    for path in sorted(tmp_path.iterdir()):
        summary = json_of("backtest", "--data", path, "--symbol", "ETHUSDT", *STRATEGY, *PLAIN, "--json")
        assert same_run(summary) == same_run(reference), path.name


def test_imported_bars_make_the_same_run_as_their_file(month: Path, tmp_path: Path) -> None:
    store = tmp_path / "store"
    imported = json_of("data", "import", month, "--symbol", "ETHUSDT", "--root", store, "--json")
    assert imported["imported"][0]["rows"] == 744
    for more in ((), ("--timeframe", "4h"), ("--from", "2024-01-05", "--to", "2024-01-20")):
        given = ("--symbol", "ETHUSDT", *STRATEGY, *PLAIN, *more, "--json")
        stored = json_of("backtest", "--data", store, *given)
        assert same_run(stored) == same_run(json_of("backtest", "--data", month, *given))
    journal = tmp_path / "journal"
    json_of(
        "paper", "--data", store, "--symbol", "ETHUSDT", *STRATEGY, "--speed", "max", "--journal", journal, "--json"
    )
    assert json_of("replay", journal, "--json")["identical"] is True


def test_a_configuration_file_makes_the_same_run_as_options(month: Path, tmp_path: Path) -> None:
    file = tmp_path / "run.yaml"
    file.write_text(
        f"data: {{path: {month}, symbol: ETHUSDT}}\n"
        "strategy: {name: ema_cross, settings: {fast: 10, slow: 50, side: both}}\n"
        "account: {capital: 10000, size: 1.0}\n"
        "costs: {fee_bps: 10, slippage_bps: 0}\n"
        "risk: {profile: permissive}\n"
        "profiles: {cautious: {risk: {profile: conservative}}}\n"
    )
    by_file = json_of("backtest", "--config", file, "--json")
    assert same_run(by_file) == same_run(
        json_of("backtest", "--data", month, "--symbol", "ETHUSDT", *STRATEGY, *PLAIN, "--json")
    )
    cautious = json_of("backtest", "--config", file, "--profile", "cautious", "--json")
    assert (cautious["risk_profile"], by_file["risk_profile"]) == ("conservative", "permissive")
    assert cautious["shrinks"] + cautious["vetoes"] > 0
