"""Run use cases: a configuration as a backtest or as a paper run, from data to written results."""

from dataclasses import replace

from quaestor.adapters.allocators.catalog import require_library
from quaestor.adapters.commands import FileCommands, NoCommands, RecordedCommands
from quaestor.analysis.results import RunResult, prepare_directory
from quaestor.analysis.simulate import RunObservers, conclude, simulate
from quaestor.jit.cache import is_compiled
from quaestor.ports.clock import Clock
from quaestor.ports.operator import Commands
from quaestor.ports.progress import NO_PROGRESS, Progress
from quaestor.research.training.trainer import with_trainer
from quaestor.runtime.assembly.assemble import Assembly, assemble
from quaestor.runtime.config import RunConfig
from quaestor.runtime.journal.recorder import Recorder, VerifyingRecorder
from quaestor.runtime.recovery.opening import begin, begin_or_resume, with_journaled_models
from quaestor.runtime.session.paper import run_paper


def backtest(config: RunConfig, *, progress: Progress = NO_PROGRESS) -> RunResult:
    """Run a configuration over recorded bars; write journal and results where it names them.

    Raises:
        UsageError: see `runtime.assembly.assemble.assemble`.
    """
    assembly = _assembled(config, progress, venue_inside=True)
    return simulate(assembly, begin(assembly, "backtest"), progress)


def paper(config: RunConfig, clock: Clock, *, progress: Progress = NO_PROGRESS) -> RunResult:
    """Run a configuration one bar at a time against the simulated venue; resume a journal that was cut off.

    Raises:
        UsageError: see `runtime.assembly.assemble.assemble`.
    """
    assembly = _assembled(with_journaled_models(config), progress, venue_inside=False)
    observers = RunObservers.of(assembly)
    recorder, note = begin_or_resume(assembly, "paper")
    if note:
        assembly = replace(assembly, notes=(*assembly.notes, note))
    finished = run_paper(assembly, recorder, observers.all, progress, clock, _commands(assembly, recorder))
    return conclude(assembly, observers, finished, "paper")


def _assembled(config: RunConfig, progress: Progress, *, venue_inside: bool) -> Assembly:
    """Return everything the run needs, with the directory of its results made."""
    require_library(config.allocation.method)
    assembly = with_trainer(assemble(config, venue_inside=venue_inside))
    if config.out is not None:
        prepare_directory(config.out)
    if not is_compiled("engine.trading_loop"):
        progress.describe("compiling the engine: once a version, about half a minute; later runs start at once")
    progress.describe("running")
    progress.expect(assembly.n_bars)
    return assembly


def _commands(assembly: Assembly, recorder: Recorder) -> Commands:
    """Return the operator's commands: those of the journal's directory, after those that an earlier start had taken."""
    directory = assembly.config.journal.dir
    fresh = FileCommands(directory) if directory is not None else NoCommands()
    if not isinstance(recorder, VerifyingRecorder):
        return fresh
    onward = NoCommands() if recorder.is_complete else fresh
    return RecordedCommands(recorder.commands(), recorder.bars_begun(), onward)
