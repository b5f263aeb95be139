"""An independent auditor: keeps its own books from the order stream alone, and holds every entry against the limits.

It shares no code with the risk officer or the ledger: plain numbers, the events, and what was written about orders.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from tests.builders import DAY, Record

from quaestor.jit.tables import Row
from quaestor.ledger.codes import QUARANTINE, OrderAction, Purpose

from .random_markets import Path

_QUANTA_PER_TICK_LOT = 100  # of the builders' instruments
_WEEK, _WEEK_OFFSET = 7 * DAY, 3 * DAY  # weeks begin on Monday; 1970-01-01 was a Thursday
_ENDS = (OrderAction.CANCELLED, OrderAction.REJECTED, OrderAction.EXPIRED)
_REGIME_SHARE = (1.0, 0.5, 1.0, 0.2, 1.0, 0.7)  # NORMAL, VOLATILE, TRENDING, CRASH, BULL_RUN, RECOVERY


@dataclass(slots=True)
class Holding:
    """One instrument as the auditor sees it: signed lots held, their cost in quanta, signed lots in flight by order."""

    base: str
    margined: bool
    margin_rate: float  # of a notional, what counts as exposure
    lots: int = 0
    cost: float = 0.0
    flow: int = 0  # cash of the present round trip
    working: dict[int, int] = field(default_factory=dict)

    @property
    def in_flight(self) -> int:
        return sum(self.working.values())

    @property
    def expected(self) -> int:
        """What it will be once everything in flight has filled; a reversal closes what is held before it opens."""
        return self.in_flight if self.lots * self.in_flight < 0 else self.lots + self.in_flight

    def exposure(self, close: int) -> float:
        """Margin of a perpetual, notional otherwise, of what is held and what is in flight."""
        held = abs(self.cost) if self.margined else float(abs(self.lots) * close * _QUANTA_PER_TICK_LOT)
        grown = max(abs(self.expected) - abs(self.lots), 0) * close * _QUANTA_PER_TICK_LOT
        return self.margin_rate * (held + grown)


class Auditor:
    """Replays one run's order stream beside its events."""

    def __init__(self, path: Path, record: Record, limits: Mapping[str, float] | None = None) -> None:
        self.events = path.events
        self.decisions = record.all_decisions
        self.orders = record.all_orders
        self.liquidated = [int(t["pnl"]) for t in record.all_trades if t["reason"] == Purpose.LIQUIDATION]
        self.limits = limits or path.settings.risk.values
        self.interval_ns = path.interval_ns
        self.capital = path.instruments[0].to_quanta(path.settings.capital)
        rates = {True: 1.0 / path.settings.leverage, False: 1.0}
        self.holdings = [Holding(each.base, each.is_margined, rates[each.is_margined]) for each in path.instruments]
        self.long_only = not any(each.is_margined or each.shortable for each in path.instruments)
        self.cash = self.capital
        self.closes = [0] * len(self.holdings)
        self.variances = _Volatilities(len(self.holdings))
        self.breakers = _Breakers(self.capital, len(self.holdings), path.interval_ns, self.limits)
        self.entries_by_day: Counter[int] = Counter()
        self.seen: Counter[str] = Counter()

    def check(self) -> Counter[str]:
        """Every event in turn; what was met on the way, to show that it was not idle."""
        starts = np.searchsorted(self.orders["decision"], np.arange(len(self.events) + 1))
        for d in range(len(self.events)):
            rows = self.orders[starts[d] : starts[d + 1]]
            event = self.events[d]
            if event["flags"] & QUARANTINE:
                assert len(rows) == 0
                continue
            for row in rows:  # what happened inside the bar comes before what was decided at its close
                if not _is_entry(row, OrderAction.NEW):
                    self._post(row)
            index = int(event["instrument"])
            self.closes[index] = int(event["close"])
            self.variances.learn(index, int(event["close"]))
            worth = self.equity()
            assert worth == self.decisions[d]["equity"]
            assert not self.long_only or self.cash >= 0
            self.breakers.observe(event, worth)
            for row in rows:
                if _is_entry(row, OrderAction.NEW):
                    self._enter(row, event, self.decisions[d], float(worth))
        return self.seen

    def equity(self) -> int:
        held = sum(h.lots * close for h, close in zip(self.holdings, self.closes, strict=True))
        return self.cash + held * _QUANTA_PER_TICK_LOT

    # --- bookkeeping

    def _post(self, row: Row) -> None:
        holding = self.holdings[int(row["order"]["instrument"])]
        action, order_id = int(row["action"]), int(row["order"]["id"])
        if action == OrderAction.FILL:
            lots = int(row["lots"])
            if order_id in holding.working:
                holding.working[order_id] -= lots
            self._trade(holding, lots, int(row["price"]), int(row["fee"]))
        elif action == OrderAction.FUNDING:
            self._pay(holding, -int(row["fee"]))
        elif action == OrderAction.LIQUIDATION:
            self._pay(holding, self.liquidated.pop(0) - holding.flow)
            self._close(holding)
            self.seen["liquidations"] += 1
        elif action in _ENDS:
            holding.working.pop(order_id, None)

    def _trade(self, holding: Holding, lots: int, price: int, fee: int) -> None:
        part = lots if holding.lots * lots >= 0 else min(abs(lots), abs(holding.lots)) * (1 if lots > 0 else -1)
        rest = lots - part
        paid = fee if rest == 0 else fee * abs(part) // abs(lots)
        grows = holding.lots * part >= 0
        holding.cost += part * price * _QUANTA_PER_TICK_LOT if grows else holding.cost * part / holding.lots
        holding.lots += part
        self._pay(holding, -part * price * _QUANTA_PER_TICK_LOT - paid)
        if holding.lots == 0:
            self._close(holding)
        if rest:
            self._trade(holding, rest, price, fee - paid)

    def _pay(self, holding: Holding, amount: int) -> None:
        self.cash += amount
        holding.flow += amount

    def _close(self, holding: Holding) -> None:
        self.breakers.trade(holding.flow)
        self.seen["trades"] += 1
        holding.lots, holding.cost, holding.flow = 0, 0.0, 0

    # --- limits

    def _enter(self, row: Row, event: Row, decision: Row, worth: float) -> None:
        """An entry has left: would all that it may fill keep every limit, at the close that it was decided at?"""
        order, index, close = row["order"], int(event["instrument"]), int(event["close"])
        holding, limit = self.holdings[index], self.limits
        holding.working[int(order["id"])] = int(order["side"]) * int(order["lots"])
        target = holding.expected
        assert order["instrument"] == index
        assert int(order["side"]) * target > 0
        assert 0 < target * int(np.sign(decision["approved_target"])) <= abs(int(decision["approved_target"]))
        assert abs(int(decision["approved_target"])) <= abs(int(decision["target"]))

        notional = float(abs(target) * close * _QUANTA_PER_TICK_LOT)
        share = 100.0 * notional / worth
        exposures = [h.exposure(c) for h, c in zip(self.holdings, self.closes, strict=True)]
        exposures[index] = holding.margin_rate * notional
        of_asset = [e for h, e in zip(self.holdings, exposures, strict=True) if h.base == holding.base and e > 0.0]
        gross = (
            sum(max(abs(h.lots), abs(h.expected)) * c for h, c in zip(self.holdings, self.closes, strict=True))
            * _QUANTA_PER_TICK_LOT
            - max(abs(holding.lots), abs(target)) * close * _QUANTA_PER_TICK_LOT
        )
        held = sum(h.lots != 0 or h.in_flight != 0 for h in self.holdings)
        day = (int(event["ts"]) - 1) // DAY
        self.entries_by_day[day] += 1
        tolerance = 1e-9 * 100.0
        assert worth > 0.0
        assert share <= limit["position_pct"] + tolerance
        assert share <= limit["regime_base_pct"] * _REGIME_SHARE[int(event["regime"])] + tolerance
        assert 100.0 * sum(of_asset) / worth <= limit["asset_pct"] + 1e-6
        assert 100.0 * sum(exposures) / worth <= limit["exposure_pct"] + 1e-6
        assert (gross + notional) / worth <= limit["leverage_max"] + tolerance
        assert held <= limit["open_trades_max"]
        assert self.entries_by_day[day] <= limit["trades_per_day_max"]
        assert int(order["bracket_stop"]) > 0
        assert share * int(order["bracket_stop"]) / close <= limit["risk_per_trade_pct"] + tolerance
        assert share * self.variances.annual(index, self.interval_ns) <= limit["volatility_budget_pct"] + 1e-6
        assert decision["breakers"] == 0
        assert self.breakers.tripped() == ""
        self.seen["entries"] += 1
        self.seen["near_position_pct"] += share > 0.9 * limit["position_pct"]
        near_asset = 100.0 * sum(of_asset) / worth > 0.9 * limit["asset_pct"]
        self.seen["near_asset_pct_with_two"] += len(of_asset) > 1 and near_asset
        self.seen["near_exposure_pct"] += 100.0 * sum(exposures) / worth > 0.9 * limit["exposure_pct"]
        self.seen["near_leverage_max"] += (gross + notional) / worth > 0.9 * limit["leverage_max"]
        self.seen["at_open_trades_max"] += held == limit["open_trades_max"]
        self.seen["at_trades_per_day_max"] += self.entries_by_day[day] == limit["trades_per_day_max"]


def _is_entry(row: Row, action: OrderAction) -> bool:
    return bool(row["action"] == action and row["order"]["reduce_only"] == 0)


class _Volatilities:
    """Exponentially weighted squares of bar returns, the newest of weight 0.02."""

    def __init__(self, count: int) -> None:
        self._last = [0] * count
        self._square = [-1.0] * count

    def learn(self, index: int, close: int) -> None:
        last, self._last[index] = self._last[index], close
        if last:
            square, known = (close / last - 1.0) ** 2, self._square[index]
            self._square[index] = square if known < 0.0 else known + 0.02 * (square - known)

    def annual(self, index: int, interval_ns: int) -> float:
        return float(np.sqrt(max(self._square[index], 0.0) * 365.0 * DAY / interval_ns))


class _Breakers:
    """What stops entries, worked out anew: losses of a day, of a week, from the peak, in a row; a hole in the data."""

    def __init__(self, capital: int, count: int, interval_ns: int, limits: Mapping[str, float]) -> None:
        self._limits = limits
        self._interval_ns = interval_ns
        self._last_worth = self._peak = self._worth = capital
        self._starts: dict[str, tuple[int, int]] = {}
        self._lost: dict[str, bool] = {}
        self._streak = self._served = 0
        self._last_ts: list[int] = [0] * count
        self._late_bars: NDArray[np.int64] = np.zeros(count, np.int64)

    def trade(self, pnl: int) -> None:
        self._streak = self._streak + 1 if pnl < 0 else 0

    def observe(self, event: Row, worth: int) -> None:
        ts, index = int(event["ts"]), int(event["instrument"])
        if self._streak < self._served:
            self._served = 0
        periods = {"daily": (ts - 1) // DAY, "weekly": (ts - 1 + _WEEK_OFFSET) // _WEEK}
        for name, period in periods.items():
            if self._starts.get(name, (-1, 0))[0] != period:
                if name == "daily" and self._lost.get("streak", False):
                    self._served = self._streak
                self._starts[name] = (period, self._last_worth)
                self._lost[name] = False
                if name == "daily":
                    self._lost["streak"] = False
        self._last_worth = self._worth = worth
        self._peak = max(self._peak, worth)
        for name in periods:
            loss = 100.0 * (1.0 - worth / self._starts[name][1])
            self._lost[name] |= loss >= self._limits[f"{name}_loss_pct"]
        self._lost["streak"] |= self._streak - self._served >= self._limits["losses_max"]
        gap = ts - self._last_ts[index] if self._last_ts[index] else 0
        if gap > 3 * self._interval_ns:
            self._late_bars[index] = int(self._limits["stale_recovery_bars"])
        elif gap:
            self._late_bars[index] = max(self._late_bars[index] - 1, 0)
        self._last_ts[index] = ts

    def tripped(self) -> str:
        if 100.0 * (1.0 - self._worth / self._peak) >= self._limits["drawdown_pct"]:
            return "drawdown"
        if self._late_bars.any():
            return "stale"
        return next((name for name, lost in self._lost.items() if lost), "")
