"""Every protective exit. A new one is one file here and one line below."""

from quaestor.risk.contract import Setting
from quaestor.risk.exits import atr_stop, chandelier, fixed_stop, trailing
from quaestor.risk.exits.contract import Exit

EXITS: tuple[Exit, ...] = (
    fixed_stop.EXIT,
    atr_stop.EXIT,
    chandelier.EXIT,
    trailing.EXIT,
)

#: The one target, a percentage from the entry price.
TARGET = Setting("take_profit_pct", 10.0, 6.0, float("inf"), "% of the entry price", "take profit")
