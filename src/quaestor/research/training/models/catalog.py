"""Learner catalog: a new learner costs its file and a line here."""

from collections.abc import Mapping

from quaestor.domain.parameter import parse_settings
from quaestor.errors import UnknownNameError
from quaestor.research.training.models.contract import Learner, LearnerInstance
from quaestor.research.training.models.forest import FOREST
from quaestor.research.training.models.lightgbm import LIGHTGBM
from quaestor.research.training.models.logistic import LOGISTIC
from quaestor.research.training.models.xgboost import XGBOOST

CATALOG: tuple[Learner, ...] = (
    LOGISTIC,
    FOREST,
    XGBOOST,
    LIGHTGBM,
)


def parse_learner(name: str, settings: Mapping[str, str]) -> LearnerInstance:
    """Return the named learner with these settings, defaults for the rest.

    Raises:
        UnknownNameError: no such learner, or no such parameter of it; the message lists what is near.
        ConfigError: a value out of range.

    Example:
        >>> parse_learner("forest", {"trees": "16"}).settings
        {'trees': '16', 'depth': '6', 'leaf_share': '0.05', 'feature_share': '0.35', 'sample_share': '0.6'}
    """
    learners = {learner.name: learner for learner in CATALOG}
    if name not in learners:
        raise UnknownNameError("learner", name, learners)
    learner = learners[name]
    return LearnerInstance(learner, parse_settings(learner.parameters, settings, place=f"learner {name}"))
