"""Breakers that are set, with what lifts each and when."""

from dataclasses import dataclass

from quaestor.analysis.officer.account_state import AccountState
from quaestor.ledger.codes import Breaker
from quaestor.risk.state import DAY_NS, WEEK_NS, WEEK_OFFSET_NS

_UNTIL = {
    Breaker.KILLED: "an operator's reset (quaestor kill --command reset)",
    Breaker.PAUSED: "an operator's resume (quaestor kill --command resume)",
    Breaker.DAILY_LOSS: "the next UTC day",
    Breaker.WEEKLY_LOSS: "the next UTC week",
    Breaker.LOSING_STREAK: "the next UTC day",
    Breaker.DRAWDOWN: "the drawdown is inside its limit again, or an operator's reset",
    Breaker.TRAILING_DRAWDOWN: "the fall from the highest equity of the last days is inside its limit again",
    Breaker.SPREAD: "the spread is near its median again",
    Breaker.CRASH: "the cool-down after the crash is over",
    Breaker.STALE: "enough bars have come on time",
    Breaker.UNKNOWN_ORDER: "the venue has answered about the order",
}


@dataclass(frozen=True, slots=True)
class BreakerSet:
    """Breaker that stops entries, what lifts it, and when (ns UTC; None: the time is not known)."""

    breaker: str
    until: str
    lifts_ts: int | None


def breakers_set(state: AccountState) -> list[BreakerSet]:
    """Return every breaker that is set."""
    bits = int(state.engine.account[0]["risk"]["breakers"])
    return [
        BreakerSet(bit.name.lower(), _UNTIL.get(bit, "its cause has passed"), lifts_at(bit, state))
        for bit in Breaker
        if bit.name and bits & bit
    ]


def lifts_at(breaker: Breaker, state: AccountState) -> int | None:
    """Return when a breaker lifts by the calendar or the clock, ns UTC; None where neither lifts it."""
    risk = state.engine.account[0]["risk"]
    if breaker in (Breaker.DAILY_LOSS, Breaker.LOSING_STREAK):
        return (int(risk["day"]) + 1) * DAY_NS
    if breaker is Breaker.WEEKLY_LOSS:
        return (int(risk["week"]) + 1) * WEEK_NS - WEEK_OFFSET_NS
    if breaker is Breaker.CRASH:
        return int(risk["crash_until"])
    return None
