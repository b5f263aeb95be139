"""Risk state update: estimates and breakers of the officer, updated at every bar before anything is decided."""

import math

from quaestor.jit.compile import inlined, kernel
from quaestor.jit.tables import Row, Table
from quaestor.ledger.codes import Breaker, ContractKind
from quaestor.ledger.ledger import equity
from quaestor.numeric.sorted_window import push_sorted
from quaestor.risk.rules import daily_loss, drawdown, losing_streak, trailing_drawdown, weekly_loss
from quaestor.risk.rules.spread import is_blown_out
from quaestor.risk.state import DAY_NS, LOOKBACK, RECENT, SPREADS, WEEK_NS, WEEK_OFFSET_NS, WINDOW_DAYS
from quaestor.risk.volatility import range_variance

# Numba reads plain integers, not flag members.
_CRASH = int(Breaker.CRASH)
_DAILY_LOSS = int(Breaker.DAILY_LOSS)
_DRAWDOWN = int(Breaker.DRAWDOWN)
_LOSING_STREAK = int(Breaker.LOSING_STREAK)
_SPREAD = int(Breaker.SPREAD)
_STALE = int(Breaker.STALE)
_TRAILING_DRAWDOWN = int(Breaker.TRAILING_DRAWDOWN)
_WEEKLY_LOSS = int(Breaker.WEEKLY_LOSS)

#: Weight of the newest bar in the variance, covariance and mean absolute return (about the last 100 bars).
_DECAY = 0.02
_CRASH_WINDOW_NS = 300_000_000_000
_CRASH_COOLDOWN_NS = 1_800_000_000_000
#: A fall beyond the limit is named a crash only beyond this many deviations too.
_CRASH_DEVIATIONS = 5.0
#: Expected intervals without a bar after which data counts as stale.
_STALE_INTERVALS = 3
#: Fewest spreads of which a median is taken.
_FEWEST_SPREADS = 20
#: Mean absolute deviation to standard deviation of a normal variable.
_MAD_TO_SIGMA = math.sqrt(math.pi / 2.0)


@inlined
def update_risk_state(account: Row, books: Table, index: int, instrument: Row, params: Row, event: Row) -> None:
    """Roll days and weeks, update returns, scales and covariances, and trip or lift the circuit breakers."""
    risk = account["risk"]
    _roll_calendar(account, event["ts"])
    worth = equity(account["ledger"])
    risk["last_equity"] = worth
    if worth > risk["peak_equity"]:
        risk["peak_equity"] = worth
    if worth > risk["today_peak"]:
        risk["today_peak"] = worth
        if worth > risk["window_peak"]:
            risk["window_peak"] = worth
    _watch_clock(risk, books, index, instrument, params, event)
    _watch_price(risk, books, index, params, event)
    _watch_spread(risk, books[index]["risk"], params, event)
    _trip_loss_breakers(account, params)


@inlined
def _set(risk: Row, bit: int, on: bool) -> None:
    if on:
        risk["breakers"] |= bit
    else:
        risk["breakers"] &= ~bit


@inlined
def _roll_calendar(account: Row, ts: int) -> None:
    """Begin a UTC day or week where the bar closes in a new one: its equity, its counts, and its loss breakers.

    A bar that closes at midnight belongs to the day that ends there. A day begins with the equity after the last bar of
    the day before, and with the losing streak less what a pause has already served.
    """
    risk = account["risk"]
    worth = risk["last_equity"]
    if account["ledger"]["losing_streak"] < risk["streak_base"]:
        risk["streak_base"] = 0
    day = (ts - 1) // DAY_NS
    if day != risk["day"]:
        _roll_window(risk, day)
        risk["day"] = day
        risk["day_equity"] = worth
        risk["entries_today"] = 0
        if risk["breakers"] & _LOSING_STREAK:
            risk["streak_base"] = account["ledger"]["losing_streak"]
        _set(risk, _DAILY_LOSS, False)
        _set(risk, _LOSING_STREAK, False)
    week = (ts - 1 + WEEK_OFFSET_NS) // WEEK_NS
    if week != risk["week"]:
        risk["week"] = week
        risk["week_equity"] = worth
        _set(risk, _WEEKLY_LOSS, False)


@kernel
def _roll_window(risk: Row, day: int) -> None:
    """Store the highest equity of the day that ended, clear days out of the window, and find the highest in it."""
    if risk["day"] >= 0:
        risk["day_peaks"][risk["day"] % WINDOW_DAYS] = risk["today_peak"]
    for back in range(min(day - risk["day"], WINDOW_DAYS)):
        risk["day_peaks"][(day - back) % WINDOW_DAYS] = 0
    risk["today_peak"] = risk["last_equity"]
    highest = risk["last_equity"]
    for k in range(WINDOW_DAYS):
        highest = max(highest, risk["day_peaks"][k])
    risk["window_peak"] = highest


@kernel
def reset_loss_baselines(risk: Row, worth: int) -> None:
    """Set the reference of every loss to the equity `worth`, in quanta, after an operator's reset."""
    risk["peak_equity"] = worth
    risk["day_equity"] = worth
    risk["week_equity"] = worth
    risk["today_peak"] = worth
    risk["window_peak"] = worth
    for k in range(WINDOW_DAYS):
        risk["day_peaks"][k] = 0


@inlined
def _watch_clock(risk: Row, books: Table, index: int, instrument: Row, params: Row, event: Row) -> None:
    """Set the stale breaker at a gap in the data, until some bars have come on time; not in markets with sessions."""
    memory = books[index]["risk"]
    if memory["last_ts"] == 0 or instrument["kind"] == ContractKind.EQUITY:
        return
    if event["ts"] - memory["last_ts"] > _STALE_INTERVALS * instrument["interval_ns"]:
        bars = params["emergency"]["stale_recovery_bars"]
        memory["stale_left"] = int(bars) if bars < 1e6 else 1_000_000  # also for a NaN
    elif memory["stale_left"] > 0:
        memory["stale_left"] -= 1
    stale = False
    for k in range(len(books)):
        stale = stale or books[k]["risk"]["stale_left"] > 0
    _set(risk, _STALE, stale)


@inlined
def _watch_price(risk: Row, books: Table, index: int, params: Row, event: Row) -> None:
    memory = books[index]["risk"]
    close = event["close"]
    previous = memory["last_close"]
    if previous > 0:
        change = close / previous - 1.0
        scale = _MAD_TO_SIGMA * memory["mean_abs"]
        if _has_crashed(memory, params["emergency"]["crash_fall_pct"], event, scale):
            risk["crash_until"] = event["ts"] + _CRASH_COOLDOWN_NS
        _learn_return(books, index, change, event["ts"])
    _set(risk, _CRASH, event["ts"] < risk["crash_until"])
    weight = _DECAY if previous > 0 else 1.0
    memory["range_variance"] += weight * (range_variance(event) - memory["range_variance"])
    memory["volume"] += weight * (event["volume"] - memory["volume"])
    slot = memory["n_recent"] % RECENT
    memory["recent_ts"][slot] = event["ts"]
    memory["recent_close"][slot] = close
    memory["n_recent"] += 1
    memory["last_close"] = close
    memory["last_ts"] = event["ts"]


@inlined
def _watch_spread(risk: Row, memory: Row, params: Row, event: Row) -> None:
    """Compare the spread with the median of those before it; an unknown or zero spread lifts the breaker."""
    spread = event["spread"]
    if not spread > 0.0:
        memory["spread"] = 0.0
        _set(risk, _SPREAD, False)
        return
    window = memory["spreads"]
    known = window[0]["count"]
    memory["spread"] = spread
    memory["spread_median"] = window[0]["ordered"][known // 2] if known >= _FEWEST_SPREADS else 0.0
    _set(risk, _SPREAD, is_blown_out(memory, params["spread"]["spread_multiple"]))
    push_sorted(window, SPREADS, spread)


@inlined
def _has_crashed(memory: Row, limit_pct: float, event: Row, scale: float) -> bool:
    """Return whether the low lies beyond the limit and 5 robust deviations under the highest close of five minutes.

    With longer bars the close before this bar is the reference: the path inside is unknown.
    """
    highest = memory["last_close"]
    kept = min(memory["n_recent"], RECENT)
    for back in range(1, kept + 1):
        slot = (memory["n_recent"] - back) % RECENT
        if memory["recent_ts"][slot] < event["ts"] - _CRASH_WINDOW_NS:
            break
        highest = max(highest, memory["recent_close"][slot])
    fall = 1.0 - event["low"] / highest
    beyond = not 100.0 * fall <= limit_pct  # also when the limit is NaN
    return beyond and memory["n_returns"] > 20 and fall > _CRASH_DEVIATIONS * scale


@inlined
def _learn_return(books: Table, index: int, change: float, ts: int) -> None:
    memory = books[index]["risk"]
    memory["returns"][memory["n_returns"] % LOOKBACK] = change
    memory["return_ts"][memory["n_returns"] % LOOKBACK] = ts
    memory["n_returns"] += 1
    memory["tail_age"] += 1
    size = abs(change)
    if memory["n_returns"] == 1:
        memory["mean_abs"] = size
        memory["variance"] = change * change
    else:
        clipped = min(size, _CRASH_DEVIATIONS * max(memory["mean_abs"], 1e-12)) if memory["n_returns"] > 20 else size
        memory["mean_abs"] += _DECAY * (clipped - memory["mean_abs"])
        memory["variance"] += _DECAY * (change * change - memory["variance"])
    memory["last_return"] = change
    for j in range(len(books)):
        other = books[j]["risk"]
        if j != index and other["last_ts"] == ts:
            joint = memory["covariance"][j] + _DECAY * (change * other["last_return"] - memory["covariance"][j])
            memory["covariance"][j] = joint
            other["covariance"][index] = joint


@inlined
def _trip_loss_breakers(account: Row, params: Row) -> None:
    risk = account["risk"]
    # "not below" also trips on a limit that is NaN
    if not daily_loss.measure(account) < params["daily_loss"]["daily_loss_pct"]:
        _set(risk, _DAILY_LOSS, True)
    if not weekly_loss.measure(account) < params["weekly_loss"]["weekly_loss_pct"]:
        _set(risk, _WEEKLY_LOSS, True)
    if not losing_streak.measure(account) < params["losing_streak"]["losses_max"]:
        _set(risk, _LOSING_STREAK, True)
    _set(risk, _DRAWDOWN, not drawdown.measure(account) < params["drawdown"]["drawdown_pct"])
    limit = params["trailing_drawdown"]["trailing_drawdown_pct"]
    _set(risk, _TRAILING_DRAWDOWN, not limit >= 1e300 and not trailing_drawdown.measure(account) < limit)
