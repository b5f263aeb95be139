"""Importance while trading: mean absolute Shapley values of a model over inputs that a run recorded."""

import numpy as np
import polars as pl

from quaestor.brain.models.contract import Family
from quaestor.domain.artefact import Artefact
from quaestor.research.experiment.importance import Importance
from quaestor.research.training.attribution import attribute
from quaestor.research.training.models.contract import Exported

#: Recorded inputs that are explained: the latest.
EXPLAINED_ROWS = 300


def recorded_importance(artefact: Artefact, opinions: pl.DataFrame) -> tuple[Importance, ...]:
    """Return the share of each feature in all contributions, of each model that is linear or a sum of trees.

    Args:
        artefact: that was in use.
        opinions: as a run keeps them, of one instrument and the time of the artefact.

    Raises:
        ConfigError: the library `shap` is not installed.
    """
    features = artefact.manifest.features
    inputs = opinions.select([f"scaled.{name}" for name in features]).to_numpy()
    x = np.ascontiguousarray(inputs[np.isfinite(inputs).all(axis=1)][-EXPLAINED_ROWS:], np.float32)
    models, nodes = artefact.tables["models"], artefact.tables["nodes"]
    found: list[Importance] = []
    for j, name in enumerate(artefact.manifest.models):
        if not len(x) or models[j]["family"] not in (Family.LINEAR, Family.TREES):
            continue
        sizes = attribute(Exported(models[j : j + 1], nodes), x, np.zeros(len(features))).importance
        total = float(sizes.sum())
        if total > 0.0:
            found += [Importance(f, name, float(size / total)) for f, size in zip(features, sizes, strict=True)]
    return tuple(found)
