"""Validation of artefacts: compiled code uses their counts and indices unchecked, so they are checked once, on load."""

import math
from collections.abc import Mapping

import numpy as np

from quaestor.brain.ensemble.curve import KNOTS
from quaestor.brain.models.contract import NODE, Family
from quaestor.brain.models.validation import validate_models
from quaestor.brain.online.linear import BATCH_MAX, learner_dtype
from quaestor.brain.regime.trained import NO_STATE, trained_regime_dtype
from quaestor.brain.trained.layout import TRADING, trained_dtype
from quaestor.domain.artefact import Artefact, Manifest
from quaestor.errors import DataError
from quaestor.jit.tables import Row, Table
from quaestor.ledger.codes import Regime
from quaestor.numeric.scaling import scaler_dtype

_NEEDED = ("scaler", "learned", "models", "nodes", "learners")
_RETRAIN = "train the model again"
#: Online models that settings have parameters for.
_LEARNERS_MAX = TRADING["learners"].shape[0]


def validate_trained(artefact: Artefact) -> None:
    """Refuse an artefact that no trained model can be made of: its tables are missing, of another layout, or would let
    a kernel read outside them.

    Raises:
        DataError: naming the table.
    """
    for name in _NEEDED:
        if name not in artefact.tables:
            raise DataError(f"has no table '{name}'", place="model", remedy="train it again")
    validate_artefact(artefact)
    problem = _problem(artefact)
    if problem:
        raise DataError(problem, place="model", remedy="train it again")


def validate_artefact(artefact: Artefact) -> None:
    """Refuse an artefact with a number that is not finite, or with models that contradict its manifest or contract.

    Raises:
        DataError: naming the table or the model.
    """
    manifest, tables = artefact.manifest, artefact.tables
    barrier = (manifest.barrier.profit, manifest.barrier.stop, manifest.barrier.cost)
    if not all(map(math.isfinite, (*barrier, *manifest.scores.values()))):
        raise DataError("a figure of its manifest is no finite number", remedy="leave that figure out")
    for name, table in tables.items():
        # a leaf has an infinite threshold, by contract
        field = _not_finite(table, endless=("threshold",) if name == "nodes" else ())
        if field:
            raise DataError(f"field {field} is not finite", place=f"table {name}", remedy=_RETRAIN)
    if "models" in tables:
        nodes = tables.get("nodes", np.zeros(0, NODE))
        if tables["models"].shape != (len(manifest.models),) or nodes.ndim != 1:
            raise DataError(f"does not hold {len(manifest.models)} models", place="table models", remedy=_RETRAIN)
        validate_models(tables["models"], nodes, len(manifest.features))
        _validate_members(manifest, tables)
    elif "nodes" in tables:
        raise DataError("nodes without models", remedy=_RETRAIN)


def _not_finite(table: Table, endless: tuple[str, ...] = ()) -> str:
    """Return the first field with a number that is not finite; empty if there is none."""
    for name in table.dtype.names or ():
        values = table[name]
        if values.dtype.names is not None:
            inner = _not_finite(values)
            if inner:
                return f"{name}.{inner}"
        elif values.dtype.kind == "f":
            finite = ~np.isnan(values) if name in endless else np.isfinite(values)
            if not finite.all():
                return name
    return ""


def _validate_members(manifest: Manifest, tables: Mapping[str, Table]) -> None:
    """Refuse a model of a classical member or an online learner that is not there."""
    there = {Family.RULE: len(manifest.alphas), Family.ONLINE: len(tables.get("learners", ()))}
    for name, model in zip(manifest.models, tables["models"], strict=True):
        members = there.get(int(model["family"]))  # type: ignore[call-overload]
        if members is not None and not 0 <= int(model["first"]) < members:
            raise DataError(f"model {name} stands for a member that is not there", remedy=_RETRAIN)
        if not 0 <= int(model["primary"]) <= len(manifest.alphas):
            raise DataError(f"model {name} judges a member that is not there", remedy=_RETRAIN)


def _problem(artefact: Artefact) -> str:
    manifest, tables = artefact.manifest, artefact.tables
    names, features = len(manifest.models), len(manifest.features)
    if tables["scaler"].dtype != scaler_dtype(features) or len(tables["scaler"]) != 1:
        return f"table 'scaler' is not of {features} features"
    if tables["learned"].dtype != trained_dtype(names) or len(tables["learned"]) != 1:
        return f"table 'learned' is not of {names} models"
    if tables["learners"].dtype != learner_dtype(features) or len(tables["learners"]) > _LEARNERS_MAX:
        return f"table 'learners' is not of {features} features and at most {_LEARNERS_MAX} online models"
    return (
        _problem_of_trained(tables["learned"][0], manifest.barrier.rows)
        or _problem_of_learners(tables["learners"])
        or _problem_of_regimes(tables.get("regime"), len(manifest.regime_features))
    )


def _problem_of_trained(trained: Row, horizon: int) -> str:
    if trained["barrier"]["rows"] != horizon or horizon < 1:
        return f"its barrier of {trained['barrier']['rows']} rows is not that of its manifest, {horizon}"
    if not all(_is_curve(curve) for curve in (trained["edge"], *trained["curves"])):
        return "a curve of it has no knots, too many, or knots that do not ascend"
    return ""


def _is_curve(curve: Row) -> bool:
    count = int(curve["count"])
    return 0 < count <= KNOTS and bool((np.diff(curve["x"][:count]) > 0.0).all())


def _problem_of_learners(learners: Table) -> str:
    if not ((learners["waiting"] >= 0) & (learners["waiting"] < BATCH_MAX)).all():
        return "a batch of its online models is fuller than it can be"
    return ""


def _problem_of_regimes(table: Table | None, features: int) -> str:
    if table is None:
        return ""
    states = table.dtype["codes"].shape[0] if "codes" in (table.dtype.names or ()) and table.dtype["codes"].shape else 0
    if len(table) != 1 or states == 0 or table.dtype != trained_regime_dtype(states, features):
        return f"table 'regime' is not of {features} features"
    codes = table["codes"]
    if not ((codes >= NO_STATE) & (codes < len(Regime))).all():
        return "a regime of it is unknown"
    return ""
