"""Training use case: train models, test them walk forward and on the hold-out, and write result and report."""

from dataclasses import dataclass
from pathlib import Path

from quaestor.ports.progress import NO_PROGRESS, Progress
from quaestor.report.document import load_chart_library
from quaestor.report.experiment import write_experiment_report
from quaestor.research.experiment.experiment import run_experiment
from quaestor.research.experiment.result import Experiment, write_experiment
from quaestor.research.experiment.settings import ExperimentSettings
from quaestor.runtime.config import RunConfig

#: Name of the report beside `experiment.json`.
REPORT_FILE = "report.html"


@dataclass(frozen=True, slots=True)
class TrainingResult:
    """An experiment and the files that it was written to; None where the configuration names no directory."""

    experiment: Experiment
    figures: Path | None
    report: Path | None


def train(config: RunConfig, settings: ExperimentSettings, *, progress: Progress = NO_PROGRESS) -> TrainingResult:
    """Run an experiment and write `experiment.json` and the report into ``config.out``, if that is set.

    Args:
        config: of the run: data, costs, risk, account, folder of models; its strategy is the trained one.
        settings: of the experiment.
        progress: receives the stages, and the bars done of the run in progress.

    Raises:
        UsageError: see `research.experiment.experiment.run_experiment`; an extra is missing; or the files
            cannot be written.
    """
    if config.out is not None:
        load_chart_library()  # before hours of work, not after
    experiment = run_experiment(config, settings, progress=progress)
    if config.out is None:
        return TrainingResult(experiment, None, None)
    progress.describe("writing the report")
    figures = write_experiment(experiment, config.out)
    return TrainingResult(experiment, figures, write_experiment_report(experiment, config.out / REPORT_FILE))
