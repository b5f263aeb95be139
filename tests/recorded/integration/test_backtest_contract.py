"""Figures of a recorded perpetual with its funding, and of a recorded equity, follow from the journal."""

from pathlib import Path

from tests.integration.test_backtest_contract import require_days_of_equities, require_funding
from tests.recorded.files import EQUITIES, FUNDING, MARK, PERP


def test_a_perpetual_pays_and_earns_funding(shared_data: Path, tmp_path: Path) -> None:
    """The rates of those days were positive."""
    market = ("--market", "perp", "--funding", shared_data / FUNDING, "--mark", shared_data / MARK)
    span = ("--from", "2024-02-20", "--to", "2024-03-10")
    require_funding(tmp_path, ("--data", shared_data / PERP, "--symbol", "BTCUSDT", *market, *span))


def test_statistics_of_an_equity_count_252_days_a_year(shared_data: Path, tmp_path: Path) -> None:
    given = ("--data", shared_data / EQUITIES, "--symbol", "SPY", "--from", "2010-01-01")
    require_days_of_equities(tmp_path, given)
