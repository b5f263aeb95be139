"""Boosted trees by LightGBM, read back from its own dump."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from quaestor.adapters.optional import load_extra
from quaestor.brain.models.contract import Link
from quaestor.domain.parameter import Integer
from quaestor.research.training.models import boosting
from quaestor.research.training.models.contract import Exported, Learner, Rows, Sample
from quaestor.research.training.models.tree_export import Tree, export_trees

_REPRODUCIBLE = {"objective": "binary", "num_threads": 1, "deterministic": True, "verbosity": -1}


def train_booster(
    x: Rows,
    up: NDArray[np.bool_],
    weights: NDArray[np.float64],
    parameters: Mapping[str, object],
    *,
    rounds: int,
    place: str,
) -> Any:
    """Return a booster of LightGBM for the probability of *up*: one thread, the same bits for the same seed.

    Args:
        x: float32 (s, F), C order.
        up: bool (s,).
        weights: float64 (s,).
        parameters: of LightGBM, a `seed` and how it builds histograms among them.
        rounds: trees.
        place: what needs the library, for the message when it is not there.

    Raises:
        ConfigError: LightGBM is not installed.
    """
    library = load_extra("lightgbm", place=place)
    data = library.Dataset(x, up.astype(np.float32), weight=weights)
    return library.train({**_REPRODUCIBLE, **parameters}, data, num_boost_round=rounds)


def booster_probability(booster: Any, x: Rows) -> NDArray[np.float64]:
    """Return the probability of *up* that a booster gives, float64 (s,), in one thread."""
    probabilities: NDArray[np.float64] = booster.predict(x, num_threads=1)
    return probabilities


@dataclass(frozen=True, slots=True, eq=False)
class FittedLightGBM:
    """Booster that starts from even odds."""

    booster: Any

    def probability(self, x: Rows) -> NDArray[np.float64]:
        """See `contract.Fitted`."""
        return booster_probability(self.booster, x)

    def export(self) -> Exported:
        """See `contract.Fitted`; covers are numbers of samples, as in LightGBM's own explanations."""
        trees = [_tree(each["tree_structure"]) for each in self.booster.dump_model()["tree_info"]]
        return export_trees(trees, features=self.booster.num_feature(), link=Link.LOGISTIC)


def _tree(root: Mapping[str, Any]) -> Tree:
    nodes, left, right = [root], [], []
    for node in nodes:  # grows as it is walked
        inner = "left_child" in node
        left.append(len(nodes) if inner else -1)
        right.append(len(nodes) + 1 if inner else -1)
        if inner:
            nodes += (node["left_child"], node["right_child"])
    # a tree of one leaf has no count
    cover = [node.get("internal_count", node.get("leaf_count", 1)) for node in nodes]
    return Tree(
        left=np.array(left),
        right=np.array(right),
        feature=np.array([node.get("split_feature", 0) for node in nodes]),
        threshold=np.array([node.get("threshold", np.inf) for node in nodes], np.float64),
        value=np.array([node.get("leaf_value", 0.0) for node in nodes], np.float64),
        cover=np.array(cover, np.float64),
    )


def _train(
    sample: Sample,
    seed: int,
    rounds: int,
    rate: float,
    depth: int,
    leaves: int,
    leaf_share: float,
    sample_share: float,
    feature_share: float,
    penalty: float,
) -> FittedLightGBM:
    parameters = {
        "boost_from_average": False,
        "use_missing": False,
        "force_row_wise": True,
        "learning_rate": rate,
        "max_depth": depth,
        "num_leaves": leaves,
        "min_data_in_leaf": sample.samples_of(leaf_share),
        "bagging_fraction": sample_share,
        "bagging_freq": 1,
        "feature_fraction": feature_share,
        "lambda_l2": penalty,
        "seed": seed,
    }
    booster = train_booster(sample.x, sample.up, sample.weights, parameters, rounds=rounds, place="learner lightgbm")
    return FittedLightGBM(booster)


LIGHTGBM = Learner(
    name="lightgbm",
    doc="Log-odds as a sum of small trees grown at the leaf that gains most, on features in histograms.",
    source="Ke et al. (2017), LightGBM: A Highly Efficient Gradient Boosting Decision Tree",
    parameters=(
        boosting.ROUNDS,
        boosting.RATE,
        boosting.DEPTH,
        Integer("leaves", 8, 2, 4_096, "of a tree, at most"),
        boosting.LEAF_SHARE,
        boosting.SAMPLE_SHARE,
        boosting.FEATURE_SHARE,
        boosting.PENALTY,
    ),
    train=_train,
)
