"""Random forest by scikit-learn."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from quaestor.adapters.optional import load_extra
from quaestor.brain.models.contract import Link
from quaestor.domain.parameter import Integer, Real
from quaestor.research.training.models.contract import Exported, Learner, Rows, Sample
from quaestor.research.training.models.tree_export import Tree, export_trees


@dataclass(frozen=True, slots=True, eq=False)
class FittedForest:
    """Fitted RandomForestClassifier of one job: with more, sums depend on which tree finishes first."""

    model: Any

    def probability(self, x: Rows) -> NDArray[np.float64]:
        """See `contract.Fitted`."""
        return np.ascontiguousarray(self.model.predict_proba(x)[:, 1])

    def export(self) -> Exported:
        """See `contract.Fitted`."""
        trees = [_tree(each.tree_) for each in self.model.estimators_]
        return export_trees(trees, features=self.model.n_features_in_, link=Link.IDENTITY, factor=1.0 / len(trees))


def _tree(tree: Any) -> Tree:
    classes = tree.value[:, 0, :]
    return Tree(
        left=tree.children_left,
        right=tree.children_right,
        feature=tree.feature,
        threshold=tree.threshold,
        value=classes[:, 1] / classes.sum(axis=1),
        cover=tree.weighted_n_node_samples,
    )


def _train(
    sample: Sample, seed: int, trees: int, depth: int, leaf_share: float, feature_share: float, sample_share: float
) -> FittedForest:
    library = load_extra("sklearn.ensemble", place="learner forest")
    model = library.RandomForestClassifier(
        n_estimators=trees,
        max_depth=depth,
        min_samples_leaf=sample.samples_of(leaf_share),
        max_features=feature_share,
        max_samples=sample.samples_of(sample_share),
        n_jobs=1,
        random_state=seed,
    )
    model.fit(sample.x, sample.up, sample_weight=sample.weights)
    return FittedForest(model)


FOREST = Learner(
    name="forest",
    doc="The mean of trees that each see samples drawn with replacement, and at each split some of the features.",
    source="Breiman (2001), Random Forests; fitted by scikit-learn",
    parameters=(
        Integer("trees", 64, 1, 1_024),
        Integer("depth", 6, 1, 16, "splits from a root to a leaf, at most"),
        Real("leaf_share", 0.05, 0.0, 0.5, "of the samples that a leaf holds at least; never fewer than 5 samples"),
        Real("feature_share", 0.35, 0.01, 1.0, "of the features, drawn for each split"),
        Real("sample_share", 0.6, 0.01, 1.0, "of the samples, drawn for each tree"),
    ),
    train=_train,
)
