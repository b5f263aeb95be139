"""Sleeve figures: what each strategy of an account made, symbol by symbol; they add up to the account's."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from quaestor.engine.engine import Output
from quaestor.engine.sleeves import SLEEVE_BOOK, book_sleeves, sleeve_profit
from quaestor.jit.tables import Table
from quaestor.ledger.rows import DECISION, ORDER_EVENT, TRADE
from quaestor.runtime.assembly.assemble import Assembly


@dataclass(frozen=True, slots=True)
class SleeveFigures:
    """Figures of one strategy on one symbol. Money is in the settlement asset; `pnl` is net of fees and funding, with
    what is held marked at the last close; `position` is what it holds at the end, in units of the market."""

    strategy: str
    symbol: str
    share: float
    pnl: float
    fees: float
    funding: float
    position: float


class SleeveBooks:
    """Observer that keeps the books of several strategies (see `engine.sleeves`).

    The signal of each strategy is computed a second time, from the data: decisions hold the net target alone.
    """

    def __init__(self, assembly: Assembly) -> None:
        self._assembly = assembly
        alphas = assembly.signal_model.alphas
        given = assembly.config.strategy.shares or [1.0 / len(alphas)] * len(alphas)
        self._shares: NDArray[np.float64] = np.asarray(given, dtype=np.float64)
        self.books: Table = np.zeros(len(assembly.traded_instruments), SLEEVE_BOOK)
        self._coming = self._signals()
        none = (np.zeros(0, dtype) for dtype in (DECISION, ORDER_EVENT, TRADE))
        book_sleeves(self.books, self._shares, np.zeros((len(alphas), 0)), assembly.instruments, *none)  # compiles it
        self._ahead: NDArray[np.float64] = np.zeros((len(alphas), 0))

    def observe(self, output: Output) -> None:
        """Book one batch of output."""
        n = len(output.decisions)
        while self._ahead.shape[1] < n:
            self._ahead = np.concatenate((self._ahead, next(self._coming)), axis=1)
        signals = np.ascontiguousarray(self._ahead[:, :n])
        self._ahead = self._ahead[:, n:]
        instruments = self._assembly.instruments
        book_sleeves(self.books, self._shares, signals, instruments, output.decisions, output.orders, output.trades)

    def profits(self, index: int) -> list[int]:
        """Return the quanta that each strategy made on an instrument of the account."""
        instrument = self._assembly.instruments[index]
        return [sleeve_profit(self.books[index], instrument, j) for j in range(len(self._shares))]

    def figures(self, trades: Table) -> list[SleeveFigures]:
        """Return every strategy on every symbol. What rounding leaves against the round trips falls to the last
        strategy."""
        found: list[SleeveFigures] = []
        for index, traded in enumerate(self._assembly.traded_instruments):
            profits = self.profits(index)
            profits[-1] += int(trades["pnl"][trades["instrument"] == index].sum()) - sum(profits)
            book = self.books[index]
            money, lot = float(traded.instrument.quantum), float(traded.instrument.lot_size)
            for j, alpha in enumerate(self._assembly.signal_model.alphas):
                found.append(
                    SleeveFigures(
                        strategy=alpha.name,
                        symbol=traded.bars.symbol,
                        share=float(self._shares[j]),
                        pnl=profits[j] * money,
                        fees=int(book["fees"][j]) * money,
                        funding=int(book["funding"][j]) * money,
                        position=int(book["held"][j]) * lot,
                    )
                )
        return found

    def _signals(self) -> Iterator[NDArray[np.float64]]:
        """Yield the signal of each strategy, float64 (strategies, n), in the order of the decisions."""
        feed = self._assembly.feed()
        for batch in feed.batches():
            feed.produce(batch)
            votes = np.empty((len(self._shares), len(batch)))
            for k, pipeline in enumerate(feed.pipelines):
                own = batch.instruments == k
                votes[:, own] = pipeline.opinion[pipeline.signal_model.alpha_signals, batch.rows[own]]
            yield votes
