"""Whether tables are safe to compute with: compiled code follows their indices without looking.

Every number is finite. The tables `models` and `nodes` are also held against their contract (`brain.models.contract`)
and the manifest.
"""

import numpy as np

from quaestor.brain.models.contract import NODE, Family, Link, model_dtype
from quaestor.domain.artefact import Artefact
from quaestor.errors import ModelError
from quaestor.kernels.layout import Table

_DEPTH_MAX = 1024
_RETRAIN = "train the model again"


def check_tables(artefact: Artefact, place: str) -> None:
    """Hold the tables of an artefact against its manifest.

    Raises:
        ModelError: what does not fit.
    """
    tables, manifest = artefact.tables, artefact.manifest
    for name, table in tables.items():
        # a leaf has an infinite threshold, by contract
        endless = ("threshold",) if name == "nodes" else ()
        field = _not_finite(table, endless)
        if field:
            raise ModelError(f"field {field} is not finite", place=f"{place}: table {name}", remedy=_RETRAIN)
    if "models" not in tables:
        if "nodes" in tables:
            raise ModelError("nodes without models", place=place, remedy=_RETRAIN)
        return
    models, nodes = tables["models"], tables.get("nodes", np.zeros(0, NODE))
    if models.dtype != model_dtype(len(manifest.features)) or models.shape != (len(manifest.models),):
        raise ModelError(
            f"does not hold {len(manifest.models)} models of {len(manifest.features)} features",
            place=f"{place}: table models",
            remedy=_RETRAIN,
        )
    if nodes.dtype != NODE or nodes.ndim != 1:
        raise ModelError("does not hold nodes", place=f"{place}: table nodes", remedy=_RETRAIN)
    _check_models(models, artefact, len(nodes), place)
    _check_nodes(nodes, len(manifest.features), place)


def _not_finite(table: Table, endless: tuple[str, ...]) -> str:
    """The first field with a number that is not finite, empty if there is none."""
    for name in table.dtype.names or ():
        values = table[name]
        if values.dtype.names is not None:
            inner = _not_finite(values, ())
            if inner:
                return f"{name}.{inner}"
        elif values.dtype.kind == "f":
            sound = ~np.isnan(values) if name in endless else np.isfinite(values)
            if not sound.all():
                return name
    return ""


def _check_models(models: Table, artefact: Artefact, nodes: int, place: str) -> None:
    features, classical = len(artefact.manifest.features), len(artefact.manifest.alphas)
    for name, model in zip(artefact.manifest.models, models, strict=True):
        family, first = int(model["family"]), int(model["first"])
        if family not in list(Family) or int(model["link"]) not in list(Link):
            problem = "is of no family or link that is known"
        elif family == Family.TREES and not 0 <= first <= first + int(model["trees"]) <= nodes:
            problem = "has trees outside of the nodes"
        elif family == Family.TREES and not (0 <= int(model["depth"]) <= _DEPTH_MAX and features):
            problem = "has trees of an impossible depth"
        elif family == Family.RULE and not 0 <= first < classical:
            problem = "follows a rule that is not there"
        elif first < 0 or int(model["trees"]) < 0:
            problem = "points before its table"
        else:
            continue
        raise ModelError(f"model {name} {problem}", place=f"{place}: table models", remedy=_RETRAIN)


def _check_nodes(nodes: Table, features: int, place: str) -> None:
    child = nodes["child"].astype(np.int64)
    last = child + np.where(np.isposinf(nodes["threshold"]), 0, 1)  # nothing exceeds infinity
    sound = (child >= 0) & (last < len(nodes)) & (nodes["feature"] >= 0) & (nodes["feature"] < features)
    if not sound.all():
        at = int(np.argmin(sound))
        raise ModelError(f"node {at} points outside of the tables", place=f"{place}: table nodes", remedy=_RETRAIN)
