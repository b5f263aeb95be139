"""`quaestor train`: train models, test them walk forward and once on a hold-out, compare, report."""

from functools import partial
from typing import Annotated

import typer

from quaestor.brain.trained.settings import NAME as LEARNED
from quaestor.cli.output import console, err_console, print_json, progress
from quaestor.cli.run.options import AsJson, run_command
from quaestor.cli.train.options import training_settings
from quaestor.cli.train.tables import print_experiment
from quaestor.report.document import load_chart_library
from quaestor.report.experiment import write_experiment_report
from quaestor.research.experiment.experiment import run_experiment
from quaestor.research.experiment.result import FILE, write_experiment
from quaestor.research.experiment.settings import ExperimentSettings
from quaestor.runtime.config import RunConfig

_DEFAULTS = ExperimentSettings()
#: What a trained strategy decides itself, or an experiment places itself.
_WITHOUT = ("strategy.shares", "journal.dir", "journal.level")
REPORT = "report.html"


@partial(run_command, fixed={"strategy.name": LEARNED}, without=_WITHOUT)
def train(
    config: RunConfig,
    *,
    members: Annotated[
        str | None,
        typer.Option(
            "--members",
            help="Learners, LEARNER:REGIME, LEARNER|STRATEGY, online, strategies; parted by commas.",
            show_default=False,
        ),
    ] = None,
    samples: Annotated[
        int | None, typer.Option("--samples", help="Labelled bars used at most: 20000.", show_default=False)
    ] = None,
    training: Annotated[
        list[str] | None, typer.Option("--training", help="One setting of training NAME=VALUE; repeatable.")
    ] = None,
    holdout: Annotated[
        float, typer.Option("--holdout", help="Last share of the time, never touched before the end.")
    ] = _DEFAULTS.holdout_share,
    keep_holdout_closed: Annotated[
        bool, typer.Option("--keep-holdout-closed", help="Do not look at the hold-out yet; models stay challengers.")
    ] = False,
    reopen_holdout: Annotated[
        bool, typer.Option("--reopen-holdout", help="Look at a hold-out again; it is logged, and told in the report.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Train models, test them walk forward and on a hold-out, and say plainly whether there is an edge after costs.

    --set takes settings of the strategy learned, --first-training and --retrain-every bars of the walk-forward test.
    Final models are registered in --models, and promoted only if they earned it. Exit status 0 whatever is found.
    """
    settings = ExperimentSettings(
        training=training_settings(members, samples, training or ()),
        holdout_share=holdout,
        open_holdout=not keep_holdout_closed,
        reopen_holdout=reopen_holdout,
    )
    if config.out is not None:
        load_chart_library()
    with progress("training", silent=as_json) as bar:
        experiment = run_experiment(config, settings, progress=bar)
        written = None
        if config.out is not None:
            bar.describe("writing the report")
            write_experiment(experiment, config.out)
            written = write_experiment_report(experiment, config.out / REPORT)
    if as_json:
        print_json(experiment)
        return
    print_experiment(experiment)
    if written is not None:
        err_console.print(f"report: {written}, every figure: {written.with_name(FILE)}", markup=False, soft_wrap=True)
    console.print(experiment.verdict.sentence, markup=False, soft_wrap=True)
