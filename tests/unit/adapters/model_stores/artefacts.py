"""Small artefacts that are complete: two models, one of them trees, over three features."""

from collections.abc import Mapping
from typing import Any

import msgspec
import numpy as np

from quaestor.brain.models.contract import NODE, Family, Link, model_dtype
from quaestor.domain.artefact import FORMAT, Artefact, BarrierSpec, Manifest
from quaestor.jit.tables import Table

FEATURES = ("rsi_14", "ema_20", "macd_12_26_9.hist")
#: A layout with bytes between its fields, a block and a record inside.
REGIME = np.dtype(
    [("states", "<i4"), ("means", "<f8", (2, 3)), ("inner", np.dtype([("a", "<i2"), ("b", "<f8")], align=True))],
    align=True,
)


def manifest(**changes: Any) -> Manifest:
    """Where it comes from; any field may be given."""
    plain = Manifest(
        format=FORMAT,
        symbol="BTCUSDT",
        market="spot",
        interval_ns=3_600_000_000_000,
        features=FEATURES,
        regime_features=("atr_14",),
        models=("logistic", "forest"),
        alphas=(("ema_cross", (("fast", "10"), ("slow", "50"))),),
        barrier=BarrierSpec(2.0, 1.0, 24, 0.001),
        seed=7,
        trained_from=1_600_000_000_000_000_000,
        trained_through=1_700_000_000_000_000_000,
        data_sha256="d" * 64,
        features_sha256="f" * 64,
        code_sha256="c" * 64,
        environment="python 3.11",
        settings='{"folds": 5, "models": ["logistic", "forest"]}',
        trials=12,
        scores={"accuracy": 0.53, "log_loss": 0.69},
    )
    return msgspec.structs.replace(plain, **changes)


def tables() -> dict[str, Table]:
    """A linear model, and a forest of one tree of three nodes."""
    models = np.zeros(2, model_dtype(len(FEATURES)))
    models[0]["family"], models[0]["link"], models[0]["weights"] = Family.LINEAR, Link.LOGISTIC, (0.5, -0.25, 1.0)
    models[1]["family"], models[1]["trees"], models[1]["depth"], models[1]["factor"] = Family.TREES, 1, 1, 1.0
    nodes = np.array([(30.0, 0.5, 9.0, 0, 1), (np.inf, 0.4, 5.0, 0, 1), (np.inf, 0.6, 4.0, 0, 2)], NODE)
    regime = np.zeros(2, REGIME)
    regime["states"], regime["means"], regime["inner"]["b"] = 3, np.arange(12).reshape(2, 2, 3), -1.5
    return {"models": models, "nodes": nodes, "regime": regime}


def artefact(more: Mapping[str, Table] | None = None, **changes: Any) -> Artefact:
    """A whole one; fields of its manifest and further tables may be given."""
    return Artefact(manifest(**changes), tables() | dict(more or {}))
