"""Feeding an engine row by row from a table that it is bound to: the same, only faster; and broken books stop it."""

import numpy as np
import pytest
from tests.builders import bars_to_events, engine, flat_bars, instrument

from quaestor.engine.engine import Engine
from quaestor.errors import InvariantError
from quaestor.jit.cache import INTERPRETED
from quaestor.jit.compile import entry_point, kernel
from quaestor.jit.tables import Table


def market(rows: int) -> Table:
    generator = np.random.default_rng(rows)
    events = bars_to_events(flat_bars([int(price) for price in 100 + generator.integers(-5, 6, rows).cumsum() % 50]))
    events["signal"] = generator.integers(0, 2, rows)
    return events


def decide_row_by_row(trader: Engine, events: Table) -> bytes:
    parts = []
    for i in range(len(events)):
        assert trader.advance(events, i, i + 1) == i + 1
        parts.append(trader.drain().decisions.tobytes())
    return b"".join(parts)


def test_a_bound_engine_decides_the_same() -> None:
    events = market(300)
    plain, bound = engine(instrument()), engine(instrument())
    bound.bind(events)
    assert decide_row_by_row(bound, events) == decide_row_by_row(plain, events)
    assert bound.digest() == plain.digest()


def test_another_table_goes_to_a_bound_engine_too() -> None:
    events = market(300)
    plain, bound = engine(instrument()), engine(instrument())
    bound.bind(events)
    others = np.repeat(events, 2)[::2]  # the same rows, in steps that the bound code does not know
    assert decide_row_by_row(bound, others) == decide_row_by_row(plain, events)


@pytest.mark.parametrize("is_bound", [False, True])
def test_books_that_do_not_balance_stop_the_engine_at_that_event_for_good(is_bound: bool) -> None:
    events = market(3)
    trader = engine(instrument())
    if is_bound:
        trader.bind(events)
    trader.advance(events, 0, 2)
    trader.account[0]["ledger"]["cash"] += 1
    for _ in range(2):
        with pytest.raises(InvariantError, match="event 2: the ledger does not balance"):
            trader.advance(events, 2, 3)


@kernel
def add_up(values: np.ndarray[tuple[int], np.dtype[np.float64]], n: int) -> float:
    total = 0.0
    for k in range(n):
        total += values[k]
    return total


def test_an_entry_point_is_the_kernel_without_its_look_at_the_arguments() -> None:
    values = np.arange(5.0)
    direct = entry_point(add_up, values, 0)
    assert direct(values, 5) == add_up(values, 5) == 10.0
    assert (direct is add_up) == INTERPRETED
