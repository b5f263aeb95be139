"""Regime filter contract: a causal name for the state of the market, bar by bar.

A filter's kernel is a module-level function ``advance(state, params, features, columns, out, i, n)`` as an alpha's, but
`out` is int8 (N,) and holds one `ledger.codes.Regime` a bar. While features are undefined the regime stays the same,
NORMAL at the start.
"""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from quaestor.brain.definition import Definition, Instance

#: One regime code a bar: int8 (N,).
Codes: TypeAlias = NDArray[np.int8]


@dataclass(frozen=True, slots=True, kw_only=True)
class RegimeFilter(Definition):
    """Declaration of a regime filter."""


RegimeInstance: TypeAlias = Instance[RegimeFilter]
