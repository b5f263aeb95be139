"""Regime limit: the regime scales the largest position down, never up."""

from quaestor.jit.compile import kernel
from quaestor.jit.tables import Row, Table
from quaestor.ledger.codes import Layer
from quaestor.risk.contract import Rule, Setting
from quaestor.risk.permissions import stricter, within_share
from quaestor.risk.profiles import POSITION_MULTIPLE


@kernel
def permit(
    account: Row, books: Table, index: int, instrument: Row, params: Row, ticks: int, target: int
) -> tuple[int, int, float, float]:
    """Return the interval of targets, the rule's figure for the target, and its limit; see `risk.contract`."""
    limit = params["regime_base_pct"] * stricter(params["position_multiple"][books[index]["regime"]], 1.0)
    return within_share(account, instrument, limit, 0.0, 1.0, ticks, target)


RULE = Rule(
    "regime",
    Layer.VOLATILITY,
    permit,
    (
        Setting(
            "regime_base_pct",
            10.0,
            5.0,
            float("inf"),
            "% of equity",
            "position in a NORMAL regime, scaled by the regime",
            follows="position_pct",
        ),
    ),
    POSITION_MULTIPLE,
    always_evaluated=True,
)
