"""Simulation: one assembled run with its observers, folded into a result."""

from dataclasses import dataclass, fields
from typing import TypedDict

import polars as pl

from quaestor.analysis.by_sleeve import SleeveBooks
from quaestor.analysis.by_symbol import figures_of
from quaestor.analysis.collector import Collector
from quaestor.analysis.counterfactual import Refusals
from quaestor.analysis.model_figures import learning_figures
from quaestor.analysis.officer.account import account_of
from quaestor.analysis.officer.account_state import account_state_of
from quaestor.analysis.opinion_log import OpinionLog
from quaestor.analysis.results import (
    RunResult,
    Summary,
    equity_frame,
    trades_for_statistics,
    trades_frame,
    verdicts_frame,
    write_result,
)
from quaestor.analysis.statistics import PERIODS_ALWAYS_OPEN, PERIODS_SESSIONS, Metrics, summarise
from quaestor.domain.bars import Bars
from quaestor.domain.market_matrix import BAR_COLUMNS
from quaestor.engine.engine import Engine
from quaestor.jit.tables import Table
from quaestor.ledger.codes import Breaker, flag_names
from quaestor.market.bars.build import resample
from quaestor.ports.progress import NO_PROGRESS, Progress
from quaestor.runtime.assembly.assemble import Assembly
from quaestor.runtime.journal.recorder import Recorder
from quaestor.runtime.session.backtest import run_backtest
from quaestor.runtime.session.finished import Finished
from quaestor.runtime.session.session import Observer

#: Bars that a report draws as candles, at most.
REPORT_BARS = 5_000
#: Timeframes that a report may coarsen to, in nanoseconds.
_COARSER_NS = tuple(minutes * 60_000_000_000 for minutes in (1, 5, 15, 30, 60, 240, 720, 1440, 10_080))

#: Figures that a summary takes from the metrics as they are.
_OF_METRICS = {field.name for field in fields(Metrics)} & {field.name for field in fields(Summary)}


def simulate(
    assembly: Assembly, recorder: Recorder, progress: Progress = NO_PROGRESS, observers: tuple[Observer, ...] = ()
) -> RunResult:
    """Run what is assembled, venue inside, and write what its configuration names."""
    own = RunObservers.of(assembly)
    finished = run_backtest(assembly, recorder, (*own.all, *observers), progress)
    return conclude(assembly, own, finished, "backtest")


def refusals_of(assembly: Assembly) -> Refusals:
    """Return an observer of what the officer refuses in a run."""
    instruments = [traded.instrument for traded in assembly.traded_instruments]
    return Refusals(assembly.symbols, instruments, assembly.instruments, assembly.params)


@dataclass(frozen=True, slots=True)
class RunObservers:
    """Observers of a run; `sleeves` where there are several strategies, `opinions` where models are trained."""

    collector: Collector
    refusals: Refusals
    sleeves: SleeveBooks | None
    opinions: OpinionLog | None

    @classmethod
    def of(cls, assembly: Assembly) -> "RunObservers":
        """Return fresh observers of a run."""
        moments = max(len(traded.bars) for traded in assembly.traded_instruments)
        instruments = [traded.instrument for traded in assembly.traded_instruments]
        collector = Collector(instruments, assembly.interval_ns, float(assembly.settings.capital), moments)
        sleeves = SleeveBooks(assembly) if len(assembly.config.strategy.names) > 1 else None
        opinions = None if assembly.deployment is None else OpinionLog(assembly)
        return cls(collector, refusals_of(assembly), sleeves, opinions)

    @property
    def all(self) -> tuple[Observer, ...]:
        """Return the observers as a mode takes them."""
        watching: tuple[Observer | None, ...] = (self.collector, self.refusals, self.sleeves, self.opinions)
        return tuple(observer for observer in watching if observer is not None)


def conclude(assembly: Assembly, observers: RunObservers, finished: Finished, mode: str) -> RunResult:
    """Return the result of a finished run, and write it where its configuration names a directory."""
    collector = observers.collector
    collector.finish()
    traded_instruments = assembly.traded_instruments
    round_trips = collector.trades(finished.engine)
    trades = trades_frame(round_trips, collector.instruments)
    has_sessions = all(traded.bars.market == "equity" for traded in traded_instruments)
    periods = PERIODS_SESSIONS if has_sessions else PERIODS_ALWAYS_OPEN
    metrics = summarise(collector.daily, trades_for_statistics(trades), periods=periods)
    log = observers.opinions
    result = RunResult(
        _summary(assembly, finished, observers, metrics, round_trips, mode),
        metrics,
        trades,
        equity_frame(collector),
        verdicts_frame(collector),
        collector.daily,
        None if log is None else log.frame(),
    )
    if assembly.config.out is not None:
        bars = pl.concat(
            [_report_bars(traded.bars, REPORT_BARS // len(traded_instruments)) for traded in traded_instruments]
        )
        write_result(result, bars, assembly.config.out)
    return result


def _summary(
    assembly: Assembly, finished: Finished, observers: RunObservers, metrics: Metrics, round_trips: Table, mode: str
) -> Summary:
    tallies = observers.collector.tallies
    symbols = [figures_of(k, own, tallies[k], round_trips) for k, own in enumerate(assembly.traded_instruments)]
    config, engine = assembly.config, finished.engine
    return Summary(
        symbol=", ".join(assembly.symbols),
        market=", ".join(dict.fromkeys(traded.bars.market for traded in assembly.traded_instruments)),
        timeframe=assembly.timeframe,
        strategy=", ".join(config.strategy.names),
        settings=_settings(assembly),
        risk_profile=config.risk.profile,
        mode=mode,
        bars=assembly.n_bars,
        first_ts=min(entry.first_ts for entry in symbols),
        last_ts=max(entry.last_ts for entry in symbols),
        seconds=finished.seconds,
        compile_seconds=finished.compile_seconds,
        equity_initial=float(assembly.settings.capital),
        equity_final=_equity(engine, assembly),
        buy_and_hold_return=sum(entry.buy_and_hold_return for entry in symbols) / len(symbols),
        **{name: getattr(metrics, name) for name in _OF_METRICS},
        **_account_totals(engine, float(assembly.traded_instruments[0].instrument.quantum)),
        refusals=observers.refusals.outcomes(),
        state_sha256=engine.digest(),
        journal=str(config.journal.dir) if config.journal.dir else None,
        out=str(config.out) if config.out else None,
        notes=list(assembly.notes),
        symbols=symbols,
        sleeves=[] if observers.sleeves is None else observers.sleeves.figures(round_trips),
        account=account_of(account_state_of(assembly, engine)),
        learning=learning_figures(assembly, finished.model_log),
        opinions=[] if observers.opinions is None else observers.opinions.figures(finished.model_log),
    )


class _AccountTotals(TypedDict):
    fees: float
    funding: float
    vetoes: int
    shrinks: int
    decisions: int
    liquidations: int
    breakers: list[str]


def _account_totals(engine: Engine, money: float) -> _AccountTotals:
    """Return what the account counted during the run; `money`: worth of a quantum."""
    ledger, risk = engine.account[0]["ledger"], engine.account[0]["risk"]
    return {
        "fees": int(ledger["fees"]) * money,
        "funding": int(ledger["funding"]) * money,
        "vetoes": int(risk["vetoes"]),
        "shrinks": int(risk["shrinks"]),
        "decisions": int(risk["decisions"]),
        "liquidations": int(ledger["liquidations"]),
        "breakers": flag_names(Breaker, int(risk["breakers"])),
    }


def _settings(assembly: Assembly) -> dict[str, str]:
    """Return every parameter as text; of several strategies by ``strategy.parameter``; of trained models those
    given."""
    if assembly.deployment is not None:
        return dict(assembly.config.strategy.settings)
    alphas = assembly.signal_model.alphas
    if len(alphas) == 1:
        return alphas[0].settings
    return {f"{alpha.name}.{name}": value for alpha in alphas for name, value in alpha.settings.items()}


def _equity(engine: Engine, assembly: Assembly) -> float:
    return float(assembly.traded_instruments[0].instrument.to_money(engine.equity_quanta))


def _report_bars(bars: Bars, most: int) -> pl.DataFrame:
    """Return the bars, resampled until a chart can draw them."""
    shown = bars
    for interval_ns in _COARSER_NS:
        if len(shown) <= most:
            break
        if interval_ns > bars.interval_ns and interval_ns % bars.interval_ns == 0:
            shown = resample(bars, interval_ns, complete_only=False)
    series = {column.name.lower(): shown.columns[column] for column in BAR_COLUMNS}
    return pl.DataFrame({"symbol": [bars.symbol] * len(shown), "ts": shown.ts, **series})
