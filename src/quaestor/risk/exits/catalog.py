"""Exit catalog: every exit of the package; a new one costs its file and a line here."""

from quaestor.risk.contract import Setting
from quaestor.risk.exits import (
    atr_stop,
    chandelier,
    fixed_stop,
    signal_reversal,
    support_resistance,
    time_stop,
    trailing,
)
from quaestor.risk.exits.contract import Exit, MarketExit

#: Stops that rest at the venue; the tightest one holds.
EXITS: tuple[Exit, ...] = (
    fixed_stop.EXIT,
    atr_stop.EXIT,
    chandelier.EXIT,
    trailing.EXIT,
    support_resistance.EXIT,
)

#: Conditions that close a position at the next price; the first one that is due gives the trade its reason.
MARKET_EXITS: tuple[MarketExit, ...] = (
    signal_reversal.EXIT,
    time_stop.EXIT,
)

#: Stops and market exits.
ALL_EXITS: tuple[Exit | MarketExit, ...] = (*EXITS, *MARKET_EXITS)

#: The target: a percentage from the entry price.
TARGET = Setting("take_profit_pct", 10.0, 6.0, float("inf"), "% of the entry price", "take profit")
