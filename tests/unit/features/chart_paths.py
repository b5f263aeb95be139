"""Chart paths: bars along constructed price paths, and their mirror images."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from quaestor.domain.market_matrix import N_COLUMNS, Column
from quaestor.features.plan import compute, make_plan

Series = NDArray[np.float64]

#: Reversals and trendlines, each with its mirror image.
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

#: Knots (row, price) of each shape; the last two are its last pivot and the move that confirms it and breaks out.
SHAPES: dict[str, list[tuple[int, float]]] = {
    "double_top": [(0, 60), (30, 62), (60, 80), (80, 100), (95, 90), (110, 100), (130, 84)],
    "triple_top": [(0, 60), (40, 62), (80, 100), (95, 90), (110, 100), (125, 90), (140, 100), (160, 84)],
    "head_shoulders": [(0, 60), (40, 62), (80, 100), (95, 92), (115, 110), (135, 92), (150, 100), (165, 85)],
    "symmetric_triangle": [(0, 22), (40, 20), (60, 110), (80, 85), (100, 105), (120, 90), (140, 100), (150, 92)],
    "ascending_triangle": [(0, 22), (40, 20), (60, 105), (80, 80), (100, 105), (120, 90), (140, 105), (150, 97)],
    "rising_wedge": [(0, 22), (40, 20), (60, 90), (80, 73), (100, 97), (120, 89), (140, 104), (148, 98)],
    "channel_up": [(0, 22), (40, 20), (60, 95), (80, 85), (100, 105), (120, 95), (140, 115), (150, 107)],
    "channel_flat": [(0, 22), (40, 20), (60, 105), (80, 90), (100, 105), (120, 90), (140, 105), (150, 97)],
    "bull_flag": [(0, 60), (30, 58), (40, 100), (55, 92), (65, 98), (80, 90), (90, 100)],
    "bull_pennant": [(0, 60), (30, 58), (40, 100), (55, 88), (69, 97), (80, 91), (86, 97)],
}


def bars_along(knots: Sequence[tuple[int, float]], noise: float = 0.05, seed: int = 1) -> Series:
    """Return bars whose closes are linear between knots (row, price), with a little noise and wicks."""
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
    """Return the bars with every price p replaced by ``about − p``."""
    out = columns.copy()
    out[Column.OPEN] = about - columns[Column.OPEN]
    out[Column.HIGH] = about - columns[Column.LOW]
    out[Column.LOW] = about - columns[Column.HIGH]
    out[Column.CLOSE] = about - columns[Column.CLOSE]
    return out


def values(columns: Series, *features: str) -> dict[str, Series]:
    """Return every output of some features, by the name after the dot."""
    plan = make_plan(list(features))
    return {name.rpartition(".")[2]: row for name, row in zip(plan.names, compute(plan, columns), strict=True)}
