"""Run collector: folds the output of a run into its figures while it runs, in bounded memory."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from quaestor.analysis.daily_equity import DailyEquity
from quaestor.domain.instrument import Instrument
from quaestor.engine.engine import Engine, Output
from quaestor.jit.tables import Table
from quaestor.ledger.codes import Purpose, Verdict
from quaestor.ledger.rows import DECISION, TRADE

#: Rows of the equity curve that are kept, at most.
CURVE_ROWS = 20_000


@dataclass(slots=True)
class VerdictCount:
    """Count of a rule's verdict, and the first decision with it."""

    count: int
    example: int


@dataclass(slots=True)
class Curve:
    """Points of the equity curve, every stride-th moment: close time and equity; the price and signed position of
    the one instrument, or, of several, the value of equal parts of each held from its first close (from 1 on) and
    how many are held."""

    ts: list[NDArray[np.int64]] = field(default_factory=list)
    equity: list[NDArray[np.float64]] = field(default_factory=list)
    price: list[NDArray[np.float64]] = field(default_factory=list)
    position: list[NDArray[np.float64]] = field(default_factory=list)


@dataclass(slots=True)
class Tally:
    """Counts of one instrument."""

    bars: int = 0
    bars_in_position: int = 0
    vetoes: int = 0
    shrinks: int = 0


class Collector:
    """Observer of a run that folds its figures (see `runtime.session.session.Observer`).

    Figures of the account are taken once a moment: after the last of the bars that close together.
    """

    def __init__(
        self, instruments: Sequence[Instrument], interval_ns: int, initial: float, moments_expected: int
    ) -> None:
        self.instruments = tuple(instruments)
        self.interval_ns = interval_ns
        self.tallies = tuple(Tally() for _ in instruments)
        self.daily = DailyEquity(initial)
        self.curve = Curve()
        self.verdicts: dict[tuple[int, int], VerdictCount] = {}
        self.decisions = 0
        self.last_ts = 0
        self._trades: list[Table] = []
        self._moments = 0
        self._stride = max(1, -(-moments_expected // CURVE_ROWS))
        self._quantum = float(instruments[0].quantum)
        self._waiting = np.zeros(0, DECISION)  # of a moment that may not be over
        self._latest = LatestPositions(len(instruments))

    def observe(self, output: Output) -> None:
        """Fold one batch of output."""
        rows = output.decisions
        if len(rows):
            self._tally(rows)
            if len(self.instruments) == 1:
                self._take(rows, rows["position"], self._own(rows))
            else:
                self._fold(np.concatenate((self._waiting, rows)), is_over=False)
            self.decisions += len(rows)
            self.last_ts = int(rows["ts"][-1])
        if len(output.trades):
            self._trades.append(output.trades.copy())

    def finish(self) -> None:
        """Fold the last moment, after the last batch."""
        if len(self._waiting):
            self._fold(self._waiting, is_over=True)
            self._waiting = self._waiting[:0]

    def _own(self, rows: Table) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return price and signed position of the one instrument, in units of the market."""
        instrument = self.instruments[0]
        return rows["close"] * float(instrument.tick_size), rows["position"] * float(instrument.lot_size)

    def _fold(self, rows: Table, *, is_over: bool) -> None:
        """Take the moments that are complete; the last one is complete after the last batch only."""
        last = np.concatenate((rows["ts"][1:] != rows["ts"][:-1], [is_over]))
        ends = np.flatnonzero(last)
        begun = int(ends[-1]) + 1 if len(ends) else 0
        self._waiting = rows[begun:].copy()
        if len(ends):
            held, basket = self._latest.at(rows[:begun], ends)
            self._take(rows[ends], held, (basket, held.astype(np.float64)))

    def _take(
        self, rows: Table, held: NDArray[np.int64], drawn: tuple[NDArray[np.float64], NDArray[np.float64]]
    ) -> None:
        """Add one row a moment: the instruments held then, and the price and position to draw."""
        equity = rows["equity"] * self._quantum
        self.daily.feed(rows["ts"] - self.interval_ns, equity, held)
        kept = slice(-self._moments % self._stride, None, self._stride)
        self.curve.ts.append(rows["ts"][kept].copy())
        self.curve.equity.append(equity[kept])
        self.curve.price.append(drawn[0][kept])
        self.curve.position.append(drawn[1][kept])
        self._moments += len(rows)

    def _tally(self, rows: Table) -> None:
        for index, tally in enumerate(self.tallies):
            own = rows if len(self.tallies) == 1 else rows[rows["instrument"] == index]
            tally.bars += len(own)
            tally.bars_in_position += int(np.count_nonzero(own["position"]))
            tally.vetoes += int(np.count_nonzero(own["verdict"] == Verdict.VETO))
            tally.shrinks += int(np.count_nonzero(own["verdict"] == Verdict.SHRINK))
        refused = np.flatnonzero((rows["verdict"] == Verdict.VETO) | (rows["verdict"] == Verdict.SHRINK))
        for row in rows[refused] if len(refused) < 64 else self._grouped(rows[refused]):
            self._count(int(row["rule"]), int(row["verdict"]), 1, int(row["number"]))

    def _grouped(self, rows: Table) -> Table:
        """Count all but the first of each kind here, and return the first of each."""
        keys = rows["rule"].astype(np.int64) * len(Verdict) + rows["verdict"]
        _, first, counts = np.unique(keys, return_index=True, return_counts=True)
        for index, count in zip(first, counts, strict=True):
            row = rows[index]
            self._count(int(row["rule"]), int(row["verdict"]), int(count) - 1, int(row["number"]))
        return rows[first]

    def _count(self, rule: int, verdict: int, count: int, number: int) -> None:
        entry = self.verdicts.setdefault((rule, verdict), VerdictCount(0, number))
        entry.count += count

    def trades(self, engine: Engine) -> Table:
        """Return closed round trips, and an open position marked at the last close as one more."""
        parts = [*self._trades]
        for index in range(len(engine.books)):
            if engine.books[index]["position"]["lots"] != 0:
                parts.append(_marked_trade(engine, index, self.last_ts))
        return np.concatenate(parts) if parts else np.zeros(0, TRADE)


class LatestPositions:
    """Latest position of every instrument, and its growth since its first close."""

    def __init__(self, n: int) -> None:
        self._held: NDArray[np.int64] = np.zeros(n, np.int64)
        self._growth: NDArray[np.float64] = np.ones(n)
        self._first_close: NDArray[np.float64] = np.zeros(n)

    def at(self, rows: Table, ends: NDArray[np.intp]) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Return after each of the rows `ends` how many instruments are held, and what equal parts of each have
        grown to.

        A part stays cash until its instrument's first close.
        """
        held = np.zeros((len(self._held), len(ends)), np.int64)
        growth = np.ones((len(self._held), len(ends)))
        for k in range(len(self._held)):
            own = np.flatnonzero((rows["instrument"] == k) & (rows["close"] > 0))
            if len(own) and not self._first_close[k]:
                self._first_close[k] = rows["close"][own[0]]
            at = np.searchsorted(own, ends, side="right")  # 0: none yet, so the latest before
            held[k] = np.concatenate(([self._held[k]], rows["position"][own]))[at]
            closes = rows["close"][own] / self._first_close[k] if len(own) else np.zeros(0)
            growth[k] = np.concatenate(([self._growth[k]], closes))[at]
            self._held[k], self._growth[k] = held[k, -1], growth[k, -1]
        return np.count_nonzero(held, axis=0), growth.mean(axis=0)


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
