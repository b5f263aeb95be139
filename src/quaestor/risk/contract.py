"""What a rule is: a kernel that says in which interval of target positions it has no objection.

The officer takes the intersection of all intervals, so the order of the rules cannot matter, and names the rule whose
bound was tightest. A limit of infinity switches a rule off.

A rule's kernel is::

    permit(account, books, index, instrument, params, ticks, wanted) -> (lowest, highest, measured, limit)

`lowest`/`highest` in signed lots, the same whatever is `wanted`; `measured` is the rule's figure for `wanted`, to stand
beside `limit` in the record.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from quaestor.kernels.codes import Layer
from quaestor.kernels.compile import kernel
from quaestor.kernels.layout import NO_LIMIT, Row
from quaestor.kernels.ledger import lots_for_value


@dataclass(frozen=True, slots=True)
class Setting:
    """One number of a rule: its name in the configuration, its value under each profile, its unit and meaning."""

    name: str
    default: float
    conservative: float
    permissive: float
    unit: str
    meaning: str


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of the officer. `settings[0]` is its limit."""

    name: str
    layer: Layer
    permit: Callable[..., tuple[int, int, float, float]]
    settings: tuple[Setting, ...]

    @property
    def dtype(self) -> np.dtype[np.void]:
        """Layout of the rule's parameters."""
        fields = [(setting.name, "f8") for setting in self.settings] or [("unused", "f8")]
        return np.dtype(fields, align=True)


@kernel
def no_increase(position_lots: int) -> tuple[int, int]:
    """The interval that lets a position shrink and nothing else."""
    return min(position_lots, 0), max(position_lots, 0)


@kernel
def within_value(instrument: Row, value: float, ticks: int) -> tuple[int, int]:
    """Both sides up to a notional in quanta; nothing for what is negative or no number."""
    if value >= 4.0e18:
        return -NO_LIMIT, NO_LIMIT
    if not value > 0.0:
        return 0, 0
    lots = lots_for_value(instrument, int(value), ticks)
    return -lots, lots
