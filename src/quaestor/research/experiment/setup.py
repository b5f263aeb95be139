"""Experiment setup: configuration, instruments and split of an experiment, loaded and checked before any run."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from quaestor.analysis.results import prepare_directory
from quaestor.analysis.statistics import PERIODS_ALWAYS_OPEN, PERIODS_SESSIONS
from quaestor.domain.bars import Bars
from quaestor.engine.feed import TradedInstrument
from quaestor.errors import OutputError
from quaestor.ports.progress import Progress
from quaestor.research.experiment.money import Scale
from quaestor.research.experiment.settings import ExperimentSettings, Split, split
from quaestor.research.training.fingerprints import bars_sha256
from quaestor.research.training.settings import TrainingSettings
from quaestor.runtime.assembly.assemble import assemble
from quaestor.runtime.config import RunConfig, StrategyConfig
from quaestor.runtime.config.model import ModelsConfig
from quaestor.runtime.models.deployment import model_name
from quaestor.runtime.models.load import DEFAULT_ROOT


@dataclass(frozen=True, slots=True, eq=False)
class ExperimentSetup:
    """Inputs that every step of an experiment shares."""

    config: RunConfig
    settings: ExperimentSettings
    training: TrainingSettings
    root: Path  # of the models
    traded_instruments: tuple[TradedInstrument, ...]  # with all bars, those of the hold-out included
    split: Split
    progress: Progress
    now_ns: Callable[[], int]

    @property
    def known(self) -> tuple[Bars, ...]:
        """Return the bars before the hold-out, of each instrument."""
        return tuple(self.split.known(traded.bars) for traded in self.traded_instruments)

    @property
    def held_out(self) -> tuple[str, ...]:
        """Return the SHA-256 of each instrument's bars in the hold-out."""
        return tuple(bars_sha256(self.split.held_out(traded.bars)) for traded in self.traded_instruments)

    @property
    def symbols(self) -> tuple[str, ...]:
        """Return the symbols traded."""
        return tuple(traded.bars.symbol for traded in self.traded_instruments)

    @property
    def names(self) -> tuple[str, ...]:
        """Return the names of the instruments' models."""
        return tuple(model_name(traded) for traded in self.traded_instruments)

    def titled(self, title: str) -> Progress:
        """Return the progress of one part of the work, with each of its stages under this title."""
        return _Titled(self.progress, title)

    def scale(self, trials: int) -> Scale:
        """Return what figures depend on besides a track record."""
        has_sessions = all(traded.bars.market == "equity" for traded in self.traded_instruments)
        periods = PERIODS_SESSIONS if has_sessions else PERIODS_ALWAYS_OPEN
        return Scale(periods, trials, self.settings.draws, self.config.seed)


class _Titled:
    """Progress that is passed on, its stages under a title."""

    def __init__(self, onward: Progress, title: str) -> None:
        self._onward = onward
        self._title = title

    def describe(self, text: str) -> None:
        """Name the stage that begins, under the title."""
        self._onward.describe(f"{self._title}: {text}")

    def expect(self, total: float) -> None:
        """Set the number of steps of the whole work."""
        self._onward.expect(total)

    def at(self, done: float) -> None:
        """Set the number of steps that are done."""
        self._onward.at(done)


def prepare_experiment(
    config: RunConfig,
    settings: ExperimentSettings,
    progress: Progress,
    now_ns: Callable[[], int],
) -> ExperimentSetup:
    """Load data and settings, and refuse what cannot be run before it costs time.

    Raises:
        UsageError: see `runtime.assembly.assemble.assemble` and `split`; or an output directory that is not empty.
    """
    if config.out is not None:
        if config.out.is_dir() and any(config.out.iterdir()):
            raise OutputError("is not empty", place=f"--out {config.out}", remedy="choose another directory")
        prepare_directory(config.out)
    progress.describe("loading")
    loaded = assemble(
        config.model_copy(update={"strategy": StrategyConfig(), "models": ModelsConfig()}), venue_inside=True
    )
    periods = split(
        loaded.traded_instruments, settings.holdout_share, config.models.first_bars, config.models.retrain_bars
    )
    training = replace(settings.training, seed=config.seed)
    root = config.models.dir or DEFAULT_ROOT
    placed = config.model_copy(update={"models": config.models.model_copy(update={"dir": root})})
    return ExperimentSetup(placed, settings, training, root, loaded.traded_instruments, periods, progress, now_ns)
