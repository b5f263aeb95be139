"""Reservations in flight: a position is evaluated as it will be once the entries in flight have filled.

Several instruments may decide at one time stamp, or be in one batch. Without reservations the second would be evaluated
as if the first had ordered nothing, and together they could exceed a limit that each of them keeps.
"""

from quaestor.jit.compile import kernel
from quaestor.jit.tables import Row, Table
from quaestor.ledger.ledger import notional, outlay
from quaestor.risk.permissions import exposure_weight


@kernel
def reserve(account: Row, book: Row, instrument: Row, working: int) -> None:
    """Reserve signed lots in flight, not 0, as if held, valued at the instrument's last close."""
    risk, position, memory = account["risk"], book["position"], book["risk"]
    ticks = memory["last_close"]
    turns = position["lots"] * working < 0
    expected = working if turns else position["lots"] + working
    grown = max(notional(instrument, expected, ticks) - position["notional"], 0)
    memory["in_flight_lots"] = expected
    memory["in_flight_notional"] = grown
    memory["in_flight_exposure"] = int(exposure_weight(instrument) * grown)
    risk["in_flight_gross"] += grown
    risk["in_flight_exposure"] += memory["in_flight_exposure"]
    if not turns:  # a reversal is paid for by what it closes
        risk["in_flight_funds"] += outlay(instrument, working, ticks, instrument["taker_rate"])


@kernel
def release_in_flight(account: Row, books: Table) -> None:
    """Release every reservation: none is left outside of an evaluation."""
    risk = account["risk"]
    risk["in_flight_gross"] = 0
    risk["in_flight_exposure"] = 0
    risk["in_flight_funds"] = 0
    for k in range(len(books)):
        books[k]["risk"]["in_flight_lots"] = 0
        books[k]["risk"]["in_flight_notional"] = 0
        books[k]["risk"]["in_flight_exposure"] = 0


@kernel
def expected_lots(book: Row) -> int:
    """Return the signed lots of a position, entries in flight included."""
    in_flight: int = book["risk"]["in_flight_lots"]
    held: int = book["position"]["lots"]
    return in_flight if in_flight != 0 else held


@kernel
def expected_notional(book: Row) -> float:
    """Return the notional in quanta of a position, entries in flight included; never below that of the held lots."""
    return float(book["position"]["notional"] + book["risk"]["in_flight_notional"])
