"""Market rows: a bounded window of bars, and the event rows made of them in ticks and lots."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from quaestor.brain.signal_model import CONFIDENCE, EDGE, EDGE_BARS, EDGE_ERROR, SIGNAL
from quaestor.domain.bars import Bars, Funding
from quaestor.domain.instrument import Instrument
from quaestor.domain.market_matrix import N_COLUMNS, Column
from quaestor.jit.compile import inlined, kernel
from quaestor.jit.tables import Row, Table
from quaestor.ledger.codes import QUARANTINE, EventKind
from quaestor.ledger.rows import EVENT, WHOLE_MAX
from quaestor.market.quality import assess_quality
from quaestor.numeric.arithmetic import RATE_ONE, round_half_even

#: Tick and lot of one instrument, and the rows of the inputs of the trading loop: `atr_row` of the features; `edge_row`
#: of the opinion, followed by its standard error and its bars, −1 where the model estimates no edge; `level_row` of the
#: features: distance of the nearest support below the close as a fraction of it, followed by that of the resistance
#: above, −1 where no exit needs them.
GRID = np.dtype(
    [
        ("tick", "f8"),
        ("lot", "f8"),
        ("interval_ns", "i8"),
        ("instrument", "i8"),
        ("atr_row", "i8"),
        ("edge_row", "i8"),
        ("level_row", "i8"),
    ],
    align=True,
)

#: Rows of the funding matrix: rate settling at the open, rates settling inside the bar, mark price.
FUNDING_AT_OPEN, FUNDING_INSIDE, FUNDING_MARK = range(3)

#: Bars that are checked at a time, which bounds the memory of temporary arrays.
_ROWS_AT_A_TIME = 16_384


def make_grid(
    instrument: Instrument, interval_ns: int, index: int, atr_row: int, edge_row: int = -1, level_row: int = -1
) -> Table:
    """Return a grid: one row of dtype GRID."""
    grid = np.zeros(1, GRID)
    tick, lot = float(instrument.tick_size), float(instrument.lot_size)
    grid[0] = (tick, lot, interval_ns, index, atr_row, edge_row, level_row)
    return grid


@dataclass(frozen=True, slots=True)
class Window:
    """Fixed buffers through which bars pass: row k of each array is the same bar."""

    ts: NDArray[np.int64]
    columns: NDArray[np.float64]
    flags: NDArray[np.uint32]
    funding: NDArray[np.float64]
    events: Table

    @classmethod
    def of_capacity(cls, rows: int, n_columns: int = N_COLUMNS, events: Table | None = None) -> "Window":
        """Return an empty window for `rows` bars with `n_columns` rows of the market matrix.

        `events`: as many contiguous rows of a table shared with other windows; None: a table of its own.
        """
        return cls(
            np.zeros(rows, np.int64),
            np.zeros((n_columns, rows)),
            np.zeros(rows, np.uint32),
            np.zeros((3, rows)),
            np.zeros(rows, EVENT) if events is None else events,
        )

    def fill(self, bars: Bars, funding: NDArray[np.float64] | None, start: int, stop: int) -> int:
        """Copy bars start … stop-1 to the front and return their number."""
        count = stop - start
        self.ts[:count] = bars.ts[start:stop]
        self.columns[:, :count] = bars.columns[: len(self.columns), start:stop]
        self.flags[:count] = 0
        if funding is None:
            self.funding[:, :count] = 0.0
        else:
            self.funding[:, :count] = funding[:, start:stop]
        return count


def align_funding(bars: Bars, funding: Funding | None) -> NDArray[np.float64] | None:
    """Return settlements by bar, float64 (3, n), or None without funding.

    Venues stamp a settlement some milliseconds late, so stamps are rounded down to the second. A settlement at a bar's
    open is charged on the position held before that bar; one inside the bar, after the fills at its open, both at their
    mark price or, where that is missing, at the bar's open. One that no bar covers (a gap) is charged at the next open.
    """
    if funding is None or len(funding.ts) == 0:
        return None
    matrix = np.zeros((3, len(bars)))
    matrix[FUNDING_MARK] = bars.columns[Column.OPEN]
    instants = funding.ts // 1_000_000_000 * 1_000_000_000
    rows = np.searchsorted(bars.ts, instants, side="right") - 1
    covered = (rows >= 0) & (instants < bars.ts[rows] + bars.interval_ns)
    at_open = covered & (instants == bars.ts[rows])
    late = ~covered & (rows + 1 < len(bars)) & (instants >= bars.ts[0])
    np.add.at(matrix[FUNDING_AT_OPEN], rows[at_open], funding.rate[at_open])
    np.add.at(matrix[FUNDING_AT_OPEN], rows[late] + 1, funding.rate[late])
    inside = covered & ~at_open
    np.add.at(matrix[FUNDING_INSIDE], rows[inside], funding.rate[inside])
    marked = covered & np.isfinite(funding.mark)
    matrix[FUNDING_MARK][rows[marked]] = funding.mark[marked]
    return matrix


@kernel
def hide_quarantined(columns: NDArray[np.float64], flags: NDArray[np.uint32], i: int, n: int) -> None:
    """Set quarantined bars to NaN, which features skip."""
    for k in range(i, n):
        if flags[k] & QUARANTINE != 0:
            for column in range(columns.shape[0]):
                columns[column, k] = np.nan


def as_seen(bars: Bars) -> Bars:
    """Return the bars as the signal pipeline gives them to features: quality flags set, quarantined bars NaN."""
    columns, flags = bars.columns.copy(), assess_quality(bars.ts, bars.columns, bars.interval_ns)
    hide_quarantined(columns, flags, 0, len(bars))
    return replace(bars, columns=columns, flags=flags)


@kernel
def write_events(
    grid_table: Table,
    ts: NDArray[np.int64],
    columns: NDArray[np.float64],
    flags: NDArray[np.uint32],
    funding: NDArray[np.float64],
    features: NDArray[np.float64],
    opinion: NDArray[np.float64],
    regimes: NDArray[np.int8],
    events: Table,
    i: int,
    n: int,
) -> None:
    """Write event rows i … n-1: prices in ticks, volumes in whole lots (rounded down), and the model's opinion."""
    grid = grid_table[0]
    per_tick = 1.0 / grid["tick"]
    for k in range(i, n):
        event = events[k]
        event["open_ts"] = ts[k]
        event["ts"] = ts[k] + grid["interval_ns"]
        event["instrument"] = grid["instrument"]
        event["flags"] = flags[k]
        event["kind"] = EventKind.BAR
        event["signal"] = opinion[SIGNAL, k]
        event["confidence"] = opinion[CONFIDENCE, k]
        row = grid["edge_row"]
        event["edge"] = opinion[row + EDGE, k] if row >= 0 else np.nan
        event["edge_error"] = opinion[row + EDGE_ERROR, k] if row >= 0 else np.nan
        event["edge_bars"] = opinion[row + EDGE_BARS, k] if row >= 0 else np.nan
        event["regime"] = regimes[k]
        if flags[k] & QUARANTINE == 0:
            _write_prices(event, grid, columns, funding, features, per_tick, k)
        else:
            _blank_prices(event)


@inlined
def _write_prices(
    event: Row,
    grid: Row,
    columns: NDArray[np.float64],
    funding: NDArray[np.float64],
    features: NDArray[np.float64],
    per_tick: float,
    k: int,
) -> None:
    event["open"] = _to_ticks(columns[Column.OPEN, k], grid["tick"])
    event["high"] = _to_ticks(columns[Column.HIGH, k], grid["tick"])
    event["low"] = _to_ticks(columns[Column.LOW, k], grid["tick"])
    event["close"] = _to_ticks(columns[Column.CLOSE, k], grid["tick"])
    lots = columns[Column.VOLUME, k] / grid["lot"] + 1e-9
    event["volume"] = int(lots) if lots < WHOLE_MAX else int(WHOLE_MAX)
    event["funding_rate"] = round_half_even(funding[FUNDING_AT_OPEN, k] * RATE_ONE)
    event["funding_rate_inside"] = round_half_even(funding[FUNDING_INSIDE, k] * RATE_ONE)
    event["funding_mark"] = round_half_even(funding[FUNDING_MARK, k] / grid["tick"])
    event["atr"] = features[grid["atr_row"], k] * per_tick
    event["spread"] = np.nan
    if columns.shape[0] > Column.ASK_SIZE:
        event["spread"] = (columns[Column.ASK_PRICE, k] - columns[Column.BID_PRICE, k]) * per_tick
    event["support"] = np.nan
    event["resistance"] = np.nan
    row = grid["level_row"]
    if row >= 0:
        close = columns[Column.CLOSE, k] * per_tick
        if features[row, k] < 1.0:  # 1: no level
            event["support"] = close * (1.0 - features[row, k])
        if features[row + 1, k] < 1.0:
            event["resistance"] = close * (1.0 + features[row + 1, k])


@kernel
def _blank_prices(event: Row) -> None:
    """Overwrite all market values of a quarantined bar: the row may hold those of an earlier one."""
    event["open"] = 0
    event["high"] = 0
    event["low"] = 0
    event["close"] = 0
    event["volume"] = 0
    event["funding_rate"] = 0
    event["funding_rate_inside"] = 0
    event["funding_mark"] = 0
    event["atr"] = np.nan
    event["spread"] = np.nan
    event["support"] = np.nan
    event["resistance"] = np.nan


@inlined
def _to_ticks(price: float, tick: float) -> int:
    """Return the nearest tick, at least 1."""
    return max(round_half_even(price / tick), 1)


def off_grid_rows(bars: Bars, instrument: Instrument) -> int:
    """Return the number of bars with a price off the tick grid, which is moved to the nearest tick."""
    tick = float(instrument.tick_size)
    found = 0
    for start in range(0, len(bars), _ROWS_AT_A_TIME):
        ticks = bars.columns[: Column.VOLUME, start : start + _ROWS_AT_A_TIME] / tick
        off = np.abs(ticks - np.rint(ticks)) > 1e-6 * np.maximum(1.0, np.abs(ticks) * 1e-6)
        found += int(np.count_nonzero(off.any(axis=0)))
    return found
