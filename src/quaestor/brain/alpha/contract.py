"""Alpha contract: a causal opinion about direction, bar by bar.

An alpha's kernel is a module-level function ``advance(state, params, features, columns, out, i, n)``:

- `features`: float64 (n_features, N), rows in the order of the alpha's declared features; `columns`: float64 (5, N);
- `out`: float64 (2, N). Row 0, the signal: direction × strength in [−1, 1], 0 is flat, NaN is no opinion (a feature is
  not yet defined, or the bar is missing). Row 1, the confidence in [0, 1]; 0 where there is no opinion;
- it processes rows i … n−1 and reads and writes no others: what it needs of the past is in `state`;
- `state` and `params`: one-element structured arrays. A state of zero bytes is fresh.
"""

from dataclasses import dataclass
from enum import IntEnum
from typing import TypeAlias

from quaestor.brain.definition import Definition, Instance
from quaestor.domain.parameter import Choice
from quaestor.ledger.codes import Regime


class Sides(IntEnum):
    """Sides on which a strategy may hold positions."""

    LONG = 0
    BOTH = 1


#: Parameter of every directional strategy.
SIDE = Choice("side", Sides.LONG, "long: long or flat; both: also short")


@dataclass(frozen=True, slots=True, kw_only=True)
class Alpha(Definition):
    """Declaration of an alpha."""

    best_regimes: tuple[Regime, ...]


AlphaInstance: TypeAlias = Instance[Alpha]
