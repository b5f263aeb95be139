"""Rule-based regime filter: by volatility, by direction, and by the distance below the peak."""

import numpy as np

from quaestor.brain.regime.contract import Codes, RegimeFilter
from quaestor.domain.parameter import Integer, Real, always
from quaestor.jit.compile import kernel
from quaestor.jit.tables import Matrix, Row, Table
from quaestor.ledger.codes import Regime

_STATE = np.dtype([("regime", "<i8"), ("candidate", "<i8"), ("streak", "<i8")], align=True)


_NORMAL = int(Regime.NORMAL)
_VOLATILE = int(Regime.VOLATILE)
_TRENDING = int(Regime.TRENDING)
_CRASH = int(Regime.CRASH)
_BULL_RUN = int(Regime.BULL_RUN)
_RECOVERY = int(Regime.RECOVERY)


@kernel
def _classify(p: Row, short: float, long: float, trend: float, drawdown: float) -> int:
    """Return the regime that one bar alone suggests, by the first rule that holds."""
    if drawdown <= -p["crash_drawdown"] and trend <= 0.0 and short >= long:
        return _CRASH
    if trend >= p["trend_min"]:
        if drawdown <= -0.5 * p["crash_drawdown"]:
            return _RECOVERY
        if drawdown >= -p["bull_drawdown"]:
            return _BULL_RUN
    if abs(trend) >= p["trend_min"]:
        return _TRENDING
    if short > p["volatile_ratio"] * long:
        return _VOLATILE
    return _NORMAL


@kernel
def advance(
    state: Table,
    params: Table,
    features: Matrix,
    columns: Matrix,  # noqa: ARG001
    out: Codes,
    i: int,
    n: int,
) -> None:
    """Write the regime of every bar; a new one takes over once `hold` bars in a row have suggested it."""
    s = state[0]
    p = params[0]
    hold = p["hold"]
    regime, candidate, streak = s["regime"], s["candidate"], s["streak"]
    for k in range(i, n):
        short, long, trend, drawdown = features[0, k], features[1, k], features[2, k], features[3, k]
        total = short + long + trend + drawdown
        if total == total:
            suggested = _classify(p, short, long, trend, drawdown)
            if suggested == regime:
                streak = 0
            else:
                streak = streak + 1 if suggested == candidate else 1
                candidate = suggested
                if streak >= hold:
                    regime = suggested
                    streak = 0
        out[k] = regime
    s["regime"] = regime
    s["candidate"] = candidate
    s["streak"] = streak


def _features(short: int, long: int, trend: int, peak: int, *_: float) -> tuple[str, ...]:
    return (f"volatility_{short}", f"volatility_{long}", f"efficiency_ratio_{trend}.signed", f"drawdown_{peak}")


def _conflict(short: int, long: int, *_: float) -> str:
    return "" if short < long else f"short = {short} must be shorter than long = {long}"


VOLATILITY_TREND = RegimeFilter(
    name="volatility_trend",
    doc="CRASH: a deep drawdown that still falls on raised volatility. RECOVERY: a directed rise from below half of "
    "that. BULL_RUN: a directed rise near the peak. TRENDING: directed otherwise. VOLATILE: short over long "
    "volatility above volatile_ratio. NORMAL: none of these. Directed means |signed efficiency ratio| ≥ trend_min.",
    source="rules after Ang and Timmermann (2012), Regime Changes and Financial Markets",
    parameters=(
        Integer("short", 24, 2, 10_000, "bars of short volatility"),
        Integer("long", 240, 3, 10_000, "bars of long volatility"),
        Integer("trend", 48, 1, 10_000, "bars of the efficiency ratio"),
        Integer("peak", 240, 2, 100_000, "bars of the rolling peak"),
        Real("volatile_ratio", 1.5, 1.0, 100.0, "short over long volatility"),
        Real("trend_min", 0.3, 0.01, 1.0, "signed efficiency ratio"),
        Real("crash_drawdown", 0.1, 0.001, 1.0, "fraction below the peak"),
        Real("bull_drawdown", 0.02, 0.0, 1.0, "fraction below the peak"),
        Integer("hold", 3, 1, 10_000, "bars"),
    ),
    features=_features,
    state_dtype=always(_STATE),
    advance=advance,
    conflict=_conflict,
)
