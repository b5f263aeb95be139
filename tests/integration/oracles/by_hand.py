"""Hand-written run: one plain loop in whole numbers. It rounds as the rules do, so the product must agree exactly."""

from dataclasses import dataclass, field

from tests.integration.oracles.market import (
    CAPITAL_QUANTA,
    FEE_DIVISOR,
    MULTIPLIER,
    NOTIONAL_MIN_QUANTA,
    Given,
    Outcome,
    Trade,
)


@dataclass(slots=True)
class _Account:
    cash: int = CAPITAL_QUANTA
    lots: int = 0
    entry_ts: int = 0
    entry_ticks: int = 0
    trades: list[Trade] = field(default_factory=list)

    def equity(self, ticks: int) -> int:
        return self.cash + self.lots * ticks * MULTIPLIER

    def fill(self, lots: int, ticks: int) -> None:
        self.lots += lots
        self.cash -= lots * ticks * MULTIPLIER + _fee(lots, ticks)

    def note_trade(self, exit_ts: int, exit_ticks: int) -> None:
        side = 1 if self.lots > 0 else -1
        self.trades.append(Trade(self.entry_ts, exit_ts, side, abs(self.lots), self.entry_ticks, exit_ticks))


def trade_by_hand(given: Given) -> Outcome:
    """Decide at every close and trade at the next open: first out of a position that is no longer targeted, then in."""
    account = _Account()
    stamps, opens, closes = given.ts.tolist(), given.opens.tolist(), given.closes.tolist()
    for i, direction in enumerate(given.directions.tolist()[:-1]):
        if direction != direction or account.lots * direction > 0:
            continue
        target = _affordable(account.equity(closes[i]), closes[i])
        enters = target * closes[i] * MULTIPLIER >= NOTIONAL_MIN_QUANTA
        if account.lots != 0:
            account.note_trade(stamps[i + 1], opens[i + 1])
            account.fill(-account.lots, opens[i + 1])
        if direction != 0.0 and enters:
            _enter(account, int(direction), target, stamps[i + 1], opens[i + 1])
    if account.lots != 0:
        account.note_trade(stamps[-1] + given.interval_ns, closes[-1])
    return Outcome(account.trades, account.equity(closes[-1]))


def _enter(account: _Account, direction: int, target: int, ts: int, ticks: int) -> None:
    """Clip an entry to the cash that is free; drop one under the venue's minimum."""
    lots = min(target, _affordable(account.cash, ticks))
    if lots < target and lots * ticks * MULTIPLIER < NOTIONAL_MIN_QUANTA:
        return
    account.fill(direction * lots, ticks)
    account.entry_ts, account.entry_ticks = ts, ticks


def _fee(lots: int, ticks: int) -> int:
    return -(-abs(lots) * ticks * MULTIPLIER // FEE_DIVISOR)


def _affordable(funds: int, ticks: int) -> int:
    """Return the most lots that funds pay for with their fee; a short sale is covered by its value in the same way."""
    lots = max(funds, 0) * FEE_DIVISOR // (FEE_DIVISOR + 1) // (ticks * MULTIPLIER)
    while lots * ticks * MULTIPLIER + _fee(lots, ticks) > funds and lots > 0:
        lots -= 1
    return lots
