"""Training dataset: the features of a training period, labelled and thinned."""

from dataclasses import replace

import numpy as np

from quaestor.analysis.forecasts.labels import uniqueness
from quaestor.analysis.forecasts.samples import VOLATILITY, Dataset, label_rows
from quaestor.domain.bars import Bars
from quaestor.errors import DataError
from quaestor.features.plan import compute, make_plan, require_inputs
from quaestor.research.training.settings import TrainingSettings

#: Fewest samples of each outcome from which anything is learned.
FEWEST = 100


def make_dataset(bars: Bars, settings: TrainingSettings) -> Dataset:
    """Label the bars of a training period, and compute its features.

    Raises:
        DataError: the bars lack what a feature needs, or give too few samples of either outcome.
    """
    plan = make_plan([*settings.features, VOLATILITY], interval_ns=bars.interval_ns)
    require_inputs(plan, bars.columns, bars.symbol)
    values = compute(plan, bars.columns, ts=bars.ts)
    count = len(settings.features)
    dataset = label_rows(bars.columns, values[:count], values[count], settings.barrier)
    step = -(-len(dataset) // settings.samples_max) if len(dataset) else 1
    thinned = dataset.take(np.arange(0, len(dataset), step))
    _require_both_outcomes(thinned, bars.symbol)
    return replace(thinned, own=uniqueness(thinned.rows, thinned.ends))


def _require_both_outcomes(dataset: Dataset, place: str) -> None:
    ups = int(dataset.up.sum())
    if min(ups, len(dataset) - ups) < FEWEST:
        raise DataError(
            f"{ups} labelled bars end higher and {len(dataset) - ups} lower; {FEWEST} of each are needed",
            place=place,
            remedy="give more data, or barriers of fewer rows",
        )
