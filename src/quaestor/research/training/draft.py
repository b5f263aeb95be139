"""Draft artefact: tables and manifest before any out-of-fold figure; and the blank artefact of an untrained model."""

from collections.abc import Sequence
from dataclasses import asdict

import msgspec
import numpy as np

from quaestor.brain.ensemble.curve import write_curve
from quaestor.brain.models.contract import NODE, Family, Link, model_dtype
from quaestor.brain.online.linear import learner_dtype
from quaestor.brain.regime.trained import NO_STATE, trained_regime_dtype
from quaestor.brain.trained.layout import trained_dtype
from quaestor.brain.trained.settings import ONLINE_MODELS
from quaestor.domain.artefact import FORMAT, Artefact, BarrierSpec, Manifest
from quaestor.domain.bars import Bars
from quaestor.features.catalog import CATALOG
from quaestor.features.preprocess import Preprocessing, Scaler
from quaestor.jit.tables import Table
from quaestor.numeric.scaling import Norm
from quaestor.research.training.cross_validation import members
from quaestor.research.training.fingerprints import bars_sha256
from quaestor.research.training.models.contract import Exported, join
from quaestor.research.training.regimes import FEATURES as REGIME_FEATURES
from quaestor.research.training.settings import TrainingSettings
from quaestor.runtime.journal.fingerprint import EnvironmentFingerprint
from quaestor.runtime.models.definitions import code_sha256, features_sha256
from quaestor.runtime.models.load import model_features

#: States that a trained filter's table has room for, so that a refit with more or fewer is the same layout.
ROOM = 6


def untrained_models(settings: TrainingSettings) -> list[Exported]:
    """Return the rows of the online models and of the classical members."""
    rows = []
    for family, count in ((Family.ONLINE, n_online(settings)), (Family.RULE, len(settings.alphas))):
        for first in range(count):
            table = np.zeros(1, model_dtype(len(settings.features)))
            table["family"], table["first"] = int(family), first
            rows.append(Exported(table, np.empty(0, NODE)))
    return rows


def n_online(settings: TrainingSettings) -> int:
    """Return how many online models take part."""
    return len(ONLINE_MODELS) if settings.online else 0


def model_names(settings: TrainingSettings) -> tuple[str, ...]:
    """Return trained models, online ones, classical members: the order of every table."""
    online = tuple(ONLINE_MODELS) if settings.online else ()
    return (*(member.name for member in members(settings)), *online, *(name for name, _ in settings.alphas))


def constant_model(settings: TrainingSettings) -> Exported:
    """Return a model that always gives ½."""
    table = np.zeros(1, model_dtype(len(settings.features)))
    table["link"] = int(Link.LOGISTIC)
    return Exported(table, np.empty(0, NODE))


def draft_artefact(
    bars: Bars,
    settings: TrainingSettings,
    exported: Sequence[Exported],
    scaler: Scaler,
    regime: Table | None,
    trials: int,
) -> Artefact:
    """Return the artefact without what out-of-fold predictions add: curves are straight, weights even.

    Args:
        bars: of the training period.
        settings: of the training.
        exported: a row for each of `model_names`, in order.
        scaler: of the models' inputs.
        regime: table of a learned filter; None for rules.
        trials: configurations tried so far.
    """
    manifest = _draft_manifest(bars, settings, REGIME_FEATURES if regime is not None else (), trials)
    digest = features_sha256(model_features(manifest), CATALOG)
    return Artefact(
        msgspec.structs.replace(manifest, features_sha256=digest), _draft_tables(settings, exported, scaler, regime)
    )


def _draft_tables(
    settings: TrainingSettings, exported: Sequence[Exported], scaler: Scaler, regime: Table | None
) -> dict[str, Table]:
    models, nodes = join(exported)
    barrier = settings.barrier
    learned = np.zeros(1, trained_dtype(len(models)))
    learned[0]["barrier"] = (barrier.profit, barrier.stop, barrier.rows, barrier.cost)
    for curve in (learned[0]["edge"], *learned[0]["curves"]):
        write_curve(curve, (0.0, 1.0), (0.0, 1.0))
    learned[0]["base"] = 1.0
    tables: dict[str, Table] = {
        "scaler": scaler.params(),
        "learned": learned,
        "models": models,
        "nodes": nodes,
        "learners": np.zeros(n_online(settings), learner_dtype(len(settings.features))),
    }
    return tables if regime is None else {**tables, "regime": regime}


def _draft_manifest(bars: Bars, settings: TrainingSettings, regime_features: tuple[str, ...], trials: int) -> Manifest:
    """Return the manifest without the digest of its features, and without scores."""
    barrier = settings.barrier
    return Manifest(
        format=FORMAT,
        symbol=bars.symbol,
        market=bars.market,
        interval_ns=bars.interval_ns,
        features=settings.features,
        regime_features=regime_features,
        models=model_names(settings),
        alphas=settings.alphas,
        barrier=BarrierSpec(barrier.profit, barrier.stop, barrier.rows, barrier.cost),
        seed=settings.seed,
        trained_from=int(bars.ts[0]),
        trained_through=int(bars.ts[-1]),
        data_sha256=bars_sha256(bars),
        features_sha256="",
        code_sha256=code_sha256(),
        environment=msgspec.json.encode(asdict(EnvironmentFingerprint.of_this_machine())).decode(),
        settings=settings.to_json(),
        trials=trials,
        scores={},
    )


def blank_artefact(bars: Bars, settings: TrainingSettings) -> Artefact:
    """Return what a run begins with before its first training: a signal model of the same code that has no opinion.

    `bars` name the instrument; nothing is learned from them.
    """
    count = len(settings.features)
    scaler = Scaler(settings.features, Preprocessing(norm=Norm.NONE), (0.0,) * count, (1.0,) * count)
    regime = None
    if settings.regime != "rules":
        regime = np.zeros(1, trained_regime_dtype(ROOM, len(REGIME_FEATURES)))
        regime["scale"], regime["codes"], regime["hold"] = 1.0, NO_STATE, 1
    exported = [constant_model(settings) for _ in members(settings)] + untrained_models(settings)
    artefact = draft_artefact(bars, settings, exported, scaler, regime, 0)
    artefact.tables["learned"]["base"] = 0.0
    return artefact
