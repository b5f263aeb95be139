"""Selection settings."""

from dataclasses import dataclass

from quaestor.analysis.forecasts.labels import Barrier, require_horizon
from quaestor.errors import ConfigError


@dataclass(frozen=True, slots=True)
class SelectionSettings:
    """Settings of a selection.

    Attributes:
        count: features to choose.
        horizon: rows ahead whose return is to be predicted, or barriers around the entry.
        timeframes: of the candidates, besides the rows as they come.
        folds: purged folds over which importance is measured.
        windows: walk-forward windows over which the skill of the whole procedure is measured.
        test_share: last part of the rows, which is cut off before anything is computed.
        step_rows: rows from one sample to the next; None for the horizon, or more where that gives too many samples.
        embargo_rows: rows around a test block that training keeps away from; None for 1 % of the training rows.
        survivors: clusters that a fold's screening lets through to the model.
        correlation_max: mean absolute rank correlation from which candidates count as one.
        seed: of the model, the permutations and the shuffles.

    Raises:
        ConfigError: a value out of its range.
    """

    count: int = 25
    horizon: int | Barrier = 12
    timeframes: tuple[str, ...] = ()
    folds: int = 5
    windows: int = 3
    test_share: float = 0.2
    step_rows: int | None = None
    embargo_rows: int | None = None
    survivors: int = 100
    correlation_max: float = 0.7
    seed: int = 0

    def __post_init__(self) -> None:
        _require(self.count >= 1, "count", "1 or more")
        if not isinstance(self.horizon, Barrier):
            require_horizon(self.horizon, 0.0)
        _require(self.folds >= 2, "folds", "2 or more")
        _require(self.windows >= 1, "windows", "1 or more")
        _require(0.0 < self.test_share < 1.0, "test share", "a fraction above 0 and below 1, such as 0.2")
        _require(self.step_rows is None or self.step_rows >= 1, "step", "1 row or more")
        _require(self.embargo_rows is None or self.embargo_rows >= 0, "embargo", "0 rows or more")
        _require(self.survivors >= self.count, "survivors", f"at least the count, {self.count}")
        _require(0.0 < self.correlation_max < 1.0, "correlation", "a value above 0 and below 1")
        _require(self.seed >= 0, "seed", "0 or more")

    @property
    def horizon_rows(self) -> int:
        """Return the rows that a label looks ahead, at most."""
        return self.horizon.rows if isinstance(self.horizon, Barrier) else self.horizon


def _require(holds: bool, place: str, remedy: str) -> None:
    if not holds:
        raise ConfigError("out of range", place=place, remedy=f"give {remedy}")
