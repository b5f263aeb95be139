"""Time stop: closes a position after a number of bars, or after fewer bars one that is not in profit.

A forecast has a horizon, after which the reason to hold is gone, whatever the price did (the vertical barrier of López
de Prado 2018, "Advances in Financial Machine Learning", ch. 3).
"""

from quaestor.jit.compile import kernel
from quaestor.jit.tables import Row
from quaestor.ledger.codes import Purpose
from quaestor.risk.contract import Setting
from quaestor.risk.exits.contract import MarketExit

_OFF = float("inf")


@kernel
def due(params: Row, state: Row, event: Row, position: Row, instrument: Row, side: int) -> bool:
    """Return whether the position is due to close. Its opening bar is the first bar held; profit is before fees."""
    held = float(state["bars_held"] + 1)
    if held >= params["time_stop_bars"]:
        return True
    if not held >= params["time_stop_idle_bars"]:
        return False
    profit = position["value"] if instrument["margined"] != 0 else position["value"] - position["cost"]
    return profit <= 0


EXIT = MarketExit(
    "time_stop",
    Purpose.TIME_STOP,
    due,
    (
        Setting("time_stop_bars", _OFF, _OFF, _OFF, "bars", "longest that a position is held"),
        Setting("time_stop_idle_bars", _OFF, _OFF, _OFF, "bars", "longest that one without a profit is held"),
    ),
)
