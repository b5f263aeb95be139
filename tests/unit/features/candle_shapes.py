"""Candlestick shapes: random bars on a coarse grid with rare patterns inserted, exact or slightly off."""

import numpy as np
from numpy.typing import NDArray

PRICES = ("open", "high", "low", "close")

#: Bars of a shape in ticks from its first open: open, high, low, close.
Shape = tuple[tuple[int, int, int, int], ...]

SHAPES: tuple[Shape, ...] = (
    ((0, 20, 0, 20), (28, 29, 23, 24), (26, 27, 9, 10)),  # two crows
    ((0, 20, 0, 20), (28, 29, 25, 26), (29, 30, 23, 24)),  # upside gap two crows
    ((0, 10, 0, 10), (9, 9, 0, 0), (4, 4, -10, -10), (-4, -4, -20, -20)),  # three black crows
    ((0, 0, -40, -16), (-14, -12, -36, -24), (-20, -20, -21, -21)),  # three stars in the south
    ((0, 25, -1, 24), (30, 31, 29, 30), (26, 27, 7, 8)),  # abandoned baby
    (
        (0, 0, -24, -24),
        (-30, -29, -34, -33),
        (-32, -31, -37, -36),
        (-36, -35, -41, -40),
        (-40, -27, -40, -27),
    ),  # breakaway
    ((40, 40, 20, 20), (20, 20, 4, 4), (0, 8, -5, -4), (10, 10, -8, -8)),  # concealing baby swallow
    ((0, 0, -20, -20), (-40, -19, -41, -20)),  # counterattack
    ((0, 0, -20, -20), (4, 24, 4, 24)),  # kicking
    ((0, 1, -9, -8), (-4, -3, -15, -14), (-10, -9, -21, -20), (-18, -12, -25, -24), (-10, 1, -11, 0)),  # ladder bottom
    ((0, 25, -1, 24), (29, 30, 26, 27), (25, 26, 22, 23), (23, 24, 20, 21), (24, 35, 23, 34)),  # mat hold
    ((0, 25, -1, 24), (22, 23, 19, 20), (19, 20, 16, 17), (16, 17, 13, 14), (16, 31, 15, 30)),  # rising three methods
    ((0, 11, -1, 10), (14, 23, 13, 22), (20, 21, 11, 12)),  # tasuki gap
    ((0, 1, -21, -20), (-4, -3, -30, -16), (-22, -17, -23, -18)),  # unique three river
)


def bars_with_every_pattern(rows: int, seed: int) -> NDArray[np.float64]:
    """Return open, high, low and close in whole ticks, (4, rows): small random bars, and shapes among them, exact or
    upside down, each price moved by a tick at times."""
    generator = np.random.default_rng(seed)
    bars: list[NDArray[np.int64]] = []
    level = 10_000
    while sum(len(part) for part in bars) < rows:
        part = _random_bars(generator, 14)
        bars.append(part + level)
        level = int(bars[-1][-1, 3])
        shape = np.array(SHAPES[generator.integers(len(SHAPES))])
        shape = shape + generator.choice([-1, 0, 0, 0, 0, 0, 0, 1], shape.shape)
        if generator.random() < 0.5:
            shape = -shape[:, [0, 2, 1, 3]]
        bars.append(shape + level)
        level = 10_000 + (int(bars[-1][-1, 3]) - 10_000) // 2
    opened, high, low, close = np.concatenate(bars)[:rows].T.astype(np.float64)
    ends = np.stack([opened, close])
    return np.stack([opened, np.maximum(high, ends.max(axis=0)), np.minimum(low, ends.min(axis=0)), close])


def _random_bars(generator: np.random.Generator, count: int) -> NDArray[np.int64]:
    """Return bars of a random walk from 0 with equal prices, dojis, gaps and missing shadows among them."""
    gap = generator.choice([0, 0, 0, -2, -1, 1, 2], count)
    body = generator.choice([0, 0, 1, 2, 4, 8], count) * generator.choice([-1, 1], count)
    upper, lower = generator.choice([0, 0, 0, 1, 4, 9], (2, count))
    close = np.cumsum(gap + body)
    opened = close - body
    return np.stack(
        [opened, np.maximum(opened, close) + upper, np.minimum(opened, close) - lower, close], axis=1
    ).astype(np.int64)
