"""The cross on a year of recorded minutes against NautilusTrader."""

from pathlib import Path

import pytest
from tests.integration.oracles.market import Case
from tests.integration.oracles.test_nautilus import CASES, require_same_as_nautilus
from tests.recorded.files import MINUTES


@pytest.mark.parametrize("case", [case for case in CASES if not case.hourly], ids=lambda case: case.name)
def test_backtest_equals_nautilus_trader_over_a_year(case: Case, shared_data: Path) -> None:
    require_same_as_nautilus(shared_data / MINUTES, case)
