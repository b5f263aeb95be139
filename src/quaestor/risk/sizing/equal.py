"""Equal sizer: the same share of equity for every position, equity over the number of positions held at once.

Equal weights lose little against optimal ones (DeMiguel, Garlappi, Uppal 2009, "Optimal Versus Naive Diversification").
"""

from quaestor.domain.parameter import Real
from quaestor.jit.compile import kernel
from quaestor.jit.tables import Row
from quaestor.ledger.ledger import equity
from quaestor.risk.sizing.contract import Sizer, whole_quanta


@kernel
def cap(account: Row, book: Row, instrument: Row, params: Row, event: Row, stop: int) -> int:
    """Return equity / positions; see `risk.sizing.contract`."""
    return whole_quanta(float(equity(account["ledger"])) / params["equal_positions"])


SIZER = Sizer("equal", cap, (Real("equal_positions", 5.0, 1.0, 1000.0, "positions that share the equity (`equal`)"),))
