"""Ensemble contract: opinions of several alphas combined into one.

An ensemble's kernel is a module-level function ``advance(state, params, votes, regimes, out, i, n)``:

- `votes`: float64 (2m, N), rows 2j and 2j + 1 the signal and confidence of alpha j; `regimes`: int8 (N,);
- `out`: float64 (2, N), signal and confidence as an alpha's;
- it processes rows i … n−1 and reads and writes no others. A state of zero bytes is fresh.

With a single alpha an ensemble would be the identity and is left out.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from quaestor.jit.tables import Table


@dataclass(frozen=True, slots=True, kw_only=True)
class Ensemble:
    """Declaration of an ensemble."""

    name: str
    doc: str
    source: str
    advance: Callable[..., None]
    state_dtype: np.dtype[np.void]


@dataclass(frozen=True, slots=True, eq=False)
class EnsembleInstance:
    """An ensemble of `n_alphas` alphas with the parameter record of its kernel."""

    ensemble: Ensemble
    n_alphas: int
    params: Table
