"""Momentum breakout: long above the Donchian channel, short below it, where volume confirms the close."""

import numpy as np

from quaestor.brain.alpha.contract import SIDE, Alpha, Sides
from quaestor.domain.market_matrix import Column
from quaestor.domain.parameter import Integer, Real, always
from quaestor.jit.compile import kernel
from quaestor.jit.tables import Matrix, Table
from quaestor.ledger.codes import Regime

_STATE = np.dtype([("position", "<i8")])


@kernel
def advance(state: Table, params: Table, features: Matrix, columns: Matrix, out: Matrix, i: int, n: int) -> None:
    """Write the signal: enter beyond the long channel on volume, leave beyond the opposite side of the short one."""
    p = params[0]
    volume_factor = p["volume_factor"]
    both = p["side"] == Sides.BOTH
    position = state[0]["position"]
    for k in range(i, n):
        close = columns[Column.CLOSE, k]
        upper, lower, exit_upper, exit_lower = features[0, k], features[1, k], features[2, k], features[3, k]
        volume_ratio = features[4, k]
        total = close + upper + lower + exit_upper + exit_lower + volume_ratio
        if total != total:
            out[0, k] = np.nan
            out[1, k] = 0.0
            continue
        if (position > 0 and close < exit_lower) or (position < 0 and close > exit_upper):
            position = 0
        if position == 0 and volume_ratio > volume_factor:
            if close > upper:
                position = 1
            elif both and close < lower:
                position = -1
        out[0, k] = float(position)
        out[1, k] = 1.0
    state[0]["position"] = position


def _features(
    entry: int,
    exit_length: int,
    volume_factor: float,  # noqa: ARG001
    volume_length: int,
    side: int,  # noqa: ARG001
) -> tuple[str, ...]:
    channels = tuple(f"donchian_{length}.{line}" for length in (entry, exit_length) for line in ("upper", "lower"))
    return (*channels, f"volume_ratio_{volume_length}")


def _conflict(entry: int, exit_length: int, volume_factor: float, volume_length: int, side: int) -> str:  # noqa: ARG001
    return "" if exit_length < entry else f"exit = {exit_length} must be shorter than entry = {entry}"


BREAKOUT = Alpha(
    name="breakout",
    doc="Long when the close is above the highest high of the `entry` bars before and volume exceeds volume_factor × "
    "the mean of the volume_length bars before, until the close is below the lowest low of the `exit` bars before; "
    "with side=both the mirror image short. No opinion until all features are defined. Confidence is 1.",
    source="Faith (2007), Way of the Turtle, with volume confirmation",
    parameters=(
        Integer("entry", 20, 2, 10_000, "bars"),
        Integer("exit", 10, 1, 10_000, "bars"),
        Real("volume_factor", 1.5, 0.0, 1_000.0, "times the mean volume"),
        Integer("volume_length", 20, 1, 10_000, "bars"),
        SIDE,
    ),
    features=_features,
    state_dtype=always(_STATE),
    advance=advance,
    conflict=_conflict,
    best_regimes=(Regime.VOLATILE, Regime.BULL_RUN),
)
