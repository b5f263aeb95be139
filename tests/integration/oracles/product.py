"""Product run: `backtest` brought into the oracles' terms."""

from pathlib import Path

import numpy as np
from tests.integration.oracles.market import CAPITAL, FEE_BPS, LOT, QUANTUM, SYMBOL, TICK, Case, Outcome, Trade

from quaestor.analysis.results import RunResult
from quaestor.app.run import backtest
from quaestor.runtime.config import load_config


def run_product(path: Path, case: Case) -> RunResult:
    """Run the whole path under the permissive profile, with no cost but the fee, all equity in every entry."""
    options: dict[str, object] = {
        "data.path": path,
        "data.symbol": SYMBOL,
        "data.timeframe": "1h" if case.hourly else None,
        "strategy.name": "ema_cross",
        "account.capital": str(CAPITAL),
        "account.size": "1.0",
        "costs.fee_bps": str(FEE_BPS),
        "costs.slippage_bps": "0",
        "risk.profile": "permissive",
    }
    settings = (f"fast={case.fast}", f"slow={case.slow}", f"side={case.side}")
    return backtest(load_config(options=options, settings=settings, environment={}, dotenv=None))


def outcome_of(result: RunResult) -> Outcome:
    """Return round trips and final equity on the instrument's grid."""
    table = result.trades
    rows = zip(
        table["entry_ts"].to_list(),
        table["exit_ts"].to_list(),
        (1 if side == "long" else -1 for side in table["side"]),
        np.rint(table["qty"].to_numpy() / LOT).astype(np.int64).tolist(),
        np.rint(table["entry_price"].to_numpy() / TICK).astype(np.int64).tolist(),
        np.rint(table["exit_price"].to_numpy() / TICK).astype(np.int64).tolist(),
        strict=True,
    )
    return Outcome([Trade(*row) for row in rows], round(result.summary.equity_final / QUANTUM))
