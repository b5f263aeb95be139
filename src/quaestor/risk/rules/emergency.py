"""Emergency stop: no entries after a kill, in a pause or crash, on stale data or with an order of unknown outcome."""

from quaestor.jit.compile import kernel
from quaestor.jit.tables import Row, Table
from quaestor.ledger.codes import Breaker, Layer
from quaestor.risk.contract import Rule, Setting
from quaestor.risk.permissions import all_or_no_increase

_STOPPING = int(Breaker.KILLED | Breaker.PAUSED | Breaker.CRASH | Breaker.STALE | Breaker.UNKNOWN_ORDER)


@kernel
def permit(
    account: Row, books: Table, index: int, instrument: Row, params: Row, ticks: int, target: int
) -> tuple[int, int, float, float]:
    """Return the interval of targets, the rule's figure for the target, and its limit; see `risk.contract`."""
    stopping = account["risk"]["breakers"] & _STOPPING
    return all_or_no_increase(stopping == 0, books[index], float(stopping), 0.0)


RULE = Rule(
    "emergency",
    Layer.EMERGENCY,
    permit,
    (
        Setting("crash_fall_pct", 3.0, 2.0, float("inf"), "%", "fall inside five minutes that stops entries"),
        Setting("stale_recovery_bars", 3.0, 5.0, 0.0, "bars", "bars on time after a hole before entries are let in"),
    ),
    always_evaluated=True,
)
