"""Labels: the outcome that followed each row, with the last row that it depends on.

A label of row k is about a position that is decided at the close of row k and entered at the open of row k + 1, so a
feature of row k and its label share no row. It ends at row `end`, the last whose prices it has read, by which
overlapping labels are kept apart in splits into training and test (`research.training.folds`).

Missing values: a row whose label would look beyond the last row, or at a price that is NaN, has no label: `end` is −1,
`change` NaN and `label` 0. That holds even where a barrier was touched in time, since the rows at the end of a series
that touch one early are not like the others.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from quaestor.brain.online.barriers import barrier_prices, touch_price, touched_barrier
from quaestor.domain.market_matrix import Column
from quaestor.errors import ConfigError
from quaestor.jit.compile import kernel
from quaestor.jit.tables import Matrix
from quaestor.numeric.elementary import is_missing


@dataclass(frozen=True, slots=True)
class Labels:
    """Labels of n rows."""

    label: NDArray[np.int8]  # 1, −1 or 0, see the functions that make them
    change: NDArray[np.float64]  # return from entry to exit as a fraction of the entry price, before costs
    end: NDArray[np.int64]  # last row whose prices the label has read; −1 without a label

    @property
    def known(self) -> NDArray[np.bool_]:
        """Return which rows have a label, bool (n,)."""
        return self.end >= 0


@dataclass(frozen=True, slots=True)
class Barrier:
    """Barriers around an entry: two of price and one of time.

    A price barrier lies ``multiple · volatility · √rows + cost`` away from the entry price, as a fraction of it: the
    multiple of what the price is expected to move until the time is up, and what it costs to trade.

    Attributes:
        profit: multiple above the entry; infinite for none.
        stop: multiple below the entry; infinite for none.
        rows: rows from entry to the barrier of time, at least 1.
        cost: of entering and leaving, as a fraction of the price.

    Raises:
        ConfigError: a multiple that is not above 0, no rows, or a cost below 0.
    """

    profit: float
    stop: float
    rows: int
    cost: float = 0.0

    def __post_init__(self) -> None:
        if not (self.profit > 0.0 and self.stop > 0.0):
            raise ConfigError(
                f"barriers at {self.profit:g} and {self.stop:g}", place="barrier", remedy="give multiples above 0"
            )
        require_horizon(self.rows, self.cost)


def parse_barrier(text: str, *, place: str) -> Barrier:
    """Parse a barrier written as ``PROFIT,STOP,ROWS`` or ``PROFIT,STOP,ROWS,COST``.

    Raises:
        ConfigError: the text is no barrier.

    Example:
        >>> parse_barrier("1,2,48", place="--barrier")
        Barrier(profit=1.0, stop=2.0, rows=48, cost=0.0)
    """
    remedy = "write PROFIT,STOP,ROWS or PROFIT,STOP,ROWS,COST, such as 1,1,48,0.001"
    try:
        profit, stop, limit, cost = text.split(",") if text.count(",") == 3 else (*text.split(","), "0")
        return Barrier(float(profit), float(stop), int(limit), float(cost))
    except ValueError as error:
        raise ConfigError(f"'{text}' is no barrier", place=place, remedy=remedy) from error


def require_horizon(rows: int, cost: float) -> None:
    """Refuse a horizon of no rows, or a negative cost.

    Raises:
        ConfigError: fewer than 1 row, or a cost that is no fraction in [0, 1).
    """
    if rows < 1:
        raise ConfigError(f"a horizon of {rows} rows", place="label", remedy="look 1 row ahead or more")
    if not 0.0 <= cost < 1.0:
        raise ConfigError(f"a cost of {cost:g}", place="label", remedy="give a fraction of the price, such as 0.001")


def fixed_horizon(columns: Matrix, rows: int, cost: float = 0.0) -> Labels:
    """Label rows by the sign of the return over the next rows: from the open of row k + 1 to the close of row k +
    `rows`.

    Args:
        columns: float64 (m, n), rows by `domain.market_matrix.Column`.
        rows: how far ahead, at least 1.
        cost: label 0 where the return is no larger than this, up or down.

    Raises:
        ConfigError: see `require_horizon`.

    Example:
        >>> flat = np.ones((5, 4)) * np.array([10.0, 11.0, 12.0, 9.0])
        >>> labels = fixed_horizon(flat, 2)
        >>> labels.label.tolist(), labels.end.tolist()
        ([1, -1, 0, 0], [2, 3, -1, -1])
    """
    require_horizon(rows, cost)
    n = columns.shape[1]
    change, end = np.full(n, np.nan), np.full(n, -1, np.int64)
    if n > rows:
        entry = columns[Column.OPEN, 1 : n - rows + 1]
        change[: n - rows] = columns[Column.CLOSE, rows:] / entry - 1.0
        known = np.isfinite(change)
        end[known] = np.flatnonzero(known) + rows
        change[~known] = np.nan
    label = (change > cost).astype(np.int8) - (change < -cost).astype(np.int8)
    return Labels(label, change, end)


def triple_barrier(columns: Matrix, volatility: NDArray[np.float64], barrier: Barrier) -> Labels:
    """Label rows by the barrier that the price touches first: 1 the upper, −1 the lower, 0 the barrier of time.

    A row that touches both counts as the lower one, unless it opens beyond the upper. A barrier that is gapped over is
    left at the open of that row. `end` is the row in which the first barrier is touched.

    Args:
        columns: float64 (m, n), rows by `domain.market_matrix.Column`.
        volatility: float64 (n,), expected deviation of the return of one row as a fraction, known at the close of row
            k; a row without one (NaN, 0) has no label.
        barrier: where the barriers lie.

    Source: López de Prado (2018), Advances in Financial Machine Learning, ch. 3.

    Example:
        >>> flat = np.ones((5, 4)) * np.array([10.0, 10.0, 10.5, 9.0])
        >>> labels = triple_barrier(flat, np.full(4, 0.02), Barrier(1.0, 1.0, 2))
        >>> labels.label.tolist(), labels.end.tolist(), round(float(labels.change[0]), 3)
        ([1, -1, 0, 0], [2, 3, -1, -1], 0.05)
    """
    n = columns.shape[1]
    label, change, end = np.zeros(n, np.int8), np.full(n, np.nan), np.full(n, -1, np.int64)
    _touch(columns, volatility, barrier.profit, barrier.stop, barrier.rows, barrier.cost, label, change, end)
    return Labels(label, change, end)


@kernel
def _touch(
    columns: Matrix,
    volatility: NDArray[np.float64],
    profit: float,
    stop: float,
    rows: int,
    cost: float,
    label: NDArray[np.int8],
    change: NDArray[np.float64],
    end: NDArray[np.int64],
) -> None:
    """Write the label of every row that has one."""
    root = np.sqrt(float(rows))
    for k in range(columns.shape[1] - rows):
        entry = columns[Column.OPEN, k + 1]
        width = volatility[k] * root
        last = columns[Column.CLOSE, k + rows]
        if not (0.0 < entry < np.inf and 0.0 < width < np.inf and not is_missing(last)):
            continue
        upper, lower = barrier_prices(entry, width, profit, stop, cost)
        price = last
        touched = 0
        row = k + rows
        for j in range(k + 1, k + rows + 1):
            touched = touched_barrier(columns, j, upper, lower)
            if touched != 0:
                price = touch_price(touched, columns[Column.OPEN, j], upper, lower)
                row = j
                break
        label[k] = touched
        change[k] = price / entry - 1.0
        end[k] = row


def uniqueness(rows: NDArray[np.int64], ends: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the uniqueness of each label, float64 (s,), in (0, 1]: the mean over its rows of one over the labels that
    hold the row.

    Args:
        rows: int64 (s,), the rows that were labelled; a label holds the rows after it up to and with its end.
        ends: int64 (s,), each above its row.

    Source: López de Prado (2018), Advances in Financial Machine Learning, ch. 4.

    Example:
        >>> uniqueness(np.array([0, 1, 5]), np.array([2, 3, 6])).tolist()
        [0.75, 0.75, 1.0]
    """
    if not len(rows):
        return np.empty(0)
    first = int(rows.min()) + 1
    length = int(ends.max()) - first + 2
    holders = np.cumsum(
        np.bincount(rows + 1 - first, minlength=length) - np.bincount(ends + 1 - first, minlength=length)
    )
    shares = np.cumsum(np.concatenate(([0.0], 1.0 / np.maximum(holders, 1))))
    own: NDArray[np.float64] = (shares[ends + 1 - first] - shares[rows + 1 - first]) / (ends - rows)
    return own
