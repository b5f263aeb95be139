"""Market data port: storage of bars between runs."""

from collections.abc import Sequence
from typing import Protocol

from quaestor.domain.bars import Bars


class BarStore(Protocol):
    """Storage of bars, partitioned by market, symbol and timeframe."""

    def write_bars(self, bars: Bars) -> int: ...
    def read_bars(
        self, symbol: str, interval_ns: int, *, market: str, start_ts: int | None = None, end_ts: int | None = None
    ) -> Bars: ...
    def list_bars(self) -> Sequence[tuple[str, str, int, int]]:
        """Return market, symbol, bar length in ns and number of bars of every stored series."""
        ...
