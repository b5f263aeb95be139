"""Bars: market data of one instrument, time ascending, as the signal pipeline takes it."""

from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from quaestor.domain.market_matrix import N_COLUMNS, Column

NANOSECONDS_PER_SECOND = 1_000_000_000
NANOSECONDS_PER_DAY = 86_400 * NANOSECONDS_PER_SECOND


@dataclass(frozen=True, slots=True)
class DataReference:
    """Origin of bars: the file and the rows in it, so that a journal need not copy them.

    `sha256` is the digest of the whole source file; `first_ts`, `last_ts` and `rows` are those of the bars of this
    symbol at this timeframe after `--from/--to`.
    """

    path: str
    sha256: str
    symbol: str
    timeframe_ns: int
    first_ts: int
    last_ts: int
    rows: int

    def narrowed(self, ts: NDArray[np.int64]) -> "DataReference":
        """Return the reference to those of its bars that open at `ts`, at least one."""
        return replace(self, first_ts=int(ts[0]), last_ts=int(ts[-1]), rows=len(ts))


@dataclass(frozen=True, slots=True)
class Funding:
    """Funding settlements, time ascending: `rate` as a fraction of position value paid by longs to shorts, `mark` price
    or NaN."""

    ts: NDArray[np.int64]
    rate: NDArray[np.float64]
    mark: NDArray[np.float64]

    def between(self, first_ts: int, end_ts: int) -> "Funding":
        """Return a copy of the settlements from `first_ts` on and before `end_ts`."""
        kept = slice(*np.searchsorted(self.ts, [first_ts, end_ts]))
        return Funding(self.ts[kept].copy(), self.rate[kept].copy(), self.mark[kept].copy())


@dataclass(frozen=True, slots=True)
class Bars:
    """Bars of one instrument: `ts` is the OPEN time (int64 ns UTC), strictly ascending; `columns` is float64 (m, n),
    rows by `domain.market_matrix.Column`: the five of a bar, and as many more as the source provides.

    `flags` holds one `Quality` bit set a bar. `interval_ns` is the nominal length of a bar; gaps are allowed.
    """

    symbol: str
    interval_ns: int
    ts: NDArray[np.int64]
    columns: NDArray[np.float64]
    flags: NDArray[np.uint32]
    market: str = "spot"
    funding: Funding | None = None
    reference: DataReference | None = None
    notes: tuple[str, ...] = field(default=())

    def __post_init__(self) -> None:
        rows, bars = self.columns.shape
        if rows < N_COLUMNS or bars != len(self.ts) or len(self.flags) != len(self.ts):
            raise ValueError(
                f"columns {self.columns.shape} and flags {self.flags.shape} do not match {len(self.ts)} stamps"
            )

    def __len__(self) -> int:
        return len(self.ts)

    def part(self, start: int, stop: int) -> "Bars":
        """Return a copy of bars start … stop−1, without funding that became known after the last of them closed."""
        ts = self.ts[start:stop].copy()
        known_ts = int(ts[-1]) + self.interval_ns if len(ts) else 0
        since_ts = int(ts[0]) if start and len(ts) else np.iinfo(np.int64).min
        return replace(
            self,
            ts=ts,
            columns=self.columns[:, start:stop].copy(),
            flags=self.flags[start:stop].copy(),
            funding=None if self.funding is None else self.funding.between(since_ts, known_ts + 1),
            reference=None if self.reference is None or not len(ts) else self.reference.narrowed(ts),
        )

    def column(self, which: Column) -> NDArray[np.float64]:
        """Return one series of the market matrix, contiguous, float64 (n,)."""
        series: NDArray[np.float64] = self.columns[which]
        return series
