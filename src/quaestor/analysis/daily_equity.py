"""Daily equity: equity folded to UTC days as it arrives, for the statistics of a run of any length in bounded
memory."""

import numpy as np
from numpy.typing import NDArray

from quaestor.domain.bars import NANOSECONDS_PER_DAY


class DailyEquity:
    """Equity levels of UTC days and the drawdown at bar resolution, fed in chunks of any size.

    A bar belongs to the day of its OPEN stamp; the last equity of a day is that day's level. The starting capital is
    the first peak. Feeding in other chunks gives the same figures to the last bit.

    Args:
        initial: equity before the first bar, above 0.

    Example:
        >>> daily = DailyEquity(100.0)
        >>> hour = 3_600_000_000_000
        >>> daily.feed(np.arange(0, 48, 12) * hour, np.array([101.0, 110.0, 88.0, 99.0]))
        >>> daily.levels().tolist(), daily.returns().tolist()
        ([110.0, 99.0], [0.1, -0.1])
        >>> round(daily.max_drawdown, 6)
        0.2
    """

    def __init__(self, initial: float) -> None:
        if not initial > 0.0:
            raise ValueError(f"initial equity {initial} is not above 0")
        self.initial = float(initial)
        self.bars = 0
        self.bars_in_position = 0
        self.max_drawdown = 0.0
        self.longest_drawdown_ns = 0
        self.last_equity = self.initial
        self._peak = self.initial
        self._peak_ts = 0
        self._days: list[int] = []
        self._levels: list[float] = []

    def feed(
        self,
        ts: NDArray[np.int64],
        equity: NDArray[np.float64],
        position: NDArray[np.int64] | NDArray[np.float64] | None = None,
    ) -> None:
        """Add the next bars.

        Args:
            ts: int64[n], open stamps in nanoseconds UTC, ascending over all chunks.
            equity: float64[n], equity at each bar's close, finite.
            position: [n], signed position at each close; without it no exposure is known.
        """
        if len(ts) != len(equity):
            raise ValueError(f"{len(ts)} stamps and {len(equity)} levels of equity")
        if len(ts) == 0:
            return
        if self.bars == 0:
            self._peak_ts = int(ts[0])
        self._fold_days(ts, equity)
        self._fold_drawdown(ts, equity)
        self.bars += len(ts)
        self.last_equity = float(equity[-1])
        if position is not None:
            self.bars_in_position += int(np.count_nonzero(position))

    def days(self) -> NDArray[np.int64]:
        """Return the start of each day that had a bar, int64 (d,), ns UTC."""
        return np.array(self._days, dtype=np.int64) * NANOSECONDS_PER_DAY

    def levels(self) -> NDArray[np.float64]:
        """Return the last equity of each day that had a bar, float64 (d,)."""
        return np.array(self._levels, dtype=np.float64)

    def returns(self) -> NDArray[np.float64]:
        """Return simple returns from day to day, float64 (d,), the first against the initial equity; 0 once equity is
        gone."""
        levels = np.concatenate(([self.initial], self.levels()))
        before = levels[:-1]
        alive = np.minimum.accumulate(before) > 0.0
        return np.where(alive, np.diff(levels) / np.where(alive, before, 1.0), 0.0)

    def _fold_days(self, ts: NDArray[np.int64], equity: NDArray[np.float64]) -> None:
        days = ts // NANOSECONDS_PER_DAY
        last_of_day = np.flatnonzero(np.concatenate((days[1:] != days[:-1], [True])))
        if self._days and int(days[0]) == self._days[-1]:
            self._days.pop()
            self._levels.pop()
        self._days.extend(days[last_of_day].tolist())
        self._levels.extend(equity[last_of_day].tolist())

    def _fold_drawdown(self, ts: NDArray[np.int64], equity: NDArray[np.float64]) -> None:
        peaks = np.maximum(np.maximum.accumulate(equity), self._peak)
        self.max_drawdown = max(self.max_drawdown, float(np.max((peaks - equity) / peaks)))
        at_peak = equity >= peaks
        peak_ts = np.maximum.accumulate(np.where(at_peak, ts, self._peak_ts))
        self.longest_drawdown_ns = max(self.longest_drawdown_ns, int(np.max(ts - peak_ts)))
        self._peak = float(peaks[-1])
        self._peak_ts = int(peak_ts[-1])
