"""`quaestor train`: train models, test them walk forward and once on a hold-out, compare them, report."""

from functools import partial
from typing import Annotated

import typer

from quaestor.app.train import train as train_models
from quaestor.brain.trained.settings import NAME as LEARNED
from quaestor.cli.output import console, err_console, print_json, progress
from quaestor.cli.run.options import AsJson, run_command
from quaestor.cli.train.options import training_settings
from quaestor.cli.train.tables import print_experiment
from quaestor.research.experiment.settings import ExperimentSettings
from quaestor.runtime.config import RunConfig

_DEFAULTS = ExperimentSettings()
#: Settings that a trained strategy decides itself, or that an experiment sets.
_WITHOUT = ("strategy.shares", "journal.dir", "journal.level")


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
        bool, typer.Option("--reopen-holdout", help="Look at a hold-out again; it is logged and reported.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Train models, test them walk forward and on a hold-out, and state whether there is evidence of an edge after
    costs.

    --set takes settings of the strategy learned, --first-training and --retrain-every bars of the walk-forward test.
    Final models are registered in --models, and promoted only if they earned it. Exit status 0 whatever is found.
    """
    settings = ExperimentSettings(
        training=training_settings(members, samples, training or ()),
        holdout_share=holdout,
        open_holdout=not keep_holdout_closed,
        reopen_holdout=reopen_holdout,
    )
    with progress("training", silent=as_json) as bar:
        result = train_models(config, settings, progress=bar)
    if as_json:
        print_json(result.experiment)
        return
    print_experiment(result.experiment)
    if result.report is not None:
        err_console.print(f"report: {result.report}, every figure: {result.figures}", markup=False, soft_wrap=True)
    console.print(result.experiment.verdict.sentence, markup=False, soft_wrap=True)
