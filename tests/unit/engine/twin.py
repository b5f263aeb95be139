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
from quaestor.kernels.codes import ContractKind
from quaestor.kernels.compile import INTERPRETED
from quaestor.kernels.layout import EVENT, Table

_TICKS_PER_UNIT = 100


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
    grid = {"tick_size": Decimal("0.01"), "lot_size": Decimal("0.001"), "quantum": Decimal("0.00000001")}
    limits_of_grid = {"max_price": Decimal(10**6), "max_quantity": Decimal(10**4)}
    fees = {"taker_fee": Decimal("0.0005"), "maker_fee": Decimal("0.0002")}
    return engine(instrument(ContractKind.LINEAR, **grid, **limits_of_grid, **fees), settings)


def digests(path: Path, rows: int) -> dict[str, str]:
    """SHA-256 of each stream of the run, and what kept it honest: how much happened."""
    target = traded_engine()
    record = run(target, real_events(path, rows))
    streams = {"decisions": record.all_decisions, "orders": record.all_orders, "trades": record.all_trades}
    named = {name: hashlib.sha256(table.tobytes()).hexdigest() for name, table in streams.items()}
    return named | {"state": target.digest(), "n_trades": str(len(record.all_trades))}


def main() -> None:
    """Print the digests."""
    print("interpreted", INTERPRETED)  # noqa: T201
    for name, value in digests(Path(sys.argv[1]), int(sys.argv[2])).items():
        print(name, value)  # noqa: T201


if __name__ == "__main__":
    main()
