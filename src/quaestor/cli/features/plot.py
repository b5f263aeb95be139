"""Line plots for terminals: braille dots, two points a character across and four down."""

import math
from collections.abc import Sequence

_BLANK = 0x2800
#: Bit of the dot in column x (0, 1) and row y (0 the top, to 3) of a character.
_DOTS = ((0x01, 0x02, 0x04, 0x40), (0x08, 0x10, 0x20, 0x80))


def line_plot(values: Sequence[float], width: int = 72, height: int = 6) -> list[str]:
    """Return lines of text that draw a series from left to right, the highest value on top; NaN leaves a gap.

    Args:
        values: any number of them; more than fit are thinned to the last of each step.
        width: characters across.
        height: lines.

    Example:
        >>> for line in line_plot([0, 1, 2, 3, 4, 5, 6, 7], width=4, height=2): print(line)
        ⠀⠀⡠⠊
        ⡠⠊⠀⠀
    """
    columns = 2 * width
    picked = [values[_last_of_step(k, columns, len(values))] for k in range(min(columns, len(values)))]
    finite = [value for value in picked if math.isfinite(value)]
    cells = [[_BLANK] * width for _ in range(height)]
    if finite:
        low, high = min(finite), max(finite)
        rows = 4 * height - 1
        for x, value in enumerate(picked):
            if math.isfinite(value):
                y = rows - round((value - low) / (high - low) * rows) if high > low else rows // 2
                cells[y // 4][x // 2] |= _DOTS[x % 2][y % 4]
    return ["".join(map(chr, line)) for line in cells]


def _last_of_step(step: int, steps: int, count: int) -> int:
    """Return the index of the last value of a step when `count` values are spread over at most `steps`."""
    return step if count <= steps else (step + 1) * count // steps - 1
