"""Training settings."""

from dataclasses import dataclass, field

import msgspec

from quaestor.analysis.forecasts.labels import Barrier
from quaestor.errors import ConfigError
from quaestor.features.sets import FEATURE_SETS
from quaestor.ledger.codes import Regime

#: A day of hourly bars; the cost is that of entering and leaving at 10 bp of fees, 2 of slippage and 1 of half-spread.
DAY_OF_HOURS = Barrier(profit=1.0, stop=1.0, rows=24, cost=0.0026)


@dataclass(frozen=True, slots=True)
class Specialist:
    """Learner that is trained on and predicts some regimes only."""

    learner: str
    regimes: tuple[Regime, ...]

    @property
    def name(self) -> str:
        """Return the name, such as ``lightgbm:normal``."""
        return f"{self.learner}:{'+'.join(regime.name.lower() for regime in self.regimes)}"


@dataclass(frozen=True, slots=True)
class Secondary:
    """Learner that predicts whether the side which a classical strategy takes will pay (meta-labelling)."""

    learner: str
    alpha: str

    @property
    def name(self) -> str:
        """Return the name, such as ``logistic|breakout``."""
        return f"{self.learner}|{self.alpha}"


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingSettings:
    """Settings of one training.

    Attributes:
        features: inputs of the models, canonical names.
        learners: names in `research.training.models.catalog`.
        specialists: learners that are trained on some regimes only.
        secondaries: learners that predict the success of classical strategies, which must be among `alphas`.
        alphas: classical strategies that vote too, as pairs of name and settings.
        online: whether the two models that learn while they trade take part.
        regime: ``mixture`` (Gaussian), ``markov`` (hidden Markov model) or ``rules``.
        barrier: label to predict: which barrier is touched first; its cost lies inside.
        folds: purged folds from which calibration, weights and edge are estimated.
        embargo_rows: rows around a fold that training keeps away from; None for the barrier's rows.
        samples_max: labelled rows that are used at most; more are thinned out evenly.
        sharpness: of the weights: e-fold for a difference of 1 / sharpness in log loss.
        suspicion: a feature whose ranks alone predict outcomes with an area under the curve this far from ½ is refused
            as leaking the future, unless luck explains it on so few samples; see `leakage_check`.
        seed: of everything that is drawn.

    Raises:
        ConfigError: a value out of its range.
    """

    features: tuple[str, ...] = FEATURE_SETS["bars"]
    learners: tuple[str, ...] = ("logistic", "forest", "xgboost", "lightgbm")
    specialists: tuple[Specialist, ...] = (Specialist("lightgbm", (Regime.NORMAL,)),)
    secondaries: tuple[Secondary, ...] = ()
    alphas: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = field(
        default=tuple((name, (("side", "both"),)) for name in ("ema_cross", "mean_reversion", "breakout", "confluence"))
    )
    online: bool = True
    regime: str = "mixture"
    barrier: Barrier = DAY_OF_HOURS
    folds: int = 5
    embargo_rows: int | None = None
    samples_max: int = 20_000
    sharpness: float = 100.0
    suspicion: float = 0.15
    seed: int = 0

    def __post_init__(self) -> None:
        _require(len(self.features) > 0, "features", "name at least one")
        _require(bool(self.learners or self.online or self.alphas), "learners", "name at least one")
        known = {name for name, _ in self.alphas}
        _require(all(item.alpha in known for item in self.secondaries), "secondaries", f"name one of {sorted(known)}")
        _require(self.regime in ("mixture", "markov", "rules"), "regime", "give mixture, markov or rules")
        _require(self.folds >= 2, "folds", "give 2 or more")
        _require(self.embargo_rows is None or self.embargo_rows >= 0, "embargo", "give 0 rows or more")
        _require(self.samples_max >= 200, "samples", "give 200 or more")
        _require(self.sharpness >= 0.0, "sharpness", "give 0 or more")
        _require(0.0 < self.suspicion <= 0.5, "suspicion", "give a number above 0 up to 0.5")
        _require(self.seed >= 0, "seed", "give 0 or more")

    @property
    def embargo(self) -> int:
        """Return the rows around a fold that training keeps away from."""
        return self.barrier.rows if self.embargo_rows is None else self.embargo_rows

    def to_json(self) -> str:
        """Return one line of JSON from which `settings_from_json` makes an equal value."""
        return msgspec.json.encode(self).decode()


def settings_from_json(text: str) -> TrainingSettings:
    """Return the value that `TrainingSettings.to_json` wrote."""
    return msgspec.json.decode(text, type=TrainingSettings)


def _require(holds: bool, what: str, remedy: str) -> None:
    if not holds:
        raise ConfigError(f"{what} out of range", place="training", remedy=remedy)
