"""NautilusTrader oracle: the same run through its backtest engine."""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
from nautilus_trader.backtest.engine import BacktestEngine, BacktestEngineConfig
from nautilus_trader.config import LoggingConfig
from nautilus_trader.model.currencies import BTC, USDT
from nautilus_trader.model.data import Bar, BarType, QuoteTick
from nautilus_trader.model.enums import AccountType, OmsType, OrderSide
from nautilus_trader.model.identifiers import InstrumentId, Symbol, TraderId, Venue
from nautilus_trader.model.instruments import CurrencyPair
from nautilus_trader.model.objects import Money, Price, Quantity
from nautilus_trader.persistence.wranglers import BarDataWrangler, QuoteTickDataWrangler
from nautilus_trader.trading.strategy import Strategy
from tests.integration.oracles.market import (
    CAPITAL,
    FEE_BPS,
    LOT,
    NOTIONAL_MIN_QUANTA,
    QUANTUM,
    SYMBOL,
    TICK,
    Given,
    Outcome,
    Trade,
)

VENUE = Venue("SIM")
_FEE = Decimal(FEE_BPS) / 10_000
_LOT = Decimal(str(LOT))
_NOTIONAL_MIN = NOTIONAL_MIN_QUANTA * Decimal(str(QUANTUM))


def make_instrument() -> CurrencyPair:
    """Return BTCUSDT on the grid of the product's table, 10 bps for makers and takers."""
    return CurrencyPair(
        instrument_id=InstrumentId(Symbol(SYMBOL), VENUE),
        raw_symbol=Symbol(SYMBOL),
        base_currency=BTC,
        quote_currency=USDT,
        price_precision=2,
        size_precision=5,
        price_increment=Price.from_str(f"{TICK}"),
        size_increment=Quantity.from_str(f"{LOT:.5f}"),
        ts_event=0,
        ts_init=0,
        margin_init=Decimal(0),
        margin_maint=Decimal(0),
        maker_fee=_FEE,
        taker_fee=_FEE,
    )


@dataclass(slots=True)
class Log:
    """Record of the strategy: round trips, and the one under way."""

    trades: list[Trade] = field(default_factory=list)
    opened: tuple[int, int, int, int] | None = None  # entry time, side, lots, ticks


class Follower(Strategy):  # type: ignore[misc]
    """Strategy that holds the direction it is given: decides when a bar closes, sends when the next open is quoted."""

    def __init__(self, instrument: CurrencyPair, bar_type: BarType, given: Given) -> None:
        super().__init__()
        self.instrument = instrument
        self.bar_type = bar_type
        self.directions = given.directions.tolist()
        self.stamps = given.ts.tolist()
        self.journal = Log()
        self.bars = 0
        self.held = Decimal(0)
        self.leaves = False
        self.entry = Decimal(0)  # signed quantity that the last decision wants to enter
        self.open_price = Decimal(0)

    def on_start(self) -> None:
        """Listen."""
        self.subscribe_bars(self.bar_type)
        self.subscribe_quote_ticks(self.instrument.id)

    def equity(self, price: Decimal) -> Decimal:
        """Balance, plus what the position is worth (or, on margin, has gained)."""
        account = self.portfolio.account(VENUE)
        total: Decimal = account.balance_total(USDT).as_decimal()
        if account.is_margin_account:
            for position in self.cache.positions_open(strategy_id=self.id):
                total += position.signed_decimal_qty() * (price - Decimal(str(position.avg_px_open)))
        else:
            total += self.held * price
        return total

    def on_bar(self, bar: Bar) -> None:
        """Decide at the close."""
        i = self.bars
        self.bars += 1
        self.leaves, self.entry = False, Decimal(0)
        direction = self.directions[i]
        if direction != direction or self.held * int(direction) > 0:
            return
        close = bar.close.as_decimal()
        size = _lots_down(self.equity(close) / (1 + _FEE) / close)
        self.leaves = self.held != 0
        if direction != 0.0 and size * close >= _NOTIONAL_MIN:
            self.entry = int(direction) * size

    def on_quote_tick(self, tick: QuoteTick) -> None:
        """The next open: first out of what is held, then in."""
        self.open_price = tick.bid_price.as_decimal()
        if self.leaves:
            self.leaves = False
            self._send(-self.held)
        else:
            self._enter()

    def _enter(self) -> None:
        if self.entry == 0:
            return
        target = abs(self.entry)
        cash = self.equity(self.open_price)
        size = min(target, _lots_down(cash / (1 + _FEE) / self.open_price))
        direction = 1 if self.entry > 0 else -1
        self.entry = Decimal(0)
        if size == target or size * self.open_price >= _NOTIONAL_MIN:
            self._send(direction * size)

    def _send(self, quantity: Decimal) -> None:
        side = OrderSide.BUY if quantity > 0 else OrderSide.SELL
        self.submit_order(self.order_factory.market(self.instrument.id, side, Quantity(abs(quantity), 5)))

    def on_order_filled(self, event: Any) -> None:
        """Keep the books of round trips; after an exit the entry follows at the same quote."""
        quantity = event.last_qty.as_decimal() * (1 if event.order_side == OrderSide.BUY else -1)
        ticks = round(event.last_px.as_decimal() / Decimal(str(TICK)))
        ts = int(event.ts_event) - 1
        self.held += quantity
        if self.held == 0:
            assert self.journal.opened is not None
            entry_ts, side, lots, entry_ticks = self.journal.opened
            self.journal.trades.append(Trade(entry_ts, ts, side, lots, entry_ticks, ticks))
            self.journal.opened = None
            self._enter()
        else:
            assert self.journal.opened is None, "an order was filled in parts"
            self.journal.opened = (ts, 1 if quantity > 0 else -1, round(abs(quantity) / _LOT), ticks)


def _lots_down(quantity: Decimal) -> Decimal:
    return quantity // _LOT * _LOT


def run_nautilus(given: Given, side: str) -> Outcome:
    """Deliver bars and opens, run, and mark what is still open at the last close."""
    engine = BacktestEngine(
        BacktestEngineConfig(trader_id=TraderId("ORACLE-001"), logging=LoggingConfig(bypass_logging=True))
    )
    instrument = make_instrument()
    engine.add_venue(
        venue=VENUE,
        oms_type=OmsType.NETTING,
        account_type=AccountType.MARGIN if side == "both" else AccountType.CASH,
        base_currency=None,
        starting_balances=[Money(CAPITAL, USDT)],
        bar_execution=False,
    )
    engine.add_instrument(instrument)
    unit = "1-HOUR" if given.interval_ns > 60_000_000_000 else "1-MINUTE"
    bar_type = BarType.from_str(f"{instrument.id}-{unit}-LAST-EXTERNAL")
    engine.add_data(_bars(given, bar_type, instrument))
    engine.add_data(_opens(given, instrument))
    strategy = Follower(instrument, bar_type, given)
    engine.add_strategy(strategy)
    engine.run()
    last = int(given.closes[-1]) * Decimal(str(TICK))
    equity = float(strategy.equity(last) / Decimal(str(QUANTUM)))
    trades = strategy.journal.trades
    if strategy.journal.opened is not None:
        entry_ts, direction, lots, ticks = strategy.journal.opened
        exit_ts = int(given.ts[-1]) + given.interval_ns
        trades.append(Trade(entry_ts, exit_ts, direction, lots, ticks, int(given.closes[-1])))
    assert strategy.bars == len(given.ts)
    engine.dispose()
    return Outcome(trades, equity)


def _bars(given: Given, bar_type: BarType, instrument: CurrencyPair) -> list[Bar]:
    """Return bars, stamped with their close."""
    columns = {"open": given.opens, "high": given.highs, "low": given.lows, "close": given.closes}
    frame = pd.DataFrame(
        {name: ticks * TICK for name, ticks in columns.items()},
        index=pd.to_datetime(given.ts + given.interval_ns, utc=True),
    )
    bars: list[Bar] = BarDataWrangler(bar_type, instrument).process(frame)
    return bars


def _opens(given: Given, instrument: CurrencyPair) -> list[QuoteTick]:
    """Return every bar's open as a quote without a spread, just after the bar before it."""
    price = given.opens * TICK
    size = np.full(len(price), 9_000.0)
    frame = pd.DataFrame(
        {"bid_price": price, "ask_price": price, "bid_size": size, "ask_size": size},
        index=pd.to_datetime(given.ts + 1, utc=True),
    )
    quotes: list[QuoteTick] = QuoteTickDataWrangler(instrument).process(frame)
    return quotes
