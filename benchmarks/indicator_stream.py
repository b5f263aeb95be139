"""One new row at a time: a bundle of seven, the default set, 500 symbols in one call; beside talipp and pandas."""

import statistics
import time
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from talipp import indicators as talipp
from talipp.ohlcv import OHLCV

from benchmarks.default_set import NAMES, pandas_frame, pandas_set, with_book
from benchmarks.indicator_peers import Bars
from benchmarks.measure import Figures
from quaestor.analysis.stopwatch import cpu_seconds
from quaestor.features.plan import FeaturePlan, make_plan
from quaestor.features.symbols import advance_symbols, new_states
from quaestor.jit.compile import entry_point

BUNDLE = ("rsi_14", "ema_20", "macd_12_26_9", "bbands_20_2", "atr_14", "adx_14", "stoch_14_3_3")
_ROUNDS = 9
_SYMBOLS = 500
_MANY, _MANY_ROWS = 120, 500
_PEER_SYMBOLS = 4  # of the 120 in pandas; the rest would take as long again


def measure_stream(bars: Bars) -> Figures:
    """CPU microseconds a row, one call a row."""
    bundle, wide = _walk(make_plan(BUNDLE), bars.columns), _walk(make_plan(NAMES), with_book(bars))
    symbols = _walk_symbols(make_plan(BUNDLE), bars)
    rows = len(bars.close)
    work: dict[str, tuple[Callable[[], object], int]] = {
        "bundle_of_7": (bundle, rows),
        "default_set_of_25": (wide, rows),
        "bundle_of_7_for_500_symbols": (symbols, rows // 10),
        "talipp_bundle_of_7": (lambda: _walk_talipp(bars.head(rows // 10)), rows // 10),
    }
    taken: dict[str, list[float]] = {name: [] for name in work}
    for _ in range(_ROUNDS):
        for name, (do, count) in work.items():
            taken[name].append(cpu_seconds(do) / count * 1e6)
    medians = {name: statistics.median(times) for name, times in taken.items()}
    figures: Figures = {f"{name}_us": round(value, 3) for name, value in medians.items()}
    figures["bundle_times_talipp"] = round(medians["talipp_bundle_of_7"] / medians["bundle_of_7"], 1)
    figures["state_of_the_bundle_bytes"] = make_plan(BUNDLE).new_state().nbytes
    figures["state_of_the_default_set_bytes"] = make_plan(NAMES).new_state().nbytes
    return figures


def _walk(plan: FeaturePlan, columns: NDArray[np.float64]) -> Callable[[], None]:
    rows = columns.shape[1]
    ts, out = np.arange(rows, dtype=np.int64), np.empty((plan.n_outputs, rows))
    advance = entry_point(plan.advance, plan.new_state(), ts, columns, out, 0, 1)

    def walk() -> None:
        state = plan.new_state()
        for k in range(rows):
            advance(state, ts, columns, out, k, k + 1)

    return walk


def _walk_symbols(plan: FeaturePlan, bars: Bars) -> Callable[[], None]:
    """Each symbol sees the same minutes a little later than the one before it."""
    rows = len(bars.close) // 10
    starts = np.arange(_SYMBOLS)
    columns = np.ascontiguousarray(np.stack([bars.columns[:, s : s + rows] for s in starts]).transpose(2, 0, 1))[
        ..., None
    ]
    ts, out = np.zeros((_SYMBOLS, 1), np.int64), np.empty((_SYMBOLS, plan.n_outputs, 1))
    advance = entry_point(advance_symbols(plan), new_states(plan, _SYMBOLS), ts, columns[0], out, 0, 1)

    def walk() -> None:
        states = new_states(plan, _SYMBOLS)
        for k in range(rows):
            advance(states, ts, columns[k], out, 0, 1)

    return walk


def _walk_talipp(bars: Bars) -> None:
    on_closes = [talipp.RSI(14), talipp.EMA(20), talipp.MACD(12, 26, 9), talipp.BB(20, 2)]
    on_bars = [talipp.ATR(14), talipp.ADX(14, 14), talipp.Stoch(14, 3)]
    for values in zip(bars.open, bars.high, bars.low, bars.close, bars.volume, strict=True):
        bar = OHLCV(*map(float, values))
        for indicator in on_closes:
            indicator.add(bar.close)
        for indicator in on_bars:
            indicator.add(bar)


def measure_many_symbols(bars: Bars) -> Figures:
    """120 symbols × 500 bars × the default set, in one call, beside pandas symbol by symbol."""
    plan = make_plan(NAMES)
    matrix = with_book(bars.head(_MANY * 500))
    columns = np.stack([matrix[:, s * 500 : s * 500 + _MANY_ROWS] for s in range(_MANY)])
    ts = np.zeros((_MANY, _MANY_ROWS), np.int64)
    advance = advance_symbols(plan)
    every = pandas_frame(bars.head(_PEER_SYMBOLS * 500))
    frames = [every.iloc[s * 500 : (s + 1) * 500].reset_index(drop=True) for s in range(_PEER_SYMBOLS)]

    def work() -> object:
        out = np.empty((_MANY, plan.n_outputs, _MANY_ROWS))
        advance(new_states(plan, _MANY), ts, columns, out, 0, _MANY_ROWS)
        return out

    work()
    mine, theirs, wall = [], [], []
    for _ in range(_ROUNDS):
        started = time.perf_counter()
        mine.append(cpu_seconds(work))
        wall.append(time.perf_counter() - started)
        theirs.append(cpu_seconds(lambda: [pandas_set(frame) for frame in frames]) * _MANY / _PEER_SYMBOLS)
    ours_s, pandas_s = statistics.median(mine), statistics.median(theirs)
    return {
        "ours_ms": round(ours_s * 1e3, 2),
        "ours_wall_ms": round(statistics.median(wall) * 1e3, 2),
        "pandas_ms": round(pandas_s * 1e3, 1),
        "times_pandas": round(pandas_s / ours_s, 1),
    }
