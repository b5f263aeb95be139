"""Selection fixtures: real bars, a small set of candidates on them, and settings that keep tests short."""

from functools import cache

import numpy as np
from numpy.typing import NDArray
from tests.slices import QUARTER_HOURS

from quaestor.adapters.sources.files.bars import load_bars
from quaestor.domain.bars import Bars
from quaestor.features.candidates import candidates
from quaestor.features.catalog import CATALOG
from quaestor.features.feature import FeatureInstance
from quaestor.ports.progress import NO_PROGRESS
from quaestor.research.selection.gather import Sample, gather, training_part
from quaestor.research.selection.settings import SelectionSettings

#: A score of definitions: what is chosen must not depend on what else the catalogue comes to hold.
NAMES = (
    *("roc", "rsi", "cci", "cmo", "stoch", "willr", "bop", "ultosc", "mom", "apo", "ppo", "ao", "tsi", "trix"),
    *("obv", "mfi", "volume_ratio", "ad", "adosc", "cmf", "force_index", "pvo", "eom", "vwma"),
)
SETTINGS = SelectionSettings(count=5, horizon=4, timeframes=("1h",), folds=3, windows=2, survivors=30)


@cache
def quarter_hours() -> Bars:
    """Return ten weeks of 2023."""
    return load_bars(QUARTER_HOURS, "BTCUSDT")


def few_candidates() -> list[FeatureInstance]:
    """Return the candidates at two speeds, on two timeframes."""
    catalog = [feature for feature in CATALOG if feature.name in NAMES]
    return candidates(catalog=catalog, timeframes=SETTINGS.timeframes, speeds=(1.0, 2.0))


@cache
def real_sample() -> Sample:
    """Return those candidates at the samples of the training period."""
    training = training_part(quarter_hours(), SETTINGS.test_share)
    return gather(training, few_candidates(), SETTINGS, NO_PROGRESS)[0]


def random_sample(columns: int, samples: int, seed: int = 3) -> Sample:
    """Return independent noise, and labels that none of it predicts."""
    generator = np.random.default_rng(seed)
    values = generator.normal(size=(columns, samples)).astype(np.float32)
    rows: NDArray[np.int64] = np.arange(samples) * 4
    names = tuple(f"noise_{k}" for k in range(columns))
    return Sample(names, values, rows, rows + 4, generator.random(samples) < 0.5, np.ones(samples))
