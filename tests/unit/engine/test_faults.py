"""What cannot be true stops the engine for good, whatever it is."""

import pytest
from tests.builders import Bar, bars_to_events, engine, instrument

from quaestor.engine.engine import Engine
from quaestor.engine.trading_loop import FAULT_EVENT, FAULT_IMBALANCE, FAULT_RAISED
from quaestor.errors import InvariantError
from quaestor.jit.tables import Table
from quaestor.ledger.codes import ContractKind

SAYS = {
    FAULT_IMBALANCE: "does not balance",
    FAULT_EVENT: "no such instrument",
    FAULT_RAISED: "positive divisor",
}


def broken_at_the_second_bar(fault: int) -> tuple[Engine, Table]:
    """An engine in a position, and a second bar that breaks it in one way."""
    kind = ContractKind.INVERSE if fault == FAULT_RAISED else ContractKind.SPOT
    subject = engine(instrument(kind))
    events = bars_to_events([Bar(100, 100, 100, 100, signal=1.0) for _ in range(4)])
    subject.advance(events, 0, 1)
    if fault == FAULT_IMBALANCE:
        subject.account[0]["ledger"]["cash"] += 1
    elif fault == FAULT_EVENT:
        events[1]["instrument"] = 7
    else:
        events[1]["close"] = 0  # a price that no gate lets through: an inverse contract has no worth at it
    return subject, events


@pytest.mark.parametrize("fault", sorted(SAYS))
def test_a_fault_stops_the_engine_and_stays(fault: int) -> None:
    subject, events = broken_at_the_second_bar(fault)
    with pytest.raises(InvariantError, match=SAYS[fault]):
        subject.advance(events, 1, 4)
    assert int(subject.account[0]["fault"]) == fault
    before = subject.digest()
    with pytest.raises(InvariantError):
        subject.advance(events, 2, 4)
    assert subject.digest() == before


def test_rows_beyond_a_table_are_never_read() -> None:
    subject, events = engine(instrument()), bars_to_events([Bar(100, 100, 100, 100)] * 2)
    before = subject.digest()
    with pytest.raises(IndexError, match="3 of 2 events"):
        subject.advance(events, 0, 3)
    assert subject.digest() == before
