"""Bars along constructed price paths, and their mirror images."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from quaestor.features.plan import compute, make_plan
from quaestor.kernels.columns import N_COLUMNS, Column

Series = NDArray[np.float64]

#: Reversals and trend lines, each with its mirror image.
MIRRORED = {
    "double_top": "double_bottom",
    "triple_top": "triple_bottom",
    "head_shoulders": "inverse_head_shoulders",
    "symmetric_triangle": "symmetric_triangle",
    "ascending_triangle": "descending_triangle",
    "rising_wedge": "falling_wedge",
    "channel_up": "channel_down",
    "channel_flat": "channel_flat",
    "bull_flag": "bear_flag",
    "bull_pennant": "bear_pennant",
}


def bars_along(knots: Sequence[tuple[int, float]], noise: float = 0.05, seed: int = 1) -> Series:
    """Bars whose closes run straight from knot (row, price) to knot, a little noise and a wick on top."""
    rows, prices = zip(*knots, strict=True)
    n = rows[-1] + 1
    generator = np.random.default_rng(seed)
    close = np.interp(np.arange(n), rows, prices) + generator.normal(0.0, noise, n)
    columns = np.empty((N_COLUMNS, n))
    columns[Column.OPEN] = np.concatenate([close[:1], close[:-1]])
    columns[Column.CLOSE] = close
    columns[Column.HIGH] = np.maximum(columns[Column.OPEN], close) + noise
    columns[Column.LOW] = np.minimum(columns[Column.OPEN], close) - noise
    columns[Column.VOLUME] = 10.0
    return columns


def mirrored(columns: Series, about: float = 0.0) -> Series:
    """The same with every price p become ``about − p``."""
    out = columns.copy()
    out[Column.OPEN] = about - columns[Column.OPEN]
    out[Column.HIGH] = about - columns[Column.LOW]
    out[Column.LOW] = about - columns[Column.HIGH]
    out[Column.CLOSE] = about - columns[Column.CLOSE]
    return out


def values(columns: Series, *features: str) -> dict[str, Series]:
    """Every output of some features, by the name after the dot."""
    plan = make_plan(list(features))
    return {name.rpartition(".")[2]: row for name, row in zip(plan.names, compute(plan, columns), strict=True)}
