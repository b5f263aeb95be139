"""Real one-minute bars, and comparison of features with other implementations on them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray
from tests.slices import MINUTES

from quaestor.features.plan import compute, make_plan

Series = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Bars:
    """Series that the other implementations take."""

    open: Series
    high: Series
    low: Series
    close: Series
    volume: Series

    @property
    def columns(self) -> Series:
        """Market matrix of the bars, as features take it."""
        return np.ascontiguousarray([self.open, self.high, self.low, self.close, self.volume])


def load_bars(rows: int = 20_000) -> Bars:
    """Return some weeks of 2023, including bars without a trade or without movement."""
    frame = pl.read_parquet(MINUTES, columns=["open", "high", "low", "close", "volume"]).slice(30_000, rows)
    return Bars(*np.ascontiguousarray(frame.to_numpy().T, dtype=np.float64))


def assert_agrees(
    oracles: Mapping[str, Callable[[Bars], Series]], bars: Bars, noise: Mapping[str, float] | None = None
) -> None:
    """Assert that values equal within 1e-9 of the value, with NaN on the same rows, as many as declared.

    Args:
        oracles: canonical name of a feature and the other implementation of it.
        bars: the data.
        noise: absolute differences allowed where a value near zero is a difference of large numbers; 1e-12 otherwise.
    """
    plan = make_plan(list(oracles))
    ours = compute(plan, bars.columns)
    for row, (name, oracle) in enumerate(oracles.items()):
        theirs = oracle(bars)
        assert np.array_equal(np.isnan(ours[row]), np.isnan(theirs)), f"{name}: NaN on other rows"
        assert int(np.isnan(theirs).sum()) == plan.requested[row].warmup, f"{name}: warm-up"
        tolerance = (noise or {}).get(name, 1e-12)
        np.testing.assert_allclose(ours[row], theirs, rtol=1e-9, atol=tolerance, err_msg=name)
