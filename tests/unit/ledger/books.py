"""Books for the ledger's property tests: a ledger with one position, posted to one fill at a time."""

from typing import Any

import numpy as np
from tests.builders import MINUTE

from quaestor.domain.instrument import Instrument
from quaestor.engine.settings import pack_instruments
from quaestor.jit.compile import interpreted, kernel
from quaestor.jit.tables import Table
from quaestor.ledger.ledger import (
    LEDGER,
    POSITION,
    charge_funding,
    fee_on,
    imbalance,
    is_liquidated,
    mark,
    post_fill,
    post_liquidation,
    value_floor,
)
from quaestor.ledger.rows import TRADE


@kernel
def _fill(ledger: Table, position: Table, rules: Table, lots: int, ticks: int, fee: int, trades: Table, n: int) -> int:
    return post_fill(ledger[0], position[0], rules[0], 0, lots, ticks, fee, 7, 8, 2, trades, n)


@kernel
def _liquidate(ledger: Table, position: Table, rules: Table, trades: Table, n: int) -> int:
    return post_liquidation(ledger[0], position[0], rules[0], 0, 7, 8, 6, trades, n)


@kernel
def _mark(ledger: Table, position: Table, rules: Table, ticks: int) -> None:
    mark(ledger[0], position[0], rules[0], ticks)


@kernel
def _fund(ledger: Table, position: Table, rules: Table, amount: int) -> None:
    charge_funding(ledger[0], position[0], rules[0], amount)


@kernel
def _due(position: Table, rules: Table, ticks: int) -> bool:
    return is_liquidated(position[0], rules[0], ticks)


@kernel
def _fee(rules: Table, lots: int, ticks: int, rate: int) -> int:
    return fee_on(rules[0], lots, ticks, rate)


@kernel
def _worth(rules: Table, lots: int, ticks: int) -> int:
    return value_floor(rules[0], lots, ticks)


@kernel
def _imbalance(ledger: Table) -> int:
    return imbalance(ledger[0])


class Books:
    """One account, one instrument; `plain` posts through the interpreted twins."""

    def __init__(self, traded: Instrument, capital: int, leverage: int, *, plain: bool = False) -> None:
        self.rules = pack_instruments([traded], MINUTE, leverage)
        self.ledger = np.zeros(1, LEDGER)
        self.ledger["capital"] = self.ledger["cash"] = capital
        self.position = np.zeros(1, POSITION)
        self.trades = np.zeros(64, TRADE)
        self.n_trades = 0
        self._plain = plain

    def _call(self, function: Any, *arguments: Any) -> Any:
        chosen = interpreted(function) if self._plain else function
        return chosen(*arguments)

    def fill(self, lots: int, ticks: int, rate: int) -> int:
        """Post a fill with its fee, and return the fee."""
        fee: int = self._call(_fee, self.rules, lots, ticks, rate)
        self.n_trades = self._call(
            _fill, self.ledger, self.position, self.rules, lots, ticks, fee, self.trades, self.n_trades
        )
        return fee

    def liquidate(self) -> None:
        """Post a liquidation of the position."""
        self.n_trades = self._call(_liquidate, self.ledger, self.position, self.rules, self.trades, self.n_trades)

    def mark(self, ticks: int) -> None:
        """Revalue the position."""
        self._call(_mark, self.ledger, self.position, self.rules, ticks)

    def fund(self, amount: int) -> None:
        """Post a funding payment."""
        self._call(_fund, self.ledger, self.position, self.rules, amount)

    def is_due(self, ticks: int) -> bool:
        """Return whether the position is liquidated at a price."""
        return bool(self._call(_due, self.position, self.rules, ticks))

    def worth(self, lots: int, ticks: int) -> int:
        """Return the signed value of lots at a price."""
        return int(self._call(_worth, self.rules, lots, ticks))

    @property
    def imbalance(self) -> int:
        """Return the imbalance of the ledger; 0 while it balances."""
        return int(self._call(_imbalance, self.ledger))

    @property
    def lots(self) -> int:
        """Return the position's lots."""
        return int(self.position[0]["lots"])

    @property
    def equity(self) -> int:
        """Return cash and the value of the position together."""
        return int(self.ledger[0]["cash"] + self.ledger[0]["position_value"])

    def bytes(self) -> bytes:
        """Return the bytes of ledger, position and trades."""
        return self.ledger.tobytes() + self.position.tobytes() + self.trades[: self.n_trades].tobytes()
