"""Ledger: it balances at every posting, and rounding never creates money."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.builders import instrument

from quaestor.domain.instrument import Instrument
from quaestor.ledger.codes import ContractKind

from .books import Books

CAPITAL = 10**13
KINDS = [ContractKind.SPOT, ContractKind.LINEAR, ContractKind.INVERSE]


def traded(kind: ContractKind) -> Instrument:
    return instrument(kind, shortable=True, max_price=Decimal(10**6), max_quantity=Decimal(10**6))


@dataclass(frozen=True)
class Step:
    """One posting: a fill, or funding, or a mark, or a liquidation."""

    what: str
    lots: int
    ticks: int
    rate: int


STEPS = st.lists(
    st.builds(
        Step,
        st.sampled_from(["fill", "fill", "fill", "close", "flip", "fund", "mark", "liquidate"]),
        st.integers(-5000, 5000).filter(bool),
        st.integers(1, 10**5),
        st.sampled_from([0, 1, 7, 33_333, 100_000, -10_000, -25_001]),
    ),
    max_size=25,
)


def post(books: Books, step: Step) -> None:
    held = books.lots
    if step.what == "fund":
        if held and books.rules[0]["margined"]:
            books.fund(step.lots)
    elif step.what == "mark":
        books.mark(step.ticks)
    elif step.what == "liquidate":
        if held and (held < 0 or books.rules[0]["margined"]):
            books.liquidate()
    else:
        lots = {"fill": step.lots, "close": -held, "flip": -2 * held}[step.what]
        if lots:
            books.fill(lots, step.ticks, step.rate)


def check(books: Books) -> None:
    ledger, position = books.ledger[0], books.position[0]
    assert books.imbalance == 0
    assert position["reserved"] == ledger["reserved"] >= 0
    assert position["value"] == ledger["position_value"]
    assert position["notional"] == ledger["gross"] >= 0
    assert position["exposure"] == ledger["exposure"]
    assert ledger["open_cost"] == (0 if books.rules[0]["margined"] else position["cost"])
    if books.lots == 0:
        assert [int(position[n]) for n in ("cost", "reserved", "value", "notional", "exposure")] == [0] * 5
        assert ledger["open_cost"] == ledger["reserved"] == 0
        closed = books.trades[: books.n_trades]
        assert int(closed["pnl"].sum()) == ledger["realised"] - ledger["fees"] - ledger["funding"]
        assert books.equity == ledger["cash"] == CAPITAL + int(closed["pnl"].sum())
        assert int(closed["fee"].sum()) == ledger["fees"]
        assert int(closed["funding"].sum()) == ledger["funding"]


@pytest.mark.parametrize("kind", KINDS)
@given(st.integers(1, 20), STEPS)
def test_the_ledger_balances_at_every_posting(kind: ContractKind, leverage: int, steps: Sequence[Step]) -> None:
    books = Books(traded(kind), CAPITAL, leverage)
    for step in [*steps, Step("close", 0, 1234, 100_000)]:
        post(books, step)
        check(books)


@pytest.mark.parametrize("kind", KINDS)
@given(st.integers(1, 20), STEPS)
def test_the_interpreted_twin_posts_the_same_bytes(kind: ContractKind, leverage: int, steps: Sequence[Step]) -> None:
    compiled, plain = Books(traded(kind), CAPITAL, leverage), Books(traded(kind), CAPITAL, leverage, plain=True)
    for step in steps:
        post(compiled, step)
        post(plain, step)
    assert compiled.bytes() == plain.bytes()


def exact_worth(kind: ContractKind, books: Books, lots: int, ticks: int) -> Fraction:
    """Signed value without rounding."""
    rules = books.rules[0]
    if kind is ContractKind.INVERSE:
        return Fraction(-lots * int(rules["inverse_numerator"]), ticks)
    return Fraction(lots * ticks * int(rules["multiplier"]))


@pytest.mark.parametrize("kind", KINDS)
@given(
    st.lists(
        st.tuples(st.integers(-500, 500).filter(bool), st.integers(1, 10**4), st.sampled_from([0, 1, 33_333, -25_001])),
        min_size=1,
        max_size=12,
    ),
    st.integers(1, 10**4),
)
def test_rounding_never_creates_a_profit(kind: ContractKind, fills: Sequence[tuple[int, int, int]], last: int) -> None:
    books = Books(traded(kind), CAPITAL, 3)
    exact = Fraction(CAPITAL)
    for lots, ticks, rate in [*fills, (-sum(lots for lots, _, _ in fills), last, 0)]:
        if lots == 0:
            continue
        books.fill(lots, ticks, rate)
        worth = exact_worth(kind, books, lots, ticks)
        exact -= worth + abs(worth) * Fraction(rate, 10**8)
    assert books.lots == 0
    assert books.equity <= exact


@pytest.mark.parametrize("kind", KINDS)
@given(st.integers(1, 10**6), st.integers(1, 10**6), st.integers(-100_000, 100_000))
def test_a_fee_is_never_below_its_exact_amount(kind: ContractKind, lots: int, ticks: int, rate: int) -> None:
    for signed in (lots, -lots):
        books = Books(traded(kind), CAPITAL, 1)
        worth = abs(exact_worth(kind, books, signed, ticks))
        fee = books.fill(signed, ticks, rate)
        assert 0 <= fee - worth * Fraction(rate, 10**8) < 2


@given(st.integers(2, 1000), st.integers(1, 10**4), st.integers(1, 10**4), st.data())
def test_a_partial_close_takes_the_floor_of_its_share_of_the_cost(
    lots: int, entry: int, exit_price: int, data: st.DataObject
) -> None:
    part = data.draw(st.integers(1, lots - 1))
    for side in (1, -1):
        books = Books(traded(ContractKind.INVERSE), CAPITAL, 1)
        books.fill(side * lots, entry, 0)
        cost = int(books.position[0]["cost"])
        books.fill(-side * part, exit_price, 0)
        assert books.position[0]["cost"] == cost - cost * part // lots


@pytest.mark.parametrize("kind", KINDS)
@given(st.integers(1, 1000), st.integers(2, 10**4), st.integers(2, 20), st.booleans())
def test_a_liquidation_loses_the_margin_and_nothing_more(
    kind: ContractKind, lots: int, ticks: int, leverage: int, is_long: bool
) -> None:
    if kind is ContractKind.SPOT:
        is_long = False
    books = Books(traded(kind), CAPITAL, leverage)
    books.fill(lots if is_long else -lots, ticks, 0)
    margin = int(books.ledger[0]["reserved"])
    if kind is ContractKind.SPOT:
        margin += int(books.position[0]["cost"])  # the proceeds are locked too, and are given back
    books.liquidate()
    assert books.ledger[0]["cash"] == CAPITAL - margin
    assert books.ledger[0]["liquidations"] == 1
    check(books)


@given(st.integers(1, 1000), st.integers(100, 10**4), st.integers(2, 20), st.booleans())
def test_liquidation_is_not_due_at_the_entry_price_and_is_due_once_the_margin_is_lost(
    lots: int, ticks: int, leverage: int, is_long: bool
) -> None:
    side = 1 if is_long else -1
    books = Books(traded(ContractKind.LINEAR), CAPITAL, leverage)
    books.fill(side * lots, ticks, 0)
    assert not books.is_due(ticks)
    assert books.is_due(max(ticks - side * (ticks // leverage + 1), 1))


def test_funding_beyond_the_cash_is_taken_from_the_margin() -> None:
    books = Books(traded(ContractKind.LINEAR), 10_000, 10)
    books.fill(10, 100, 0)
    books.fund(3_000)
    assert (int(books.ledger[0]["cash"]), int(books.ledger[0]["reserved"])) == (7_000, 7_000)
    books.fund(-5_000)
    assert (int(books.ledger[0]["cash"]), int(books.ledger[0]["reserved"])) == (12_000, 7_000)
    books.liquidate()
    assert books.ledger[0]["cash"] == 5_000
    assert books.imbalance == 0


def test_a_trade_is_a_round_trip_from_flat_to_flat() -> None:
    books = Books(traded(ContractKind.SPOT), CAPITAL, 1)
    books.fill(10, 100, 100_000)
    books.fill(5, 110, 100_000)
    books.fill(-12, 120, 100_000)
    assert books.n_trades == 0
    books.fill(-8, 130, 100_000)  # 3 close, 5 open a short
    assert books.n_trades == 1
    trade = books.trades[0]
    assert (int(trade["side"]), int(trade["lots"])) == (1, 15)
    assert int(trade["entry_value"]) == 155_000
    assert int(trade["exit_value"]) == 144_000 + 39_000
    assert int(trade["fee"]) == 100 + 55 + 144 + 39
    assert int(trade["pnl"]) == 183_000 - 155_000 - 338
    assert books.lots == -5
