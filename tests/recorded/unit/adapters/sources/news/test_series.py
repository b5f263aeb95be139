"""Recorded headlines, and the sentiment of an asset over their months."""

from pathlib import Path

import numpy as np
from tests.recorded.files import NEWS
from tests.unit.adapters.sources.news.test_series import SCORER, require_bounded

from quaestor.adapters.sources.news.aliases import load_aliases
from quaestor.adapters.sources.news.headlines import load_headlines
from quaestor.adapters.sources.news.series import sentiment_of


def test_the_real_headlines(shared_data: Path) -> None:
    headlines = load_headlines(shared_data / NEWS)
    assert len(headlines) == 4_746  # 18 rows have no title, 2 come twice
    series = sentiment_of("BTC", headlines, SCORER, load_aliases())
    assert len(series) > 1_300
    assert np.all(np.diff(series.known_ts) >= 0)
    require_bounded(series)
