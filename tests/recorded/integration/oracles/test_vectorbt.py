"""The cross on a year of recorded minutes against a loop by hand and vectorbt."""

from pathlib import Path

import pytest
from tests.integration.oracles.market import Case, Given, Outcome, give
from tests.integration.oracles.test_vectorbt import CASES, require_same, run_vectorbt
from tests.recorded.files import MINUTES

OF_MINUTES = [case for case in CASES if not case.hourly]


@pytest.fixture(scope="module")
def given(shared_data: Path) -> dict[str, Given]:
    return {case.name: give(shared_data / MINUTES, case) for case in OF_MINUTES}


@pytest.fixture(scope="module")
def vectorbt(given: dict[str, Given], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Outcome]:
    return run_vectorbt(given, tmp_path_factory.mktemp("vectorbt"))


@pytest.mark.parametrize("case", OF_MINUTES, ids=lambda case: case.name)
def test_backtest_equals_the_loop_by_hand_and_vectorbt_over_a_year(
    case: Case, given: dict[str, Given], vectorbt: dict[str, Outcome], shared_data: Path
) -> None:
    require_same(shared_data / MINUTES, case, given[case.name], vectorbt[case.name])
