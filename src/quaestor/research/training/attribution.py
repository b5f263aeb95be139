"""Attribution: Shapley values of a model's exported tables, feature by feature.

They are shares of the model's *sum*, before its link: of the log-odds of a logistic or boosted model, of the
probability itself for a forest. `base` is the mean of that sum over its training; base and contributions of
a row add up to the sum for that row.

Nothing of this runs on the way to a decision, and no model of a library is needed: trees are handed to the library
`shap` (the extra `train`) as the tables hold them, with the samples that reached each node while training.

Source: Lundberg et al. (2020), From Local Explanations to Global Understanding with Explainable AI for Trees (path
dependent TreeSHAP); for linear models, Štrumbelj and Kononenko (2014), exact where features are independent.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from quaestor.adapters.optional import load_extra
from quaestor.brain.models.contract import Family, Link
from quaestor.errors import ConfigError
from quaestor.jit.tables import Table
from quaestor.research.training.models.contract import Exported, Rows

_PLACE = "explanation"


@dataclass(frozen=True, slots=True, eq=False)
class Attribution:
    """Contributions of features to a model's sum.

    Attributes:
        base: the sum where nothing is known of the features.
        contributions: float64 (s, F), a row a sample.
        link: what the sum goes through: IDENTITY, contributions are of probability; LOGISTIC, of log-odds.
    """

    base: float
    contributions: NDArray[np.float64]
    link: Link

    @property
    def sums(self) -> NDArray[np.float64]:
        """Return the model's sum at each sample, float64 (s,)."""
        return self.base + self.contributions.sum(axis=1)

    @property
    def importance(self) -> NDArray[np.float64]:
        """Return the mean absolute contribution of each feature over the samples, float64 (F,)."""
        return np.abs(self.contributions).mean(axis=0)


def attribute(exported: Exported, x: Rows, mean: NDArray[np.float64]) -> Attribution:
    """Return the contributions of features to a model's sum at some samples.

    Args:
        exported: one linear model or sum of trees; of its own nodes, or of those that an artefact's models share.
        x: float32 (s, F), as the model takes it.
        mean: float64 (F,), of the features it was trained on; what a linear model's contributions are measured from.

    Raises:
        ConfigError: a model of another family, or `shap` is not installed.
    """
    model = exported.model[0]
    link = Link(int(model["link"]))
    if model["family"] == Family.LINEAR:
        base = float(model["offset"] + np.sum(model["weights"] * mean))
        return Attribution(base, model["weights"] * (x - mean), link)
    if model["family"] != Family.TREES:
        raise ConfigError(
            f"a model of family {Family(int(model['family'])).name.lower()} has no contributions", place=_PLACE
        )
    roots = range(int(model["first"]), int(model["first"] + model["trees"]))
    explainer = load_extra("shap", place=_PLACE).TreeExplainer(
        {"trees": [_tree(exported.nodes, root, float(model["factor"])) for root in roots]},
        feature_perturbation="tree_path_dependent",
    )
    contributions = explainer.shap_values(x.astype(np.float64), check_additivity=False)
    base = float(model["offset"] + np.sum(explainer.expected_value))  # one number, or an array of it
    return Attribution(base, contributions, link)


def _tree(nodes: Table, root: int, factor: float) -> dict[str, NDArray[np.generic]]:
    """Return one tree in the layout of `shap`: its own indices from 0, −1 below a leaf, ``x <= threshold`` to the
    left."""
    places = [root]
    left: list[int] = []
    for place in places:  # grows as it is walked
        child = int(nodes["child"][place])
        left.append(-1 if child == place else len(places))
        if child != place:
            places += (child, child + 1)
    own = nodes[places]
    lefts = np.array(left)
    return {
        "children_left": lefts,
        "children_right": np.where(lefts < 0, -1, lefts + 1),
        "children_default": lefts,
        "features": own["feature"],
        "thresholds": own["threshold"].copy(),
        "values": factor * own["value"][:, None],
        "node_sample_weight": own["cover"].copy(),
    }
