"""Folds what a run does into its figures while it runs, in memory that does not grow with its bars."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from quaestor.domain.instrument import Instrument
from quaestor.engine.engine import Engine, Output
from quaestor.kernels.codes import Purpose, Verdict
from quaestor.kernels.layout import TRADE, Table
from quaestor.research.daily_equity import DailyEquity

#: Rows of the equity curve that are kept, at most.
CURVE_ROWS = 20_000


@dataclass(slots=True)
class VerdictCount:
    """How often a rule gave a verdict, and the first decision in which it did."""

    count: int
    example: int


@dataclass(slots=True)
class Curve:
    """Every stride-th bar: close time, equity, price and signed position."""

    ts: list[NDArray[np.int64]] = field(default_factory=list)
    equity: list[NDArray[np.float64]] = field(default_factory=list)
    price: list[NDArray[np.float64]] = field(default_factory=list)
    position: list[NDArray[np.float64]] = field(default_factory=list)


class Collector:
    """An observer of one instrument's run (see `runtime.shell.Observer`)."""

    def __init__(self, instrument: Instrument, interval_ns: int, initial: float, bars_expected: int) -> None:
        self.instrument = instrument
        self.interval_ns = interval_ns
        self.daily = DailyEquity(initial)
        self.curve = Curve()
        self.verdicts: dict[tuple[int, int], VerdictCount] = {}
        self.decisions = 0
        self.last_ts = 0
        self._trades: list[Table] = []
        self._stride = max(1, -(-bars_expected // CURVE_ROWS))
        self._quantum = float(instrument.quantum)
        self._tick = float(instrument.tick_size)
        self._lot = float(instrument.lot_size)

    def observe(self, output: Output) -> None:
        """Fold one batch."""
        rows = output.decisions
        if len(rows):
            self._fold(rows)
            self.decisions += len(rows)
        if len(output.trades):
            self._trades.append(output.trades.copy())

    def _fold(self, rows: Table) -> None:
        equity = rows["equity"] * self._quantum
        self.daily.feed(rows["ts"] - self.interval_ns, equity, rows["position"])
        self.last_ts = int(rows["ts"][-1])
        offset = -self.decisions % self._stride
        kept = slice(offset, None, self._stride)
        self.curve.ts.append(rows["ts"][kept].copy())
        self.curve.equity.append(equity[kept])
        self.curve.price.append(rows["close"][kept] * self._tick)
        self.curve.position.append(rows["position"][kept] * self._lot)
        refused = np.flatnonzero((rows["verdict"] == Verdict.VETO) | (rows["verdict"] == Verdict.SHRINK))
        for row in rows[refused] if len(refused) < 64 else self._grouped(rows[refused]):
            self._count(int(row["rule"]), int(row["verdict"]), 1, int(row["number"]))

    def _grouped(self, rows: Table) -> Table:
        """Count all but the first of each kind here, and leave the first of each to the caller."""
        keys = rows["rule"].astype(np.int64) * 8 + rows["verdict"]
        _, first, counts = np.unique(keys, return_index=True, return_counts=True)
        for index, count in zip(first, counts, strict=True):
            row = rows[index]
            self._count(int(row["rule"]), int(row["verdict"]), int(count) - 1, int(row["number"]))
        return rows[first]

    def _count(self, rule: int, verdict: int, count: int, number: int) -> None:
        entry = self.verdicts.setdefault((rule, verdict), VerdictCount(0, number))
        entry.count += count

    def trades(self, engine: Engine) -> Table:
        """Closed round trips, and an open position marked at the last close as one more."""
        parts = [*self._trades]
        for index in range(len(engine.books)):
            if engine.books[index]["position"]["lots"] != 0:
                parts.append(_marked_trade(engine, index, self.last_ts))
        return np.concatenate(parts) if parts else np.zeros(0, TRADE)


def _marked_trade(engine: Engine, index: int, ts: int) -> Table:
    position = engine.books[index]["position"]
    margined = bool(engine.instruments[index]["margined"])
    open_result = int(position["value"]) - (0 if margined else int(position["cost"]))
    row = np.zeros(1, TRADE)
    trade = row[0]
    trade["instrument"] = index
    trade["side"] = 1 if position["lots"] > 0 else -1
    trade["reason"] = Purpose.END_OF_DATA
    trade["entry_ts"] = position["entry_ts"]
    trade["exit_ts"] = ts
    trade["lots"] = position["entry_lots"]
    trade["entry_value"] = position["entry_value"]
    trade["exit_value"] = position["exit_value"] + position["notional"]
    trade["fee"] = position["fee"]
    trade["funding"] = position["funding"]
    trade["pnl"] = int(position["realised"]) + open_result - int(position["fee"]) - int(position["funding"])
    trade["entry_decision"] = position["entry_decision"]
    trade["exit_decision"] = -1
    return row
