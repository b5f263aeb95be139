"""Boosted trees by XGBoost, read back from its own JSON."""

from dataclasses import dataclass
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from quaestor.adapters.optional import load_extra
from quaestor.brain.models.contract import Link
from quaestor.research.training.models import boosting
from quaestor.research.training.models.contract import Exported, Learner, Rows, Sample
from quaestor.research.training.models.tree_export import Tree, export_trees

_HESSIAN = 0.25  # of the log-loss of a sample of weight 1 at even odds, where training starts


class _Tree(msgspec.Struct):
    left_children: list[int]
    right_children: list[int]
    split_indices: list[int]
    split_conditions: list[float]  # of a leaf its value
    sum_hessian: list[float]


class _Trees(msgspec.Struct):
    trees: list[_Tree]


class _Booster(msgspec.Struct):
    model: _Trees


class _Learner(msgspec.Struct):
    gradient_booster: _Booster


class _Dump(msgspec.Struct):
    learner: _Learner


@dataclass(frozen=True, slots=True, eq=False)
class FittedXGBoost:
    """Booster that starts from even odds."""

    booster: Any

    def probability(self, x: Rows) -> NDArray[np.float64]:
        """See `contract.Fitted`; XGBoost adds in float32."""
        probabilities: NDArray[np.float64] = self.booster.inplace_predict(x).astype(np.float64)
        return probabilities

    def export(self) -> Exported:
        """See `contract.Fitted`."""
        dump = msgspec.json.decode(bytes(self.booster.save_raw(raw_format="json")), type=_Dump)
        trees = [_tree(each) for each in dump.learner.gradient_booster.model.trees]
        return export_trees(trees, features=self.booster.num_features(), link=Link.LOGISTIC)


def _tree(tree: _Tree) -> Tree:
    numbers = np.array(tree.split_conditions, np.float32)
    return Tree(
        left=np.array(tree.left_children),
        right=np.array(tree.right_children),
        feature=np.array(tree.split_indices),
        # x < t goes left: between float32, x > t′ goes right with t′ the last number before t
        threshold=np.nextafter(numbers, np.float32(-np.inf)).astype(np.float64),
        value=numbers.astype(np.float64),
        cover=np.array(tree.sum_hessian, np.float64),
    )


def _train(
    sample: Sample,
    seed: int,
    rounds: int,
    rate: float,
    depth: int,
    leaf_share: float,
    sample_share: float,
    feature_share: float,
    penalty: float,
) -> FittedXGBoost:
    library = load_extra("xgboost", place="learner xgboost")
    data = library.DMatrix(sample.x, sample.up.astype(np.float32), weight=sample.weights, nthread=1)
    parameters = {
        "objective": "binary:logistic",
        "base_score": 0.5,
        "tree_method": "hist",
        "eta": rate,
        "max_depth": depth,
        "min_child_weight": _HESSIAN * sample.samples_of(leaf_share),
        "subsample": sample_share,
        "colsample_bytree": feature_share,
        "lambda": penalty,
        "seed": seed,
        "nthread": 1,
        "verbosity": 0,
    }
    return FittedXGBoost(library.train(parameters, data, num_boost_round=rounds))


XGBOOST = Learner(
    name="xgboost",
    doc="Log-odds as a sum of small trees grown level by level, each fitted to the slope and curvature of the loss.",
    source="Chen and Guestrin (2016), XGBoost: A Scalable Tree Boosting System",
    parameters=(
        boosting.ROUNDS,
        boosting.RATE,
        boosting.DEPTH,
        boosting.LEAF_SHARE,
        boosting.SAMPLE_SHARE,
        boosting.FEATURE_SHARE,
        boosting.PENALTY,
    ),
    train=_train,
)
