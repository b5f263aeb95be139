"""A fixed share of equity, whatever the market does."""

from quaestor.kernels.arithmetic import RATE_ONE, muldiv_floor
from quaestor.kernels.compile import kernel
from quaestor.kernels.layout import Row
from quaestor.kernels.ledger import equity
from quaestor.risk.sizing.contract import Sizer


@kernel
def cap(account: Row, book: Row, instrument: Row, params: Row, event: Row, stop: int) -> int:
    """The account's `size` × equity; see `risk.sizing.contract`."""
    return muldiv_floor(max(equity(account["ledger"]), 0), params["size_rate"], RATE_ONE)


SIZER = Sizer("fixed", cap, (), account_fields=(("size_rate", "i8"),))
