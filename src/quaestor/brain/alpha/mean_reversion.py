"""Mean reversion: against a close beyond the Bollinger bands, where the relative strength index is extreme too."""

import numpy as np

from quaestor.brain.alpha.contract import SIDE, Alpha, Sides
from quaestor.domain.market_matrix import Column
from quaestor.domain.parameter import Integer, Real, always
from quaestor.jit.compile import kernel
from quaestor.jit.tables import Matrix, Table
from quaestor.ledger.codes import Regime

_STATE = np.dtype([("position", "<i8")])
_RSI_NEUTRAL = 50.0


@kernel
def advance(state: Table, params: Table, features: Matrix, columns: Matrix, out: Matrix, i: int, n: int) -> None:
    """Write a signal that enters against a close beyond a band, and leaves at the middle band or an index of 50."""
    p = params[0]
    rsi_low, rsi_high = p["rsi_low"], p["rsi_high"]
    both = p["side"] == Sides.BOTH
    position = state[0]["position"]
    for k in range(i, n):
        close = columns[Column.CLOSE, k]
        rsi, upper, middle, lower = features[0, k], features[1, k], features[2, k], features[3, k]
        total = close + rsi + upper + middle + lower
        if total != total:
            out[0, k] = np.nan
            out[1, k] = 0.0
            continue
        closes_long = position > 0 and (close >= middle or rsi > _RSI_NEUTRAL)
        closes_short = position < 0 and (close <= middle or rsi < _RSI_NEUTRAL)
        if closes_long or closes_short:
            position = 0
        if position == 0:
            if close < lower and rsi < rsi_low:
                position = 1
            elif both and close > upper and rsi > rsi_high:
                position = -1
        out[0, k] = float(position)
        out[1, k] = 1.0
    state[0]["position"] = position


def _features(
    rsi_length: int,
    rsi_low: float,  # noqa: ARG001
    rsi_high: float,  # noqa: ARG001
    length: int,
    width: float,
    side: int,  # noqa: ARG001
) -> tuple[str, ...]:
    bands = f"bbands_{length}_{width:.12g}"
    return (f"rsi_{rsi_length}", f"{bands}.upper", f"{bands}.middle", f"{bands}.lower")


MEAN_REVERSION = Alpha(
    name="mean_reversion",
    doc="Long when the close is below the lower band and RSI < rsi_low, until the close is back at the middle band or "
    "RSI > 50; with side=both the mirror image short. No opinion until all features are defined. Confidence is 1.",
    source="Bollinger (2001), Bollinger on Bollinger Bands, method III: reversals",
    parameters=(
        Integer("rsi_length", 14, 2, 10_000, "bars"),
        Real("rsi_low", 30.0, 0.0, 50.0, "percent"),
        Real("rsi_high", 70.0, 50.0, 100.0, "percent"),
        Integer("length", 20, 2, 10_000, "bars"),
        Real("width", 2.0, 0.01, 100.0, "standard deviations"),
        SIDE,
    ),
    features=_features,
    state_dtype=always(_STATE),
    advance=advance,
    best_regimes=(Regime.NORMAL, Regime.RECOVERY),
)
