"""Shared builders: instruments, bars, engines and runs, so that a hand-worked case reads like a table.

The usual test instrument has ticks of 1, lots of 1 and quanta of 0.01: one lot at 100 is worth 10,000 quanta.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import numpy as np

from quaestor.adapters.venues.simulated import SimulatedVenue
from quaestor.domain.instrument import Instrument
from quaestor.engine.engine import Engine, Output
from quaestor.engine.settings import CostSettings, EngineSettings, pack_instruments, pack_params
from quaestor.engine.state import ORDER_CAPACITY
from quaestor.jit.tables import Table
from quaestor.ledger.codes import ContractKind, EventKind, OrderAction, OrderStatus
from quaestor.ledger.rows import DECISION, EVENT, ORDER_EVENT, TRADE
from quaestor.ports.venue import ApprovedOrders
from quaestor.risk.settings import RiskSettings

MINUTE = 60_000_000_000
DAY = 1440 * MINUTE
#: A Monday, 00:00 UTC.
MONDAY = 1_699_833_600_000_000_000

_MARKETS = {
    ContractKind.SPOT: "spot",
    ContractKind.LINEAR: "perp",
    ContractKind.INVERSE: "inverse",
    ContractKind.EQUITY: "equity",
}


def instrument(kind: ContractKind = ContractKind.SPOT, **changes: Any) -> Instrument:
    """An instrument with round numbers and no fees; any field can be changed."""
    values: dict[str, Any] = {
        "symbol": "TEST",
        "market": _MARKETS[kind],
        "kind": kind,
        "base": "AAA",
        "quote": "BBB",
        "tick_size": Decimal(1),
        "lot_size": Decimal(1),
        "quantum": Decimal("0.01"),
        "min_notional": Decimal(0),
        "max_price": Decimal(10**6),
        "max_quantity": Decimal(10**9),
        "maker_fee": Decimal(0),
        "taker_fee": Decimal(0),
    }
    if kind is ContractKind.INVERSE:
        values |= {"quantum": Decimal("0.00000001"), "contract_value": Decimal(100)}
    return Instrument(**(values | changes))


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar as the engine or the venue sees it; prices in ticks, volume in lots, rates as fractions."""

    open: int
    high: int
    low: int
    close: int
    volume: int = 10**9
    signal: float = float("nan")
    confidence: float = 1.0
    atr: float = float("nan")
    regime: int = 0
    flags: int = 0
    instrument: int = 0
    funding: float = 0.0
    funding_inside: float = 0.0
    funding_mark: int = 0  # 0: the bar's open
    edge: float = float("nan")
    edge_error: float = float("nan")
    edge_bars: float = float("nan")
    support: float = float("nan")
    resistance: float = float("nan")
    ts: int = -1  # open time; -1: one interval after the bar before


def bars_to_events(bars: Sequence[Bar], interval_ns: int = MINUTE, start_ts: int = MONDAY) -> Table:
    """Bars as event rows, `interval_ns` apart from `start_ts` on."""
    events = np.zeros(len(bars), EVENT)
    clock = start_ts - interval_ns
    for row, item in zip(events, bars, strict=True):
        clock = item.ts if item.ts >= 0 else clock + interval_ns
        row["kind"] = EventKind.BAR
        row["open_ts"] = clock
        row["ts"] = clock + interval_ns
        row["instrument"] = item.instrument
        row["flags"] = item.flags
        row["regime"] = item.regime
        for name in ("open", "high", "low", "close", "volume", "signal", "confidence", "atr"):
            row[name] = getattr(item, name)
        for name in ("edge", "edge_error", "edge_bars", "support", "resistance"):
            row[name] = getattr(item, name)
        row["funding_rate"] = round(item.funding * 1e8)
        row["funding_rate_inside"] = round(item.funding_inside * 1e8)
        row["funding_mark"] = item.funding_mark or item.open
    return events


def flat_bars(prices: Sequence[int], **changes: Any) -> list[Bar]:
    """Bars that never move from their price."""
    return [Bar(price, price, price, price, **changes) for price in prices]


def command(code: int, ts: int) -> Table:
    """One operator's command as an event row."""
    events = np.zeros(1, EVENT)
    events[0]["kind"] = EventKind.COMMAND
    events[0]["code"] = code
    events[0]["ts"] = ts
    return events


def engine_settings(
    risk: str = "permissive",
    limits: Mapping[str, float] | None = None,
    costs: CostSettings | None = None,
    **changes: Any,
) -> EngineSettings:
    """Settings of a run; without `costs` trading is free beyond fees."""
    values: dict[str, Any] = {"capital": Decimal(10_000)}
    return EngineSettings(RiskSettings.from_profile(risk, limits), costs or CostSettings.free(), **(values | changes))


def engine(
    instruments: Instrument | Sequence[Instrument],
    settings: EngineSettings | None = None,
    *,
    venue_inside: bool = True,
    interval_ns: int = MINUTE,
) -> Engine:
    """An engine with its capital paid in."""
    chosen = settings or engine_settings()
    several = [instruments] if isinstance(instruments, Instrument) else list(instruments)
    table = pack_instruments(several, interval_ns, chosen.leverage)
    params = pack_params(chosen, interval_ns, venue_inside=venue_inside)
    return Engine(table, params, several[0].to_quanta(chosen.capital))


@dataclass(slots=True)
class Record:
    """Everything an engine wrote, copied out at every drain."""

    decisions: list[Table] = field(default_factory=list)
    orders: list[Table] = field(default_factory=list)
    trades: list[Table] = field(default_factory=list)

    def keep(self, output: Output) -> None:
        """Take one batch in."""
        self.decisions.append(output.decisions.copy())
        self.orders.append(output.orders.copy())
        self.trades.append(output.trades.copy())

    @property
    def all_decisions(self) -> Table:
        """Every decision row."""
        return np.concatenate([np.zeros(0, DECISION), *self.decisions])

    @property
    def all_orders(self) -> Table:
        """Every order row."""
        return np.concatenate([np.zeros(0, ORDER_EVENT), *self.orders])

    @property
    def all_trades(self) -> Table:
        """Every round trip."""
        return np.concatenate([np.zeros(0, TRADE), *self.trades])

    def fills(self) -> list[tuple[int, int]]:
        """(signed lots, price) of every fill."""
        rows = self.all_orders
        chosen = rows[rows["action"] == OrderAction.FILL]
        return [(int(row["lots"]), int(row["price"])) for row in chosen]


def run(target: Engine, events: Table) -> Record:
    """Feed events to an engine with the venue inside."""
    record = Record()
    target.run(events, 0, len(events), record.keep)
    return record


class Outside:
    """An engine and a simulated venue on the two sides of the port, driven bar by bar."""

    def __init__(self, target: Engine, venue: SimulatedVenue) -> None:
        self.engine = target
        self.venue = venue
        self.record = Record()

    @classmethod
    def of(cls, instruments: Sequence[Instrument], settings: EngineSettings, interval_ns: int = MINUTE) -> "Outside":
        """Both sides with the same capital, costs and rules."""
        target = engine(instruments, settings, venue_inside=False, interval_ns=interval_ns)
        capital = instruments[0].to_quanta(settings.capital)
        return cls(target, SimulatedVenue(target.instruments, target.params[0]["costs"], capital, ORDER_CAPACITY))

    def step(self, events: Table, i: int) -> None:
        """One bar (or command): first the venue, then the decision, then what leaves for the venue."""
        if events[i]["kind"] == EventKind.BAR:
            self._take(self.venue.on_bar(events, i).copy())
        self._feed(events[i : i + 1])

    def _take(self, venue_events: Table) -> None:
        for k in range(len(venue_events)):
            self._feed(venue_events[k : k + 1])

    def _feed(self, events: Table) -> None:
        assert self.engine.advance(events, 0, 1) == 1
        output = self.engine.drain()
        self.record.keep(output)
        rows = output.orders
        is_new = (rows["action"] == OrderAction.NEW) & (rows["order"]["status"] == OrderStatus.PENDING)
        leaving = rows[is_new | (rows["action"] == OrderAction.AMEND) | (rows["action"] == OrderAction.CANCEL)]
        if len(leaving):
            self._take(self.venue.submit(ApprovedOrders(leaving)).copy())
