"""Out-of-sample validation of a signal model: a plain simulation on bars that it was not trained on, to compare two
models.

A signal model runs over the bars as it would have traded them: it starts from its artefact at the end of its training,
and learns online from there. Positions follow its signal at full size from the next open on; a change of position costs
half a round trip a unit; a holder pays or gets funding. Drift sizes nothing down, so that models are compared and not
how lucky each was with its alarms; stops, limits and the rest of the account belong to neither.
"""

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from quaestor.analysis.forecasts.labels import Barrier, triple_barrier
from quaestor.analysis.forecasts.scores import Scores, score
from quaestor.brain.trained.model import OWN_FEATURES, adopt, make_trained_model, stage_state
from quaestor.brain.trained.outputs import Output
from quaestor.brain.trained.settings import TradingSettings
from quaestor.domain.artefact import Artefact
from quaestor.domain.bars import Bars
from quaestor.domain.market_matrix import Column
from quaestor.engine.market_rows import FUNDING_AT_OPEN, FUNDING_INSIDE, align_funding, as_seen
from quaestor.features.plan import compute, make_plan
from quaestor.jit.tables import Matrix, Table
from quaestor.research.training.promotion import OutOfSample

#: Bars before the end of its training that warm a signal model's state up.
_WARM_UP = 2_000
#: Largest loss of a position in one bar, as a fraction.
_LOSS_MAX = 0.999


def bars_trained_on(artefact: Artefact, bars: Bars) -> int:
    """Return how many of the bars, from the first on, an artefact may have been trained on."""
    return int(np.searchsorted(bars.ts, artefact.manifest.trained_through, side="right"))


def out_of_sample(artefact: Artefact, bars: Bars, first: int, trading: TradingSettings, trials: int) -> OutOfSample:
    """Trade the bars from row `first` on, none of which the model was trained on, and return its performance.

    Args:
        artefact: the model.
        bars: up to the present, with those that it was trained on.
        first: row of the first bar whose close it decides at; at least `bars_trained_on`.
        trading: costs, and how it trades.
        trials: configurations tried so far, this one included.
    """
    signal_model = make_trained_model(artefact, trading)
    known, bars = bars_trained_on(artefact, bars), as_seen(bars)
    features = compute(make_plan(signal_model.features, interval_ns=bars.interval_ns), bars.columns, ts=bars.ts)
    paid = align_funding(bars, bars.funding)
    funding = np.zeros((3, len(bars))) if paid is None else paid
    opinion, regimes = np.zeros((signal_model.n_outputs, len(bars))), np.zeros(len(bars), np.int8)
    state = signal_model.new_state()
    rows = (bars.ts, features, bars.columns, funding, opinion, regimes)
    signal_model.advance(state, *signal_model.tables.values(), *rows, max(0, known - _WARM_UP), known)
    adopt(signal_model, state, is_new=False)
    _begin_flat(state, len(bars))
    signal_model.advance(state, *signal_model.tables.values(), *rows, known, len(bars))
    position = _held(opinion[Output.SIGNAL, first:])
    scores = _scores(
        artefact, bars, features[signal_model.features.index(OWN_FEATURES[0])], opinion[Output.SCORE], first
    )
    returns = net_returns(position, bars.columns[:, first:], funding[:, first:], trading.round_trip)
    return OutOfSample(returns, bets(position, artefact.manifest.barrier.rows), trials, scores=scores)


def net_returns(
    position: NDArray[np.float64], columns: Matrix, funding: Matrix, round_trip: float
) -> NDArray[np.float64]:
    """Return returns of equity a bar, net of costs, float64 (n − 1,): bar k's is that from the open of bar k + 1 to
    the next.

    Args:
        position: float64 (n,), as a fraction of equity, decided at the close of each bar; at the end it is closed.
        columns: float64 (m, n), rows by `domain.market_matrix.Column`. A missing price moves nothing.
        funding: float64 (3, n), see `engine.market_rows.align_funding`.
        round_trip: what entering and leaving costs together, as a fraction.
    """
    entry = columns[Column.OPEN, 1:]
    leaving = np.append(columns[Column.OPEN, 2:], columns[Column.CLOSE, -1])
    with np.errstate(divide="ignore", invalid="ignore"):
        change = leaving / entry - 1.0
    change[~np.isfinite(change)] = 0.0
    held = position[:-1]
    settled = funding[FUNDING_INSIDE, 1:] + np.append(funding[FUNDING_AT_OPEN, 2:], 0.0)
    traded = np.abs(np.diff(held, prepend=0.0))
    traded[-1:] += np.abs(held[-1:])
    return np.maximum(held * (change - settled) - traded * round_trip / 2.0, -_LOSS_MAX)


def bets(position: NDArray[np.float64], horizon: int) -> int:
    """Return the number of trades in positions decided bar by bar, float64 (n,); what is open at the end is closed
    there.

    One that is held for several horizons was decided anew in each, and counts as so many.
    """
    side = np.sign(position[:-1])
    begins = np.flatnonzero(np.diff(side, prepend=0.0, append=0.0) != 0.0)
    return sum(-(-int(end - begin) // horizon) for begin, end in pairwise(begins) if side[begin] != 0.0)


def _begin_flat(state: Table, bars: int) -> None:
    """Set the state to no position, and to a drift response that is not escalated for so many bars."""
    stage = stage_state(state)
    stage["position"] = stage["left"] = 0
    stage["drift_response"] = np.zeros_like(stage["drift_response"])
    stage["drift_response"]["cooling"] = bars + 1


def _held(signal: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the position of each bar: no opinion (NaN) keeps the position before, at first none."""
    known = np.isfinite(signal)
    last = np.maximum.accumulate(np.where(known, np.arange(len(signal)), -1))
    return np.where(last >= 0, signal[last], 0.0)


def _scores(
    artefact: Artefact, bars: Bars, volatility: NDArray[np.float64], pooled: NDArray[np.float64], first: int
) -> Scores | None:
    """Return the scores of the pooled forecasts whose outcome is known."""
    spec = artefact.manifest.barrier
    labels = triple_barrier(bars.columns, volatility, Barrier(spec.profit, spec.stop, spec.rows, spec.cost))
    settled = np.flatnonzero(labels.known & np.isfinite(pooled))
    settled = settled[settled >= first]
    return score(pooled[settled] > 0.5, labels.change[settled] > 0.0) if len(settled) else None
