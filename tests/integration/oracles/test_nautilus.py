"""Cross on real bars against NautilusTrader, whose orders fill at the next open too."""

from pathlib import Path

import pytest
from tests.integration.oracles.market import Case, give
from tests.integration.oracles.nautilus_oracle import run_nautilus
from tests.integration.oracles.product import outcome_of, run_product
from tests.slices import HOURS, MINUTES

#: A year of hours, and six weeks of minutes.
CASES = (
    Case("hours-long", 10, 50, hourly=True, side="long"),
    Case("hours-both", 10, 50, hourly=True, side="both"),
    Case("minutes-long", 50, 200, hourly=False, side="long"),
    Case("minutes-both", 50, 200, hourly=False, side="both"),
)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_backtest_equals_nautilus_trader(case: Case) -> None:
    require_same_as_nautilus(HOURS if case.hourly else MINUTES, case)


def require_same_as_nautilus(path: Path, case: Case) -> None:
    """The same trades, and equity up to the rounding of fees."""
    given = give(path, case)
    theirs = run_nautilus(given, case.side)
    result = run_product(path, case)
    ours = outcome_of(result)
    assert result.summary.bars == len(given.ts)
    assert result.summary.trades == len(ours.trades) > 100
    assert theirs.trades == ours.trades
    assert abs(theirs.equity_quanta - ours.equity_quanta) <= 2 * len(ours.trades)
