"""How often chart patterns occur in months of recorded minutes."""

from pathlib import Path

import numpy as np
import polars as pl
from tests.recorded.files import MINUTES
from tests.slices import BARS
from tests.unit.features.chart_paths import values
from tests.unit.features.test_chart_patterns import CONFIDENCES, FEATURES, require_rare


def test_patterns_are_rare_but_occur(shared_data: Path) -> None:
    frame = pl.read_parquet(shared_data / MINUTES, columns=list(BARS)).slice(30_000, 200_000)
    found = values(np.ascontiguousarray(frame.to_numpy().T, dtype=np.float64), *FEATURES)
    require_rare(found)
    for name in CONFIDENCES:
        assert np.mean(found[name] > 0.5) > 0.0, name
