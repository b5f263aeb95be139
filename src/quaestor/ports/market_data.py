"""Market data port: storage of bars between runs."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from quaestor.domain.bars import Bars


@dataclass(frozen=True, slots=True)
class StoredSeries:
    """One series in the store: how many bars, from which open to which."""

    market: str
    symbol: str
    interval_ns: int
    rows: int
    first_ts: int
    last_ts: int


class BarStore(Protocol):
    """Storage of bars, one series for each market, symbol and length."""

    def write_bars(self, bars: Bars, *, overwrite: bool = False) -> int:
        """Merge bars into their series and return how many stamps are new; only with `overwrite` a bar may change."""
        ...

    def read_bars(
        self, symbol: str, interval_ns: int, *, market: str, start_ts: int | None = None, end_ts: int | None = None
    ) -> Bars:
        """Return stored bars that open from `start_ts` on and before `end_ts`, exactly as written."""
        ...

    def list_series(self) -> Sequence[StoredSeries]:
        """Return every stored series with its extent, sorted by market, symbol and length."""
        ...
