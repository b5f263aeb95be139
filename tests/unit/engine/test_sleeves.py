"""Books of strategies that share a position add up to it, and to what the account made, in whole lots and quanta."""

from collections.abc import Sequence
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.builders import Bar, Record, bars_to_events, engine, engine_settings, instrument

from quaestor.engine.engine import Engine, Output
from quaestor.engine.settings import CostSettings
from quaestor.engine.sleeves import SLEEVE_BOOK, book_sleeves, sleeve_profit
from quaestor.jit.tables import Table
from quaestor.ledger.codes import ContractKind

NAN = float("nan")


class Books:
    """An engine driven bar by bar by several strategies, and their books beside it."""

    def __init__(self, target: Engine, shares: tuple[float, ...]) -> None:
        self.engine = target
        self.shares = np.array(shares)
        self.books = np.zeros(len(target.books), SLEEVE_BOOK)
        self.record = Record()
        self._signals = np.zeros((len(shares), 0))
        self.history: list[list[int]] = []

    def run(self, bars: list[Bar], votes: Sequence[tuple[float, ...]]) -> None:
        signals = np.zeros((len(self.engine.books), len(self.shares)))
        rows = []
        for bar, vote in zip(bars, votes, strict=True):
            given = np.array(vote)
            known = ~np.isnan(given)
            signals[bar.instrument, known] = given[known]
            net = float(self.shares @ signals[bar.instrument]) if known.any() else NAN
            rows.append(Bar(**{**{name: getattr(bar, name) for name in bar.__slots__}, "signal": net}))
        events = bars_to_events(rows)
        for i in range(len(events)):
            self._signals = np.array(votes[i]).reshape(-1, 1)
            self.engine.run(events, i, i + 1, self._take)

    def _take(self, output: Output) -> None:
        self.record.keep(output)
        signals = np.ascontiguousarray(self._signals[:, : len(output.decisions)])
        book_sleeves(
            self.books, self.shares, signals, self.engine.instruments, output.decisions, output.orders, output.trades
        )
        self.history.append(self.held(0))

    def held(self, index: int) -> list[int]:
        return [int(lots) for lots in self.books[index]["held"][: len(self.shares)]]

    def profits(self) -> list[int]:
        pairs = zip(self.books, self.engine.instruments, strict=True)
        return [sum(sleeve_profit(book, rules, j) for j in range(len(self.shares))) for book, rules in pairs]

    def earned(self) -> int:
        return self.engine.equity_quanta - int(self.engine.account[0]["ledger"]["capital"])


def flat(prices: list[int], **fields: int) -> list[Bar]:
    return [Bar(price, price, price, price, **fields) for price in prices]


def test_two_strategies_that_agree_and_then_part() -> None:
    """Equity 10,000 of one lot at 100; size 1: a full signal is 100 lots, of which each strategy has half."""
    target = engine(instrument(shortable=True), engine_settings(resize_step=0.1))
    books = Books(target, (0.5, 0.5))
    books.run(flat([100, 100, 110, 110, 110]), [(1, 1), (1, 1), (1, 1), (0, 1), (0, 1)])
    # 100 lots, each 50; at 110 (equity 11,000) the first leaves: half a signal is 50 lots, all of them the second's
    assert books.history == [[0, 0], [50, 50], [50, 50], [50, 50], [0, 50]]
    profits = [sleeve_profit(books.books[0], target.instruments[0], j) for j in range(2)]
    assert profits == [50 * 10 * 100, 50 * 10 * 100]
    assert sum(profits) == books.earned()


def test_what_cancels_at_the_venue_is_held_against_one_another() -> None:
    target = engine(instrument(shortable=True), engine_settings(resize_step=0.1))
    books = Books(target, (0.75, 0.25))
    books.run(flat([100, 100, 120, 120]), [(1, -1), (1, -1), (1, -1), (1, -1)])
    assert books.held(0) == [75, -25]
    first, second = (sleeve_profit(books.books[0], target.instruments[0], j) for j in range(2))
    assert (first, second) == (75 * 20 * 100, -25 * 20 * 100)


def test_on_the_way_to_a_position_each_comes_nearer_to_its_part() -> None:
    """Ten lots a bar: the first strategy's fifty go, the second's stay."""
    costs = CostSettings(Decimal(0), Decimal(0), 0, Decimal("0.1"))
    target = engine(instrument(shortable=True), engine_settings(costs=costs, resize_step=0.1))
    books = Books(target, (0.5, 0.5))
    bars = [*flat([100] * 3, volume=10_000), *flat([100] * 7, volume=100)]
    books.run(bars, [(1, 1)] * 3 + [(0, 1)] * 7)
    assert books.history[3:] == [[50, 50], [40, 50], [30, 50], [20, 50], [10, 50], [0, 50], [0, 50]]


def test_what_the_officer_leaves_is_shared_in_proportion() -> None:
    target = engine(instrument(), engine_settings("permissive", {"position_pct": 10.0}, resize_step=0.1))
    books = Books(target, (0.75, 0.25))
    books.run(flat([100, 100, 100]), [(1, 1), (1, 1), (1, 1)])
    assert sum(books.held(0)) == 10
    assert books.held(0) == [7, 3]


def test_fees_fall_on_those_who_traded() -> None:
    target = engine(instrument(taker_fee=Decimal("0.01")), engine_settings(resize_step=0.1))
    books = Books(target, (0.5, 0.5))
    books.run(flat([100] * 5), [(1, 0), (1, 0), (1, 1), (1, 1), (1, 1)])
    fees = [int(fee) for fee in books.books[0]["fees"][:2]]
    ledger = target.account[0]["ledger"]
    assert sum(fees) == ledger["fees"] > 0
    assert fees[0] == pytest.approx(fees[1], rel=0.05)
    assert sum(books.profits()) == books.earned() < 0


def test_a_stop_takes_everybody_out() -> None:
    target = engine(instrument(), engine_settings("permissive", {"stop_loss_pct": 5.0}, resize_step=0.1))
    books = Books(target, (0.5, 0.5))
    bars = [*flat([100, 100]), Bar(100, 100, 90, 95), *flat([95])]
    books.run(bars, [(1, 1)] * 4)
    assert books.history[-2:] == [[0, 0], [0, 0]]
    assert sum(books.profits()) == books.earned() == -100 * 5 * 100


VOTES = st.sampled_from([NAN, -1.0, -0.4, 0.0, 0.3, 1.0])
STEP = st.tuples(st.integers(-30, 30), st.integers(0, 25), VOTES, VOTES, VOTES, st.sampled_from([0.0, 0.0, 0.003]))


@settings(max_examples=60)
@given(
    steps=st.lists(STEP, min_size=2, max_size=60),
    kind=st.sampled_from([ContractKind.SPOT, ContractKind.LINEAR, ContractKind.INVERSE]),
    leverage=st.sampled_from([1, 20]),
    latency_bars=st.sampled_from([0, 1]),
    thin=st.booleans(),
)
def test_books_add_up_whatever_happens(
    steps: list[tuple[int, int, float, float, float, float]],
    kind: ContractKind,
    leverage: int,
    latency_bars: int,
    thin: bool,
) -> None:
    rules = instrument(kind, shortable=True, taker_fee=Decimal("0.0007"), maintenance_margin=Decimal("0.01"))
    costs = CostSettings(Decimal(3), Decimal(1), 60_000 * latency_bars, Decimal("0.1") if thin else None)
    given = {"size": 0.9 * leverage, "leverage": leverage if kind is not ContractKind.SPOT else 1}
    limits = {"stop_loss_pct": 4.0, "trailing_pct": 3.0}
    target = engine(rules, engine_settings("permissive", limits, costs, resize_step=0.1, **given))
    books = Books(target, (0.5, 0.3, 0.2))
    price, bars = 10_000, []
    for change, spread, *_, rate in steps:
        opened = price
        price = max(price + change * 10, 100)
        low, high = min(opened, price) - spread, max(opened, price) + spread
        bars.append(Bar(opened, high, low, price, volume=40 if thin else 10**9, funding=rate))
    books.run(bars, [(a, b, c) for _, _, a, b, c, _ in steps])
    held = int(target.books[0]["position"]["lots"])
    assert sum(books.held(0)) == held == books.books[0]["lots"]
    ledger = target.account[0]["ledger"]
    assert books.books[0]["fees"].sum() == ledger["fees"]
    assert books.books[0]["funding"].sum() == ledger["funding"]
    slack = 4 * len(books.record.all_orders) + 4 if kind is ContractKind.INVERSE else 0  # quanta that rounding takes
    assert abs(sum(books.profits()) - books.earned()) <= slack


def test_every_instrument_has_books_of_its_own() -> None:
    several = [instrument(symbol=f"S{k}", base=f"A{k}", shortable=True) for k in range(2)]
    target = engine(several, engine_settings(size=0.4, resize_step=0.1))
    books = Books(target, (0.5, 0.5))
    bars: list[Bar] = []
    for price in (100, 100, 110):
        bars += flat([price], instrument=0) + flat([2 * price], instrument=1)
    books.run(bars, [(1, 1), (-1, 0), (1, 1), (-1, 0), (1, 1), (-1, 0)])
    assert [books.held(k) for k in range(2)] == [[20, 20], [-10, 0]]
    assert sum(books.profits()) == books.earned()


def test_one_batch_equals_many() -> None:
    target = engine(instrument(shortable=True), engine_settings(resize_step=0.1))
    books = Books(target, (0.6, 0.4))
    chance = np.random.default_rng(4)
    votes = [tuple(float(x) for x in chance.choice([-1.0, 0.0, 1.0], 2)) for _ in range(80)]
    books.run(flat((1000 + chance.integers(-9, 9, 80).cumsum()).tolist()), votes)
    once = np.zeros(1, SLEEVE_BOOK)
    whole: Table = target.instruments
    record = books.record
    book_sleeves(
        once,
        books.shares,
        np.ascontiguousarray(np.array(votes).T),
        whole,
        record.all_decisions,
        record.all_orders,
        record.all_trades,
    )
    assert once.tobytes() == books.books.tobytes()
