"""A position as it will be once the entries in flight have filled; as it is while nothing is promised.

Several instruments may decide at one time stamp, or stand in one batch. Without this the second would be judged as if
the first had ordered nothing, and together they could pass a limit that each keeps.
"""

from quaestor.jit.compile import kernel
from quaestor.jit.tables import Row, Table
from quaestor.ledger.ledger import notional, outlay
from quaestor.risk.permissions import exposure_weight


@kernel
def reserve(account: Row, book: Row, instrument: Row, working: int) -> None:
    """Count signed lots in flight, not 0, as held, valued at the instrument's last close."""
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
    """As it is outside of a judgement: nothing is promised."""
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
    """Signed lots."""
    in_flight: int = book["risk"]["in_flight_lots"]
    held: int = book["position"]["lots"]
    return in_flight if in_flight != 0 else held


@kernel
def expected_notional(book: Row) -> float:
    """Worth in quanta, ≥ 0, never less than that of what is held."""
    return float(book["position"]["notional"] + book["risk"]["in_flight_notional"])
