"""Fixed sizer: a fixed share of equity."""

from quaestor.jit.compile import kernel
from quaestor.jit.tables import Row
from quaestor.ledger.ledger import equity
from quaestor.numeric.arithmetic import RATE_ONE, muldiv_floor
from quaestor.risk.sizing.contract import Sizer


@kernel
def cap(account: Row, book: Row, instrument: Row, params: Row, event: Row, stop: int) -> int:
    """Return the account's `size` × equity; see `risk.sizing.contract`."""
    return muldiv_floor(max(equity(account["ledger"]), 0), params["size_rate"], RATE_ONE)


SIZER = Sizer("fixed", cap, (), account_fields=(("size_rate", "i8"),))
