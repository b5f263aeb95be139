"""Tested period: the trained strategy beside holding and the classical strategies."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from quaestor.analysis.forecasts.forecasts import conduct_of, forecasts_of, outcomes_of
from quaestor.analysis.forecasts.labels import Barrier
from quaestor.analysis.forecasts.opinions import Opinions
from quaestor.domain.bars import Bars
from quaestor.domain.market_matrix import Column
from quaestor.engine.feed import TradedInstrument
from quaestor.ports.progress import Progress
from quaestor.research.experiment.by_regime import market_by_regime, money_by_regime, walk_of
from quaestor.research.experiment.holding import both_holdings
from quaestor.research.experiment.money import Scale, TrackRecord, compare, figures_of, track_record_of
from quaestor.research.experiment.result import Curve, Period, SymbolMoney
from quaestor.research.experiment.runs import LearnedRun, part_config, run_classical
from quaestor.research.experiment.settings import Split
from quaestor.runtime.config import RunConfig

#: Name of the trained strategy beside the others.
LEARNED = "learned"


@dataclass(frozen=True, slots=True)
class PeriodSpan:
    """Open times of a period's first bar and of the first after it, ns UTC, and the name of its runs."""

    name: str
    first_ts: int
    end_ts: int


def hold_out_span(split: Split, interval_ns: int, data_end_ts: int | None) -> PeriodSpan:
    """Return the hold-out as a span that ends where its last bar does, or where the data was cut before that.

    A run of the span reads the same rows as one to the end of the data: configurations hold microseconds, so a stamp
    just after the last open would leave that bar out, and a bar built from shorter ones needs all of them.

    Args:
        split: periods of the experiment.
        interval_ns: length of a bar.
        data_end_ts: end of the data in the configuration.
    """
    end_ts = split.last_ts + interval_ns
    return PeriodSpan("hold-out", split.holdout_ts, end_ts if data_end_ts is None else min(end_ts, data_end_ts))


def alternatives_of(
    config: RunConfig,
    span: PeriodSpan,
    traded_instruments: Sequence[TradedInstrument],
    strategies: Sequence[str],
    progress: Progress,
) -> tuple[TrackRecord, ...]:
    """Return holding and the classical strategies over a period, each from a fresh account at its first bar."""
    records = list(both_holdings(traded_instruments, config, span.first_ts, span.end_ts))
    for name in strategies:
        progress.describe(f"{span.name}: {name}")
        part = part_config(config, f"{span.name}-{name}", first_ts=span.first_ts, end_ts=span.end_ts)
        records.append(track_record_of(name, run_classical(part, name, progress), span.first_ts, config))
    return tuple(records)


def period_of(
    config: RunConfig,
    span: PeriodSpan,
    run: LearnedRun,
    opinions: Sequence[Opinions],
    alternatives: Sequence[TrackRecord],
    barrier: Barrier,
    scale: Scale,
) -> Period:
    """Return every figure of a period.

    Args:
        config: of the experiment.
        span: the period.
        run: of the trained strategy, which made no trade before it.
        opinions: of each instrument, in the period only.
        alternatives: from `alternatives_of`.
        barrier: that outcomes are labelled with.
        scale: of the figures.
    """
    learned = track_record_of(LEARNED, run.result, span.first_ts, config)
    bars = [traded.bars for traded in run.assembly.traded_instruments]
    settled = [outcomes_of(each, own, barrier) for each, own in zip(opinions, bars, strict=True)]
    records = (learned, *alternatives)
    return Period(
        first_ts=span.first_ts,
        end_ts=span.end_ts,
        days=len(learned.days),
        money=tuple(figures_of(record, scale) for record in records),
        versus=tuple(compare(learned, record, scale) for record in alternatives),
        symbols=tuple(_symbols(run, span)),
        regimes=money_by_regime([record for record in records if len(record.trades)], opinions, bars[0].interval_ns),
        market=market_by_regime(bars, opinions),
        walk=walk_of(opinions),
        forecasts=forecasts_of(settled),
        conduct=conduct_of(opinions),
        curves=tuple(_curve(record) for record in records),
    )


def _symbols(run: LearnedRun, span: PeriodSpan) -> list[SymbolMoney]:
    return [
        SymbolMoney(own.symbol, own.trades, own.win_rate, own.pnl, own.fees, _held(traded.bars, span))
        for own, traded in zip(run.result.summary.symbols, run.assembly.traded_instruments, strict=True)
    ]


def _held(bars: Bars, span: PeriodSpan) -> float:
    rows = slice(int(np.searchsorted(bars.ts, span.first_ts)), int(np.searchsorted(bars.ts, span.end_ts)))
    opens, closes = bars.column(Column.OPEN)[rows], bars.column(Column.CLOSE)[rows]
    return float(closes[-1] / opens[0] - 1.0) if len(opens) else 0.0


def _curve(record: TrackRecord) -> Curve:
    growth = np.cumprod(1.0 + record.returns) - 1.0
    return Curve(record.name, tuple(record.days.tolist()), tuple(growth.tolist()))
