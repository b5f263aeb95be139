"""Indicators over a million rows: ours into new and into given arrays, TA-Lib, pandas, vectorbt, round by round."""

import statistics
from collections.abc import Callable

import numpy as np
import pandas as pd

from benchmarks.data import minutes
from benchmarks.indicator_peers import INDICATORS, SLOW_ROWS, Bars, Indicator, hurst
from benchmarks.indicator_start import measure_start
from benchmarks.indicator_stream import measure_many_symbols, measure_stream
from benchmarks.measure import Figures
from benchmarks.vectorbt_indicators import VectorbtIndicators
from quaestor.analysis.stopwatch import cpu_seconds
from quaestor.features.plan import make_plan
from quaestor.jit.compile import entry_point
from quaestor.jit.tables import Matrix

ROWS = 1_000_000
_ROUNDS = 25
_SLOW_ROUNDS = 3  # of pandas and vectorbt, which take a hundred times as long
_HURST_ROWS = 100_000
_HURST_PEER_ROWS = 1_000


def measure_indicators() -> Figures:
    """CPU nanoseconds a row in one thread, and ratios: how many times as fast as the peer we are."""
    bars = recorded_bars(ROWS)
    with VectorbtIndicators(bars) as vectorbt:
        batch: Figures = {name: _compare(name, indicator, bars, vectorbt) for name, indicator in INDICATORS.items()}
    return {
        "rows": ROWS,
        "batch": batch,
        "hurst_100": _hurst(bars),
        "stream": measure_stream(bars.head(20_000)),
        "many_symbols": measure_many_symbols(bars),
        "start": measure_start(),
    }


def recorded_bars(rows: int) -> Bars:
    """So many minutes, the recorded ones repeated where they run out."""
    frame = minutes().select("open", "high", "low", "close", "volume").to_numpy().T.astype(np.float64)
    columns = np.concatenate([frame] * -(-rows // frame.shape[1]), axis=1)[:, :rows]
    return Bars(*np.ascontiguousarray(columns))


def _compare(name: str, indicator: Indicator, bars: Bars, vectorbt: VectorbtIndicators) -> Figures:
    rows = len(bars.close)
    given, fresh = ours(indicator.outputs, bars.columns)
    part = bars.head(SLOW_ROWS if indicator.slow else rows)
    frame = part.frame()
    work: dict[str, tuple[Callable[[], object], int, int]] = {
        "given": (given, rows, _ROUNDS),
        "fresh": (fresh, rows, _ROUNDS),
        "pandas": (lambda: indicator.pandas(frame), len(frame), _SLOW_ROUNDS),
    }
    library = indicator.talib
    if library is not None:
        work["talib"] = (lambda: library(bars), rows, _ROUNDS)
    taken: dict[str, list[float]] = {peer: [] for peer in work}
    for do, _, _ in work.values():
        do()
    for turn in range(_ROUNDS):
        for peer, (do, count, rounds) in work.items():
            if turn < rounds:
                taken[peer].append(cpu_seconds(do) / count * 1e9)
    asked = [vectorbt.seconds(name) for _ in range(_SLOW_ROUNDS + 1)][1:]
    taken["vectorbt"] = [seconds / rows * 1e9 for seconds in asked if seconds is not None]
    medians = {peer: statistics.median(times) for peer, times in taken.items() if times}
    figures: Figures = {f"{peer}_ns": round(value, 3) for peer, value in medians.items()}
    for peer in ("talib", "pandas", "vectorbt"):
        if peer in medians:
            figures[f"fresh_times_{peer}"] = round(medians[peer] / medians["fresh"], 2)
    if "talib" in medians:
        figures["given_times_talib"] = round(medians["talib"] / medians["given"], 2)
    return figures


def ours(outputs: tuple[str, ...], columns: Matrix) -> tuple[Callable[[], object], Callable[[], object]]:
    """The outputs over all rows into an array made before, and into a new one."""
    plan = make_plan(list(outputs))
    rows = columns.shape[1]
    ts = np.arange(rows, dtype=np.int64)
    before = np.empty((plan.n_outputs, rows))
    advance = entry_point(plan.advance, plan.new_state(), ts, columns, before, 0, rows)

    def given() -> None:
        advance(plan.new_state(), ts, columns, before, 0, rows)

    def fresh() -> Matrix:
        out = np.empty((plan.n_outputs, rows))
        advance(plan.new_state(), ts, columns, out, 0, rows)
        return out

    return given, fresh


def _hurst(bars: Bars) -> Figures:
    given, _ = ours(("hurst_100",), bars.head(_HURST_ROWS).columns)
    closes = pd.Series(bars.close[:_HURST_PEER_ROWS])
    given()
    mine, theirs = [], []
    for _ in range(_SLOW_ROUNDS):
        mine.append(cpu_seconds(given) / _HURST_ROWS * 1e9)
        theirs.append(cpu_seconds(lambda: closes.rolling(101).apply(hurst, raw=True)) / (len(closes) - 100) * 1e9)
    ns, peer_ns = statistics.median(mine), statistics.median(theirs)
    return {"ours_ns": round(ns), "rolling_apply_ns": round(peer_ns), "times_rolling_apply": round(peer_ns / ns)}
