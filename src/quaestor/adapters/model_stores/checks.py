"""Whether tables are safe to compute with: compiled code follows their indices without looking.

Every number is finite. The tables `models` and `nodes` are also held against the manifest and their contract
(`brain.models.validation`).
"""

import numpy as np

from quaestor.brain.models.contract import NODE, Family
from quaestor.brain.models.validation import validate_models
from quaestor.domain.artefact import Artefact
from quaestor.errors import DataError, ModelError
from quaestor.jit.tables import Table

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
    if models.shape != (len(manifest.models),) or nodes.ndim != 1:
        raise ModelError(
            f"does not hold {len(manifest.models)} models", place=f"{place}: table models", remedy=_RETRAIN
        )
    try:
        validate_models(models, nodes, len(manifest.features))
    except DataError as error:
        raise ModelError(str(error), place=place) from error
    _check_members(artefact, place)


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


def _check_members(artefact: Artefact, place: str) -> None:
    """Models that stand for a classical member or an online learner point at one."""
    there = {Family.RULE: len(artefact.manifest.alphas), Family.ONLINE: len(artefact.tables.get("learners", ()))}
    for name, model in zip(artefact.manifest.models, artefact.tables["models"], strict=True):
        members = there.get(int(model["family"]))  # type: ignore[call-overload]
        if members is not None and not 0 <= int(model["first"]) < members:
            raise ModelError(f"model {name} stands for a member that is not there", place=place, remedy=_RETRAIN)
        if not 0 <= int(model["primary"]) <= len(artefact.manifest.alphas):
            raise ModelError(f"model {name} judges a member that is not there", place=place, remedy=_RETRAIN)
