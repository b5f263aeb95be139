"""EMA 50/200 with market orders in NautilusTrader, as fast as its users can make it without changing its code.

Logging is bypassed, data is neither validated nor sorted again, the analysis at the end is off, nothing is subscribed
to but the bars, and the averages are its own compiled indicators. Preparing the bars is not counted.
"""

from collections.abc import Callable
from decimal import Decimal

import pandas as pd
import polars as pl
from nautilus_trader.backtest.engine import BacktestEngine, BacktestEngineConfig
from nautilus_trader.config import LoggingConfig, RiskEngineConfig
from nautilus_trader.examples.strategies.ema_cross import EMACross, EMACrossConfig
from nautilus_trader.indicators import ExponentialMovingAverage
from nautilus_trader.model.currencies import BTC, USDT
from nautilus_trader.model.data import Bar, BarType
from nautilus_trader.model.enums import AccountType, OmsType, OrderSide
from nautilus_trader.model.identifiers import InstrumentId, Symbol, Venue
from nautilus_trader.model.instruments import CurrencyPair
from nautilus_trader.model.objects import Money, Price, Quantity
from nautilus_trader.persistence.wranglers import BarDataWrangler
from nautilus_trader.trading.strategy import Strategy

from benchmarks.data import FAST, MINUTE_NS, SLOW, SYMBOL

_VENUE = Venue("SIM")
_FEE = Decimal("0.001")
_CAPITAL = 1_000_000
_SIZE = Decimal("0.1")


class LeanCross(Strategy):  # type: ignore[misc]
    """Long while the fast average is above the slow one; the least work a bar that this needs."""

    def __init__(self, instrument: CurrencyPair, bar_type: BarType) -> None:
        super().__init__()
        self.instrument_id = instrument.id
        self.bar_type = bar_type
        self.fast = ExponentialMovingAverage(FAST)
        self.slow = ExponentialMovingAverage(SLOW)
        self.size = instrument.make_qty(_SIZE)
        self.is_long = False

    def on_start(self) -> None:
        """Listen."""
        self.register_indicator_for_bars(self.bar_type, self.fast)
        self.register_indicator_for_bars(self.bar_type, self.slow)
        self.subscribe_bars(self.bar_type)

    def on_bar(self, bar: Bar) -> None:  # noqa: ARG002
        """Trade a change of direction."""
        if not self.slow.initialized:
            return
        above = self.fast.value > self.slow.value
        if above != self.is_long:
            side = OrderSide.BUY if above else OrderSide.SELL
            self.submit_order(self.order_factory.market(self.instrument_id, side, self.size))
            self.is_long = above


class NautilusPeer:
    """Prepared bars, and runs over them."""

    def __init__(self, frame: pl.DataFrame) -> None:
        self.instrument = _instrument()
        self.bar_type = BarType.from_str(f"{self.instrument.id}-1-MINUTE-LAST-EXTERNAL")
        prices = pd.DataFrame(
            {name: frame[name].to_numpy() for name in ("open", "high", "low", "close", "volume")},
            index=pd.to_datetime(frame["ts"].to_numpy() + MINUTE_NS, utc=True),
        )
        self.bars: list[Bar] = BarDataWrangler(self.bar_type, self.instrument).process(prices)
        self.orders = 0

    def lean(self) -> Callable[[], None]:
        """A run of the leanest strategy on a cash account, its own risk checks bypassed; ready to start."""
        return self._prepared(LeanCross(self.instrument, self.bar_type), AccountType.CASH, bypass_risk=True)

    def shipped(self) -> Callable[[], None]:
        """A run of the strategy that comes with NautilusTrader, long and short on margin, risk checks on."""
        config = EMACrossConfig(
            instrument_id=self.instrument.id,
            bar_type=self.bar_type,
            trade_size=_SIZE,
            fast_ema_period=FAST,
            slow_ema_period=SLOW,
            subscribe_trade_ticks=False,
            request_bars=False,
        )
        return self._prepared(EMACross(config), AccountType.MARGIN, bypass_risk=False)

    def _prepared(self, strategy: Strategy, account: AccountType, *, bypass_risk: bool) -> Callable[[], None]:
        engine = BacktestEngine(
            BacktestEngineConfig(
                logging=LoggingConfig(bypass_logging=True),
                risk_engine=RiskEngineConfig(bypass=bypass_risk),
                run_analysis=False,
            )
        )
        engine.add_venue(
            venue=_VENUE,
            oms_type=OmsType.NETTING,
            account_type=account,
            base_currency=None,
            starting_balances=[Money(_CAPITAL, USDT)],
        )
        engine.add_instrument(self.instrument)
        engine.add_data(self.bars, validate=False, sort=False)
        engine.add_strategy(strategy)

        def run() -> None:
            engine.run()
            self.orders = len(engine.cache.orders_closed())

        return run


def _instrument() -> CurrencyPair:
    return CurrencyPair(
        instrument_id=InstrumentId(Symbol(SYMBOL), _VENUE),
        raw_symbol=Symbol(SYMBOL),
        base_currency=BTC,
        quote_currency=USDT,
        price_precision=2,
        size_precision=5,
        price_increment=Price.from_str("0.01"),
        size_increment=Quantity.from_str("0.00001"),
        ts_event=0,
        ts_init=0,
        maker_fee=_FEE,
        taker_fee=_FEE,
    )
