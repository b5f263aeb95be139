"""Training options of the command line: typed, checked, and named where they are wrong."""

import re

import pytest

from quaestor.analysis.forecasts.labels import Barrier
from quaestor.cli.train.options import READERS, training_settings
from quaestor.errors import ConfigError, UnknownNameError
from quaestor.features.sets import FEATURE_SETS
from quaestor.ledger.codes import Regime
from quaestor.research.training.settings import Specialist, TrainingSettings


def test_without_options_settings_are_the_default() -> None:
    assert training_settings(None, None, ()) == TrainingSettings()


def test_members_are_all_that_take_part() -> None:
    settings = training_settings("logistic, forest, lightgbm:normal+crash, ema_cross", None, ())
    assert settings.learners == ("logistic", "forest")
    assert settings.specialists == (Specialist("lightgbm", (Regime.NORMAL, Regime.CRASH)),)
    assert settings.alphas == (("ema_cross", (("side", "both"),)),)
    assert settings.online is False
    assert training_settings("online", None, ()).online is True
    assert training_settings("logistic,patterns", None, ()).alphas == (("patterns", (("side", "both"),)),)


def test_every_setting_is_read() -> None:
    given = {
        "features": "small",
        "regime": "rules",
        "barrier": "1,2,48,0.001",
        "folds": "3",
        "embargo_rows": "7",
        "sharpness": "50",
        "suspicion": "0.2",
    }
    settings = training_settings(None, 900, [f"{name}={text}" for name, text in given.items()])
    assert settings.features == FEATURE_SETS["small"]
    assert settings.barrier == Barrier(1.0, 2.0, 48, 0.001)
    assert (settings.regime, settings.folds, settings.embargo_rows, settings.samples_max) == ("rules", 3, 7, 900)
    assert (settings.sharpness, settings.suspicion) == (50.0, 0.2)
    assert set(READERS) == {*given, "samples_max"}


@pytest.mark.parametrize(
    ("members", "assignments", "message"),
    [
        (None, ["folds"], "--training: 'folds' has no value"),
        (None, ["fold=3"], "--training: unknown setting of training 'fold'"),
        (None, ["folds=many"], "--training: folds = many is not allowed"),
        (None, ["folds=1"], "--training"),
        (None, ["regime=mixtures"], "did you mean mixture"),
        (None, ["barrier=1,2"], "'1,2' is no barrier"),
        (None, ["features=,"], "no feature named"),
        ("logisitc", [], "--members: unknown member 'logisitc' — did you mean logistic"),
        ("online:normal", [], "unknown member"),
        ("lightgbm:calm", [], "unknown regime 'calm'"),
        (" , ", [], "no member named"),
    ],
)
def test_wrong_settings_are_named(members: str | None, assignments: list[str], message: str) -> None:
    with pytest.raises((ConfigError, UnknownNameError)) as caught:
        training_settings(members, None, assignments)
    assert re.search(message, str(caught.value)), str(caught.value)
