"""The book, its rows and its trades over whole recordings of minutes."""

from pathlib import Path

import pytest
from tests.recorded.files import tape
from tests.unit.adapters.sources.files.test_tape_real import (
    Recording,
    test_all_streams_together_agree_on_the_top,
    test_bars_of_trades_are_those_of_a_group_by,
    test_levels_and_depths_of_rows_are_those_of_a_dictionary,
    test_order_flow_is_the_published_sum,
    test_the_book_has_the_best_prices_that_the_venue_quotes,
)

__all__ = [
    "test_all_streams_together_agree_on_the_top",
    "test_bars_of_trades_are_those_of_a_group_by",
    "test_levels_and_depths_of_rows_are_those_of_a_dictionary",
    "test_order_flow_is_the_published_sum",
    "test_the_book_has_the_best_prices_that_the_venue_quotes",
]


@pytest.fixture(scope="module", params=["spot", "usdm"])
def recording(request: pytest.FixtureRequest, shared_data: Path) -> Recording:
    depth, quotes, trades = (shared_data / tape(request.param, kind) for kind in ("depth", "bookticker", "trades"))
    return Recording(request.param, depth, quotes, trades, quoted=600)
