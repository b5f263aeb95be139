"""What a sizer is: a kernel that says how large a position of full strength may be.

A sizer's kernel is::

    cap(account, book, instrument, params, event, stop) -> quanta

the largest notional in quanta that it would hold from the event's close on. `stop` is how many ticks away the
protective stop will be, 0 without one. `SILENT` says that the sizer cannot tell, for what it needs is not known. Silent
sizers are left out; when all are silent nothing is opened, for an unknown size is no size.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from quaestor.domain.parameter import Real
from quaestor.jit.compile import inlined
from quaestor.ledger.rows import NO_LIMIT, WHOLE_MAX

#: Stands for a notional that a sizer cannot name.
SILENT = -1


@dataclass(frozen=True, slots=True)
class Sizer:
    """One sizer. The names of its parameters are its own in the whole catalog."""

    name: str
    cap: Callable[..., int]
    parameters: tuple[Real, ...]
    account_fields: tuple[tuple[str, str], ...] = ()  # of its record, filled from the account's settings

    @property
    def dtype(self) -> np.dtype[np.void]:
        """Layout of its parameters."""
        fields = [(parameter.name, "f8") for parameter in self.parameters]
        return np.dtype([*fields, *self.account_fields], align=True)


@inlined
def whole_quanta(notional: float) -> int:
    """A notional as a sizer answers it: rounded down, `NO_LIMIT` at most, `SILENT` when it is no number."""
    if notional != notional:
        return SILENT
    if notional >= WHOLE_MAX:
        return NO_LIMIT
    return int(max(notional, 0.0))
