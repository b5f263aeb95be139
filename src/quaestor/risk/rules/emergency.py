"""Kill switch, pause, crash, stale data, an order of unknown outcome: no entries, exits always."""

from quaestor.kernels.codes import Breaker, Layer
from quaestor.kernels.compile import kernel
from quaestor.kernels.layout import NO_LIMIT, Row, Table
from quaestor.risk.contract import Rule, Setting, no_increase

_STOPPING = int(Breaker.KILLED | Breaker.PAUSED | Breaker.CRASH | Breaker.STALE | Breaker.UNKNOWN_ORDER)


@kernel
def permit(
    account: Row, books: Table, index: int, instrument: Row, params: Row, ticks: int, wanted: int
) -> tuple[int, int, float, float]:
    """The rule's interval of targets, its figure for the wanted one, and its limit; see `risk.contract`."""

    stopping = account["risk"]["breakers"] & _STOPPING
    if stopping == 0:
        return -NO_LIMIT, NO_LIMIT, 0.0, 0.0
    lowest, highest = no_increase(books[index]["position"]["lots"])
    return lowest, highest, float(stopping), 0.0


RULE = Rule(
    "emergency",
    Layer.EMERGENCY,
    permit,
    (
        Setting("crash_fall_pct", 3.0, 2.0, float("inf"), "%", "fall inside five minutes that stops entries"),
        Setting("stale_recovery_bars", 3.0, 5.0, 0.0, "bars", "bars on time after a hole before entries are let in"),
    ),
)
