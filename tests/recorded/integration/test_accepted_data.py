"""The recorded files run as they are, without conversion."""

from pathlib import Path

import pytest
from tests.integration.test_accepted_data import require_run
from tests.recorded.files import BROKEN, DIRTY, EQUITIES, HOURS, MINUTES, PERP


@pytest.mark.parametrize(
    ("file", "symbol", "more", "timeframe", "market"),
    [
        (MINUTES, "BTCUSDT", ("--from", "2023-03-20", "--to", "2023-04-01"), "1m", "spot"),
        (MINUTES, "btc/usdt", ("--timeframe", "1h"), "1h", "spot"),
        (MINUTES, "BTCUSDT", ("--timeframe", "1d", "--from", "2023-03-24T06:00"), "1d", "spot"),
        (HOURS, "DOGEUSDT", (), "1h", "spot"),
        (HOURS, "ADAUSDT", ("--timeframe", "4h"), "4h", "spot"),
        (PERP, "SUIUSDT", ("--market", "perp", "--timeframe", "15m"), "15m", "perp"),
        (EQUITIES, "QQQ", (), "1d", "equity"),
        (DIRTY, "BTCUSDT", (), "1m", "spot"),
        (DIRTY, "BTCUSDT", ("--timeframe", "1h"), "1h", "spot"),
        (BROKEN, "ADAUSDT", ("--timeframe", "1h"), "1h", "perp"),
    ],
)
def test_recorded_files_run_as_they_are(
    file: str, symbol: str, more: tuple[str, ...], timeframe: str, market: str, shared_data: Path
) -> None:
    require_run(shared_data / file, symbol, more, timeframe, market)
