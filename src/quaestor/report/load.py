"""Saved run: the files that a run wrote into its output directory, read back and checked."""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl
from polars.exceptions import PolarsError

from quaestor.errors import DataError

_COLUMNS: dict[str, tuple[str, ...]] = {
    "trades.parquet": (
        "symbol", "entry_ts", "exit_ts", "side", "qty", "entry_price", "exit_price", "fee", "pnl", "exit_reason",
    ),
    "equity.parquet": ("ts", "equity", "price", "position"),
    "bars.parquet": ("symbol", "ts", "open", "high", "low", "close", "volume"),
    "verdicts.parquet": ("rule", "layer", "verdict", "count", "example_decision"),
}  # fmt: skip
#: Opinions of trained models; absent without any.
OPINIONS = "opinions.parquet"
_OF_OPINIONS = ("symbol", "ts", "regime", "score", "edge", "cost", "reason", "level")
_NUMBERS = ("equity_initial", "equity_final", "total_return", "max_drawdown", "fees", "funding", "bars", "trades")


@dataclass(frozen=True, slots=True)
class SavedRun:
    """Summary and tables of one run as its directory holds them.

    Attributes:
        name: strategy, symbol and timeframe; the directory's name where the summary has none.
        summary: the JSON object that the run printed.
        trades: symbol, entry_ts, exit_ts (int64 ns UTC), side, qty, entry_price, exit_price, fee, pnl, exit_reason.
        equity: ts, equity, price, position; thinned to what a screen can show.
        bars: symbol, ts, open, high, low, close, volume; resampled to what a screen can show.
        verdicts: rule, layer, verdict, count, example_decision.
        opinions: symbol, ts, regime and every output of trained models by name, thinned; None of other signal models.
    """

    path: Path
    name: str
    summary: Mapping[str, object]
    trades: pl.DataFrame
    equity: pl.DataFrame
    bars: pl.DataFrame
    verdicts: pl.DataFrame
    opinions: pl.DataFrame | None

    def number(self, key: str) -> float | None:
        """Return a figure of the summary; None when the run could not measure it."""
        value = self.summary.get(key)
        if not isinstance(value, int | float) or isinstance(value, bool) or not math.isfinite(value):
            return None
        return float(value)

    def text(self, key: str) -> str:
        """Return a text of the summary; empty when it has none."""
        value = self.summary.get(key)
        return value if isinstance(value, str) else ""

    @property
    def symbols(self) -> list[str]:
        """Return the symbols traded, in the order of the run."""
        return self.bars["symbol"].unique(maintain_order=True).to_list()

    def rows(self, key: str) -> list[Mapping[str, object]]:
        """Return a table of the summary, row by row; empty when it has none."""
        value = self.summary.get(key)
        return [row for row in value if isinstance(row, Mapping)] if isinstance(value, list) else []

    @property
    def held_instead(self) -> str:
        """Return the name of what holding is compared with."""
        return "the asset" if len(self.symbols) < 2 else "equal parts of every symbol"

    @property
    def hold_return(self) -> float | None:
        """Return the gain of holding the asset before costs; from the drawn prices where the summary has none."""
        measured = self.number("buy_and_hold_return")
        if measured is not None:
            return measured
        prices = self.equity["price"].drop_nulls()
        if len(prices) < 2 or not prices[0] > 0:
            return None
        return float(prices[-1] / prices[0] - 1.0)


def load_run(path: Path) -> SavedRun:
    """Read one output directory.

    Raises:
        DataError: a file or column is missing or unreadable, with the file's name.
    """
    summary = _read_summary(path / "summary.json")
    tables = {name: _read_table(path / name, columns) for name, columns in _COLUMNS.items()}
    parts = [str(summary[key]) for key in ("strategy", "symbol", "timeframe") if summary.get(key)]
    return SavedRun(
        path=path,
        name=" · ".join(parts) if summary.get("strategy") else path.resolve().name,
        summary=summary,
        trades=tables["trades.parquet"],
        equity=tables["equity.parquet"],
        bars=tables["bars.parquet"],
        verdicts=tables["verdicts.parquet"],
        opinions=_read_table(path / OPINIONS, _OF_OPINIONS, others=True) if summary.get("opinions") else None,
    )


def _read_summary(file: Path) -> Mapping[str, object]:
    remedy = "give the --out directory of a backtest or paper run"
    try:
        summary = json.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise DataError(f"cannot be read: {error.strerror}", place=str(file), remedy=remedy) from error
    except ValueError as error:
        raise DataError("is no JSON", place=str(file), remedy=remedy) from error
    if not isinstance(summary, dict):
        raise DataError("is no JSON object", place=str(file), remedy=remedy)
    missing = [key for key in _NUMBERS if not isinstance(summary.get(key), int | float)]
    if missing:
        raise DataError(f"lacks {', '.join(missing)}", place=str(file), remedy=remedy)
    return summary


def _read_table(file: Path, columns: tuple[str, ...], *, others: bool = False) -> pl.DataFrame:
    """Return the columns of a file; with `others` all that it has."""
    remedy = "run the backtest again with --out"
    try:
        table = pl.read_parquet(file)
    except (OSError, PolarsError) as error:
        raise DataError(f"cannot be read: {str(error).splitlines()[0]}", place=str(file), remedy=remedy) from error
    missing = [name for name in columns if name not in table.columns]
    if missing:
        raise DataError(f"lacks the columns {', '.join(missing)}", place=str(file), remedy=remedy)
    return table if others else table.select(columns)
