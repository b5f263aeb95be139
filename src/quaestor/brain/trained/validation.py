"""Whether the tables of an artefact can be thought with: kernels follow their counts and indices without looking."""

import numpy as np

from quaestor.brain.ensemble.curve import KNOTS
from quaestor.brain.models.validation import validate_models
from quaestor.brain.online.linear import BATCH_MAX, learner_dtype
from quaestor.brain.regime.trained import NO_STATE, trained_regime_dtype
from quaestor.brain.trained.layout import TRADING, trained_dtype
from quaestor.domain.artefact import Artefact
from quaestor.errors import DataError
from quaestor.jit.tables import Row, Table
from quaestor.ledger.codes import Regime
from quaestor.numeric.scaling import scaler_dtype

_NEEDED = ("scaler", "learned", "models", "nodes", "learners")
#: Online models that settings have parameters for.
_LEARNERS_MAX = TRADING["learners"].shape[0]


def require_tables(artefact: Artefact) -> None:
    """Refuse an artefact whose tables are missing, of another layout, or would lead a kernel out of them.

    Raises:
        DataError: naming the table.
    """
    for name in _NEEDED:
        if name not in artefact.tables:
            raise DataError(f"has no table '{name}'", place="model", remedy="train it again")
    validate_models(artefact.tables["models"], artefact.tables["nodes"], len(artefact.manifest.features))
    problem = _problem(artefact)
    if problem:
        raise DataError(problem, place="model", remedy="train it again")


def _problem(artefact: Artefact) -> str:
    manifest, tables = artefact.manifest, artefact.tables
    names, features = len(manifest.models), len(manifest.features)
    if len(tables["models"]) != names:
        return f"{len(tables['models'])} models, {names} names"
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


def _problem_of_trained(learned: Row, horizon: int) -> str:
    if learned["barrier"]["rows"] != horizon or horizon < 1:
        return f"its barrier of {learned['barrier']['rows']} rows is not that of its manifest, {horizon}"
    if not all(_is_curve(curve) for curve in (learned["edge"], *learned["curves"])):
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
