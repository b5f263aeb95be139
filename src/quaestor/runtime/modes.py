"""The modes: one engine, and only the ports differ."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from quaestor.engine.engine import Engine
from quaestor.ports import Clock, Commands
from quaestor.runtime.assemble import Assembly
from quaestor.runtime.recorder import Recorder
from quaestor.runtime.shell import Observer, Shell

#: Called with the number of bars done.
Ticker = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Finished:
    """A run that has ended: the engine as it stands, and where the time went."""

    engine: Engine
    seconds: float
    compile_seconds: float


def run_backtest(assembly: Assembly, recorder: Recorder, observers: tuple[Observer, ...], tick: Ticker) -> Finished:
    """Recorded data, venue inside, event time."""
    compile_seconds = warm_up(assembly)
    started = time.perf_counter()
    open_loop, engine = assembly.open_loop(), assembly.engine()
    shell = Shell(engine, recorder, observers, assembly.config.journal.level)
    start = 0
    while start < len(assembly.bars):
        count = open_loop.load(assembly.bars, assembly.funding, start)
        open_loop.advance(0, count)
        shell.run_inside(open_loop.events, count)
        start += count
        tick(start)
    shell.finish()
    return Finished(engine, time.perf_counter() - started, compile_seconds)


def run_paper(
    assembly: Assembly,
    recorder: Recorder,
    observers: tuple[Observer, ...],
    tick: Ticker,
    clock: Clock,
    commands: Commands,
) -> Finished:
    """Recorded data one bar at a time, a simulated venue behind the port, the clock's time, an operator's commands."""
    compile_seconds = warm_up(assembly)
    started = time.perf_counter()
    open_loop, engine, venue = assembly.open_loop(), assembly.engine(), assembly.simulated_venue()
    shell = Shell(engine, recorder, observers, assembly.config.journal.level)
    stamps = assembly.bars.ts + assembly.bars.interval_ns
    events = open_loop.events
    engine.bind(events)
    start = 0
    while start < len(assembly.bars):
        count = open_loop.load(assembly.bars, assembly.funding, start)
        due = stamps[start : start + count].tolist()
        for i in range(count):
            clock.wait_until(due[i])
            given = commands.pending(shell.bars)
            if given:
                shell.command(venue, given, int(stamps[start + i] - assembly.bars.interval_ns))
                commands.journaled()
            open_loop.advance(i, i + 1)
            shell.step_outside(venue, events, i)
        shell.end_window()
        start += count
        tick(start)
    shell.finish()
    return Finished(engine, time.perf_counter() - started, compile_seconds)


def warm_up(assembly: Assembly) -> float:
    """Compile (or load from the cache) everything the run will call, on a scratch copy; returns the seconds it took."""
    started = time.perf_counter()
    open_loop, engine = assembly.open_loop(), assembly.engine()
    count = min(open_loop.load(assembly.bars, assembly.funding, 0), 2)
    open_loop.advance(0, count)
    engine.advance(open_loop.events, 0, count)
    if not assembly.venue_inside:
        venue = assembly.simulated_venue()
        venue.on_bar(open_loop.events, 0)
        venue.submit(engine.no_orders())
    return time.perf_counter() - started
