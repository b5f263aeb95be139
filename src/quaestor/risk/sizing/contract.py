"""Sizer contract: a sizer is a kernel that returns the largest notional of a position of full strength.

A sizer's kernel is::

    cap(account, book, instrument, params, event, stop) -> quanta

in quanta, for a position held from the event's close on. `stop` is the distance of the protective stop in ticks, 0
without one. A sizer returns `UNKNOWN` where its inputs are not known, and is left out; when all sizes are unknown
nothing is opened.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from quaestor.domain.parameter import Real
from quaestor.jit.compile import inlined
from quaestor.ledger.rows import NO_LIMIT, WHOLE_MAX

#: Returned for a notional whose inputs are not known.
UNKNOWN = -1


@dataclass(frozen=True, slots=True)
class Sizer:
    """One sizer. The names of its parameters are unique in the catalog."""

    name: str
    cap: Callable[..., int]
    parameters: tuple[Real, ...]
    account_fields: tuple[tuple[str, str], ...] = ()  # of its record, filled from the account's settings

    @property
    def dtype(self) -> np.dtype[np.void]:
        """Return the layout of the sizer's parameters."""
        fields = [(parameter.name, "f8") for parameter in self.parameters]
        return np.dtype([*fields, *self.account_fields], align=True)


@inlined
def whole_quanta(notional: float) -> int:
    """Return a notional as a sizer's result: rounded down, `NO_LIMIT` at most, `UNKNOWN` for NaN."""
    if notional != notional:
        return UNKNOWN
    if notional >= WHOLE_MAX:
        return NO_LIMIT
    return int(max(notional, 0.0))
