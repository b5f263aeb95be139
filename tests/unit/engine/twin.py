"""A run over real bars whose every output byte goes to stdout as a digest: run compiled and interpreted, then compared.

``python -m tests.unit.engine.twin FILE ROWS`` prints one line a stream.
"""

import hashlib
import sys
from decimal import Decimal
from pathlib import Path

import numpy as np
import polars as pl
from tests.builders import MINUTE, engine, engine_settings, instrument, run

from quaestor.engine.engine import Engine
from quaestor.engine.settings import CostSettings
from quaestor.jit.cache import INTERPRETED
from quaestor.jit.tables import Table
from quaestor.ledger.codes import ContractKind
from quaestor.ledger.rows import EVENT

_TICKS_PER_UNIT = 100
GRID = {
    "tick_size": Decimal("0.01"),
    "lot_size": Decimal("0.001"),
    "quantum": Decimal("0.00000001"),
    "max_price": Decimal(10**6),
    "max_quantity": Decimal(10**4),
    "taker_fee": Decimal("0.0005"),
    "maker_fee": Decimal("0.0002"),
}


def real_events(path: Path, rows: int) -> Table:
    """The first bars of a real file, with a noisy signal, an average range, funding and a regime made from them."""
    frame = pl.read_parquet(path, n_rows=rows)
    events = np.zeros(rows, EVENT)
    events["open_ts"] = frame["ts"]
    events["ts"] = events["open_ts"] + MINUTE
    for name in ("open", "high", "low", "close"):
        events[name] = np.rint(frame[name].to_numpy() * _TICKS_PER_UNIT)
    events["volume"] = np.floor(frame["volume"].to_numpy() * 1e3)
    close = frame["close"].to_numpy()
    k = np.arange(rows)
    events["signal"] = np.where(k < 30, np.nan, np.sign(np.sin(k / 11.0) * close - 0.2 * close))
    events["confidence"] = 0.5 + 0.5 * np.cos(k) ** 2
    events["atr"] = np.where(k < 14, np.nan, (events["high"] - events["low"]).astype(np.float64) * 3.0)
    events["regime"] = (k // 97) % 6
    events["funding_rate"] = np.where(k % 240 == 0, 10_000, 0)
    events["funding_mark"] = events["open"]
    return events


def traded_engine() -> Engine:
    """A leveraged perpetual under tight stops, with costs, latency and a volume cap."""
    limits = {"position_pct": 50.0, "regime_base_pct": 50.0, "asset_pct": 90.0, "stop_loss_pct": 0.3}
    limits |= {"take_profit_pct": 0.6, "trailing_pct": 0.4, "chandelier_multiple": 2.0, "volatility_budget_pct": 80.0}
    settings = engine_settings(
        "default", limits | {"drawdown_pct": 90.0}, CostSettings(volume_cap=Decimal("0.02")), leverage=5, size=2.0
    )
    return engine(instrument(ContractKind.LINEAR, **GRID), settings)


def interleaved_events(path: Path, rows: int, instruments: int) -> Table:
    """The same bars dealt out to several instruments that decide at one stamp, with a book that widens at times."""
    events = real_events(path, rows - rows % instruments)
    k = np.arange(len(events))
    events["instrument"] = k % instruments
    for name in ("open_ts", "ts"):
        events[name] = np.repeat(events[name][: len(events) // instruments], instruments)
    events["spread"] = np.where(k % 50 == 7, np.nan, 1.0 + k % 3 + 20.0 * (k % 61 == 5))
    return events


def several_engine(instruments: int) -> Engine:
    """An account of perpetuals on which every rule of the officer is on, most of them within reach."""
    limits = {"position_pct": 60.0, "asset_pct": 90.0, "exposure_pct": 30.0, "correlated_pct": 90.0, "heat_pct": 0.5}
    limits |= {"cluster_pct": 120.0, "cluster_correlation": 0.3, "volatility_budget_pct": 80.0, "shortfall_pct": 3.0}
    limits |= {"parametric_var_pct": 2.0, "slippage_bps_max": 5.0, "stop_loss_pct": 0.3, "losses_max": 1e9}
    settings = engine_settings(
        "default", limits | {"drawdown_pct": 60.0, "streak_base_pct": 60.0, "weekly_loss_pct": 90.0}, leverage=5
    )
    several = [instrument(ContractKind.LINEAR, symbol=f"P{k}", **GRID) for k in range(instruments)]
    return engine(several, settings)


def _digests_of(target: Engine, events: Table, stem: str) -> dict[str, str]:
    record = run(target, events)
    streams = {"decisions": record.all_decisions, "orders": record.all_orders, "trades": record.all_trades}
    named = {f"{stem}{name}": hashlib.sha256(table.tobytes()).hexdigest() for name, table in streams.items()}
    counts = {"n_trades": len(record.all_trades), "n_rules": len(np.unique(record.all_decisions["rule"]))}
    return named | {f"{stem}state": target.digest()} | {f"{stem}{name}": str(count) for name, count in counts.items()}


def digests(path: Path, rows: int) -> dict[str, str]:
    """SHA-256 of each stream of two runs, and what kept them honest: how much happened."""
    alone = _digests_of(traded_engine(), real_events(path, rows), "")
    return alone | _digests_of(several_engine(3), interleaved_events(path, rows, 3), "several_")


def main() -> None:
    """Print the digests."""
    print("interpreted", INTERPRETED)  # noqa: T201
    for name, value in digests(Path(sys.argv[1]), int(sys.argv[2])).items():
        print(name, value)  # noqa: T201


if __name__ == "__main__":
    main()
