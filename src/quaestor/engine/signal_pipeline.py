"""Signal pipeline: quality → features → signal model → event rows, in chunks of any size, one compiled call each.

It reads market data only. One row at a time (live) and a million at once (research) give the same bits, because both
run the same kernels on another range of rows.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from quaestor.brain.signal_model import SIGNATURE as MODEL_SIGNATURE
from quaestor.brain.signal_model import SignalModel
from quaestor.domain.bars import Bars
from quaestor.domain.instrument import Instrument
from quaestor.engine.market_rows import GRID, Window, hide_quarantined, make_grid, write_events
from quaestor.errors import ConfigError
from quaestor.features.plan import FeaturePlan, make_plan, require_inputs
from quaestor.jit.chain import Chain, Link, chain_kernels
from quaestor.jit.compile import entry_point
from quaestor.jit.tables import Table
from quaestor.market.quality import QUALITY_STATE, quality_advance, quality_params

#: Bars in a window: few enough that their features and events stay in a core's own cache until they are used.
WINDOW_ROWS = 2_048

#: Feature of the average true range, which stops need.
_ATR = "atr_14"
#: Features of the nearest support and resistance, for the exit that needs them.
_LEVELS = ("levels_3.support", "levels_3.resistance")

#: Fields of the state that are accessed by name.
_MODEL, _GRID = "model", "grid"

_SIGNATURE = ("ts", "columns", "flags", "funding", "features", "opinion", "regimes", "events", "i", "n")


class SignalPipeline:
    """Signal pipeline of one instrument over a window of bars."""

    def __init__(
        self,
        signal_model: SignalModel,
        instrument: Instrument,
        interval_ns: int,
        *,
        index: int = 0,
        rows: int = WINDOW_ROWS,
        levels: bool = False,
        events: Table | None = None,
    ) -> None:
        """Compile the pipeline.

        Args:
            signal_model: the model, which also names the features.
            instrument: whose ticks and lots events are in.
            interval_ns: length of a bar.
            index: of the instrument on its account.
            rows: of the window.
            levels: whether events hold support and resistance.
            events: `rows` rows of a shared table to write to; None: a table of its own.

        Raises:
            ConfigError: a feature runs interpreted.
        """
        needed = [*signal_model.features, _ATR, *(_LEVELS if levels else ())]
        self.plan = make_plan(needed, interval_ns=interval_ns)
        _refuse_interpreted(self.plan)
        self.window = Window.of_capacity(rows, self.plan.n_columns, events)
        self.features: NDArray[np.float64] = np.full((self.plan.n_outputs, rows), np.nan)
        self.opinion: NDArray[np.float64] = np.zeros((signal_model.n_outputs, rows))
        self.regimes: NDArray[np.int8] = np.zeros(rows, np.int8)
        self._signal_model = signal_model
        self._chain = _chain(self.plan, signal_model, interval_ns)
        self.state: Table = self._chain.new_state()
        # in the state, not among the constants, so that all instruments share the machine code
        atr_row = len(signal_model.features)
        grid = make_grid(instrument, interval_ns, index, atr_row, signal_model.edge_row, atr_row + 1 if levels else -1)
        self.state[_GRID] = grid
        self.start = 0  # index of the bar in row 0 of the window
        self._refill: Callable[[], int] = lambda: 0
        #: ``advance(i, n)`` processes rows i … n−1 of the window into `events`.
        self.advance: Callable[[int, int], None] = self._bound()

    def _bound(self) -> Callable[[int, int], None]:
        tables = self._tables()
        return partial(entry_point(self._chain.advance, *tables, 0, 0), *tables)

    @property
    def signal_model(self) -> SignalModel:
        """The model in use."""
        return self._signal_model

    @property
    def model_state(self) -> Table:
        """State of the signal model, a view."""
        return self.state[0][_MODEL]

    def exchange(self, signal_model: SignalModel) -> None:
        """Replace the signal model, from the next row on, by one of the same code with other tables."""
        self._signal_model = signal_model
        self.advance = self._bound()

    @property
    def events(self) -> Table:
        """Event rows of the window."""
        return self.window.events

    def load(self, bars: Bars, funding: NDArray[np.float64] | None, start: int, stop: int | None = None) -> int:
        """Load bars from `start` on, up to `stop` or as many as fit the window, and return their number.

        `funding` is as `market_rows.align_funding` returns it.

        Raises:
            DataError: when the bars lack a row that a feature needs.
        """
        if start == 0:
            require_inputs(self.plan, bars.columns, bars.symbol)
        self.start = start
        end = min(start + len(self.window.ts), len(bars))
        self._refill = partial(self.window.fill, bars, funding, start, end if stop is None else min(stop, end))
        return self._refill()

    def rewind(self, state: Table) -> None:
        """Restore a state saved since the last `load`, so that the rows after it can be produced again."""
        self.state[:] = state
        self._refill()

    def _tables(self) -> tuple[NDArray[Any], ...]:
        window = self.window
        return (
            self.state,
            *self._signal_model.tables.values(),
            window.ts,
            window.columns,
            window.flags,
            window.funding,
            self.features,
            self.opinion,
            self.regimes,
            window.events,
        )


def _refuse_interpreted(plan: FeaturePlan) -> None:
    if plan.interpreted:
        raise ConfigError(
            "runs interpreted, and the engine runs compiled features only",
            place=f"feature {plan.interpreted[0]}",
            remedy="'quaestor features check' shows why it cannot be compiled",
        )


def _chain(plan: FeaturePlan, signal_model: SignalModel, interval_ns: int) -> Chain:
    """Return quality, features, signal model and event rows as one kernel."""
    bars, span = ("ts", "columns", "flags"), ("i", "n")
    of_events = ("funding", "features", "opinion", "regimes", "events")
    model_arguments = (*signal_model.tables, *MODEL_SIGNATURE)
    links = (
        Link(quality_advance, (*bars, *span), QUALITY_STATE, quality_params(interval_ns)),
        Link(hide_quarantined, ("columns", "flags", *span)),
        Link(plan.advance, ("ts", "columns", "features", *span), plan.chain.state_dtype),
        Link(signal_model.advance, model_arguments, signal_model.chain.state_dtype, name=_MODEL),
        Link(write_events, (*bars, *of_events, *span), GRID, name=_GRID),
    )
    widths = [("features", plan.n_outputs), ("opinion", signal_model.n_outputs)]
    return chain_kernels("signal_pipeline", links, (*signal_model.tables, *_SIGNATURE), widths)
