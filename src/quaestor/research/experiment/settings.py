"""Experiment settings: hold-out, compared strategies and resamples; and the split of time into periods."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

import numpy as np

from quaestor.brain.alpha.catalog import CATALOG
from quaestor.domain.bars import Bars
from quaestor.engine.feed import TradedInstrument
from quaestor.errors import ConfigError
from quaestor.research.training.settings import TrainingSettings

#: Fewest bars that a period is tested on.
FEWEST_BARS = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class ExperimentSettings:
    """Settings of one experiment.

    Attributes:
        training: of every training.
        holdout_share: last part of the time, never touched in the walk-forward test.
        open_holdout: whether the hold-out is opened, if it was not opened before.
        reopen_holdout: whether it is opened although it was.
        strategies: classical ones to compare with, by name, with default settings.
        draws: resamples behind each confidence band.
        explained: latest samples whose Shapley values give the importance of features; 0: none.

    Raises:
        ConfigError: a value out of its range.
    """

    training: TrainingSettings = field(default_factory=TrainingSettings)
    holdout_share: float = 0.15
    open_holdout: bool = True
    reopen_holdout: bool = False
    strategies: tuple[str, ...] = tuple(alpha.name for alpha in CATALOG)
    draws: int = 2_000
    explained: int = 300

    def __post_init__(self) -> None:
        if not 0.0 < self.holdout_share < 0.9:
            raise ConfigError(
                f"a hold-out of {self.holdout_share:g}", place="--holdout", remedy="give a share above 0, below 0.9"
            )


@dataclass(frozen=True, slots=True)
class Split:
    """Periods of an experiment, by open times of bars in ns UTC.

    first ≤ training only < start ≤ walk-forward test < holdout ≤ hold-out ≤ last
    """

    first_ts: int
    start_ts: int
    holdout_ts: int
    last_ts: int
    first_bars: int  # of each instrument, that only train
    retrain_bars: int

    def known(self, bars: Bars) -> Bars:
        """Return the bars before the hold-out."""
        return bars.part(0, int(np.searchsorted(bars.ts, self.holdout_ts)))

    def held_out(self, bars: Bars) -> Bars:
        """Return the bars of the hold-out."""
        return bars.part(int(np.searchsorted(bars.ts, self.holdout_ts)), len(bars))


def split(
    traded_instruments: Sequence[TradedInstrument],
    holdout_share: float,
    first_bars: int | None,
    retrain_bars: int | None,
) -> Split:
    """Cut the time of all bars: the last part is held out, and of the rest the first only trains.

    Args:
        traded_instruments: instruments with their bars.
        holdout_share: part of the moments at which a bar opens.
        first_bars: that only train; a third of the shortest instrument's when None.
        retrain_bars: from one training to the next; half of `first_bars` when None.

    Raises:
        ConfigError: a period of fewer than `FEWEST_BARS` bars.
    """
    clock = np.unique(np.concatenate([traded.bars.ts for traded in traded_instruments]))
    held = min(int(len(clock) * (1.0 - holdout_share)), len(clock) - 1)
    holdout_ts = int(clock[held])
    first = first_bars if first_bars is not None else min(len(traded.bars) for traded in traded_instruments) // 3
    every = retrain_bars if retrain_bars is not None else max(1, first // 2)
    start_ts = holdout_ts
    if all(len(traded.bars) > first for traded in traded_instruments):
        start_ts = max(int(traded.bars.ts[first]) for traded in traded_instruments)
    tested = int(np.searchsorted(clock, holdout_ts) - np.searchsorted(clock, start_ts))
    if tested < FEWEST_BARS or len(clock) - held < FEWEST_BARS:
        raise ConfigError(
            f"{len(clock)} bars leave {max(tested, 0)} to test and {len(clock) - held} to hold out, fewer than "
            f"{FEWEST_BARS}",
            place="--first-training, --holdout",
            remedy="give more data, or make them smaller",
        )
    return Split(int(clock[0]), start_ts, holdout_ts, int(clock[-1]), first, every)


def moment(ts: int) -> datetime:
    """Return a stamp as configurations take it."""
    return datetime.fromtimestamp(ts // 1_000_000_000, tz=UTC).replace(microsecond=ts % 1_000_000_000 // 1_000)
