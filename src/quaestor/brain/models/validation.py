"""Validation of tables of models: kernels check no bounds, so what comes from a file is checked once."""

import numpy as np

from quaestor.brain.models.contract import NODE, Family, Link, model_dtype
from quaestor.errors import DataError
from quaestor.jit.tables import Row, Table


def validate_models(models: Table, nodes: Table, features: int) -> None:
    """Refuse tables that a kernel could not evaluate.

    In valid tables every walk stays inside the table and ends in a leaf, and every number is finite.

    Args:
        models: (m,), of `contract.model_dtype(features)`.
        nodes: the table of `contract.NODE` that they share.
        features: inputs of the models.

    Raises:
        DataError: with the model and what is wrong with it.
    """
    if models.dtype != model_dtype(features) or nodes.dtype != NODE:
        raise DataError(f"not the tables of models of {features} features", place="models")
    for number, model in enumerate(models):
        problem = _problem(model, nodes, features)
        if problem:
            raise DataError(problem, place=f"model {number}", remedy="train it again")


def _problem(model: Row, nodes: Table, features: int) -> str:
    """Return what is wrong with a model, "" when nothing is."""
    if model["family"] not in set(Family) or model["link"] not in set(Link):
        return f"family {model['family']} with link {model['link']} is unknown"
    numbers = [model["offset"], model["factor"], *model["weights"]]
    if not np.isfinite(numbers).all():
        return "a number of it is not finite"
    return _problem_of_trees(model, nodes, features) if model["family"] == Family.TREES else ""


def _problem_of_trees(model: Row, nodes: Table, features: int) -> str:
    """Return what is wrong with a model's trees, "" when nothing is: all of them are walked, level by level."""
    first, end = int(model["first"]), int(model["first"]) + int(model["trees"])
    if not 0 <= first < end <= len(nodes):
        return f"its trees {first} … {end - 1} are not among {len(nodes)} nodes"
    level = np.arange(first, end)
    for _ in range(int(model["depth"]) + 1):
        reached = nodes[level]
        child = reached["child"].astype(np.int64)
        leaf = (child == level) & (reached["threshold"] == np.inf)
        if np.isnan(reached["threshold"]).any() or not np.isfinite(reached["value"]).all():
            return "a number of its trees is not finite"
        if not ((reached["feature"] >= 0) & (reached["feature"] < features)).all():
            return f"a node of its trees reads a feature that is none of {features}"
        if not (leaf | ((child >= 0) & (child + 1 < len(nodes)))).all():
            return "a node of its trees has children outside the table"
        level = np.unique(np.concatenate([child[~leaf], child[~leaf] + 1]))
        if not len(level):
            return ""
    return f"its trees are deeper than {model['depth']}"
